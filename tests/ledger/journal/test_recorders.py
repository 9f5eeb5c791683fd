"""Every store of the journal keeps the same promises; then what only one of them can show."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import textwrap
import threading
from typing import TYPE_CHECKING, get_args

import pytest
from eventsourcing.dcb.api import DCBQuery, DCBQueryItem
from eventsourcing.persistence import (
    DatabaseError,
    OperationalError,
)
from typing_extensions import override

from ledger.errors import Absent, StorageError
from ledger.journal.memory import MemoryRecorder, Step
from ledger.journal.postgres import PostgresRecorder
from ledger.journal.schema import ledger_id
from ledger.journal.sqlite import SQLiteRecorder
from ledger.journal.store import BusyError, Head
from tests.ledger.journal.recorder_suite import (
    ORIGIN,
    RecorderSuite,
    assert_history_is_whole,
    keyed,
)

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.journal.recorder import JournalRecorder
    from ledger.journal.selection import RecordedEvents
    from tests.postgres import PostgresServer

WRITER = textwrap.dedent("""
    import sys
    from pathlib import Path
    from ledger.journal.sqlite import SQLiteRecorder
    from tests.ledger.journal.recorder_suite import ORIGIN, append_with_retry, keyed

    recorder = SQLiteRecorder(Path(sys.argv[1]), ORIGIN, create=True)
    name = sys.argv[2]
    for number in range(25):
        append_with_retry(recorder, [keyed(f"{name}-{number}", "s", name), keyed(None)])
    recorder.close()
""")


class TestMemory(RecorderSuite):
    def empty(self, folder: Path) -> JournalRecorder:
        del folder
        return MemoryRecorder(ORIGIN)


class TestSQLite(RecorderSuite):
    def empty(self, folder: Path) -> JournalRecorder:
        return SQLiteRecorder(folder / "ledger.db", ORIGIN, create=True)


class TestPostgres(RecorderSuite):
    @pytest.fixture(autouse=True)
    def _server(self, postgres_server: PostgresServer) -> None:
        self.server = postgres_server

    def empty(self, folder: Path) -> JournalRecorder:
        del folder
        return PostgresRecorder(self.server.new_schema(), ORIGIN, create=True)


@pytest.mark.parametrize("step", get_args(Step))
def test_a_failure_on_demand_leaves_nothing_or_everything(step: Step) -> None:
    recorder = MemoryRecorder(ORIGIN)
    recorder.append([keyed("k1", "a")])
    recorder.fail_next(step, OperationalError("on demand"))
    with pytest.raises(OperationalError):
        recorder.append([keyed("k2", "a", "b"), keyed(None)])
    assert_history_is_whole(recorder, 3 if step == "after-commit" else 1)
    assert (recorder.find("k2") == 2) == (step == "after-commit")
    recorder.append([keyed("k3", "b")])


def test_a_file_keeps_its_rows_when_it_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    first = SQLiteRecorder(path, ORIGIN, create=True)
    first.append([keyed("k1", "a"), keyed(None), keyed("k2", "b", "a")])
    first.close()
    second = SQLiteRecorder(path, ORIGIN)
    assert_history_is_whole(second, 3)
    assert second.find("k2") == 3
    second.close()


def test_a_transaction_that_was_cut_off_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    SQLiteRecorder(path, ORIGIN, create=True).close()
    cut_off = sqlite3.connect(path, isolation_level=None)
    cut_off.execute("BEGIN IMMEDIATE")
    cut_off.execute("INSERT INTO event VALUES (?, 1, 't', NULL, '', x'00')", (ledger_id(ORIGIN),))
    cut_off.close()
    recorder = SQLiteRecorder(path, ORIGIN)
    assert recorder.append([keyed("k1")]) == 1
    recorder.close()


def test_two_processes_append_without_gap_or_loss(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), name]) for name in ("x", "y")
    ]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    recorder = SQLiteRecorder(path, ORIGIN)
    assert_history_is_whole(recorder, 100)
    recorder.close()


def test_ledgers_in_one_file_do_not_see_each_other(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    lecce = SQLiteRecorder(path, ORIGIN, create=True)
    bari = SQLiteRecorder(path, "pnrr.comune.bari.it/c_a662", create=True)
    lecce.append([keyed("k1", "a"), keyed("k2", "a")])
    bari.append([keyed("k1", "a")])
    assert_history_is_whole(lecce, 2)
    assert_history_is_whole(bari, 1)
    lecce.close()
    bari.close()


def test_a_ledger_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Absent, match="no-ledger"):
        SQLiteRecorder(tmp_path / "ledger.db", ORIGIN)
    assert not list(tmp_path.iterdir())
    SQLiteRecorder(tmp_path / "ledger.db", "another.example/log", create=True).close()
    with pytest.raises(Absent, match=r"another\.example/log"):
        SQLiteRecorder(tmp_path / "ledger.db", ORIGIN)


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("PRAGMA user_version = 2", "schema-newer"),
        ("PRAGMA application_id = 7", "not-a-ledger"),
        ("UPDATE ledger_head SET origin = 'another.example/log'", "origin-mismatch"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, statement: str, code: str) -> None:
    path = tmp_path / "ledger.db"
    SQLiteRecorder(path, ORIGIN, create=True).close()
    execute(path, statement)
    with pytest.raises(StorageError) as refused:
        SQLiteRecorder(path, ORIGIN, create=True)
    assert refused.value.code == code


def test_the_database_of_another_program_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    execute(path, "CREATE TABLE theirs (id INTEGER)")
    before = path.read_bytes()
    with pytest.raises(StorageError, match="not-a-ledger"):
        SQLiteRecorder(path, ORIGIN, create=True)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_a_database_error(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(b"not a database, but long enough to be read as the head of one" * 3)
    with pytest.raises(DatabaseError):
        SQLiteRecorder(path, ORIGIN, create=True)


def test_a_writer_that_waits_too_long_is_told_that_the_store_is_busy(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    recorder = SQLiteRecorder(path, ORIGIN, create=True, busy_seconds=0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(BusyError):
        recorder.append([keyed("k1")])
    assert recorder.head() == Head(0, 0)
    other.execute("ROLLBACK")
    assert recorder.append([keyed("k1")]) == 1
    other.close()
    recorder.close()


def test_a_commit_is_durable_and_checked(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    recorder = SQLiteRecorder(path, ORIGIN, create=True)
    with recorder._writing() as transaction:
        connection = transaction._connection  # type: ignore[attr-defined]  # of this store alone
        settings = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    recorder.close()


def test_the_ledger_id_is_what_sha256sum_says() -> None:
    digest = subprocess.run(
        ["sha256sum"], input=ORIGIN.encode(), capture_output=True, check=True
    ).stdout
    assert ledger_id(ORIGIN) == int(digest[:16], 16) >> 1


def test_a_closed_recorder_says_so(tmp_path: Path) -> None:
    recorder = SQLiteRecorder(tmp_path / "ledger.db", ORIGIN, create=True)
    recorder.close()
    recorder.close()
    with pytest.raises(StorageError, match="store-closed"):
        recorder.head()


def test_a_thousand_events_need_little_more_room_than_they_have_bytes(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    recorder = SQLiteRecorder(path, ORIGIN, create=True)
    for start in range(0, 1000, 100):
        recorder.append(
            [
                keyed(
                    f"0198c0a2-7e2a-7c30-9e1d-{n:012}", f"cup/{n % 9}", f"act/{n}", data=bytes(1500)
                )
                for n in range(start, start + 100)
            ]
        )
    recorder.close()
    assert path.stat().st_size < 1.6 * 1500 * 1000


def execute(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(statement)
    connection.close()


class CountingRecorder(MemoryRecorder):
    """A recorder that counts how often it is asked for rows."""

    reads = 0

    @override
    def read(
        self, query: DCBQuery | None = None, *, after: int | None = None, limit: int | None = None
    ) -> RecordedEvents:
        """Count, and read."""
        self.reads += 1
        return super().read(query, after=after, limit=limit)


def test_a_subscription_that_waits_asks_once_an_interval() -> None:
    recorder = CountingRecorder(ORIGIN)
    with recorder.subscribe(poll_seconds=60) as subscription:
        recorder.append([keyed(None)])
        assert next(subscription).position == 1
        waiting = threading.Thread(target=lambda: next(subscription, None))
        waiting.start()
        waiting.join(timeout=0.2)
        assert waiting.is_alive()
        assert recorder.reads <= 3
    waiting.join(timeout=5)
    assert not waiting.is_alive()


@pytest.mark.parametrize("position", [1, 5, 9])
def test_a_reader_passes_over_no_row_that_is_missing(tmp_path: Path, position: int) -> None:
    path = tmp_path / "ledger.db"
    recorder = SQLiteRecorder(path, ORIGIN, create=True)
    recorder.append([keyed(None, "a") for _ in range(9)])
    remover = sqlite3.connect(path, isolation_level=None)
    remover.execute("DELETE FROM event WHERE position = ?", (position,))
    remover.close()
    for query in (DCBQuery(), DCBQuery([DCBQueryItem(tags=["a"])])):
        with recorder.subscribe(query, poll_seconds=0.01) as rows:
            for _ in range(2):
                with pytest.raises(StorageError, match=f"row-missing: La foglia {position - 1} "):
                    next(rows)
    recorder.close()
