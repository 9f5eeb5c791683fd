"""The tables of a ledger in PostgreSQL: versions, keys, and statements that name their ledger."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from ledger.errors import StorageError
from ledger.journal import postgres_store, sql_store
from ledger.journal.migrations import Migration
from ledger.journal.postgres import PostgresRecorder
from ledger.journal.postgres_link import Database
from ledger.journal.postgres_schema import MIGRATIONS, prepare
from ledger.journal.store import Head
from tests.ledger.journal.recorder_suite import ORIGIN
from tests.postgres import ask, execute

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
NONE_OF_OURS = r"nextval|serial|identity|advisory|lock table|listen|notify|function|procedure"


@pytest.fixture
def recorder(postgres_url: str) -> Iterator[PostgresRecorder]:
    """An empty ledger."""
    made = PostgresRecorder(postgres_url, ORIGIN, create=True)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE schema_version SET version = 99", "schema-newer"),
        ("UPDATE ledger_head SET origin = 'another.example/log'", "origin-mismatch"),
    ],
)
def test_tables_of_another_kind_are_refused(
    recorder: PostgresRecorder, postgres_url: str, statement: str, code: str
) -> None:
    assert recorder.head() == Head(0, 0)
    execute(postgres_url, statement)
    with pytest.raises(StorageError) as refused:
        PostgresRecorder(postgres_url, ORIGIN, create=True)
    assert refused.value.code == code


def test_opening_compares_the_version_and_changes_nothing(
    recorder: PostgresRecorder, postgres_url: str
) -> None:
    assert recorder.head() == Head(0, 0)
    newer = (*MIGRATIONS, Migration(2, ("CREATE TABLE never (a bigint)",)))
    database = Database(postgres_url)
    for create in (False, True):
        with pytest.raises(StorageError) as refused, database.connected() as connection:
            prepare(connection, database.place, ORIGIN, create=create, migrations=newer)
        assert refused.value.code == "schema-older"
        assert "`pista migrate`" in refused.value.sentence
    assert ("never",) not in ask(postgres_url, TABLES)


def test_every_key_begins_with_the_ledger_and_nothing_counts_for_all(
    recorder: PostgresRecorder, postgres_url: str
) -> None:
    assert recorder.head() == Head(0, 0)
    keys = ask(
        postgres_url,
        "SELECT c.relname, a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]"
        " WHERE c.relnamespace = current_schema()::regnamespace AND i.indisunique",
    )
    assert {name for name, _ in keys} == {
        *("ledger_head", "event", "stream", "stream_event", "tile", "schema_version")
    }
    assert {first for name, first in keys if name != "schema_version"} == {"ledger_id"}
    other_kinds = "relkind NOT IN ('r', 'i') AND relnamespace = current_schema()::regnamespace"
    assert ask(postgres_url, f"SELECT relname FROM pg_class WHERE {other_kinds}") == []  # noqa: S608  ours


def statements() -> dict[str, str]:
    """Return the statements over the tables of a ledger, by name."""
    named = {k: v for k, v in vars(postgres_store).items() if isinstance(v, str) and k[0] == "_"}
    spelling = postgres_store.PostgresStore.spelling
    named |= {
        name: sql_store.spelled(value, spelling)
        for name, value in vars(sql_store).items()
        if isinstance(value, str)
    }
    begin = ("SELECT", "INSERT", "UPDATE", "DELETE")
    return {name: value for name, value in named.items() if value.startswith(begin)}


def test_the_statements_are_found() -> None:
    assert len(statements()) >= 16


@pytest.mark.parametrize("name", statements())
def test_a_statement_can_be_routed_by_its_ledger(name: str) -> None:
    statement = statements()[name]
    assert re.search(r"WHERE (h\.)?ledger_id = %s|ledger_id = %s$", statement)
    assert not re.search(NONE_OF_OURS, statement, re.IGNORECASE)
    if statement.startswith("INSERT"):
        assert "FROM ledger_head h" in statement
