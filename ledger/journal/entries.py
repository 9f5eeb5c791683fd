"""Reading the log in order, page by page, without passing over a row that is missing.

    for index, leaf, envelope in read_entries(recorder, 0, 1291):
        ...

Positions have no gaps, so a row that is not there was lost or removed.

Source: design ARCHITECTURE D4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.journal.missing import row_missing, whole
from ledger.journal.row import unpack

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eventsourcing.dcb.api import DCBSequencedEvent

    from ledger.journal.recorder import JournalRecorder

_PAGE: Final = 500


def read_rows(recorder: JournalRecorder, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
    """Yield (index, data of the row) from `start` to before `stop`, or to the end of the log.

    Raises:
        StorageError: when a row is missing before the end (`row-missing`).
    """
    while start < stop and (page := _page(recorder, start, min(_PAGE, stop - start))):
        for row in page:
            if row.position != start + 1:
                raise row_missing(start)
            yield start, row.event.data
            start += 1


def _page(recorder: JournalRecorder, start: int, limit: int) -> Sequence[DCBSequencedEvent]:
    """Return rows, none at the end of the log; a log that has just grown is asked once more.

    Raises:
        StorageError: when there is none though the log goes on (`row-missing`).
    """
    page = recorder.rows(start, limit)
    if not page and start < recorder.head().position:
        page = recorder.rows(start, limit)
        if not page:
            raise row_missing(start)
    return page


def read_rows_at(recorder: JournalRecorder, indexes: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """Yield (index, data of the row) of these indexes, which ascend.

    Raises:
        StorageError: when a row is missing (`row-missing`).
    """
    for at in range(0, len(indexes), _PAGE):
        wanted = [index + 1 for index in indexes[at : at + _PAGE]]
        for row in whole(recorder.rows_at(wanted), wanted):
            yield row.position - 1, row.event.data


def read_entries(
    recorder: JournalRecorder, start: int, stop: int
) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield (index, leaf, envelope) from `start` to before `stop`, or to the end of the log.

    Raises:
        StorageError: when a row is missing before the end (`row-missing`).
        Unreadable: when a row ends before its leaf does (`row-unreadable`).
    """
    return ((index, *unpack(data)) for index, data in read_rows(recorder, start, stop))


def read_entries_at(
    recorder: JournalRecorder, indexes: Sequence[int]
) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield (index, leaf, envelope) of these indexes, which ascend; raises as `read_entries`."""
    return ((index, *unpack(data)) for index, data in read_rows_at(recorder, indexes))
