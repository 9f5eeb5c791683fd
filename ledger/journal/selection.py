"""DCB queries over a recorder: which rows match, read in pages while they are taken.

    DCBQuery()                                              every row
    DCBQuery([DCBQueryItem(types=["a/1"])])                 rows of that type; scans
    DCBQuery([DCBQueryItem(tags=["cup/C8...", "act/..."])]) rows in both; the shorter is read

A row matches a query when it matches one of its items; an item when the row has one of its types
(or it names none) and all of its tags. A log is never fetched whole: a page has 500 rows. A row that
is not where the head says it is (lost, or not yet on the replica that is asked) raises, and is never
passed over; asking again goes on where it was.

Source: eventsourcing 9.5, eventsourcing.dcb.api.
"""

from __future__ import annotations

import bisect
import heapq
import itertools
from typing import TYPE_CHECKING, Final

from eventsourcing.dcb.api import (
    DCBEvent,
    DCBQuery,
    DCBReadResponse,
    DCBSequencedEvent,
)
from typing_extensions import override

from ledger.journal.missing import whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from ledger.journal.store import StoreReader

    Lend = Callable[[], AbstractContextManager[StoreReader]]

PAGE_ROWS: Final = 500


class RecordedEvents(DCBReadResponse):
    """The answer to a read: an iterator of rows that knows the head."""

    def __init__(
        self, rows: Iterator[DCBSequencedEvent], head: int | None, limit: int | None
    ) -> None:
        """Keep the rows to come and the last position of the ledger at the time of the call."""
        self._rows = rows
        self._head = head if limit is None else None
        self._is_limited = limit is not None

    @property
    @override
    def head(self) -> int | None:
        """The last position of the ledger; with a limit, that of the last row taken."""
        return self._head

    @override
    def __next__(self) -> DCBSequencedEvent:
        """Return the next row."""
        row = next(self._rows)
        if self._is_limited:
            self._head = row.position
        return row


def is_match(query: DCBQuery, event: DCBEvent) -> bool:
    """Tell whether a row matches; a query without items matches every row."""
    tags = set(event.tags)
    return not query.items or any(
        (not item.types or event.type in item.types) and tags.issuperset(item.tags)
        for item in query.items
    )


def select(
    lend: Lend, query: DCBQuery, after: int, upto: int, limit: int | None
) -> Iterator[DCBSequencedEvent]:
    """Return matching rows with after < position <= upto, ascending, at most `limit` of them.

    `lend` gives a reader for one page at a time, so that a slow consumer holds none.

    Raises:
        StorageError: while they are taken, when a row is missing (`row-missing`).
    """
    if query.items and all(item.tags for item in query.items):
        pages = _pages_of_streams(lend, query, after, upto)
    else:
        pages = _pages_of_log(lend, after, upto)
    rows = (row for page in pages for row in page if is_match(query, row.event))
    return itertools.islice(rows, limit)


def _pages_of_log(lend: Lend, after: int, upto: int) -> Iterator[Sequence[DCBSequencedEvent]]:
    while after < upto:
        wanted = range(after + 1, min(after + PAGE_ROWS, upto) + 1)
        with lend() as store:
            page = store.rows(after, len(wanted))
        yield whole(page, wanted)
        after = wanted[-1]


def _pages_of_streams(
    lend: Lend, query: DCBQuery, after: int, upto: int
) -> Iterator[Sequence[DCBSequencedEvent]]:
    """Yield the rows of, for each item, the shortest of its streams, merged and each once."""
    merged = heapq.merge(*(_positions(lend, item.tags, after) for item in query.items))
    once = (position for position, _ in itertools.groupby(merged))
    positions = itertools.takewhile(lambda position: position <= upto, once)
    while chunk := list(itertools.islice(positions, PAGE_ROWS)):
        with lend() as store:
            page = store.rows_at(chunk)
        yield whole(page, chunk)


def _positions(lend: Lend, tags: Sequence[str], after: int) -> Iterator[int]:
    """Yield positions after `after` in the shortest of the streams; none when one is unknown."""
    with lend() as store:
        known = [head for head in map(store.stream, tags) if head is not None]
        if len(known) < len(tags):
            return
        shortest = min(known, key=lambda head: head.count)
        seq = bisect.bisect_right(
            range(shortest.count),
            after,
            key=lambda place: store.places(shortest.ordinal, place, 1)[0],
        )
    while seq < shortest.count:
        with lend() as store:
            page = store.places(shortest.ordinal, seq, min(PAGE_ROWS, shortest.count - seq))
        yield from page
        seq += len(page)
