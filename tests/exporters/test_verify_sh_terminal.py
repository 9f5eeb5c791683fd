"""verify.sh shows nothing of a package raw, and follows no link of it, in either of its modes."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.exporters.script_judge import judge
from tests.exporters.test_verify_sh_hostile import reseal
from tests.exporters.verification.attacker import Forgery

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def add_line(text: str) -> Callable[[Forgery], None]:
    """Return the addition of a line to bag-info.txt."""

    def change(forged: Forgery) -> None:
        with forged.path("/bag-info.txt").open("a", newline="") as file:
            file.write(text)

    return change


def rename_with_escape(forged: Forgery) -> None:
    """Rename a file so that its name writes on the terminal."""
    forged.path("/VERIFICA.txt").rename(forged.root / "V\x1b]0;owned\x07\u009b2J\u202e.txt")


def link_with_escape(forged: Forgery) -> None:
    """Add a link whose name writes on the terminal."""
    (forged.root / "\x1b[2J").symlink_to("bagit.txt")


def escape_in_checkpoint(forged: Forgery) -> None:
    """Name the log so that it writes on the terminal."""
    for name in ("log/checkpoint", "log/checkpoint.log"):
        path = forged.path(name)
        path.write_bytes(b"\x1b[2J\xc2\x9b2J" + path.read_bytes())


TERMINAL: dict[str, Callable[[Forgery], None]] = {
    "a CUP": add_line("Pista-CUP: \x1b]0;owned\x07\n"),
    "a label": add_line("\x1b]0;owned\x07: x\n"),
    "a value": add_line("Pista-Remark: \x1b]0;owned\x07\n"),
    "a line": add_line("\u009b31m\n"),
    "a name of a file": rename_with_escape,
    "a name of a link": link_with_escape,
    "the name of the log": escape_in_checkpoint,
}


@pytest.mark.parametrize("change", TERMINAL.values(), ids=TERMINAL)
@pytest.mark.parametrize("mode", [(), ("registrazione", "0")], ids=["whole", "one"])
def test_no_control_character_reaches_the_terminal_from(
    whole: Path,
    tools: Path,
    tmp_path: Path,
    change: Callable[[Forgery], None],
    mode: tuple[str, ...],
) -> None:
    forged = Forgery(whole, tmp_path)
    change(forged)
    reseal(forged)
    judged = judge(forged.root, tools, *mode)
    assert judged.returncode == 1
    shown = judged.stdout + judged.stderr
    assert re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", shown) == []


def link_leaves_outside(forged: Forgery, outside: Path) -> None:
    """Show leaves that are elsewhere."""
    shutil.move(forged.path("leaves"), outside / "leaves")
    forged.path("leaves").symlink_to(outside / "leaves")


def link_device(forged: Forgery, _: Path) -> None:
    """Show a device that never ends in place of a leaf."""
    forged.path("leaves/0.leaf").unlink()
    forged.path("leaves/0.leaf").symlink_to("/dev/zero")


def link_info(forged: Forgery, outside: Path) -> None:
    """Show a bag-info.txt that is elsewhere."""
    shutil.move(forged.path("/bag-info.txt"), outside / "bag-info.txt")
    forged.path("/bag-info.txt").symlink_to(outside / "bag-info.txt")


LINKS: dict[str, Callable[[Forgery, Path], None]] = {
    "a folder": link_leaves_outside,
    "a device": link_device,
    "a tag file": link_info,
}


@pytest.mark.parametrize("mode", [(), ("registrazione", "0")], ids=["whole", "one"])
@pytest.mark.parametrize("change", LINKS.values(), ids=LINKS)
def test_a_link_is_refused_before_anything_is_read_when_it_is(
    whole: Path,
    tools: Path,
    tmp_path: Path,
    change: Callable[[Forgery, Path], None],
    mode: tuple[str, ...],
) -> None:
    forged = Forgery(whole, tmp_path)
    change(forged, tmp_path)
    judged = judge(forged.root, tools, *mode)
    assert (judged.returncode, judged.stdout) == (1, "")
    assert "è un collegamento" in judged.stderr
