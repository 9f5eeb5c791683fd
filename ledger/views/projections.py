"""What a batch of events changes in the views.

Every touched CUP and act is folded once a batch, whatever the number of its events.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ledger.domain.days import format_date, legal_day
from ledger.domain.identifiers import Measure
from ledger.domain.sentences import sentence
from ledger.domain.shapes import shape_of
from ledger.domain.statement import InterventionState, state
from ledger.domain.texts import format_instant
from ledger.signing.canonical import encode
from ledger.views.store import ActRow, Changes, InterventionRow, TimelineRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from ledger.domain.dossier import Dossier
    from ledger.domain.event import Event
    from ledger.domain.law import Law
    from ledger.views.histories import Histories


def project(
    events: Sequence[Event], histories: Histories, law: Law, *, later: Collection[str] = ()
) -> Changes:
    """Return the changes of a batch; `histories` follows the journal to its end.

    The rows of the streams in `later` are left to a batch that follows at once.
    """
    touched = sorted({name for event in events for name in event.streams})
    registered = {key: _act(*histories.end(f"act/{key}")) for key in _keys("act/", touched, later)}
    rows = {
        cup: _intervention(*histories.end(f"cup/{cup}"), law)
        for cup in _keys("cup/", touched, later)
    }
    # Last, so that of all that was read it is kept for the batch that needs it again.
    for name in touched:
        if name in later:
            histories.follow(name)
    return Changes(
        interventions=[row for row in rows.values() if row is not None],
        timeline=_timelines(events, histories),
        acts=[row for row in registered.values() if row is not None],
        withdrawn_cups=[cup for cup, row in rows.items() if row is None],
        withdrawn_acts=[key for key, row in registered.items() if row is None],
    )


def _keys(prefix: str, touched: Sequence[str], later: Collection[str]) -> list[str]:
    """Return what follows the prefix in the names of the streams whose rows are made now."""
    return [
        name.removeprefix(prefix)
        for name in touched
        if name.startswith(prefix) and name not in later
    ]


def _timelines(events: Sequence[Event], histories: Histories) -> list[TimelineRow]:
    """Return the rows of the events, and those of earlier ones that are erased, in other words."""
    rows = {(row.stream, row.index): row for event in events for row in _timeline(event)}
    for event in events:
        for place in sorted(event.data.erased_places):
            placed = histories.placed(place)
            if placed is not None and placed.event is not None:
                told = f"Registrazione cancellata secondo legge (n. {event.index})"
                for row in _timeline(placed.event):
                    rows[row.stream, row.index] = replace(row, sentence=told)
    return list(rows.values())


def _timeline(event: Event) -> list[TimelineRow]:
    occurred_on = None if event.occurred_on is None else format_date(event.occurred_on)
    received_at, told = format_instant(event.received_at), sentence(event)
    return [
        TimelineRow(
            stream=name,
            index=event.index,
            event=event.id,
            type=event.type.name,
            received_at=received_at,
            occurred_on=occurred_on,
            actor=event.actor,
            role=event.role,
            sentence=told,
        )
        for name in event.streams
    ]


def _intervention(dossier: Dossier, last: Event | None, law: Law) -> InterventionRow | None:
    """Return the row of a CUP, as true and known at its last event; None without registration."""
    if last is None or not dossier.registrations:
        return None
    seen = state(
        dossier,
        as_of=legal_day(last.received_at),
        known_at=last.index + 1,
        known_at_time=last.received_at,
        law=law,
    )
    told = seen.parts or (seen,)
    return InterventionRow(
        cup=seen.cup,
        title=" / ".join(one.title for one in seen.interventions),
        measure=_words(Measure.parse(one.measure).key for one in seen.interventions) or "",
        phase=_words(one.phase.phase for one in told if one.phase),
        national=_words(one.national_state.state for one in told if one.national_state),
        funding=seen.funding.importo_finanziato,
        registrations=seen.registrations,
        last_index=last.index,
        state=encode(shape_of(InterventionState).told(seen)),
    )


def _words(found: Iterable[str]) -> str | None:
    """Return each value once, separated by blanks; None without any."""
    return " ".join(dict.fromkeys(found)) or None


def _act(dossier: Dossier, _: Event | None) -> ActRow | None:
    """Return the row of the act whose stream it is; None when its registration was withdrawn."""
    act = dossier.acts.get(dossier.stream[len("act/") :])
    if act is None:
        return None
    return ActRow(
        key=act.key,
        kind=act.kind,
        adopted_on=format_date(act.adopted_on),
        subject=act.subject,
        cups=" ".join(link.cup for link in act.links),
        last_index=dossier.last_index,
    )
