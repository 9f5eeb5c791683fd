"""The tables of a ledger in PostgreSQL are those that the migrations make, or fsck says what is not."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from ledger.errors import StorageError
from ledger.fsck.store_check import check_store
from ledger.journal.postgres import PostgresRecorder
from ledger.journal.postgres_tables import PostgresTables
from tests.exporters.ledger_writer import ORIGIN
from tests.postgres import execute

if TYPE_CHECKING:
    from ledger.fsck.finding import Finding

# What is done to the schema, the code of the finding, and words of its sentence or place.
EDITS: dict[str, tuple[str, str, str]] = {
    "a table that a crash empties": (
        "ALTER TABLE event SET UNLOGGED",
        "column-differs",
        "table event",
    ),
    "a primary key is gone": (
        "ALTER TABLE event DROP CONSTRAINT event_pkey",
        "column-differs",
        "index event_pkey",
    ),
    "a unique index is gone": ("DROP INDEX event_key", "column-differs", "index event_key"),
    "a unique index is plain": (
        (
            "DROP INDEX event_key;"
            " CREATE INDEX event_key ON event (ledger_id, key) WHERE key IS NOT NULL"
        ),
        "column-differs",
        "index event_key",
    ),
    "a unique index holds for fewer rows": (
        (
            "DROP INDEX event_key; CREATE UNIQUE INDEX event_key ON event (ledger_id, key)"
            " WHERE key IS NOT NULL AND position > 100"
        ),
        "column-differs",
        "index event_key",
    ),
    "a unique constraint is gone": (
        "ALTER TABLE stream DROP CONSTRAINT stream_ledger_id_ordinal_key",
        "column-differs",
        "index stream_ledger_id_ordinal_key",
    ),
    "a column may be null": (
        "ALTER TABLE event ALTER COLUMN data DROP NOT NULL",
        "column-differs",
        "column event.data",
    ),
    "a column is of another type": (
        "ALTER TABLE tile ALTER COLUMN number TYPE numeric",
        "column-differs",
        "column tile.number",
    ),
    "a text is ordered as the machine likes": (
        'ALTER TABLE stream ALTER COLUMN name TYPE text COLLATE "POSIX"',
        "column-differs",
        "column stream.name",
    ),
    "a column has a default": (
        "ALTER TABLE event ALTER COLUMN type SET DEFAULT 'x/1'",
        "column-differs",
        "column event.type",
    ),
    "rows may be hidden": (
        "ALTER TABLE event ENABLE ROW LEVEL SECURITY",
        "column-differs",
        "table event",
    ),
    "rows are hidden from the owner too": (
        "ALTER TABLE stream FORCE ROW LEVEL SECURITY",
        "column-differs",
        "table stream",
    ),
    "a view in the place of a table": (
        "ALTER TABLE tile RENAME TO tiles; CREATE VIEW tile AS SELECT * FROM tiles",
        "column-differs",
        "table tile",
    ),
    "a table is gone": ("DROP TABLE stream_event", "column-differs", "table stream_event"),
    "versions are in a table that a crash empties": (
        "ALTER TABLE schema_version SET UNLOGGED",
        "column-differs",
        "table schema_version",
    ),
    "an index more": (
        "CREATE INDEX mine ON event (ledger_id, type)",
        "schema-object-unknown",
        "index mine",
    ),
    "a check": (
        "ALTER TABLE event ADD CONSTRAINT mine CHECK (position < 1000000)",
        "schema-object-unknown",
        "constraint mine on event",
    ),
    "a foreign key": (
        "ALTER TABLE tile ADD CONSTRAINT mine FOREIGN KEY (ledger_id) REFERENCES ledger_head",
        "schema-object-unknown",
        "constraint mine on tile",
    ),
    "a policy": (
        "CREATE POLICY mine ON event USING (position > 10)",
        "schema-object-unknown",
        "policy mine on event",
    ),
    "a child table": (
        "CREATE TABLE more () INHERITS (event)",
        "schema-object-unknown",
        "child table more of event",
    ),
    "a rule": (
        "CREATE RULE mine AS ON DELETE TO event DO INSTEAD NOTHING",
        "schema-object-unknown",
        "rule mine on event",
    ),
}
NOT_DURABLE = (
    "a table that a crash empties",
    "a view in the place of a table",
    "versions are in a table that a crash empties",
)


@pytest.fixture
def url(postgres_url: str) -> str:
    """An empty ledger."""
    PostgresRecorder(postgres_url, ORIGIN, create=True).close()
    return postgres_url


def found(url: str) -> list[Finding]:
    with closing(PostgresTables(url, ORIGIN).open(snapshot=True)) as reader:
        return list(check_store(reader))


def test_the_tables_that_the_migrations_make_are_in_order(url: str) -> None:
    assert found(url) == []


@pytest.mark.parametrize(("edit", "code", "named"), EDITS.values(), ids=EDITS)
def test_an_edit_of_the_schema_is_found_and_named(
    url: str, edit: str, code: str, named: str
) -> None:
    for statement in edit.split(";"):
        execute(url, statement)
    told = [(one.code, f"{one.table} {one.key} {one.column} {one.sentence}") for one in found(url)]
    assert [text for each, text in told if each == code and named in text]


@pytest.mark.parametrize("edit", NOT_DURABLE)
def test_a_ledger_is_not_opened_on_tables_that_are_not_permanent(url: str, edit: str) -> None:
    for statement in EDITS[edit][0].split(";"):
        execute(url, statement)
    with pytest.raises(StorageError) as refused:
        PostgresRecorder(url, ORIGIN)
    assert refused.value.code == "store-not-durable"
    assert "pista fsck" in refused.value.sentence


def test_a_ledger_is_opened_with_an_index_more(url: str) -> None:
    execute(url, EDITS["an index more"][0])
    PostgresRecorder(url, ORIGIN).close()
