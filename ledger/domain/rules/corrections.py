"""Refusals about corrections. Source: DOMAIN section 9.9."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ledger.domain.evolve import fold, withdrawn
from ledger.domain.rules.refusal import Broken, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ledger.domain.dossier import Dossier
    from ledger.domain.event import Event
    from ledger.domain.situation import Situation


@refusal(
    "not-correctable",
    it="La registrazione {item} non si può correggere con questo comando.",
    en="Event {item} cannot be corrected with this command.",
    source="DOMAIN 9.9",
    remedy="",
)
def not_correctable(event: Event, situation: Situation) -> Broken:
    """Refuse to correct nothing, ledger events, observations, exports, and what others may sign."""
    if not event.corrects:
        yield {"item": "(nessuna indicata in «corrects»)"}
    for event_id in event.corrects:
        target = situation.event(event_id)
        if target is None or not target.type.correctable:
            yield {"item": event_id}
        elif event.role not in target.type.by:
            yield {"item": f"{event_id} (ruolo {event.role})"}


@refusal(
    "already-corrected",
    it="La registrazione {item} è già stata corretta.",
    en="Event {item} was already corrected.",
    source="contraddizione con il registro",
    remedy="correct-error/1 sulla correzione",
)
def already_corrected(event: Event, situation: Situation) -> Broken:
    """Refuse a second correction of the same event while the first stands."""
    for event_id in event.corrects:
        target = situation.event(event_id)
        if target is not None and _is_withdrawn(target, situation):
            yield {"item": event_id}


def _is_withdrawn(target: Event, situation: Situation) -> bool:
    return any(target.id in withdrawn(situation.record.history(name)) for name in target.streams)


@refusal(
    "correction-breaks-state",
    it="Senza la registrazione corretta non reggono: {item}. Correggere prima queste.",
    en="Without the corrected event these no longer stand: {item}. Correct them first.",
    source="DOMAIN 9.9",
    remedy="correct-error/1",
)
def correction_breaks_state(event: Event, situation: Situation) -> Broken:
    """Refuse a correction after which what was recorded later could not have been."""
    broken = sorted(set(broken_without(event, situation)))
    if broken:
        yield {"item": ", ".join(broken)}


@dataclass
class _Without:
    """The record as if some events had never been, growing event by event."""

    situation: Situation
    events: list[Event]

    def dossier(self, stream: str) -> Dossier:
        """Return the dossier of a stream from the events admitted so far."""
        return fold(stream, self.history(stream))

    def history(self, stream: str) -> Sequence[Event]:
        """Return the admitted events of a stream."""
        return [event for event in self.events if stream in event.streams]

    def event(self, event_id: str) -> Event | None:
        """Return any event of the real record."""
        return self.situation.event(event_id)


def broken_without(event: Event, situation: Situation) -> Iterator[str]:
    """Yield the later events whose own rules they would break without the corrected ones."""
    standing = _standing(event, situation)
    first = min((e.index for e in standing if e.id in event.corrects), default=None)
    if first is None:
        return
    before = [e for e in standing if e.index < first]
    without = _Without(situation, list(before))
    control = _Without(situation, list(before))
    for later in (e for e in standing if e.index >= first):
        if later.id not in event.corrects:
            if _breaks(later, without) and not _breaks(later, control):
                yield f"{later.type.italian} (n. {later.index})"
            without.events.append(later)
        control.events.append(later)


def _standing(event: Event, situation: Situation) -> list[Event]:
    """Return the uncorrected events of the streams concerned, in order of the log."""
    found: dict[str, Event] = {}
    gone: set[str] = set()
    for name in event.streams:
        history = situation.record.history(name)
        gone |= withdrawn(history)
        found.update({e.id: e for e in history})
    return sorted((e for e in found.values() if e.id not in gone), key=lambda e: e.index)


def _breaks(event: Event, record: _Without) -> bool:
    """Return whether the event breaks a rule of its own type on that record."""
    situation = replace(record.situation, record=record, today=event.received_on)
    from_rules = (found for rule in event.type.refusals for found in rule.check(event, situation))
    registered = all(d.registrations for d in situation.dossiers(event).values())
    is_first = event.type.command == "register-intervention/1"
    return any(True for _ in from_rules) or not (registered or is_first)
