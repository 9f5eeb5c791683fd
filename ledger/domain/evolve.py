"""(state, event) -> state, and the fold of a whole stream.

    fold(stream, events)                      the dossier now
    fold(stream, events, as_of=day)           as true on a legal day
    fold(stream, events up to an index)       as known then; the caller cuts the list

A correction withdraws events from the state from its own place on: whoever folds a list that ends
before it sees them as they were. A correction that is itself corrected withdraws nothing. What was
recorded in error was never true, so corrections hold for every legal day; so do an annulment, a
nullity and a validation of an act, which hold from its first day. An event whose envelope was erased
leaves the state as a corrected one does, be its bytes still there or not. Which interventions a CUP has,
and by what they are chosen, is known whatever the legal day: see ledger.domain.shared.
Source: DOMAIN section 9.9 and D11; FORMATS section 5.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from ledger.domain.altered import altered
from ledger.domain.documents import EVIDENCE, PERSON_TYPE, Document, PersonContent
from ledger.domain.dossier import Dossier
from ledger.domain.files import FileName
from ledger.domain.oversight import LateRegistration, TextToClear
from ledger.domain.personal_texts import kinds_of, personal_texts
from ledger.domain.selection import acts_of
from ledger.domain.shared import met, opened, told

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from ledger.domain.event import Event
    from ledger.domain.personal_texts import PersonalText

LATE_AFTER_DAYS = 30


def evolve(dossier: Dossier, event: Event, *, as_of: date | None = None) -> Dossier:
    """Return the dossier after one event of its stream that changes nothing of the past."""
    after = _after(dossier, event, as_of)
    return altered(after, count=dossier.count + 1, last_index=event.index)


def fold(stream: str, events: Iterable[Event], *, as_of: date | None = None) -> Dossier:
    """Return the dossier of a stream after all its events, in order of the log."""
    history = list(events)
    gone = withdrawn(history)
    dossier = Dossier(stream)
    for event in history:
        is_gone = event.id in gone
        dossier = met(dossier, event) if is_gone else _after(dossier, event, as_of)
    last_index = history[-1].index if history else dossier.last_index
    return altered(dossier, count=len(history), last_index=last_index)


def _after(dossier: Dossier, event: Event, as_of: date | None) -> Dossier:
    """Return the dossier after an event; of a fact of a later day it knows whom it is about."""
    if _is_later(event, as_of):
        return _identified(met(dossier, event), event)
    return _told(dossier, event)


def _is_later(event: Event, as_of: date | None) -> bool:
    """Return whether a fact is of a later legal day; what holds ex tunc holds for every day."""
    if as_of is None or event.occurred_on is None or event.data.holds_for_every_day:
        return False
    return event.occurred_on > as_of


def withdrawn(history: Sequence[Event]) -> frozenset[str]:
    """Return the ids of the events that stand corrected, or were erased, at the end of this history."""
    erased = {place for event in history for place in event.data.erased_places}
    gone = {event.id for event in history if event.index in erased} if erased else set()
    for event in reversed(history):
        if event.corrects and event.id not in gone and event.type.corrects_others:
            gone.update(event.corrects)
    return frozenset(gone)


def _told(dossier: Dossier, event: Event) -> Dossier:
    """Return the dossier with what the event says; its count is left to the caller."""
    if event.data.registers:
        dossier = _identified(dossier, event)
    after = told(dossier, event, _told_to) if dossier.parts else _told_to(dossier, event)
    return after if event.data.registers else _identified(after, event)


def _identified(dossier: Dossier, event: Event) -> Dossier:
    """Return the dossier that knows which interventions its CUP has, also those of a later day."""
    data = event.data.newest()
    if dossier.cup is None or not data.identifies:
        return dossier
    known = altered(dossier, registered=data.identified(dossier, event))
    is_another = data.registers and dossier.registered
    return opened(known, event.index) if is_another else known


def _told_to(dossier: Dossier, event: Event) -> Dossier:
    after: Dossier = event.data.newest().evolve(dossier, event)
    if event.objects:
        after = _with_evidence(after, event)
    if event.occurred_on is not None and event.days_late > LATE_AFTER_DAYS:
        after = _noted_late(after, event)
    places = personal_texts(event)
    if places:
        after = _noted_personal(after, event, places)
    met = acts_of(event) if after.cup is not None else after.acts_met
    return after if met <= after.acts_met else altered(after, acts_met=after.acts_met | met)


def _with_evidence(dossier: Dossier, event: Event) -> Dossier:
    """Return the dossier with each file that the event brings and did not list by itself."""
    if dossier.cup is None or event.occurred_on is None:
        return dossier
    # Files stand in order of the log: those of this event are the last ones.
    newest = takewhile(lambda file: file.index == event.index, reversed(dossier.documents.files))
    listed = {file.name for file in newest}
    for ref in event.objects:
        if ref.media_type == PERSON_TYPE:
            person = PersonContent(name=ref.name, commit=ref.commit, index=event.index)
            dossier = altered(dossier, documents=dossier.documents.brought(person))
        elif ref.name not in listed:
            file = Document(
                name=FileName(ref.name),
                kind=EVIDENCE,
                commit=ref.commit,
                size_bytes=ref.size_bytes,
                media_type=ref.media_type,
                on=event.day,
                index=event.index,
            )
            dossier = altered(dossier, documents=dossier.documents.attached(file))
    return dossier


def _noted_late(dossier: Dossier, event: Event) -> Dossier:
    late = LateRegistration(
        index=event.index,
        type=event.type.name,
        what=event.type.italian,
        on=event.day,
        days_late=event.days_late,
    )
    return altered(
        dossier, oversight=altered(dossier.oversight, late=(*dossier.oversight.late, late))
    )


def _noted_personal(dossier: Dossier, event: Event, places: Sequence[PersonalText]) -> Dossier:
    text = TextToClear(
        index=event.index,
        pointers=tuple(place.pointer for place in places),
        kinds=kinds_of(places),
    )
    texts = (*dossier.oversight.personal_texts, text)
    return altered(dossier, oversight=altered(dossier.oversight, personal_texts=texts))
