"""`pista doctor`: each thing that can be wrong is said, with the right exit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.home_kit import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from api.home import Home


def test_a_sound_ledger_without_witnesses_needs_attention(home: Home) -> None:
    ran = run(home, "--json", "doctor")
    *checks, summary = ran.lines
    states = {check["what"]: check["state"] for check in checks}
    assert [what for what, state in states.items() if state == "attenzione"] == [
        "registro pubblicato",
        "testimoni",
        "marca temporale",
        "ultima copia",
        "ultima copia provata",
    ]
    assert {"registro", "ancora", "viste", "archivio documenti", "spazio"} <= set(states)
    assert summary == {
        "schema": "pista.cli/1",
        "kind": "summary",
        "checks": len(checks),
        "exit": 3,
    }
    assert ran.exit_code == 3


def test_what_was_tried_in_the_vault_is_gone_again(home: Home) -> None:
    before = sorted(path.name for path in home.vault.rglob("*") if path.is_file())
    run(home, "doctor")
    assert sorted(path.name for path in home.vault.rglob("*") if path.is_file()) == before


FAILING: dict[str, tuple[Callable[[Home], object], str]] = {
    "no anchor": (lambda h: h.anchor.unlink(), "anchor-absent"),
    "no journal": (lambda h: h.database.unlink(), "no-ledger"),
    "a journal that is none": (lambda h: h.database.write_bytes(b"x" * 9000), "store-failed"),
    "no vault key": (lambda h: h.vault_key.unlink(), "vault-key-absent"),
    "a vault key of another": (lambda h: _swap_key(h.vault_key), "vault-key"),
    "an open log key": (lambda h: (h.keys / "log.pem").chmod(0o640), "key-file-exposed"),
    "no CA key": (lambda h: (h.keys / "ca.pem").unlink(), "key-file-absent"),
    "no policy": (lambda h: h.policy.unlink(), "home-damaged"),
    "broken settings": (lambda h: h.settings_file.write_text("{"), "home-damaged"),
    "views that are none": (lambda h: h.views.write_bytes(b"x" * 9000), "views-failed"),
}


def _swap_key(path: Path) -> None:
    header, text = path.read_text(encoding="ascii").splitlines()
    other = text[::-1] if text[::-1] != text else text.swapcase()
    path.write_text(f"{header}\n{other}\n", encoding="ascii")


@pytest.mark.parametrize("case", FAILING.values(), ids=FAILING.keys())
def test_what_does_not_work_is_said_and_exits_1(
    home: Home, case: tuple[Callable[[Home], object], str]
) -> None:
    spoil, code = case
    spoil(home)
    ran = run(home, "doctor")
    assert ran.exit_code == 1, ran.stdout
    (failing,) = [line for line in ran.stdout.splitlines() if line.startswith("non va")]
    assert code in failing


def test_without_a_ledger_it_says_how_to_make_one(home: Home) -> None:
    ran = run(type(home)(home.path / "nothing"), "doctor")
    assert (ran.exit_code, "pista init" in ran.stdout) == (1, True)
