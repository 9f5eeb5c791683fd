"""The rows of a table, against those that follow from the log, key by key and column by column.

    for found in compare_table(reader, STREAM, ends.rows(), strangers): ...

Both come in the order of the key. A row that is missing and one that is in excess are told as one
where they agree in all columns but one: then that column was changed, though it is part of the key.
A value that is not known is None in what is expected, and fits everything.

Source: design FORMATS section 8, first row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.errors import Busy, StorageError
from ledger.fsck.finding import RESTORE, Finding, differs, missing, surplus
from ledger.journal.tables import every_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ledger.fsck.strangers import Strangers
    from ledger.journal.tables import Key, Row, Table, TableReader

    Like = Callable[[Table, Key], Row | None]

_MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class How:
    """How findings are told: what is before the name of a table, the remedy, what is shown.

    With `has_null`, None in what is expected is a value like others.
    """

    prefix: str = ""
    remedy: str = RESTORE
    shown: Callable[[object], object] = lambda value: value
    has_null: bool = False

    def named(self, table: Table) -> str:
        """Return the name by which a table is told."""
        return f"{self.prefix}{table.name}"


PLAINLY: Final = How()


def compare_table(
    reader: TableReader, table: Table, expected: Iterator[Row], strangers: Strangers
) -> Iterator[Finding]:
    """Yield what differs; a table that cannot be read to its end is one finding more."""
    try:
        yield from compare_rows(table, every_row(reader, table), expected, strangers.like)
    except Busy:
        raise
    except StorageError as error:
        yield Finding(error.code, error.sentence, table.name)


def compare_rows(
    table: Table, stored: Iterator[Row], expected: Iterator[Row], like: Like, how: How = PLAINLY
) -> Iterator[Finding]:
    """Yield what differs between two sequences of rows, each in the order of the key."""
    lacking: list[Row] = []
    extra: list[Row] = []
    for found, wanted in _joined(table, stored, expected):
        if wanted is None and found is not None:
            extra.append(found)
        elif found is None and wanted is not None:
            lacking.append(wanted)
        elif found is not None and wanted is not None and found != wanted:
            yield from _columns(table, found, wanted, how)
        if len(extra) + len(lacking) > _MOST:
            break
    yield from _unmatched(table, lacking, extra, like, how)


def _joined(
    table: Table, stored: Iterator[Row], expected: Iterator[Row]
) -> Iterator[tuple[Row | None, Row | None]]:
    """Yield (stored, expected) by key; None for the one that is not there."""
    left, right = next(stored, None), next(expected, None)
    while left is not None or right is not None:
        mine = None if left is None else table.key_of(left)
        other = None if right is None else table.key_of(right)
        if mine == other:
            yield left, right
            left, right = next(stored, None), next(expected, None)
        elif other is None or (mine is not None and mine < other):
            yield left, None
            left = next(stored, None)
        else:
            yield None, right
            right = next(expected, None)


def _columns(table: Table, found: Row, wanted: Row, how: How) -> Iterator[Finding]:
    named = table.named(wanted) or "head"
    for column, stored, expected in zip(table.columns, found, wanted, strict=True):
        if expected is not None and stored != expected:
            values = how.shown(stored), how.shown(expected)
            yield differs(how.named(table), named, column, *values, remedy=how.remedy)
        elif expected is None and stored is not None and how.has_null:
            values = how.shown(stored), None
            yield differs(how.named(table), named, column, *values, remedy=how.remedy)


def _unmatched(
    table: Table, lacking: list[Row], extra: list[Row], like: Like, how: How
) -> Iterator[Finding]:
    """Tell of rows without a partner, in pairs where one column makes the difference."""
    partners = _Partners(table, extra)
    for wanted in lacking:
        if like(table, table.key_of(wanted)) is not None:
            continue
        partner = partners.take(wanted)
        if partner is None:
            yield missing(*_described(table, wanted, how), remedy=how.remedy)
        else:
            yield from _columns(table, partner, wanted, how)
    for row in partners.left():
        yield surplus(*_described(table, row, how), remedy=how.remedy)


class _Partners:
    """Rows in excess, found by all columns but one of the key."""

    def __init__(self, table: Table, rows: list[Row]) -> None:
        self._key = [table.columns.index(name) for name in table.key]
        self._rows = dict(enumerate(rows))
        self._found: dict[tuple[int, ...], dict[tuple[object, ...], int]] = {}

    def take(self, wanted: Row) -> Row | None:
        """Return a row that differs in one column of the key alone; each is given once."""
        known = [at for at, value in enumerate(wanted) if value is not None or at in self._key]
        for left_out in self._key:
            columns = tuple(at for at in known if at != left_out)
            number = self._by(columns).get(tuple(wanted[at] for at in columns))
            if number in self._rows:
                return self._rows.pop(number)
        return None

    def left(self) -> Iterable[Row]:
        """Return the rows that were not given."""
        return self._rows.values()

    def _by(self, columns: tuple[int, ...]) -> dict[tuple[object, ...], int]:
        if columns not in self._found:
            self._found[columns] = {
                tuple(row[at] for at in columns): number for number, row in self._rows.items()
            }
        return self._found[columns]


def _described(table: Table, row: Row, how: How) -> tuple[str, str, str]:
    """Return table, key and the column that a row which is there or not is told by."""
    column = table.key[-1] if table.key else table.columns[0]
    return how.named(table), table.named(row) or "head", column
