"""The situation in which a command is decided: the record as it stands at one place in the log.

The application folds the streams that the event joins; the domain looks at nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from ledger.domain.evolve import withdrawn
from ledger.domain.law import BODY
from ledger.domain.shared import concerned

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from ledger.domain.acts import Act
    from ledger.domain.dossier import Dossier
    from ledger.domain.event import Event
    from ledger.domain.joins import Placed
    from ledger.domain.law import Law


class Record(Protocol):
    """What can be asked of the record at this place."""

    def dossier(self, stream: str) -> Dossier:
        """Return the dossier of a stream; an empty one when it has no events."""

    def history(self, stream: str) -> Sequence[Event]:
        """Return the events of a stream, in order of the log."""

    def event(self, event_id: str) -> Event | None:
        """Return the event of that id, None when there is none."""

    def root_at(self, size: int) -> str | None:
        """Return the root of the tree of so many leaves, hexadecimal; None when it never was."""

    def naming(self, commits: Collection[str]) -> Sequence[Event]:
        """Return the events that name one of these contents among their objects, in order."""

    def placed(self, index: int) -> Placed | None:
        """Return what stands at a leaf of the log, None when no event does."""


@dataclass(frozen=True, slots=True)
class Situation:
    """One place in the log: the body, the legal day of receipt, the roles of the signing key.

    `law` is that of this place; `body` the one that founded the ledger, until `on` a legal day another
    took its place. `more_follows` whether the event is sent together with others that come after it, as
    the pieces of one fact are; `told` are the streams that the pieces before it joined.
    """

    body: str
    today: date
    roles: frozenset[str]
    law: Law
    record: Record
    more_follows: bool = False
    told: frozenset[str] = frozenset()

    def on(self, day: date | None) -> Situation:
        """Return the same place for a fact of a legal day, which its body had under its name."""
        renamed = None if day is None else self.law.adopted_row(BODY, day)
        return self if renamed is None else replace(self, body=renamed.value)

    def wholes(self, event: Event) -> Mapping[str, Dossier]:
        """Return the dossiers of the CUP streams that the event joins, by CUP."""
        return {cup: self.record.dossier(f"cup/{cup}") for cup in event.cups}

    def dossiers(self, event: Event) -> Mapping[str, Dossier]:
        """Return the dossiers of the interventions that the event is about, by their names.

        The name is the CUP, and measure and CLP too where several share it.
        """
        return {
            _name(cup, one): one
            for cup, whole in self.wholes(event).items()
            for one in concerned(whole, event)
        }

    def asked(self, event: Event) -> Mapping[str, Dossier]:
        """Return the dossiers that the event is looked at in: of what it is about, or of all its streams."""
        if not event.data.asks_every_stream:
            return self.dossiers(event)
        return {name.removeprefix("cup/"): self.record.dossier(name) for name in event.streams}

    def dossier(self, stream: str) -> Dossier:
        """Return the dossier of a stream; an empty one when it has no events."""
        return self.record.dossier(stream)

    def act(self, key: str) -> Act | None:
        """Return the act of that key, None when it is not recorded."""
        return self.record.dossier(f"act/{key}").acts.get(key)

    def is_registered(self, cup: str) -> bool:
        """Return whether an intervention is registered on that CUP."""
        return bool(self.record.dossier(f"cup/{cup}").registrations)

    def cups_resting_on(self, act: str) -> frozenset[str]:
        """Return the CUPs of the facts that rest on an act, be it linked to them or not."""
        history = self.record.history(f"act/{act}")
        gone = withdrawn(history)
        resting = (e for e in history if e.type.concerns_one_cup and e.id not in gone)
        return frozenset(cup for event in resting for cup in event.cups)

    def event(self, event_id: str) -> Event | None:
        """Return the event of that id, None when there is none."""
        return self.record.event(event_id)

    def naming(self, commits: Collection[str]) -> Sequence[Event]:
        """Return the events that name one of these contents among their objects, in order."""
        return self.record.naming(commits)

    def placed(self, index: int) -> Placed | None:
        """Return what stands at a leaf of the log, None when no event does."""
        return self.record.placed(index)


def _name(cup: str, dossier: Dossier) -> str:
    """Return by what an intervention is known in a sentence."""
    registration = dossier.registration
    if dossier.place is None or registration is None:
        return cup
    return f"{cup} ({registration.pair})"
