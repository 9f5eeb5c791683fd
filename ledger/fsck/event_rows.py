"""The rows of the log in order, whatever is missing, in excess or unreadable among them.

    for position, row in event_rows(reader, 1291): ...       row is None where there is none

A page that the store cannot give is read again row by row, so that one damaged place does not hide
the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.errors import Busy, StorageError
from ledger.journal.tables import EVENT, PAGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.journal.tables import Row, TableReader

_MOST_FAILURES: Final = 64


def event_rows(reader: TableReader) -> Iterator[tuple[int, Row | str]]:
    """Yield (position, row) in order; in place of a row that cannot be read, what the store says."""
    after, failures = -(2**62), 0
    while True:
        try:
            page = reader.page(EVENT, (after,), PAGE)
        except Busy:
            raise
        except StorageError:
            failures += 1
            if failures > _MOST_FAILURES:
                raise
            after = max(after, 0)
            yield from _one_by_one(reader, after)
            after += PAGE
            continue
        if not page:
            return
        yield from ((row[0], row) for row in page)
        after = page[-1][0]


def _one_by_one(reader: TableReader, after: int) -> Iterator[tuple[int, Row | str]]:
    for position in range(after + 1, after + 1 + PAGE):
        try:
            for row in reader.matching(EVENT, "position", position, 1):
                yield position, row
        except Busy:
            raise
        except StorageError as error:
            yield position, error.sentence
