"""Events read from the journal for views and replay: accepted before, and read page by page.

    for index, event in read_events(journal, journal.stream_indexes("cup/C8...")):
        ...                     event is None for a heads leaf or an erased envelope

What the journal holds was parsed strictly and verified when it was appended; here it is only decoded.
Whether it is still what was appended is the question of `pista fsck` and of every verification.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.journal.leaf import received_at_of
from ledger.journal.row import unpack, unpack_leaf, unpack_payload
from ledger.records import read_accepted, read_event
from ledger.signing.envelope import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ledger.domain.event import Event
    from ledger.journal.journal import Journal


def read_recorded(journal: Journal, index: int) -> Event | None:
    """Return the event at a leaf index, None for a heads leaf or an erased envelope."""
    ((_, event),) = read_events(journal, [index])
    return event


def read_events(journal: Journal, indexes: Sequence[int]) -> Iterator[tuple[int, Event | None]]:
    """Yield (index, event) of these leaf indexes, which ascend.

    Raises:
        StorageError: when a row is missing (`row-missing`).
        Unreadable: when a row is damaged.
    """
    return ((index, _event(index, data)) for index, data in journal.rows_of(indexes))


def read_log(journal: Journal, start: int, stop: int) -> Iterator[tuple[int, Event | None]]:
    """Yield (index, event) of all leaves from `start` to before `stop`; raises as `read_events`."""
    return ((index, _event(index, data)) for index, data in journal.rows(start, stop))


def _event(index: int, data: bytes) -> Event | None:
    received_at = received_at_of(unpack_leaf(data))
    if received_at is None:
        return None
    payload = unpack_payload(data)
    if payload is not None:
        return read_accepted(payload, index, received_at)
    _, raw = unpack(data)
    return read_event(parse(raw), index, received_at) if raw else None
