"""Broken homes and stores: a sentence and an exit code, never a trace of the program."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import typer
from typer.testing import CliRunner

from api.app import open_ledger, open_reading
from api.cli.exits import exit_code
from api.cli.guard import Guarded
from api.client.desk import open_scribe
from api.client.requests import make_command
from ledger.errors import Busy, StorageError
from tests.api.home_kit import CUP, enter, key, run, size_of, written

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from api.app import Opened
    from api.home import Home


def _overwrite(path: Path) -> None:
    path.write_bytes(b"questo non e' piu' un archivio\n" * 400)


def _corrupt_pages(path: Path) -> None:
    """Leave the first page of a database and spoil the others."""
    data = path.read_bytes()
    first = 8192
    path.write_bytes(data[:first] + b"\xff" * (len(data) - first))


def _chmod(path: Path) -> None:
    path.chmod(0o644)


def _other_ca(home: Home) -> None:
    (home.keys / "ca.crt").write_text("niente", encoding="ascii")


BROKEN: dict[str, tuple[Callable[[Home], object], int, str]] = {
    "settings that are no JSON": (lambda h: h.settings_file.write_text("{"), 5, "home-damaged"),
    "settings without origin": (lambda h: h.settings_file.write_text("{}"), 5, "home-damaged"),
    "settings that are a list": (lambda h: h.settings_file.write_text("[]"), 5, "home-damaged"),
    "settings that are no text": (
        lambda h: h.settings_file.write_bytes(b"\xff\xfe"),
        5,
        "home-damaged",
    ),
    "no journal": (lambda h: h.database.unlink(), 10, "no-ledger"),
    "a journal that is no database": (lambda h: _overwrite(h.database), 5, "store-failed"),
    "a journal with spoilt pages": (lambda h: _corrupt_pages(h.database), 5, "store-failed"),
    "an empty journal": (lambda h: h.database.write_bytes(b""), 10, "no-ledger"),
    "views that are no database": (lambda h: _overwrite(h.views), 5, "views-failed"),
    "no policy": (lambda h: h.policy.unlink(), 5, "home-damaged"),
    "no CA certificate": (lambda h: (h.keys / "ca.crt").unlink(), 5, "home-damaged"),
    "no vault key": (lambda h: h.vault_key.unlink(), 2, "vault-key-absent"),
    "no log key": (lambda h: (h.keys / "log.pem").unlink(), 2, "key-file-absent"),
    "a log key that others may read": (lambda h: _chmod(h.keys / "log.pem"), 12, "key-file"),
}


@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_home_is_told_by_every_command_that_reads(
    home: Home, case: tuple[Callable[[Home], object], int, str]
) -> None:
    spoil, code, name = case
    spoil(home)
    for arguments in (["intervention", "list"], ["history", CUP], ["key", "list"]):
        ran = run(home, *arguments)
        assert ran.exit_code == code, (arguments, ran.stderr)
        assert name in ran.stderr
        assert "PRIVATE KEY" not in ran.stderr


FROZEN: dict[str, tuple[Callable[[Home], object], int, str]] = {
    "the anchor was deleted": (lambda h: h.anchor.unlink(), 1, "anchor-absent"),
    "the anchor is no anchor": (lambda h: h.anchor.write_text("x"), 5, "anchor-unreadable"),
    "a CA certificate of nobody": (_other_ca, 4, "certificate-malformed"),
}


@pytest.mark.parametrize("case", FROZEN.values(), ids=FROZEN.keys())
def test_what_forbids_to_write_is_told_before_anything_is_written(
    home: Home, tmp_path: Path, case: tuple[Callable[[Home], object], int, str]
) -> None:
    spoil, code, name = case
    file = written(tmp_path / "r.ndjson", enter())
    spoil(home)
    ran = run(home, "record", str(file), "--key", key(home, "rup"))
    assert ran.exit_code == code, ran.stderr
    assert name in ran.stderr


def test_a_store_from_a_backup_is_shorter_than_the_anchor(home: Home, tmp_path: Path) -> None:
    backup = home.database.read_bytes()
    run(
        home,
        "record",
        str(written(tmp_path / "r.ndjson", enter())),
        "--key",
        key(home, "rup"),
    )
    home.database.write_bytes(backup)
    ran = run(home, "record", str(written(tmp_path / "s", enter("COLLAUDO"))), "--key", "x")
    assert ran.exit_code == 1
    assert "Il registro è più corto di quanto già testimoniato" in ran.stderr


def test_a_store_that_another_writes_is_busy(home: Home) -> None:
    with open_ledger(home, busy_seconds=0.05) as opened:
        other = sqlite3.connect(home.database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            with pytest.raises(Busy) as caught:
                _write_something(opened, home)
        finally:
            other.execute("ROLLBACK")
            other.close()
        assert (caught.value.code, exit_code(caught.value)) == ("ledger-busy", 11)
        assert _write_something(opened, home)


def _write_something(opened: Opened, home: Home) -> bool:
    data = {"phase": "COLLAUDO"}
    command = make_command("enter-phase/1", data, cup=CUP, role="rup", occurred_on="2023-01-01")
    return open_scribe(opened, key(home, "rup")).write(command).first


def test_an_error_of_the_store_inside_the_body_is_ours(home: Home) -> None:
    def read_while_it_breaks() -> None:
        with open_reading(home) as reading:
            _overwrite(home.database)
            list(reading.journal.entries(0, reading.journal.size))

    with pytest.raises(StorageError) as caught:
        read_while_it_breaks()
    assert caught.value.code == "store-failed"


def pista(
    home: Home, *arguments: str, limit_kib: int | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command line as a process of its own, with no terminal and nothing to read."""
    command = [sys.executable, "-m", "api.cli", "--ledger", str(home.path), *arguments]
    if limit_kib is not None:
        command = ["bash", "-c", f'ulimit -f {limit_kib}; exec "$@"', "bash", *command]
    return subprocess.run(
        command,
        check=False,
        capture_output=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        timeout=60,
        env={**os.environ, "NO_COLOR": "1"},
    )


def test_a_full_disk_is_told_and_the_ledger_goes_on_after(home: Home, tmp_path: Path) -> None:
    file = written(tmp_path / "r.ndjson", enter())
    size = size_of(home)
    ran = pista(home, "record", str(file), "--key", key(home, "rup"), limit_kib=4)
    assert ran.returncode == 5, ran.stderr
    assert "Traceback" not in ran.stderr
    assert size_of(home) == size
    assert run(home, "record", str(file), "--key", key(home, "rup")).exit_code == 0
    assert size_of(home) == size + 2


def test_a_process_without_a_terminal_asks_nothing_and_keeps_its_streams_apart(
    home: Home, tmp_path: Path
) -> None:
    file = written(tmp_path / "r.ndjson", enter(), "{no")
    ran = pista(home, "record", str(file), "--key", key(home, "rup"))
    assert ran.returncode == 2
    assert len(ran.stdout.splitlines()) == 1
    assert "riga 2" in ran.stderr
    assert "\x1b[" not in ran.stdout + ran.stderr


def test_a_reader_that_goes_away_is_no_error(home: Home) -> None:
    command = (
        f'"$1" -m api.cli --ledger "$2" history {CUP} --raw | head -c 1 >/dev/null;'
        " exit ${PIPESTATUS[0]}"
    )
    ran = subprocess.run(
        ["bash", "-c", command, "bash", sys.executable, str(home.path)],
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert (ran.returncode, ran.stderr) == (0, "")


def _program(raised: BaseException) -> typer.Typer:
    """Return a command line whose one command fails."""
    program = typer.Typer(cls=Guarded)

    @program.callback()
    def nothing() -> None:
        """Take no options."""

    @program.command()
    def fail() -> None:
        """Fail."""
        raise raised

    return program


UNFORESEEN: dict[str, tuple[BaseException, int, str]] = {
    "a defect": (KeyError("Rosa Rossi"), 5, "internal: Errore interno KeyError"),
    "a full disk": (
        OSError(28, "No space left on device", "/x"),
        5,
        "disk-full: Lo spazio è finito (/x",
    ),
    "a forbidden file": (OSError(13, "Permission denied", "/x"), 5, "system-failed"),
    "an interruption": (KeyboardInterrupt(), 130, "quanto confermato resta registrato"),
}


@pytest.mark.parametrize("case", UNFORESEEN.values(), ids=UNFORESEEN.keys())
def test_what_nobody_foresaw_is_a_sentence_without_values(
    case: tuple[BaseException, int, str],
) -> None:
    raised, code, text = case
    ran = CliRunner().invoke(_program(raised), ["fail"], catch_exceptions=False)
    assert (ran.exit_code, ran.stdout) == (code, "")
    assert text in ran.stderr
    assert "Rosa" not in ran.stderr


def test_the_trace_is_shown_when_asked_for() -> None:
    ran = CliRunner().invoke(_program(KeyError("x")), ["fail"], env={"PISTA_DEBUG": "1"})
    assert "Traceback" in ran.stderr
