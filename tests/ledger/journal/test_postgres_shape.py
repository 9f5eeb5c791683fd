"""The shape of the tables in PostgreSQL: what the migrations make, on every server that there is."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from ledger.journal import postgres_catalogue
from ledger.journal.postgres import PostgresRecorder
from ledger.journal.postgres_shape import EXPECTED, SHAPES
from ledger.journal.postgres_tables import PostgresTables
from ledger.journal.tables import EVENT, LEDGER_ID, TABLES
from tests.ledger.journal.recorder_suite import ORIGIN, assert_history_is_whole, keyed
from tests.postgres import OwnServer, all_programs, execute, started_server, with_options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.journal.tables import TableReader
    from tests.postgres import PostgresServer

# The table of events as a distributed planner may have it: divided by the ledger.
DIVIDED = """
    ALTER TABLE event RENAME TO event_0;
    ALTER INDEX event_pkey RENAME TO event_0_pkey;
    ALTER INDEX event_key RENAME TO event_0_key;
    CREATE TABLE event (LIKE event_0) PARTITION BY HASH (ledger_id);
    ALTER TABLE event ADD CONSTRAINT event_pkey PRIMARY KEY (ledger_id, position);
    CREATE UNIQUE INDEX event_key ON event (ledger_id, key) WHERE key IS NOT NULL;
    ALTER TABLE event ATTACH PARTITION event_0 FOR VALUES WITH (MODULUS 1, REMAINDER 0)"""


def made(url: str) -> str:
    """Make a ledger with two rows in an empty schema; return its URL."""
    with closing(PostgresRecorder(url, ORIGIN, create=True)) as recorder:
        recorder.append([keyed("k1", "a"), keyed(None)])
    return url


@contextmanager
def reading(url: str) -> Iterator[TableReader]:
    """Open the tables as they are examined."""
    with closing(PostgresTables(url, ORIGIN).open(snapshot=True)) as reader:
        yield reader


def differences(reader: TableReader) -> list[str]:
    """Return what is not as it should be, and what is there beside it."""
    wrong = [one.name for one in reader.properties() if one.stored != one.expected]
    return [*wrong, *reader.unknown()]


def described(url: str) -> dict[Any, str]:
    """Return the tables as the server reports them."""
    with psycopg.connect(url) as connection:
        return postgres_catalogue.described(
            lambda query, *values: connection.execute(query.encode(), values).fetchall()
        )


@pytest.fixture
def ledger_url(postgres_url: str) -> str:
    """The URL of a schema with a ledger."""
    return made(postgres_url)


def test_the_columns_are_those_of_the_catalogue_of_tables() -> None:
    for table in TABLES:
        assert sorted(SHAPES[table.name].columns) == sorted((LEDGER_ID, *table.columns))


@pytest.mark.parametrize("number", range(2))
def test_the_shape_is_what_the_migrations_make_on_every_version(number: int) -> None:
    """Both ways: nothing that is expected is missing, and nothing is there beside it."""
    programs = all_programs()
    if number >= len(programs):
        pytest.skip("the wheel has no second version of PostgreSQL")
    with started_server(programs=programs[number]) as server:
        url = made(server.new_schema())
        assert described(url) == EXPECTED
        with reading(url) as reader:
            assert differences(reader) == []
        execute(url, "ALTER TABLE stream ALTER last_position DROP NOT NULL")
        execute(url, "DROP INDEX event_key")
        with reading(url) as reader:
            found = ["column stream.last_position", "index event_key on event"]
            assert sorted(differences(reader)) == found


def test_the_shape_is_what_the_migrations_make_on_the_server_at_hand(ledger_url: str) -> None:
    assert described(ledger_url) == EXPECTED


def test_whoever_may_read_everything_and_change_nothing_sees_the_same(ledger_url: str) -> None:
    url = f"{ledger_url}%20-crole%3Dpg_read_all_data"
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        execute(url, "DELETE FROM event")
    with reading(url) as reader:
        assert differences(reader) == []
        assert len(reader.properties()) == 1 + len(EXPECTED)


def test_tables_are_those_to_which_their_names_lead(
    postgres_server: PostgresServer, ledger_url: str
) -> None:
    """Another schema comes first and has none of them, as one called like the user may."""
    schema = ledger_url.rpartition("%3D")[2]
    first = postgres_server.new_schema().rpartition("%3D")[2]
    url = with_options(postgres_server.url, f"-csearch_path={first},{schema}")
    with reading(url) as reader:
        assert differences(reader) == []
        assert {table.name for table in TABLES} <= reader.columns().keys()
    execute(url, "DROP INDEX event_key")
    with reading(url) as reader:
        assert differences(reader) == ["index event_key on event"]


def test_tables_that_were_dumped_and_restored_under_another_name_are_the_same(
    postgres_server: PostgresServer, ledger_url: str
) -> None:
    if not isinstance(postgres_server, OwnServer):
        pytest.skip("pg_dump is that of a server of our own")
    schema, file = ledger_url.rpartition("%3D")[2], postgres_server.folder / "dump.sql"
    other = f"altro_{schema}"
    to = ("-h", str(postgres_server.folder), "-U", "postgres")
    postgres_server.run("pg_dump", *to, f"--schema={schema}", "--file=dump.sql", "postgres")
    text = file.read_text(encoding="utf-8").replace(schema, other)
    file.write_text(text, encoding="utf-8")
    postgres_server.run("psql", *to, "-q", "-v", "ON_ERROR_STOP=1", "-f", "dump.sql", "postgres")
    file.unlink()
    url = with_options(postgres_server.url, f"-csearch_path={other}")
    try:
        with reading(url) as reader:
            assert differences(reader) == []
        with closing(PostgresRecorder(url, ORIGIN)) as recorder:
            recorder.append([keyed("k2", "a")])
            assert_history_is_whole(recorder, 3)
    finally:
        postgres_server.execute(f"DROP SCHEMA {other} CASCADE")


def test_a_table_that_a_planner_divided_is_a_table(ledger_url: str) -> None:
    execute(ledger_url, DIVIDED)
    with reading(ledger_url) as reader:
        assert differences(reader) == []
    with closing(PostgresRecorder(ledger_url, ORIGIN)) as recorder:
        recorder.append([keyed("k2", "a")])
        assert_history_is_whole(recorder, 3)


def test_what_serves_order_and_speed_is_the_administrators(ledger_url: str) -> None:
    for statement in (
        "ALTER TABLE event SET (fillfactor = 50, autovacuum_vacuum_threshold = 10)",
        "ALTER INDEX event_key SET (fillfactor = 70)",
        "ALTER TABLE event ALTER data SET STORAGE EXTERNAL",
        "GRANT SELECT ON event TO pg_read_all_data",
        "COMMENT ON TABLE event IS 'registro'",
        "REINDEX TABLE event",
        "CREATE STATISTICS together ON type, key FROM event",
    ):
        execute(ledger_url, statement)
    with reading(ledger_url) as reader:
        assert differences(reader) == []


def test_a_table_that_is_gone_is_named_once(ledger_url: str) -> None:
    execute(ledger_url, "DROP TABLE tile")
    with reading(ledger_url) as reader:
        assert differences(reader) == ["table tile"]


def test_versions_that_cannot_be_read_are_told_with_what_they_lack(ledger_url: str) -> None:
    execute(ledger_url, "ALTER TABLE schema_version DROP COLUMN version")
    with reading(ledger_url) as reader:
        assert differences(reader) == ["schema_version", "column schema_version.version"]
        assert reader.count(EVENT) == 2
