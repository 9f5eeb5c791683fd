"""Refusals about corrections. Source: DOMAIN section 9.9."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ledger.domain.chain import as_told_first
from ledger.domain.dossier import Dossier
from ledger.domain.evolve import evolve, fold, withdrawn
from ledger.domain.rules.authority import signers
from ledger.domain.rules.common import intervention_ambiguous, unregistered
from ledger.domain.rules.refusal import Broken, refusal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from ledger.domain.event import Event
    from ledger.domain.joins import Placed
    from ledger.domain.situation import Record, Situation


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
        elif not _may_correct(event.role, target, situation):
            yield {"item": f"{event_id} (ruolo {event.role})"}


def _may_correct(role: str | None, target: Event, situation: Situation) -> bool:
    """Return whether the role may sign the corrected type; of a correction, what that corrected."""
    if not target.type.corrects_others:
        return role in signers(target.type, situation.law, situation.today)
    corrected = [situation.event(event_id) for event_id in target.corrects]
    return all(found and _may_correct(role, found, situation) for found in corrected)


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
    broken = list(broken_without(event, situation))
    if broken:
        yield {"item": ", ".join(broken)}


class _World:
    """The record up to a place in the log, as if some events had never been.

    The place only moves on (`to`), and each dossier goes on from where it was: so that the events of a
    long stream are told once, not once for each of them.
    """

    def __init__(self, record: Record, gone: frozenset[str]) -> None:
        """Begin before the first event."""
        self._record = record
        self._gone = gone
        self._before = 0
        self._told: dict[str, _Told] = {}

    def to(self, before: int) -> _World:
        """Go on to a place in the log."""
        self._before = before
        return self

    def dossier(self, stream: str) -> Dossier:
        """Return the dossier of a stream at this place."""
        return self._at_place(stream).dossier

    def history(self, stream: str) -> Sequence[Event]:
        """Return the events of a stream that stand at this place."""
        told = self._at_place(stream)
        return told.events[: told.count]

    def event(self, event_id: str) -> Event | None:
        """Return any event of the real record."""
        return self._record.event(event_id)

    def root_at(self, size: int) -> str | None:
        """Return the root of the real log."""
        return self._record.root_at(size)

    def naming(self, commits: Collection[str]) -> Sequence[Event]:
        """Return the events of the real record that name one of these contents."""
        return self._record.naming(commits)

    def placed(self, index: int) -> Placed | None:
        """Return what stands at a leaf of the real log."""
        return self._record.placed(index)

    def _at_place(self, stream: str) -> _Told:
        told = self._told.get(stream)
        if told is None:
            stands = [e for e in self._record.history(stream) if e.id not in self._gone]
            told = self._told[stream] = _Told(stands, Dossier(stream))
        told.go_on(self._before, self._gone)
        return told


@dataclass
class _Told:
    """The dossier of a stream after the first `count` of its events."""

    events: Sequence[Event]
    dossier: Dossier
    count: int = 0

    def go_on(self, before: int, gone: frozenset[str]) -> None:
        """Tell the events before a place; from the first one again when they correct others."""
        start = self.count
        while self.count < len(self.events) and self.events[self.count].index < before:
            self.count += 1
        new = self.events[start : self.count]
        if any(
            e.changes_the_past and not (e.corrects and gone.issuperset(e.corrects)) for e in new
        ):
            self.dossier = fold(self.dossier.stream, self.events[: self.count])
            return
        for event in new:
            self.dossier = evolve(self.dossier, event)


def broken_without(event: Event, situation: Situation) -> Iterator[str]:
    """Yield what the correction leaves without ground: what it takes from, what it gives back.

    Every event that stands after the correction is judged again, at its own place, in the record as
    the correction leaves it; what breaks there and did not break before is named.
    """
    history = _merged(event.streams, situation)
    gone, gone_after = withdrawn(history), withdrawn([*history, event])
    first = min((e.index for e in history if e.id in gone ^ gone_after), default=None)
    if first is None:
        return
    before, after = _World(situation.record, gone), _World(situation.record, gone_after)
    for later in (e for e in history if e.index >= first and e.id not in gone_after):
        if not _breaks(later, after.to(later.index), situation):
            continue
        if later.id in gone or not _breaks(later, before.to(later.index), situation):
            yield f"{later.type.italian} (n. {later.index})"


def _merged(streams: Iterable[str], situation: Situation) -> list[Event]:
    """Return the events of the streams concerned, in order of the log."""
    found = {e.id: e for name in streams for e in situation.record.history(name)}
    return sorted(found.values(), key=lambda e: e.index)


def _breaks(event: Event, world: _World, situation: Situation) -> bool:
    """Return whether the event breaks a rule of its own type in that world, or loses what it is about.

    A correction breaks nothing by itself: what stands after it is judged again, event by event.
    """
    if event.type.corrects_others:
        return False
    event = event.newest()
    law = situation.law.at(event.index)
    here = replace(situation, record=world, today=event.received_on, law=law)
    there = as_told_first(event, here.on(event.occurred_on))
    rules = (intervention_ambiguous, *event.type.refusals)
    from_rules = (found for rule in rules for found in rule.check(event, there))
    wholes = there.wholes(event)
    is_registered = all(whole.registered for whole in wholes.values())
    is_lost = not is_registered or any(unregistered(event, wholes))
    is_lost = is_lost and not event.data.registers
    return is_lost or any(True for _ in from_rules)
