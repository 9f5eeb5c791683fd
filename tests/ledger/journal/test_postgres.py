"""What only PostgreSQL can show: ledgers beside each other, locks, durability, replicas, tables."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
import threading
import time
from typing import TYPE_CHECKING

import pytest
from eventsourcing.persistence import IntegrityError

from ledger.errors import Absent, StorageError
from ledger.journal.postgres import PostgresRecorder
from ledger.journal.schema import ledger_id
from ledger.journal.store import BusyError, Head
from tests.ledger.journal.recorder_suite import ORIGIN, assert_history_is_whole, keyed
from tests.postgres import ask, execute, with_options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgres import PostgresServer

OTHER = "pnrr.comune.bari.it/c_a662"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
WRITER = textwrap.dedent("""
    import sys
    from ledger.journal.postgres import PostgresRecorder
    from tests.ledger.journal.recorder_suite import ORIGIN, append_with_retry, keyed

    recorder = PostgresRecorder(sys.argv[1], ORIGIN, create=True)
    name = sys.argv[2]
    for number in range(25):
        append_with_retry(recorder, [keyed(f"{name}-{number}", "s", name), keyed(None)])
    recorder.close()
""")


@pytest.fixture
def recorder(postgres_url: str) -> Iterator[PostgresRecorder]:
    """An empty ledger."""
    made = PostgresRecorder(postgres_url, ORIGIN, create=True)
    yield made
    made.close()


def test_ledgers_in_one_database_do_not_see_each_other(
    recorder: PostgresRecorder, postgres_url: str
) -> None:
    bari = PostgresRecorder(postgres_url, OTHER, create=True)
    recorder.append([keyed("k1", "a"), keyed("k2", "a")])
    bari.append([keyed("k1", "a")])
    assert_history_is_whole(recorder, 2)
    assert_history_is_whole(bari, 1)
    bari.close()


def test_a_ledger_never_waits_for_the_turn_of_another(
    recorder: PostgresRecorder, postgres_url: str
) -> None:
    others = [PostgresRecorder(postgres_url, f"ente-{n}.it/x", create=True) for n in range(8)]
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with recorder.turn() as turn:
            turn.append([keyed("k1", "a")])
            held.set()
            done.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(10)
    try:
        start = time.monotonic()
        for other in others:
            for number in range(5):
                other.append([keyed(f"k{number}", "a", "b")])
        assert time.monotonic() - start < 5
        assert recorder.head() == Head(0, 0)
    finally:
        done.set()
        holder.join(10)
    assert_history_is_whole(recorder, 1)
    for other in others:
        assert_history_is_whole(other, 5)
        other.close()


def test_a_new_ledger_is_founded_while_another_holds_its_turn(
    recorder: PostgresRecorder, postgres_url: str
) -> None:
    with recorder.turn() as turn:
        other = PostgresRecorder(postgres_url, OTHER, create=True, busy_seconds=1)
        assert other.append([keyed("k1", "a")]) == 1
        turn.append([keyed("k1", "a")])
    assert_history_is_whole(recorder, 1)
    other.close()


def test_two_processes_append_without_gap_or_loss(postgres_url: str) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, postgres_url, name]) for name in ("x", "y")
    ]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    recorder = PostgresRecorder(postgres_url, ORIGIN)
    assert_history_is_whole(recorder, 100)
    recorder.close()


def test_a_writer_that_waits_too_long_is_told_that_the_store_is_busy(
    recorder: PostgresRecorder, postgres_url: str
) -> None:
    impatient = PostgresRecorder(postgres_url, ORIGIN, busy_seconds=0.2)
    with recorder.turn():
        start = time.monotonic()
        with pytest.raises(BusyError):
            impatient.append([keyed("k1")])
        assert 0.1 < time.monotonic() - start < 5
    assert impatient.append([keyed("k1")]) == 1
    impatient.close()


def test_readers_do_not_wait_for_a_turn(recorder: PostgresRecorder) -> None:
    recorder.append([keyed("k1", "a")])
    with recorder.turn() as turn:
        turn.append([keyed("k2", "a")])
        assert recorder.head().position == 1
        assert recorder.find("k2") is None
    assert recorder.find("k2") == 2


@pytest.mark.parametrize(
    ("said", "used"),
    [("off", "on"), ("local", "on"), ("remote_write", "on"), ("remote_apply", "remote_apply")],
)
def test_a_commit_is_durable_whatever_the_server_prefers(
    postgres_server: PostgresServer, said: str, used: str
) -> None:
    url = postgres_server.new_schema()
    recorder = PostgresRecorder(f"{url}%20-csynchronous_commit%3D{said}", ORIGIN, create=True)
    with recorder._writing() as transaction:
        connection = transaction._connection  # type: ignore[attr-defined]  # of this store alone
        assert connection.execute("SHOW synchronous_commit").fetchone() == (used,)
        assert connection.execute("SHOW transaction_isolation").fetchone() == ("read committed",)
    recorder.close()


def test_the_default_isolation_of_the_server_does_not_matter(
    postgres_server: PostgresServer,
) -> None:
    url = f"{postgres_server.new_schema()}%20-cdefault_transaction_isolation%3Dserializable"
    first = PostgresRecorder(url, ORIGIN, create=True)
    second = PostgresRecorder(url, ORIGIN)
    for number in range(5):
        first.append([keyed(f"a{number}", "s")])
        second.append([keyed(f"b{number}", "s")])
    assert_history_is_whole(first, 10)
    first.close()
    second.close()


def test_a_database_that_may_only_be_read_is_read_and_says_so(
    recorder: PostgresRecorder, postgres_url: str
) -> None:
    recorder.append([keyed("k1", "a")])
    url = f"{postgres_url}%20-cdefault_transaction_read_only%3Don"
    reader = PostgresRecorder(url, ORIGIN)
    assert_history_is_whole(reader, 1)
    with pytest.raises(StorageError) as refused:
        reader.append([keyed("k2", "a")])
    assert refused.value.code == "store-read-only"
    assert "nulla è stato scritto" in refused.value.sentence
    assert_history_is_whole(reader, 1)
    reader.close()


def test_a_ledger_that_is_not_there_is_named(postgres_url: str) -> None:
    with pytest.raises(Absent, match="no-ledger"):
        PostgresRecorder(postgres_url, ORIGIN)
    assert ask(postgres_url, TABLES) == []
    PostgresRecorder(postgres_url, OTHER, create=True).close()
    with pytest.raises(Absent, match=re.escape(OTHER)):
        PostgresRecorder(postgres_url, ORIGIN)


def test_programs_that_make_the_tables_at_once_all_find_them(postgres_url: str) -> None:
    made: list[PostgresRecorder] = []
    failed: list[Exception] = []
    ready = threading.Barrier(6)

    def make(number: int) -> None:
        ready.wait()
        try:
            made.append(PostgresRecorder(postgres_url, f"ente-{number % 3}.it/x", create=True))
        except Exception as error:  # noqa: BLE001  the test tells it
            failed.append(error)

    threads = [threading.Thread(target=make, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == []
    assert ask(postgres_url, "SELECT count(*) FROM ledger_head") == [(3,)]
    for recorder in made:
        recorder.close()


def test_the_names_of_streams_are_in_the_order_of_their_bytes(recorder: PostgresRecorder) -> None:
    recorder.append([keyed(None, "cup/B", "cup/a", "cup0", "CUP/x", "cup-x")])
    with recorder._reading() as store:
        assert store.stream_names("cup/") == ["cup/B", "cup/a"]


def test_a_closed_recorder_says_so(postgres_url: str) -> None:
    recorder = PostgresRecorder(postgres_url, ORIGIN, create=True)
    recorder.close()
    recorder.close()
    with pytest.raises(StorageError, match="store-closed"):
        recorder.head()


def test_a_second_row_at_a_position_is_refused_by_its_key(
    recorder: PostgresRecorder, postgres_url: str
) -> None:
    recorder.append([keyed("k1", "a")])
    execute(postgres_url, "UPDATE ledger_head SET position = 0")
    with pytest.raises(IntegrityError):
        recorder.append([keyed("k2", "a")])
    rows = ask(postgres_url, f"SELECT key FROM event WHERE ledger_id = {ledger_id(ORIGIN)}")  # noqa: S608  ours
    assert rows == [("k1",)]


def test_a_schema_of_its_own_is_that_of_the_url(postgres_server: PostgresServer) -> None:
    one, two = postgres_server.new_schema(), postgres_server.new_schema()
    recorders = [PostgresRecorder(url, ORIGIN, create=True) for url in (one, two)]
    recorders[0].append([keyed("k1", "a")])
    assert [recorder.head().position for recorder in recorders] == [1, 0]
    for recorder in recorders:
        recorder.close()
    assert with_options("postgresql://h/d", "-ca=b").endswith("?options=-ca%3Db")
