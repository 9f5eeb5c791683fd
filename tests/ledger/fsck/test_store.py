"""The store as a whole: damaged files, other ledgers beside, writers at work, locks, the anchor."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from ledger.errors import Absent, Busy, StorageError
from ledger.fsck.subject import Subject
from ledger.fsck.workers import Workers
from ledger.journal.anchor import FileAnchor
from ledger.journal.sqlite_tables import SQLiteTables
from ledger.journal.tables import EVENT
from tests.exporters.ledger_fixture import CUP
from tests.exporters.ledger_writer import RUP
from tests.ledger.fsck.ledgers import begin_again, examined, places
from tests.ledger.fsck.stores import SQLiteStore

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.journal.tables import TableReader
    from tests.ledger.fsck.conftest import Copy
    from tests.ledger.fsck.ledgers import Made

STEP = 97 if os.environ.get("PISTA_EXHAUSTIVE") else 997
DOCUMENT = {"doc": "x.txt", "kind": "altro", "form": "solo-elettronico"}


def test_an_honest_ledger_is_in_order(told: Made, tiled: Made, copy: Copy) -> None:
    for made in (told, tiled):
        report = copy(made).examine(with_vault=True, with_views=True)
        assert list(report.findings) == []
        assert report.verified == report.events == report.size // 2
        assert report.objects == 2


def write_more(made: Made, count: int) -> None:
    """Record events as another program does."""
    with begin_again(made) as ledger:
        for number in range(count):
            data = {**DOCUMENT, "doc": f"x{number}.txt"}
            ledger.record(RUP, "document-attached/1", [f"cup/{CUP}"], data, role="rup")


def test_what_is_written_meanwhile_is_left_for_the_next_time(tiled: Made, copy: Copy) -> None:
    """A writer goes on while the log is read; neither waits for the other."""
    twin = copy(tiled)
    size, written = twin.examine().size, []

    def write(what: str, done: int, total: int) -> None:
        del what, done
        if not written:
            written.append(total)
            writer = threading.Thread(target=write_more, args=(twin, 3))
            writer.start()
            writer.join(30)
            assert not writer.is_alive(), "the writer was kept out"

    twin.told = write
    report = twin.examine()
    assert written == [size]
    assert (report.size, list(report.findings)) == (size, [])
    twin.told = tiled.told
    after = twin.examine(from_kept=True)
    assert (after.size, after.events) == (size + 6, 3)
    assert {one.code for one in after.findings} <= {"role-not-granted", "occurred-on-missing"}


def test_a_walk_looks_at_one_moment_too(tiled: Made, copy: Copy) -> None:
    twin = copy(tiled)
    twin.execute("UPDATE event SET type = 'x/1' WHERE position = 3")
    written: list[int] = []

    def write(_what: str, done: int, _total: int) -> None:
        if not written:
            written.append(done)
            write_more(twin, 2)

    twin.told = write
    assert places(list(twin.examine().findings)) == ["column-differs event.type, position 3"]


def test_a_locked_file_is_busy_and_not_damaged(told_file: Made, copy: Copy) -> None:
    twin = copy(told_file)
    assert isinstance(twin.store, SQLiteStore)
    path = twin.store.path
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("PRAGMA locking_mode = EXCLUSIVE")
        holder.execute("PRAGMA journal_mode = DELETE")
        holder.execute("BEGIN EXCLUSIVE")
        source = SQLiteTables(path, twin.origin, busy_seconds=0.05)
        with pytest.raises(Busy):
            examined(twin, source)


def test_no_file_is_no_ledger(told_file: Made, copy: Copy, tmp_path: Path) -> None:
    with pytest.raises(Absent):
        examined(copy(told_file), SQLiteTables(tmp_path / "none.sqlite", told_file.origin))
    assert not (tmp_path / "none.sqlite").exists()


def test_other_ledgers_in_the_store_are_left_alone(told: Made, copy: Copy) -> None:
    twin = copy(told)
    with closing(twin.store.recorder("altro.example/c_e506")) as other:
        assert other.head().position == 0
    query = (
        "INSERT INTO stream SELECT h.ledger_id, name, s.ordinal, count, last_position FROM stream s"
    )
    twin.execute(
        f"{query}, ledger_head h WHERE h.origin = ? AND s.ordinal = 1", "altro.example/c_e506"
    )
    assert list(twin.examine().findings) == []


def test_a_head_under_a_number_not_its_own_is_named(told: Made, copy: Copy) -> None:
    twin = copy(told)
    twin.store.recorder("altro.example/c_e506").close()
    twin.execute("UPDATE ledger_head SET ledger_id = 5 WHERE origin = ?", "altro.example/c_e506")
    assert places(list(twin.examine().findings)) == [
        "column-differs ledger_head.ledger_id, origin altro.example/c_e506"
    ]


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("PRAGMA user_version = 7", "schema.user_version"),
        ("PRAGMA application_id = 7", "schema.application_id"),
        ("ALTER TABLE stream DROP COLUMN count", "stream.count"),
        ("ALTER TABLE stream ADD COLUMN other INTEGER", "stream.other"),
        ("DROP INDEX event_key", "schema.index event_key"),
    ],
)
def test_another_version_is_named(statement: str, place: str, told_file: Made, copy: Copy) -> None:
    twin = copy(told_file)
    twin.execute(statement)
    assert next(iter(twin.examine().findings)).place == place


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE other (x)",
        "CREATE INDEX other ON event (type)",
        "CREATE VIEW other AS SELECT 1",
        "CREATE TRIGGER other AFTER INSERT ON event BEGIN SELECT 1; END",
    ],
)
def test_what_is_beside_the_tables_wants_attention(
    statement: str, told_file: Made, copy: Copy
) -> None:
    twin = copy(told_file)
    twin.execute(statement)
    (found,) = twin.examine().findings
    assert not found.is_fault
    assert "other" in f"{found.sentence} {found.table}"


def test_what_acts_on_writes_by_itself_wants_attention(told: Made, copy: Copy) -> None:
    twin = copy(told)
    is_file = isinstance(twin.store, SQLiteStore)
    trigger = "CREATE TRIGGER other AFTER DELETE ON event BEGIN SELECT 1; END"
    rule = "CREATE RULE other AS ON DELETE TO event DO INSTEAD NOTHING"
    twin.execute(trigger if is_file else rule)
    (found,) = twin.examine().findings
    assert (found.code, found.is_fault) == ("schema-object-unknown", False)


def said_by(path: Path) -> list[str] | None:
    """Return all that a file holds, as statements; None when it cannot be read."""
    with closing(sqlite3.connect(path)) as connection:
        try:
            pragmas = [f"{connection.execute(f'PRAGMA {name}').fetchone()}" for name in _PRAGMAS]
            return [*pragmas, *connection.iterdump()]
        except (sqlite3.Error, UnicodeDecodeError):
            return None


_PRAGMAS = ("user_version", "application_id")


def test_a_damaged_file_is_named_or_says_the_same(told_file: Made, copy: Copy) -> None:
    """A bit changed in each so many bytes: what is not found is in no row, index or table."""
    twin = copy(told_file)
    assert isinstance(twin.store, SQLiteStore)
    path = twin.store.path
    honest, said, named = path.read_bytes(), said_by(path), 0
    for at in range(0, len(honest), STEP):
        path.write_bytes(honest[:at] + bytes([honest[at] ^ 0x20]) + honest[at + 1 :])
        if list(twin.examine().findings):
            named += 1
        else:
            assert said_by(path) == said, at
    assert named > 10


def test_a_changed_index_is_found(told_file: Made, copy: Copy) -> None:
    """The index over the ids of events says other than its table: only the store itself knows."""
    twin = copy(told_file)
    assert isinstance(twin.store, SQLiteStore)
    ((key,),) = twin.execute("SELECT key FROM event WHERE position = 21")
    path = twin.store.path
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        query = "SELECT rootpage FROM sqlite_schema WHERE name = 'event_key'"
        (page,) = connection.execute(query).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    data = bytearray(path.read_bytes())
    at = data.index(key.encode(), (page - 1) * size)
    assert at < page * size
    data[at] ^= 1
    path.write_bytes(bytes(data))
    found = list(twin.examine().findings)
    assert [(one.code, one.table) for one in found] == [("store-damaged", "schema")]


def test_a_log_cut_short_is_one_finding_for_all_its_rows(two_file: Made, copy: Copy) -> None:
    """Rows of the log are gone and the other tables still speak of them."""
    twin = copy(two_file)
    last = twin.execute("SELECT max(position) FROM event")[0][0]
    twin.execute("DELETE FROM event WHERE position > 200")
    found = list(twin.examine().findings)
    assert [one.code for one in found] == ["row-missing", "tables-not-compared", "store-shorter"]
    assert found[0].key == f"position 201-{last}"


def test_a_process_that_dies_is_told(two_file: Made, copy: Copy) -> None:
    source = copy(two_file).store.source(two_file.origin)
    with Workers(source, 2) as workers:
        answer = workers.ask(dying, None)
        with pytest.raises(StorageError, match="worker-died"):
            answer.result()
        with pytest.raises(StorageError, match="worker-died"):
            workers.ask(dying, None)


def dying(_reader: TableReader, _question: None) -> None:
    """End the process as an operating system does that has no memory left."""
    os.kill(os.getpid(), signal.SIGKILL)


def test_nothing_is_written_but_the_kept_checkpoint(told_file: Made, copy: Copy) -> None:
    twin = copy(told_file)
    before = {path: path.read_bytes() for path in twin.folder.rglob("*") if path.is_file()}
    twin.examine(with_vault=True)
    after = {path: path.read_bytes() for path in twin.folder.rglob("*") if path.is_file()}
    made = {path.name for path in after.keys() - before.keys()}
    assert made <= {"fsck.kept", "ledger.sqlite-wal", "ledger.sqlite-shm"}
    assert {path: after[path] for path in before} == before


def test_a_ledger_without_leaves_is_in_order(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "ledger.sqlite")
    store.recorder("nuovo.example").close()
    source, anchor = store.source("nuovo.example"), FileAnchor(tmp_path / "anchor")
    subject = Subject("nuovo.example", source, anchor, tmp_path / "fsck.kept", None, None)
    report = examined(subject)
    assert (report.size, list(report.findings)) == (0, [])
    assert EVENT.name == "event"
