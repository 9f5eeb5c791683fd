"""What changed on a CUP between two points: each field with before, after, and which event did it.

    known(history, law, (412, 700), as_of)     what became known between two places in the log
    legal(history, law, (day, day), size)      what became true between two legal days

Along the log, events are taken one after the other and each change is of the event after which it is
there; among them are the adoptions of the ledger, since a setting that took force changes what is found
on every CUP. Along the law's calendar, what changes from one day to the next without a fact of that day (a
term that ran out, an enforceability that came) is of no event; what the facts of a day change is
theirs. A field that changed more than once is told once, with the last that changed it.

Source: EXPERIENCE section 3 (`diff`); DOMAIN section 12, question 2; D11.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from ledger.domain.changes import Change, changes
from ledger.domain.evolve import evolve, fold
from ledger.domain.shapes import shape_of
from ledger.domain.statement import InterventionState, state

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ledger.domain.dossier import Dossier
    from ledger.domain.event import Event
    from ledger.domain.law import Law

Told = dict[str, Any]
Step = tuple[tuple["Event", ...], Told]  # the events of a step, and the state after them
Taken = tuple[
    int, "Event | None", "Event | None"
]  # a leaf: event of the stream, what it put in force
NOTHING_ADOPTED: Final[Mapping[int, Event]] = {}


@dataclass(frozen=True, slots=True)
class Attributed:
    """One field that changed, and the events that changed it last; none where time alone did."""

    change: Change
    events: tuple[Event, ...]


def known(  # noqa: PLR0913  what is compared, by what law, and who changed it
    stream: str,
    history: Sequence[Event],
    law: Law,
    places: tuple[int, int],
    as_of: date,
    *,
    adoptions: Mapping[int, Event] = NOTHING_ADOPTED,
) -> list[Attributed]:
    """Return what became known of a legal day between two numbers of leaves.

    `history` is the whole stream, in order of the log; `adoptions` are what the ledger adopted, by the
    leaf with which each took force. An earlier place may come second.
    """
    start, end = sorted(places)
    before = [event for event in history if event.index < start]
    dossier = fold(stream, before, as_of=as_of)
    of_stream = {event.index: event for event in history}
    between = [place for place in sorted({*of_stream, *adoptions}) if start <= place < end]
    taken = ((place, of_stream.get(place), adoptions.get(place)) for place in between)
    steps = _along_log(dossier, before, taken, law, (as_of, end))
    first = _told(dossier, law, as_of, start)
    return _attributed(first, steps, is_backwards=places[0] > places[1])


def legal(
    stream: str, history: Sequence[Event], law: Law, days: tuple[date, date], size: int
) -> list[Attributed]:
    """Return what became true between two legal days, as known in the first `size` leaves."""
    start, end = sorted(days)
    seen = [event for event in history if event.index < size]
    first = _told(fold(stream, seen, as_of=start), law, start, size)
    steps = _along_days(stream, seen, law, (start, end), size)
    return _attributed(first, steps, is_backwards=days[0] > days[1])


def _along_log(
    dossier: Dossier,
    before: list[Event],
    between: Iterable[Taken],
    law: Law,
    until: tuple[date, int],
) -> Iterator[Step]:
    """Yield the state after each event, and that of the end, which is by the law of the end.

    A correction changes the past, so the fold starts anew.
    """
    stream, seen = dossier.stream, list(before)
    as_of, end = until
    for place, event, adoption in between:
        if event is not None:
            seen.append(event)
            if event.changes_the_past:
                dossier = fold(stream, seen, as_of=as_of)
            else:
                dossier = evolve(dossier, event, as_of=as_of)
        authors = tuple(one for one in (event, adoption) if one is not None)
        yield authors, _told(dossier, law, as_of, place + 1)
    yield (), _told(dossier, law, as_of, end)


def _along_days(
    stream: str, seen: Sequence[Event], law: Law, days: tuple[date, date], size: int
) -> Iterator[Step]:
    """Yield the state at the dawn of each day with facts, and after them; at last that of the end."""
    start, end = days
    facts = [event for event in seen if event.occurred_on and start < event.occurred_on <= end]
    for day in sorted({event.day for event in facts}):
        yield (), _told(fold(stream, seen, as_of=day - timedelta(days=1)), law, day, size)
        of_day = tuple(event for event in facts if event.day == day)
        yield of_day, _told(fold(stream, seen, as_of=day), law, day, size)
    yield (), _told(fold(stream, seen, as_of=end), law, end, size)


def _attributed(first: Told, steps: Iterator[Step], *, is_backwards: bool) -> list[Attributed]:
    """Return what differs between the first and the last state, each with what changed it last."""
    authors: dict[str, tuple[Event, ...]] = {}
    last = first
    for events, told in steps:
        authors |= {change.where.identity: events for change in changes(last, told)}
        last = told
    net = changes(last, first) if is_backwards else changes(first, last)
    return [Attributed(change, _authors_of(change.where.identity, authors)) for change in net]


def _authors_of(place: str, authors: dict[str, tuple[Event, ...]]) -> tuple[Event, ...]:
    """Return who changed a place: itself, else what it is in, else the last that is in it."""
    above = place
    while above:
        if above in authors:
            return authors[above]
        above = above.rpartition("/")[0]
    inside = [events for name, events in authors.items() if name.startswith(f"{place}/")]
    return inside[-1] if inside else ()


def _told(dossier: Dossier, law: Law, day: date, size: int) -> Told:
    seen = state(dossier, as_of=day, known_at=size, known_at_time=None, law=law)
    return shape_of(InterventionState).told(seen)
