"""Holds: what is not erased while they are in force. Source: DOMAIN sections 8 and 9.8."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import Fact, Missing, event
from ledger.domain.events.streams import own_cup
from ledger.domain.identifiers import ShortId
from ledger.domain.retention import Hold, HoldRelease, HoldTerms
from ledger.domain.rules.interventions import duplicate_key, reference_closed, reference_unknown
from ledger.domain.slices import added, amended
from ledger.domain.taken import taken


@event(
    "retention-hold-set/1",
    ask="set-retention-hold/1",
    italian="Blocco conservazione",
    says="Bloccata la cancellazione di {scope}: {cause} ({hold})",
    streams=(own_cup,),
    by=("segretario",),
    refusals=(duplicate_key,),
)
@dataclass(frozen=True, kw_only=True)
class RetentionHoldSet(Fact, HoldTerms):
    """Contents that are not erased while it is in force, whatever their due date."""

    of_whole_cup: ClassVar[bool] = True

    def natural_keys(self, dossier: Dossier) -> Iterator[str]:
        """Yield the short id when it is taken."""
        if dossier.retention.hold(self.hold) is not None:
            yield f"il blocco {self.hold}"

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the hold."""
        return added(dossier, "retention", "holds", taken(Hold, self, event))


@event(
    "retention-hold-released/1",
    ask="release-retention-hold/1",
    italian="Rilascio blocco",
    says="Rilasciato il blocco {hold}: {cause}",
    streams=(own_cup,),
    by=("segretario",),
    refusals=(reference_unknown, reference_closed),
)
@dataclass(frozen=True, kw_only=True)
class RetentionHoldReleased(Fact):
    """A hold that is in force no more."""

    of_whole_cup: ClassVar[bool] = True

    hold: ShortId
    cause: str

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the hold when it was not set."""
        if dossier.retention.hold(self.hold) is None:
            yield f"il blocco {self.hold}", "set-retention-hold/1"

    def closed(self, dossier: Dossier) -> Iterator[str]:
        """Yield the hold when it was released."""
        found = dossier.retention.hold(self.hold)
        if found is not None and found.released is not None:
            yield f"il blocco {self.hold}"

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Release the hold."""
        found, end = dossier.retention.hold(self.hold), taken(HoldRelease, self, event)
        return amended(dossier, "retention", "holds", found, released=end)
