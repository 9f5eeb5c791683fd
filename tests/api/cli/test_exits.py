"""The table of exit codes: each of them by a case that is not made up."""

from __future__ import annotations

import re
import socket
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from api.cli import exits
from api.home import Home
from ledger import errors
from ledger.errors import PistaError
from tests.api.home_kit import CUP, ORIGIN, enter, key, run, written

if TYPE_CHECKING:
    from collections.abc import Sequence

USAGE: dict[str, Sequence[str]] = {
    "an unknown command": ["repaly", CUP],
    "an unknown option": ["history", CUP, "--colour"],
    "a missing argument": ["history"],
    "a CUP that is not registered": ["history", "C81C22001220007"],
    "a text that is no CUP": ["replay", "abc"],
    "an act that is not registered": ["act", "show", "c_e506/dd/2023/1"],
    "a text that is no act": ["act", "show", "dd/1"],
    "a day that does not exist": ["replay", CUP, "--as-of", "2023-02-30"],
    "a day written in words": ["replay", CUP, "--as-of", "ieri"],
    "an index that is none": ["replay", CUP, "--known-at", "@x"],
    "a time that is none": ["replay", CUP, "--known-at", "ieri"],
    "a format that is none": ["replay", CUP, "--format", "yaml"],
    "a measure that is none": ["intervention", "list", "--measure", "x"],
    "a key that was never enrolled": ["key", "revoke", "x" * 43, "--reason", "a", "--by", "KEY"],
    "nothing to approve": ["key", "approve", "x" * 43, "--by", "KEY"],
    "an export of a CUP that is not registered": ["export", "C81C22001220007"],
    "an export at a place that is no head": ["export", CUP, "--at", "3"],
    "a head that never was": ["checkpoint", "show", "3"],
    "a command to explain that is none": ["commands", "dream-phase"],
    "a port that is none": ["serve", "--port", "99999"],
    "an address of another machine": ["serve", "--host", "192.0.2.1", "--port", "8765"],
}


@pytest.mark.parametrize("arguments", USAGE.values(), ids=USAGE.keys())
def test_usage_is_2(home: Home, arguments: Sequence[str]) -> None:
    named = [key(home, "admin") if word == "KEY" else word for word in arguments]
    ran = run(home, *named)
    assert ran.exit_code == 2, ran.stderr
    assert ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_command_that_does_not_exist_gets_a_hint(told: Path) -> None:
    assert "replay" in run(Home(told), "repaly").stderr


def test_a_cup_with_letters_for_digits_gets_a_proposal(told: Path) -> None:
    ran = run(Home(told), "history", CUP.replace("0", "O"))
    assert (ran.exit_code, CUP in ran.stderr) == (2, True)


NEEDS_LEDGER: dict[str, Sequence[str]] = {
    "record": ["record", "x.ndjson"],
    "list": ["intervention", "list"],
    "replay": ["replay", CUP],
    "history": ["history", CUP],
    "export": ["export", CUP],
    "key list": ["key", "list"],
    "key enrol": ["key", "enrol", "--key", "x.pem", "--by", "file:x"],
    "trust": ["trust", "show"],
    "checkpoint": ["checkpoint", "show"],
    "serve": ["serve", "--port", "8766"],
}


@pytest.mark.parametrize("arguments", NEEDS_LEDGER.values(), ids=NEEDS_LEDGER.keys())
def test_no_ledger_is_10_and_says_how_to_make_one(tmp_path: Path, arguments: Sequence[str]) -> None:
    ran = run(Home(tmp_path / "empty"), *arguments)
    assert ran.exit_code == 10
    assert "pista init" in ran.stderr
    assert not (tmp_path / "empty").exists()
    assert not Path("x.pem").exists()


def test_a_changed_package_is_1_and_one_that_is_none_is_4(home: Home, tmp_path: Path) -> None:
    trust = str(home.policy)
    run(home, "export", CUP, "--no-record")
    (package,) = home.packages.glob("*.zip")
    data = package.read_bytes()
    broken = tmp_path / "broken.zip"
    broken.write_bytes(data[: len(data) // 2])
    assert run(home, "verify", str(broken), "--trust", trust).exit_code == 4
    assert run(home, "verify", str(tmp_path / "none.zip")).exit_code == 4
    assert run(home, "verify", str(package), "--trust", str(tmp_path / "none")).exit_code == 4
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    assert run(home, "verify", str(folder), "--trust", trust).exit_code == 0
    (envelope, *_) = sorted(folder.rglob("events/*.jws"))
    text = bytearray(envelope.read_bytes())
    text[-10] = ord("B" if text[-10] == ord("A") else "A")
    envelope.write_bytes(text)
    changed = run(home, "verify", str(folder), "--trust", trust)
    assert changed.exit_code == 1
    assert envelope.name in changed.stdout


def test_without_trust_file_a_package_is_3(home: Home) -> None:
    run(home, "export", CUP, "--no-record")
    (package,) = home.packages.glob("*.zip")
    assert run(home, "verify", str(package)).exit_code == 3


def test_a_busy_port_is_11(home: Home) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ran = run(home, "serve", "--port", str(taken.getsockname()[1]))
    assert ran.exit_code == 11
    assert "--port" in ran.stderr


def test_a_key_or_role_that_may_not_is_12(home: Home, tmp_path: Path) -> None:
    file = str(written(tmp_path / "r.ndjson", enter()))
    assert run(home, "record", file, "--key", key(home, "ospite")).exit_code == 12
    by = key(home, "rup")
    ran = run(home, "key", "enrol", "--key", str(tmp_path / "k.pem"), "--by", by)
    assert ran.exit_code == 12


def test_a_key_file_that_others_may_read_is_12_and_shows_nothing_of_it(
    home: Home, tmp_path: Path
) -> None:
    file = str(written(tmp_path / "r.ndjson", enter()))
    pem = home.keys / "rup.pem"
    pem.chmod(0o644)
    ran = run(home, "record", file, "--key", f"file:{pem}")
    assert (ran.exit_code, "chmod 600" in ran.stderr) == (12, True)
    secret = pem.read_text(encoding="ascii").splitlines()[1]
    assert secret[:20] not in ran.stdout + ran.stderr


def test_what_a_rule_refuses_is_13(home: Home, tmp_path: Path) -> None:
    file = str(written(tmp_path / "r.ndjson", enter(occurred_on="2099-01-01")))
    assert run(home, "record", file, "--key", key(home, "rup")).exit_code == 13


def test_a_second_ledger_in_the_same_place_is_14(home: Home) -> None:
    before = {path: path.read_bytes() for path in home.path.rglob("*") if path.is_file()}
    ran = run(home, "init", "--ente", "c_e506", "--origin", ORIGIN)
    assert ran.exit_code == 14
    assert {path: path.read_bytes() for path in home.path.rglob("*") if path.is_file()} == before


BAD_FOUNDINGS: dict[str, Sequence[str]] = {
    "an origin with blanks": ["--ente", "c_e506", "--origin", "il mio registro"],
    "an origin in capitals": ["--ente", "c_e506", "--origin", "Comune.it/C_E506"],
    "an origin that begins with a slash": ["--ente", "c_e506", "--origin", "/c_e506"],
    "no IPA code": ["--ente", "Comune di Lecce", "--origin", ORIGIN],
    "more approvals than administrators": [
        *["--ente", "c_e506", "--origin", ORIGIN],
        *["--approvals", "2"],
    ],
    "no approvals": ["--ente", "c_e506", "--origin", ORIGIN, "--approvals", "0"],
}


@pytest.mark.parametrize("arguments", BAD_FOUNDINGS.values(), ids=BAD_FOUNDINGS.keys())
def test_a_founding_that_cannot_be_is_2_and_makes_nothing(
    tmp_path: Path, arguments: Sequence[str]
) -> None:
    home = Home(tmp_path / "new")
    assert run(home, "init", *arguments).exit_code == 2
    assert not home.path.exists()


def test_every_family_of_errors_has_its_exit() -> None:
    families = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, PistaError) and kind is not PistaError
    ]
    for kind in families:
        if kind is errors.Malformed:
            made: PistaError = errors.Malformed("frase", [])
        else:
            made = kind("a-code", "frase")
        is_internal = exits.exit_code(made) == exits.INTERNAL
        assert is_internal == (kind is errors.StorageError), kind


def test_every_code_of_the_table_is_raised_somewhere() -> None:
    root = Path(__file__).parents[3]
    source = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("ledger", "exporters", "api")
        for path in (root / folder).rglob("*.py")
        if path.name != "exits.py"
    )
    assert [code for code in exits.BY_CODE if not re.search(f'"{code}"', source)] == []
