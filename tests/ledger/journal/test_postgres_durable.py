"""What a server would lose in a crash is not written: it is refused where a ledger is opened for it."""

from __future__ import annotations

import signal
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from ledger.errors import StorageError
from ledger.journal.address import PostgresDatabase
from ledger.journal.anchor import MemoryAnchor
from ledger.journal.description import describe_store
from ledger.journal.journal import Journal
from ledger.journal.postgres import PostgresRecorder
from ledger.journal.postgres_shape import SHAPES, set_logged
from tests.ledger.journal.recorder_suite import assert_history_is_whole, keyed
from tests.ledger.journal.sequencer_kit import ORIGIN, Client, opened
from tests.postgres import ask, execute, started_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# The events as a distributed planner may have them: divided, and one part of them not permanent.
PART_UNLOGGED = """
    ALTER TABLE event RENAME TO event_0;
    CREATE TABLE event (LIKE event_0 INCLUDING ALL) PARTITION BY HASH (ledger_id);
    ALTER TABLE event_0 SET UNLOGGED;
    ALTER TABLE event ATTACH PARTITION event_0 FOR VALUES WITH (MODULUS 1, REMAINDER 0)"""
VIEW = "ALTER TABLE tile RENAME TO aside; CREATE VIEW tile AS SELECT * FROM aside"
MATERIALIZED = VIEW.replace("VIEW", "MATERIALIZED VIEW")

UNSAFE: dict[str, tuple[str, str, str]] = {
    f"{table} is UNLOGGED": (
        f"ALTER TABLE {table} SET UNLOGGED",
        "store-not-durable",
        f"la tabella {table} è UNLOGGED",
    )
    for table in SHAPES
} | {
    "a part of the events is UNLOGGED": (PART_UNLOGGED, "store-not-durable", "event_0 è UNLOGGED"),
    "a view is in the place of a table": (VIEW, "table-replaced", "tabella tile c'è altro (VIEW)"),
    "a copy is in the place of a table": (MATERIALIZED, "table-replaced", "(MATERIALIZED VIEW)"),
}


@pytest.fixture
def url(postgres_url: str) -> str:
    """The URL of a ledger that was founded."""
    with closing(PostgresRecorder(postgres_url, ORIGIN, create=True)) as recorder:
        opened(recorder).submit(Client().make("sys/log"))
    return postgres_url


@pytest.fixture
def recorder(url: str) -> Iterator[PostgresRecorder]:
    """The ledger, opened and not yet written to."""
    with closing(PostgresRecorder(url, ORIGIN)) as made:
        yield made


def refusal(act: Callable[[], object]) -> StorageError:
    """Return with what error something is refused."""
    with pytest.raises(StorageError) as refused:
        act()
    return refused.value


@pytest.mark.parametrize("what", UNSAFE)
def test_a_ledger_that_would_not_last_is_read_and_not_opened_for_writing(
    what: str, url: str, recorder: PostgresRecorder
) -> None:
    statement, code, words = UNSAFE[what]
    execute(url, statement)
    anchor = MemoryAnchor()
    for act in (
        lambda: opened(recorder, anchor),
        lambda: recorder.append([keyed("k1", "a")]),
        lambda: PostgresRecorder(url, ORIGIN, create=True),
    ):
        error = refusal(act)
        assert error.code == code
        assert words in error.sentence
        assert "pista fsck" in error.sentence
    assert anchor.read() is None, "nothing is promised"
    with closing(PostgresRecorder(url, ORIGIN)) as reader:
        assert_history_is_whole(reader, 2)
        assert Journal(reader).size == 2


@pytest.mark.parametrize("table", SHAPES)
def test_what_the_refusal_says_to_do_is_the_way_on(
    table: str, url: str, recorder: PostgresRecorder
) -> None:
    """Also for a program that was refused and still runs."""
    execute(url, f"ALTER TABLE {table} SET UNLOGGED")
    error = refusal(lambda: recorder.append([keyed("k1", "a")]))
    assert f"`{set_logged(table)}`" in error.sentence
    execute(url, set_logged(table))
    assert recorder.append([keyed("k1", "a")]) == 3


def test_a_temporary_table_that_hides_ours_is_not_written(recorder: PostgresRecorder) -> None:
    """As left behind in a session that a pooler lends on."""
    with recorder._database.connection() as connection:
        connection.execute("CREATE TEMPORARY TABLE stream_event (LIKE stream_event)")
    error = refusal(lambda: recorder.append([keyed("k1", "a")]))
    assert (error.code, "stream_event è temporanea" in error.sentence) == (
        "store-not-durable",
        True,
    )
    with recorder._database.connection() as connection:
        connection.execute("DROP TABLE pg_temp.stream_event")
    assert recorder.append([keyed("k1", "a")]) == 3


def test_a_server_that_confirms_what_no_disk_has_is_not_written() -> None:
    with started_server(fsync="off") as server:
        url = server.new_schema()
        error = refusal(lambda: PostgresRecorder(url, ORIGIN, create=True))
        assert (error.code, "fsync = off" in error.sentence) == ("store-not-durable", True)
        assert ask(url, "SELECT to_regclass('event')") == [(None,)], "nothing was made"
        assert not describe_store(PostgresDatabase(url)).is_durable
        server.stop(signal.SIGINT)
        server.settings["fsync"] = "on"
        server.start()
        with closing(PostgresRecorder(url, ORIGIN, create=True)) as recorder:
            opened(recorder).submit(Client().make("sys/log"))
        assert describe_store(PostgresDatabase(url)).is_durable


def test_an_unlogged_table_is_empty_after_a_crash() -> None:
    """The claim on which the refusal rests."""
    with started_server() as server:
        url = server.new_schema()
        with closing(PostgresRecorder(url, ORIGIN, create=True)) as recorder:
            recorder.append([keyed("k1", "a")])
        execute(url, "ALTER TABLE event SET UNLOGGED")
        server.stop(signal.SIGQUIT)
        server.start()
        counts = "SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM stream_event)"
        assert ask(url, counts) == [(0, 1)]
