"""A snapshot of a log: one plain file, consistent, whatever is written meanwhile."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import textwrap
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from ledger.errors import NotVerified, StorageError
from ledger.journal.anchor import FileAnchor
from ledger.journal.journal import Journal
from ledger.journal.memory import MemoryRecorder
from ledger.journal.migrations import Migration
from ledger.journal.rehash import rehash
from ledger.journal.schema import MIGRATIONS
from ledger.journal.snapshot import (
    allow_writers,
    bring_up_to_date,
    open_snapshot,
    take_snapshot,
)
from ledger.journal.sqlite import SQLiteRecorder
from tests.ledger.journal.copy_kit import tables, write_log
from tests.ledger.journal.sequencer_kit import ORIGIN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WRITER = textwrap.dedent("""
    import sys
    from pathlib import Path
    from ledger.journal.anchor import FileAnchor
    from ledger.journal.sqlite import SQLiteRecorder
    from tests.ledger.journal.sequencer_kit import ORIGIN, Client, opened

    path = Path(sys.argv[1])
    sequencer = opened(SQLiteRecorder(path, ORIGIN), FileAnchor(path.with_name("anchor")))
    client = Client("writer")
    client.learn(sequencer)
    print("ready", flush=True)
    while True:
        sequencer.submit(client.make("cup/1", "act/w"))
""")


@pytest.fixture
def written(tmp_path: Path) -> Iterator[SQLiteRecorder]:
    """A log in SQLite as the sequencer wrote it."""
    with closing(SQLiteRecorder(tmp_path / "written.sqlite", ORIGIN, create=True)) as recorder:
        write_log(recorder, 600, anchor=FileAnchor(tmp_path / "anchor"))
        yield recorder


def test_a_snapshot_has_the_same_bytes_in_every_table(
    written: SQLiteRecorder, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.sqlite"
    take_snapshot(written, copy)
    assert tables(copy) == tables(written.address.path)


def test_a_snapshot_is_one_file_that_its_owner_alone_may_read(
    written: SQLiteRecorder, tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    folder.mkdir()
    take_snapshot(written, folder / "ledger.sqlite")
    with closing(open_snapshot(folder / "ledger.sqlite", ORIGIN)) as recorder:
        assert recorder.head() == written.head()
        assert [path.name for path in folder.iterdir()] == ["ledger.sqlite"]
    assert (folder / "ledger.sqlite").stat().st_mode & 0o777 == 0o600


def test_a_snapshot_of_another_store_is_the_same_log(tmp_path: Path) -> None:
    source = MemoryRecorder(ORIGIN)
    write_log(source, 300)
    take_snapshot(source, tmp_path / "copy.sqlite")
    assert [path.name for path in tmp_path.iterdir()] == ["copy.sqlite"]
    with closing(open_snapshot(tmp_path / "copy.sqlite", ORIGIN)) as recorder:
        assert recorder.rows(0, 1000) == source.rows(0, 1000)
        assert recorder.streams(limit=1000) == source.streams(limit=1000)


def test_a_snapshot_holds_no_other_ledger_of_the_same_file(
    written: SQLiteRecorder, tmp_path: Path
) -> None:
    before = tables(written.address.path)
    with closing(SQLiteRecorder(written.address.path, "other.example/log", create=True)):
        take_snapshot(written, tmp_path / "copy.sqlite")
    assert tables(tmp_path / "copy.sqlite") == before


def test_a_snapshot_can_be_written_again(written: SQLiteRecorder, tmp_path: Path) -> None:
    take_snapshot(written, tmp_path / "copy.sqlite")
    allow_writers(tmp_path / "copy.sqlite")
    with closing(sqlite3.connect(tmp_path / "copy.sqlite")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_snapshot_ends_under_a_writer_that_never_pauses(
    written: SQLiteRecorder, tmp_path: Path
) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(written.address.path)], stdout=subprocess.PIPE
    )
    try:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        for number in range(5):
            time.sleep(0.05)
            before = written.head().position
            take_snapshot(written, tmp_path / f"copy{number}.sqlite")
            with closing(open_snapshot(tmp_path / f"copy{number}.sqlite", ORIGIN)) as copy:
                head = rehash(copy, lambda _index, _payload: None)
            assert before <= head.size <= written.head().position
            assert head.root == Journal(written).root_at(head.size)
        assert writer.poll() is None
        assert written.head().position > before
    finally:
        writer.kill()
        writer.communicate()


def test_a_damaged_file_makes_no_snapshot(written: SQLiteRecorder, tmp_path: Path) -> None:
    written.close()
    with closing(sqlite3.connect(written.address.path)) as connection:
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'event_key'"
        ).fetchone()
    with written.address.path.open("r+b") as file:
        file.seek((page - 1) * 8192)
        file.write(b"\xff" * 8192)
    with (
        closing(SQLiteRecorder(written.address.path, ORIGIN)) as recorder,
        pytest.raises(StorageError, match="snapshot-failed"),
    ):
        take_snapshot(recorder, tmp_path / "copy.sqlite")


def test_a_snapshot_overwrites_nothing(written: SQLiteRecorder, tmp_path: Path) -> None:
    (tmp_path / "copy.sqlite").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        take_snapshot(written, tmp_path / "copy.sqlite")
    assert (tmp_path / "copy.sqlite").read_bytes() == b"mine"


OTHERS: dict[str, tuple[bytes | None, str]] = {
    "a file that is no database": (b"x" * 9000, ORIGIN),
    "an empty file": (b"", ORIGIN),
    "a log of another origin": (None, "other.example/log"),
}


@pytest.mark.parametrize(("data", "origin"), OTHERS.values(), ids=OTHERS.keys())
def test_what_is_not_the_log_is_refused(
    written: SQLiteRecorder, tmp_path: Path, data: bytes | None, origin: str
) -> None:
    path = tmp_path / "copy.sqlite"
    take_snapshot(written, path)
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(NotVerified, match="snapshot-other"):
        open_snapshot(path, origin)


MORE = (*MIGRATIONS, Migration(2, ("CREATE TABLE more (a INTEGER) STRICT",)))


def version(path: Path) -> int:
    """Return the version of the tables."""
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_the_log_of_an_older_program_gets_the_tables_of_this_one(
    written: SQLiteRecorder, tmp_path: Path
) -> None:
    path = tmp_path / "copy.sqlite"
    take_snapshot(written, path)
    before = tables(path)
    bring_up_to_date(path, MORE)
    assert (version(path), tables(path)) == (2, before)
    with pytest.raises(StorageError, match="schema-newer"):
        open_snapshot(path, ORIGIN)


def test_a_snapshot_that_is_up_to_date_is_left_byte_for_byte(
    written: SQLiteRecorder, tmp_path: Path
) -> None:
    path = tmp_path / "copy.sqlite"
    take_snapshot(written, path)
    before = path.read_bytes()
    bring_up_to_date(path)
    assert path.read_bytes() == before


def test_what_is_no_log_is_not_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "copy.sqlite"
    path.write_bytes(b"x" * 9000)
    with pytest.raises(NotVerified, match="snapshot-other"):
        bring_up_to_date(path)
    path.write_bytes(b"")
    bring_up_to_date(path)
    assert path.read_bytes() == b""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE of_another_program (a)")
    with pytest.raises(StorageError, match="not-a-ledger"):
        bring_up_to_date(path)
