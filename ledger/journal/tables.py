"""The tables of a ledger as they are: every column of every row, raw, in the order of the keys.

    ledger_head   (ledger_id) origin position streams
    event         (ledger_id, position) type key streams data
    stream        (ledger_id, ordinal) name count last_position
    stream_event  (ledger_id, ordinal, seq) position
    tile          (ledger_id, level, number) hashes

Everything but `event.data` follows from `event.data`; who examines a store (ledger/fsck) reads all of
it here and believes none of it. Rows come in pages after a key, so that no log is ever in memory. A
store gives a `TableReader`; the statements are here and differ between stores in their marks alone.

Source: design ARCHITECTURE D2, D4, D5; schema.py for the tables themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Row: TypeAlias = "tuple[Any, ...]"
Key: TypeAlias = "tuple[Any, ...]"

LEDGER_ID: Final = "ledger_id"
DAMAGED: Final = "store-damaged"  # the code of what a store cannot give
PAGE: Final = 512


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its columns after that of the ledger, and which of them order its rows."""

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]

    def key_of(self, row: Row) -> Key:
        """Return the key of a row, without the ledger."""
        return tuple(row[self.columns.index(name)] for name in self.key)

    def named(self, row: Row) -> str:
        """Return the key of a row as people read it: `ordinal 3, seq 17`."""
        return ", ".join(f"{n} {v}" for n, v in zip(self.key, self.key_of(row), strict=True))


LEDGER_HEAD: Final = Table("ledger_head", (), ("origin", "position", "streams"))
EVENT: Final = Table("event", ("position",), ("position", "type", "key", "streams", "data"))
STREAM: Final = Table("stream", ("ordinal",), ("ordinal", "name", "count", "last_position"))
STREAM_EVENT: Final = Table("stream_event", ("ordinal", "seq"), ("ordinal", "seq", "position"))
TILE: Final = Table("tile", ("level", "number"), ("level", "number", "hashes"))
TABLES: Final = (LEDGER_HEAD, EVENT, STREAM, STREAM_EVENT, TILE)


@dataclass(frozen=True, slots=True)
class Property:
    """What a store says of itself beside its rows, what it should say, and what puts it right.

    Without a remedy it is a copy of the store that puts it right.
    """

    name: str
    stored: object
    expected: object
    remedy: str = ""


class TableReader(Protocol):
    """Reads the raw rows of one ledger; every method raises as this class says.

    Raises:
        Busy: `ledger-busy`, when another process kept the store for too long.
        StorageError: `store-damaged`, with the words of the store, when it cannot give the rows;
            `store-failed`, when it does not answer any more.
    """

    def properties(self) -> Sequence[Property]:
        """Return version and kind of the store, and the shape of its tables."""
        ...

    def columns(self) -> Mapping[str, Sequence[str]]:
        """Return the columns of every table, as the store itself reports them."""
        ...

    def unknown(self) -> Sequence[str]:
        """Return what the store holds beside the tables: indexes of others, triggers, views."""
        ...

    def damage(self) -> Sequence[str]:
        """Return what the store finds when it examines itself, its indexes included."""
        ...

    def heads(self) -> Sequence[tuple[int, str, int, int]]:
        """Return (ledger_id, origin, position, streams) of every ledger in the store."""
        ...

    def ledgers(self, table: Table) -> Sequence[int]:
        """Return the ledger ids that the rows of a table have."""
        ...

    def count(self, table: Table) -> int:
        """Return the number of rows of the ledger in a table."""
        ...

    def greatest(self, table: Table, column: str) -> int | None:
        """Return the greatest number in a column, None when there is no row."""
        ...

    def page(
        self, table: Table, after: Key | None, limit: int, *, ledger: int | None = None
    ) -> list[Row]:
        """Return rows after a key, from the first one for None; of another ledger when given."""
        ...

    def matching(self, table: Table, column: str, value: object, limit: int) -> list[Row]:
        """Return rows that have a value in a column; it may read the whole table."""
        ...

    def repeated(self, table: Table, column: str, limit: int) -> list[object]:
        """Return values that more than one row has in a column."""
        ...

    def close(self) -> None:
        """Give back what the reader holds."""
        ...


class TableSource(Protocol):
    """Names a store, in a form that can be sent to another process."""

    @property
    def ledger_id(self) -> int:
        """The number of the ledger."""
        ...

    def open(self, *, snapshot: bool) -> TableReader:
        """Open the store; with `snapshot`, everything is read as of one moment.

        Raises:
            Absent: `no-ledger`, when there is no such store.
            Busy, StorageError: as `TableReader`.
        """
        ...


def every_row(
    reader: TableReader, table: Table, *, after: Key | None = None, ledger: int | None = None
) -> Iterator[Row]:
    """Yield the rows of a table in the order of its key, read page by page."""
    while page := reader.page(table, after, PAGE, ledger=ledger):
        yield from page
        if not table.key:
            return
        after = table.key_of(page[-1])


def page_query(table: Table, mark: str, *, is_first: bool) -> str:
    """Return the statement of a page: ledger, the key after which (unless first), limit."""
    columns, key = ", ".join(table.columns), ", ".join(table.key)
    marks = ", ".join([mark] * len(table.key))
    after = "" if is_first or not key else f" AND ({key}) > ({marks})"
    order = f" ORDER BY {key}" if key else ""
    return (
        f"SELECT {columns} FROM {table.name} WHERE {LEDGER_ID} = {mark}{after}{order} LIMIT {mark}"  # noqa: S608  names of our own tables
    )


def matching_query(table: Table, mark: str, column: str) -> str:
    """Return the statement of rows with a value: ledger, value, limit."""
    columns = ", ".join(table.columns)
    return f"SELECT {columns} FROM {table.name} WHERE {LEDGER_ID} = {mark} AND {column} = {mark} LIMIT {mark}"  # noqa: S608  names of our own tables


def repeated_query(table: Table, mark: str, column: str) -> str:
    """Return the statement of values that stand more than once: ledger, limit."""
    return (
        f"SELECT {column} FROM {table.name} WHERE {LEDGER_ID} = {mark} AND {column} IS NOT NULL"  # noqa: S608  names of our own tables
        f" GROUP BY {column} HAVING count(*) > 1 LIMIT {mark}"
    )


def count_query(table: Table, mark: str) -> str:
    """Return the statement of the number of rows: ledger."""
    return f"SELECT count(*) FROM {table.name} WHERE {LEDGER_ID} = {mark}"  # noqa: S608  our own tables


def greatest_query(table: Table, mark: str, column: str) -> str:
    """Return the statement of the greatest number in a column: ledger."""
    return f"SELECT max({column}) FROM {table.name} WHERE {LEDGER_ID} = {mark}"  # noqa: S608  ours


def next_ledger_query(table: Table, mark: str) -> str:
    """Return the statement of the next larger ledger id: ledger id; null when there is none."""
    return f"SELECT min({LEDGER_ID}) FROM {table.name} WHERE {LEDGER_ID} > {mark}"  # noqa: S608  ours


HEADS_QUERY: Final = (
    "SELECT ledger_id, origin, position, streams FROM ledger_head ORDER BY ledger_id"
)
