"""State at a legal date, as known at a time or at a place in the log.

    replay(journal, cup, law, as_of=date(2023, 6, 30))               what was true that day, known now
    replay(journal, cup, law, known_at=412)                          what the first 412 leaves say
    known_size(journal, datetime(...))                               the leaves received until then

`law` is that of the ledger (ledger.views.adopted), of which what stood at that place counts.
The two questions are independent: `as_of` leaves out facts with a later legal date, `known_at`
leaves out what was registered later. Source: D11; EXPERIENCE rule 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.domain.days import legal_day
from ledger.domain.evolve import fold
from ledger.domain.statement import InterventionState, state
from ledger.domain.stream_names import cup_stream
from ledger.errors import Absent
from ledger.journal.leaf import EventLeaf, parse_leaf
from ledger.views.accepted import read_events

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from ledger.domain.event import Event
    from ledger.domain.law import Law
    from ledger.journal.journal import Journal


@dataclass(frozen=True, slots=True)
class Replay:
    """The state then, and the events of the stream that arrived later."""

    state: InterventionState
    later: tuple[Event, ...]


def read_history(journal: Journal, stream: str, size: int | None = None) -> list[Event]:
    """Return the events of a stream among the first `size` leaves, all when None.

    What was erased since is left out, also of what was known before the erasure.
    """
    found = read_events(journal, journal.stream_indexes(stream))
    events = [event for _, event in found if event is not None]
    erased = frozenset(place for event in events for place in event.data.erased_places)
    return [
        event
        for event in events
        if event.index not in erased and (size is None or event.index < size)
    ]


def replay(
    journal: Journal,
    cup: str,
    law: Law,
    *,
    as_of: date | None = None,
    known_at: int | None = None,
) -> Replay:
    """Return the state of a CUP; both default to the head of the log.

    Raises:
        Absent: `no-such-cup`, when the log has no event of it; with the way to list those it has.
    """
    stream = cup_stream(cup)
    every = read_history(journal, stream)
    if not every:
        raise Absent(
            "no-such-cup",
            f"Il registro {journal.origin} non ha registrazioni del CUP {cup}:"
            " `pista intervention list` elenca quelli che ha.",
        )
    size = journal.size if known_at is None else min(known_at, journal.size)
    known = [event for event in every if event.index < size]
    later = tuple(event for event in every if event.index >= size)
    head = head_time(journal, size) or every[0].received_at
    day = as_of or legal_day(head)
    seen = state(
        fold(stream, known, as_of=as_of),
        as_of=day,
        known_at=size,
        known_at_time=known[-1].received_at if known else None,
        law=law,
    )
    return Replay(seen, later)


def head_time(journal: Journal, size: int) -> datetime | None:
    """Return `received_at` of the last event among the first `size` leaves."""
    for index in range(size - 1, -1, -1):
        leaf = parse_leaf(journal.leaf(index))
        if isinstance(leaf, EventLeaf):
            return leaf.received_at
    return None


def known_size(journal: Journal, at: datetime) -> int:
    """Return the number of leaves received until a time, by bisection of the rising times."""
    low, high = 0, journal.size
    while low < high:
        middle = (low + high) // 2
        time = head_time(journal, middle + 1)
        if time is not None and time > at:
            high = middle
        else:
            low = middle + 1
    return low


def later_than(events: Sequence[Event], day: date) -> list[Event]:
    """Return the events received after a legal day: what arrived later (EXPERIENCE A2)."""
    return [event for event in events if event.received_on > day]
