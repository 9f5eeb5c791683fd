"""The shape that the migrations give the tables in PostgreSQL, in the words of its catalogue.

    table event                     TABLE
    row level security on event     DISABLE, NO FORCE
    column event.key                text COLLATE "C"
    index event_key on event        UNIQUE INDEX (ledger_id, key) WHERE (key IS NOT NULL)

postgres_catalogue.py says how the server is asked for its own. What serves order or speed alone is
the administrator's and not part of it: storage parameters, tablespaces, owners, grants, the order of
columns. The tables of the views are left out, as for SQLite: they are compared row by row, and built
anew.

Source: postgres_schema.py for the migrations; a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VERSIONS: Final = "schema_version"
ORDINARY: Final = "TABLE"
UNLOGGED: Final = "UNLOGGED TABLE"
TEMPORARY: Final = "TEMPORARY TABLE"
UNGUARDED: Final = "DISABLE, NO FORCE"
UNIQUE_INDEX: Final = "UNIQUE INDEX"  # one that no constraint has made

TABLE, SECURITY, COLUMN, INDEX = "table", "row level security", "column", "index"


class Part(NamedTuple):
    """A table, or one thing of it."""

    kind: str
    table: str
    name: str = ""

    def __str__(self) -> str:
        """Return what people call it: `column event.key`, `index event_key on event`."""
        if self.kind == TABLE:
            return f"{self.kind} {self.table}"
        if self.kind == COLUMN:
            return f"{self.kind} {self.table}.{self.name}"
        return " ".join(word for word in (self.kind, self.name, "on", self.table) if word)


@dataclass(frozen=True, slots=True)
class Shape:
    """A table: its columns and its indexes, in the words of the catalogue."""

    columns: Mapping[str, str]
    indexes: Mapping[str, str]


SHAPES: Final[Mapping[str, Shape]] = {
    "ledger_head": Shape(
        {
            "ledger_id": "bigint NOT NULL",
            "origin": 'text COLLATE "C" NOT NULL',
            "position": "bigint NOT NULL",
            "streams": "bigint NOT NULL",
        },
        {"ledger_head_pkey": "PRIMARY KEY (ledger_id)"},
    ),
    "event": Shape(
        {
            "ledger_id": "bigint NOT NULL",
            "position": "bigint NOT NULL",
            "type": 'text COLLATE "C" NOT NULL',
            "key": 'text COLLATE "C"',
            "streams": 'text COLLATE "C" NOT NULL',
            "data": "bytea NOT NULL",
        },
        {
            "event_pkey": "PRIMARY KEY (ledger_id, position)",
            "event_key": "UNIQUE INDEX (ledger_id, key) WHERE (key IS NOT NULL)",
        },
    ),
    "stream": Shape(
        {
            "ledger_id": "bigint NOT NULL",
            "name": 'text COLLATE "C" NOT NULL',
            "ordinal": "bigint NOT NULL",
            "count": "bigint NOT NULL",
            "last_position": "bigint NOT NULL",
        },
        {
            "stream_pkey": "PRIMARY KEY (ledger_id, name)",
            "stream_ledger_id_ordinal_key": "UNIQUE (ledger_id, ordinal)",
        },
    ),
    "stream_event": Shape(
        {
            "ledger_id": "bigint NOT NULL",
            "ordinal": "bigint NOT NULL",
            "seq": "bigint NOT NULL",
            "position": "bigint NOT NULL",
        },
        {"stream_event_pkey": "PRIMARY KEY (ledger_id, ordinal, seq)"},
    ),
    "tile": Shape(
        {
            "ledger_id": "bigint NOT NULL",
            "level": "bigint NOT NULL",
            "number": "bigint NOT NULL",
            "hashes": "bytea NOT NULL",
        },
        {"tile_pkey": "PRIMARY KEY (ledger_id, level, number)"},
    ),
    VERSIONS: Shape(
        {"part": 'text COLLATE "C" NOT NULL', "version": "bigint NOT NULL"},
        {"schema_version_pkey": "PRIMARY KEY (part)"},
    ),
}


def _parts(table: str, shape: Shape) -> Iterator[tuple[Part, str]]:
    yield Part(TABLE, table), ORDINARY
    yield Part(SECURITY, table), UNGUARDED
    for name, said in shape.columns.items():
        yield Part(COLUMN, table, name), said
    for name, said in shape.indexes.items():
        yield Part(INDEX, table, name), said


EXPECTED: Final[Mapping[Part, str]] = {
    part: said for table, shape in SHAPES.items() for part, said in _parts(table, shape)
}


def remedy(part: Part, stored: str | None) -> str:
    """Return the statement that puts a part right; nothing where rows may have been lost with it."""
    table = part.table
    if part.kind == TABLE and stored == UNLOGGED:
        return f"`{set_logged(table)}`, poi `pista fsck`"
    if part.kind == SECURITY:
        off = "DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY"
        return f"`ALTER TABLE {table} {off}`, poi `pista fsck`"
    if part.kind == INDEX:
        first = "" if stored is None else "toglierlo, poi "
        return f"{first}`{_making(part)}`, poi `pista fsck`"
    return ""


def set_logged(table: str) -> str:
    """Return the statement after which the rows of a table outlast a crash of the server."""
    return f"ALTER TABLE {table} SET LOGGED"


def _making(index: Part) -> str:
    wanted = EXPECTED[index]
    if wanted.startswith(UNIQUE_INDEX):
        rest = wanted.removeprefix(UNIQUE_INDEX)
        return f"CREATE {UNIQUE_INDEX} {index.name} ON {index.table}{rest}"
    return f"ALTER TABLE {index.table} ADD CONSTRAINT {index.name} {wanted}"
