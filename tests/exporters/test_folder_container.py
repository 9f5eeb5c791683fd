"""Folder containers: only regular files with names of packages, and only the ones first seen."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from exporters.container import open_container
from ledger.errors import NotVerified
from tests.exporters.container_cases import MEMBERS, refusal, unpack
from tests.exporters.hostile_zips import HOSTILE_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    "name",
    [name for name in HOSTILE_NAMES.values() if "/" not in name and "\0" not in name],
)
def test_a_file_with_a_name_outside_the_grammar_refuses_the_folder(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(b"")
    assert refusal(tmp_path) == "container-unsafe"


def test_a_name_that_is_no_text_refuses_the_folder(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff")).write_bytes(b"")
    assert refusal(tmp_path) == "container-unsafe"


def test_links_and_pipes_refuse_the_folder(tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(b"secret")
    makers: dict[str, Callable[[Path], None]] = {
        "a link to a file": lambda at: at.symlink_to(tmp_path / "outside"),
        "a link to a folder": lambda at: at.symlink_to(tmp_path),
        "a link to itself": lambda at: at.symlink_to(at),
        "a link to nothing": lambda at: at.symlink_to(tmp_path / "nothing"),
        "a pipe": os.mkfifo,
    }
    for number, (why, make) in enumerate(makers.items()):
        root = unpack(tmp_path / f"package{number}", MEMBERS)
        make(root / "data" / "entry")
        assert refusal(root) == "container-unsafe", why


def test_an_empty_folder_refuses_the_folder(tmp_path: Path) -> None:
    (unpack(tmp_path, MEMBERS) / "data" / "hollow").mkdir()
    assert refusal(tmp_path) == "container-unsafe"


def test_folders_too_deep_are_refused_before_they_are_walked(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["d"] * 40)
    deep.mkdir(parents=True)
    (deep / "row").write_bytes(b"")
    assert refusal(tmp_path) == "container-unsafe"


@pytest.mark.parametrize("data", [b"", b"other", b"longer than before"])
def test_a_file_that_changes_after_the_walk_is_found(tmp_path: Path, data: bytes) -> None:
    root = unpack(tmp_path, {"row": b"12345"})
    with open_container(root) as container:
        (root / "new").write_bytes(data)
        (root / "new").replace(root / "row")
        with pytest.raises(NotVerified, match="member-damaged"):
            container.read("row", 10)


def test_a_file_that_becomes_a_link_or_goes_away_after_the_walk_is_found(tmp_path: Path) -> None:
    root = unpack(tmp_path / "p", {"gone": b"1", "linked": b"2"})
    (tmp_path / "outside").write_bytes(b"3")
    with open_container(root) as container:
        (root / "gone").unlink()
        (root / "linked").unlink()
        (root / "linked").symlink_to(tmp_path / "outside")
        for name in ("gone", "linked"):
            with pytest.raises(NotVerified, match="member-damaged"):
                container.read(name, 10)
