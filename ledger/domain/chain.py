"""The pieces of one fact in the record: which stand, and the record as if the earlier ones were not.

    pieces_of(event, record)                 the standing events that tell the same fact
    as_told_first(event, situation)         the situation in which a later piece is judged

Each piece is judged as the first was: what that one has changed in the stream of the act is left out, so
that an annulment does not hinder its own continuation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ledger.domain.evolve import fold, withdrawn

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ledger.domain.dossier import Dossier
    from ledger.domain.event import Event
    from ledger.domain.joins import Placed
    from ledger.domain.situation import Record, Situation


def first_of(event: Event) -> str | None:
    """Return the id of the first piece of the fact that an event tells, None when it has no pieces."""
    if event.piece is None:
        return None
    return event.id if event.piece.first is None else str(event.piece.first)


def pieces_of(event: Event, record: Record) -> tuple[Event, ...]:
    """Return the recorded events that tell the same fact and stand, in order of the log."""
    first = first_of(event)
    if first is None:
        return ()
    history = record.history(event.data.core)
    gone = withdrawn(history)
    return tuple(one for one in history if first_of(one) == first and one.id not in gone)


def as_told_first(event: Event, situation: Situation) -> Situation:
    """Return the situation without the pieces of the fact before this one; `told` are their streams."""
    earlier = [one for one in pieces_of(event, situation.record) if one.id != event.id]
    if not earlier:
        return situation
    told = frozenset(name for one in earlier for name in one.streams)
    record = _Without(situation.record, frozenset(one.id for one in earlier))
    return replace(situation, record=record, told=told)


@dataclass(frozen=True, slots=True)
class _Without:
    """A record as if some of its events had never been."""

    record: Record
    gone: frozenset[str]

    def dossier(self, stream: str) -> Dossier:
        """Return the dossier of a stream."""
        history = self.record.history(stream)
        if all(event.id not in self.gone for event in history):
            return self.record.dossier(stream)
        return fold(stream, self.history(stream))

    def history(self, stream: str) -> Sequence[Event]:
        """Return the events of a stream that are left."""
        return [one for one in self.record.history(stream) if one.id not in self.gone]

    def event(self, event_id: str) -> Event | None:
        """Return any event of the record."""
        return self.record.event(event_id)

    def root_at(self, size: int) -> str | None:
        """Return a root of the log."""
        return self.record.root_at(size)

    def naming(self, commits: Collection[str]) -> Sequence[Event]:
        """Return the events of the record that name one of these contents."""
        return self.record.naming(commits)

    def placed(self, index: int) -> Placed | None:
        """Return what stands at a leaf of the log."""
        return self.record.placed(index)
