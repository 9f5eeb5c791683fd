"""`pista fsck`: exit codes, lines, NDJSON, progress, interruption."""

from __future__ import annotations

import errno
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from api.app import log_signer
from api.cli import exits
from api.cli.fsck import INTERRUPTED, Progress
from api.home import Home
from ledger.journal.checkpoint import Checkpoint, sign_checkpoint
from tests.api.home_kit import ORIGIN, key, make_told_home, run
from tests.postgres import execute

if TYPE_CHECKING:
    from pathlib import Path


def edit(home: Home, statement: str, *values: object) -> None:
    """Change the journal by hand."""
    with closing(sqlite3.connect(home.database)) as connection:
        connection.execute(statement, values)
        connection.commit()


def test_a_ledger_that_is_right_ends_with_0(home: Home) -> None:
    ran = run(home, "fsck", "--jobs", "1")
    assert (ran.exit_code, ran.stderr) == (exits.OK, "")
    (line,) = ran.stdout.splitlines()
    assert re.fullmatch(
        r"nessun guasto: \d+ posizioni, (\d+) firme di \1 registrazioni, \d+ oggetti,"
        r" \d+\.\d s; verificato fino a \d+",
        line,
    )
    assert home.kept.exists()


def test_a_fault_is_one_line_that_names_table_column_and_row(home: Home) -> None:
    edit(home, "UPDATE event SET type = 'x/1' WHERE position = 3")
    ran = run(home, "fsck")
    assert ran.exit_code == exits.FAILED
    first, second, last = ran.stdout.splitlines()
    assert first.startswith(
        "guasto      column-differs     event.type, position 3: conservato 'x/1'"
    )
    assert second.startswith("attenzione  views-not-compared")
    assert last.startswith("1 guasti: ")
    assert not home.kept.exists()


def test_a_program_reads_the_same_as_ndjson(home: Home) -> None:
    edit(home, "UPDATE event SET type = 'x/1' WHERE position = 3")
    ran = run(home, "--json", "fsck", "--no-views")
    assert ran.exit_code == exits.FAILED
    item, summary = ran.lines
    assert {name: item[name] for name in ("kind", "finding", "code", "table", "column", "key")} == {
        "kind": "item",
        "finding": "fault",
        "code": "column-differs",
        "table": "event",
        "column": "type",
        "key": "position 3",
    }
    assert item["position"] == 3
    assert {name: summary[name] for name in ("kind", "faults", "attention", "more", "exit")} == {
        "kind": "summary",
        "faults": 1,
        "attention": 0,
        "more": 0,
        "exit": exits.FAILED,
    }


def test_the_published_log_is_examined_too(home: Home) -> None:
    assert run(home, "checkpoint", "publish").exit_code == exits.OK
    assert run(home, "fsck").exit_code == exits.OK
    (tile,) = (home.public_log / "tile/entries/000.p").iterdir()
    tile.write_bytes(tile.read_bytes()[:-1] + b"x")
    ran = run(home, "fsck")
    assert ran.exit_code == exits.FAILED
    first, last = ran.stdout.splitlines()
    assert first.startswith(
        f"guasto      published-tile-differs log/tile/entries/000.p/{tile.name}: "
    )
    assert last.startswith("1 guasti: ")
    assert run(home, "fsck", "--no-published").exit_code == exits.OK
    edit(home, "UPDATE event SET type = 'x/1' WHERE position = 3")
    assert "attenzione  published-not-compared log: " in run(home, "fsck").stdout


def test_the_word_of_witnesses_that_the_log_contradicts_is_a_fault(home: Home) -> None:
    assert run(home, "checkpoint", "publish").exit_code == exits.OK
    head = Checkpoint(ORIGIN, 3, bytes(32))
    (home.public_log / "checkpoints/3").write_bytes(sign_checkpoint(head, log_signer(home, ORIGIN)))
    ran = run(home, "--json", "fsck")
    assert ran.exit_code == exits.FAILED
    assert [(one["code"], one["file"]) for one in ran.lines[:-1]] == [
        ("published-forked", "log/checkpoints/3")
    ]


def test_what_only_wants_a_look_ends_with_3(home: Home) -> None:
    (home.vault / "note.txt").write_bytes(b"x")
    ran = run(home, "fsck")
    assert ran.exit_code == exits.INCOMPLETE
    assert ran.stdout.splitlines()[0].startswith("attenzione  vault-file-unknown vault/note.txt:")
    assert run(home, "fsck", "--no-vault").exit_code == exits.OK


def test_it_goes_on_from_where_it_was(home: Home) -> None:
    first = run(home, "--json", "fsck").lines[-1]
    second = run(home, "--json", "fsck", "--from-kept").lines[-1]
    assert (first["begun_at"], second["begun_at"]) == (0, first["leaves"])
    assert first["signatures"] == first["events"] > 0
    assert second["signatures"] == 0


def test_views_are_rebuilt_when_that_is_asked_for(home: Home) -> None:
    with closing(sqlite3.connect(home.views)) as connection:
        connection.execute("UPDATE timeline SET sentence = 'x'")
        connection.commit()
    ran = run(home, "fsck")
    assert ran.exit_code == exits.FAILED
    assert "views.timeline.sentence" in ran.stdout
    assert "--repair-views" in ran.stdout
    assert run(home, "fsck", "--repair-views").exit_code == exits.OK
    assert run(home, "fsck").exit_code == exits.OK


def test_a_locked_store_ends_with_11(home: Home) -> None:
    with closing(sqlite3.connect(home.database, isolation_level=None)) as holder:
        holder.execute("PRAGMA locking_mode = EXCLUSIVE")
        holder.execute("PRAGMA journal_mode = DELETE")
        holder.execute("BEGIN EXCLUSIVE")
        ran = run(home, "fsck")
    assert ran.exit_code == exits.BUSY
    assert ran.stderr.startswith("ledger-busy:")


def test_no_ledger_ends_with_10(home: Home) -> None:
    home.database.unlink()
    assert run(home, "fsck").exit_code == exits.NO_LEDGER


def test_a_file_that_is_no_database_is_a_fault(home: Home) -> None:
    home.database.write_bytes(b"x" * 8192)
    ran = run(home, "fsck")
    assert ran.exit_code == exits.FAILED
    assert "store-damaged" in ran.stdout


@pytest.mark.parametrize("part", ["vault.key", "anchor", "fsck.kept"])
def test_a_part_that_is_spoiled_is_named(part: str, home: Home) -> None:
    run(home, "fsck")
    path = home.path / part
    path.write_bytes(b"x" + path.read_bytes())
    ran = run(home, "fsck")
    assert ran.exit_code == exits.FAILED
    assert part in ran.stdout


def test_it_writes_only_what_it_may(home: Home) -> None:
    before = {path.name for path in home.path.iterdir()}
    run(home, "fsck")
    after = {path.name for path in home.path.iterdir()}
    assert {name for name in after - before if "sqlite" not in name} == {"fsck.kept"}
    assert run(home, "key", "list").exit_code == exits.OK
    assert run(home, "record", str(home.path / "none"), "--key", key(home, "rup")).exit_code


def test_progress_is_told_now_and_then_and_never_on_stdout(
    capsys: pytest.CaptureFixture[str],
) -> None:
    progress = Progress(is_quiet=False)
    progress("registro", 1, 10)
    progress._told_at -= 60
    progress("registro", 5, 10)
    told = capsys.readouterr()
    assert told.out == ""
    (line,) = told.err.splitlines()
    assert re.fullmatch(r"registro  50%  \d+/s  \d+ s", line)
    quiet = Progress(is_quiet=True)
    quiet._told_at -= 60
    quiet("registro", 5, 10)
    assert capsys.readouterr().err == ""


def test_a_ledger_in_a_server_is_examined(postgres_url: str, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    make_told_home(home, postgres_url)
    assert run(home, "fsck").exit_code == exits.OK
    assert run(home, "fsck", "--from-kept", "--repair-views").exit_code == exits.OK
    execute(postgres_url, "UPDATE stream SET count = count + 1 WHERE ordinal = 1")
    execute(postgres_url, "UPDATE timeline SET sentence = 'x'")
    ran = run(home, "fsck", "--from-kept")
    assert ran.exit_code == exits.FAILED
    assert "stream.count, ordinal 1" in ran.stdout
    execute(postgres_url, "UPDATE stream SET count = count - 1 WHERE ordinal = 1")
    ran = run(home, "fsck", "--from-kept")
    assert "views.timeline.sentence" in ran.stdout
    assert run(home, "fsck", "--repair-views").exit_code == exits.OK


def test_an_edited_row_in_a_server_is_named_as_in_a_file(postgres_url: str, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    make_told_home(home, postgres_url)
    clean = run(home, "fsck", "--jobs", "1")
    assert (clean.exit_code, clean.stderr) == (exits.OK, "")
    assert clean.stdout.startswith("nessun guasto: ")
    execute(postgres_url, "UPDATE event SET type = 'x/1' WHERE position = 3")
    ran = run(home, "fsck")
    assert ran.exit_code == exits.FAILED
    assert ran.stdout.startswith(
        "guasto      column-differs     event.type, position 3: conservato 'x/1'"
    )
    (item, _) = run(home, "--json", "fsck", "--no-views").lines
    named = {name: item[name] for name in ("code", "table", "column", "key", "position")}
    assert named == {
        "code": "column-differs",
        "table": "event",
        "column": "type",
        "key": "position 3",
        "position": 3,
    }


def test_a_table_that_was_changed_in_a_server_is_named(postgres_url: str, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    make_told_home(home, postgres_url)
    execute(postgres_url, "ALTER TABLE event SET UNLOGGED")
    execute(postgres_url, "CREATE INDEX faster ON event (type)")
    ran = run(home, "fsck")
    assert ran.exit_code == exits.FAILED
    fault, attention, *_ = ran.stdout.splitlines()
    assert fault == (
        "guasto      column-differs     schema.table event: conservato 'UNLOGGED TABLE', dovrebbe"
        " essere 'TABLE': `ALTER TABLE event SET LOGGED`, poi `pista fsck`"
    )
    assert attention.startswith("attenzione  schema-object-unknown schema: ")
    assert "index faster on event" in attention
    execute(postgres_url, "ALTER TABLE event SET LOGGED")
    execute(postgres_url, "DROP INDEX faster")
    assert run(home, "fsck").exit_code == exits.OK


def test_a_kept_checkpoint_that_cannot_be_written_hides_no_result(home: Home) -> None:
    """As where a folder is in its place: the rest is told, and what is to be done about it."""
    home.kept.mkdir()
    ran = run(home, "fsck")
    assert ran.exit_code == exits.INCOMPLETE
    first, last = ran.stdout.splitlines()
    assert first.startswith(
        f"attenzione  kept-failed        fsck.kept: Al posto del file {home.kept}"
    )
    assert "spostarla, poi ripetere" in first
    assert last.startswith("nessun guasto: ")
    edit(home, "UPDATE event SET type = 'x/1' WHERE position = 3")
    ran = run(home, "fsck")
    assert ran.exit_code == exits.FAILED
    assert "event.type, position 3" in ran.stdout
    assert "kept-failed" in ran.stdout


def opened_for_writing(pipe: Path) -> int:
    """Open a pipe as soon as another process reads from it."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def test_an_interruption_says_how_to_go_on(home: Home) -> None:
    """It waits for ever for a kept checkpoint that is a pipe, until it is interrupted.

    Whoever runs the tests in the background has let them inherit that interrupts are ignored.
    """
    os.mkfifo(home.kept)
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
        " from api.cli.main import main; main()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, "--ledger", str(home.path), "fsck"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        writer = opened_for_writing(home.kept)
        process.send_signal(signal.SIGINT)
        try:
            _, told = process.communicate(timeout=30)
        finally:
            process.kill()
            os.close(writer)
    assert process.returncode == INTERRUPTED
    assert "interrotto" in told
    assert "--from-kept" in told
