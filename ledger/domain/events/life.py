"""The life of the intervention: modified, suspended, resumed, renounced, closed, reopened.

Source: DOMAIN sections 5.4 and 9.1.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import CUPFact, event
from ledger.domain.events.streams import named_act, own_cup
from ledger.domain.files import FileName
from ledger.domain.funding import Decree
from ledger.domain.identifiers import ActKey
from ledger.domain.life import LifeMove, Modification, ModificationTerms, MoveKind
from ledger.domain.rules.acts import act_unknown, act_without_effect
from ledger.domain.rules.interventions import (
    closure_with_open_items,
    duplicate_key,
    nothing_changed,
)
from ledger.domain.slices import added
from ledger.domain.taken import taken

REFUSALS = (act_unknown, nothing_changed, act_without_effect)


@event(
    "modification-approved/1",
    ask="record-modification/1",
    italian="Modifica approvata",
    says="Approvata la modifica {modification} ({ground}): {decision}",
    streams=(own_cup,),
    by=("rup", "dirigente"),
    refusals=(duplicate_key,),
)
@dataclass(frozen=True, kw_only=True)
class ModificationApproved(CUPFact, ModificationTerms):
    """A change that the ministry approved: it lifts the freeze of the scope for its services."""

    def natural_keys(self, dossier: Dossier) -> Iterator[str]:
        """Yield the modification when it is recorded."""
        if dossier.life.modification(self.modification) is not None:
            yield f"la modifica {self.modification}"

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the modification."""
        return added(dossier, "life", "modifications", taken(Modification, self, event))


@dataclass(frozen=True, kw_only=True)
class Moved(CUPFact):
    """Base of what leads the intervention from one state of its life to another."""

    kind: ClassVar[MoveKind]
    ends_in: ClassVar[frozenset[str]]  # the states in which it changes nothing

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:
        """Return the intervention when it was so already on the legal day."""
        state = dossier.life.state_on(event.day)
        return f"l'intervento ({state})" if state in self.ends_in else None

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the move."""
        return added(dossier, "life", "moves", taken(LifeMove, self, event, kind=self.kind))


@event(
    "intervention-suspended/1",
    ask="suspend-intervention/1",
    italian="Sospensione",
    says="Sospeso l'intervento: {cause}",
    streams=(own_cup, named_act),
    by=("rup", "dirigente"),
    refusals=REFUSALS,
)
@dataclass(frozen=True, kw_only=True)
class InterventionSuspended(Moved):
    """The intervention stands still."""

    kind: ClassVar[MoveKind] = "sospensione"
    ends_in: ClassVar[frozenset[str]] = frozenset({"sospeso", "chiuso"})

    cause: str
    act: ActKey | None = None


@event(
    "intervention-resumed/1",
    ask="resume-intervention/1",
    italian="Ripresa",
    says="Ripreso l'intervento: {cause}",
    streams=(own_cup, named_act),
    by=("rup", "dirigente"),
    refusals=REFUSALS,
)
@dataclass(frozen=True, kw_only=True)
class InterventionResumed(Moved):
    """The intervention goes on."""

    kind: ClassVar[MoveKind] = "ripresa"
    ends_in: ClassVar[frozenset[str]] = frozenset({"in-corso", "chiuso", "rinunciato"})

    cause: str
    act: ActKey | None = None


@event(
    "intervention-renounced/1",
    ask="renounce-intervention/1",
    italian="Rinuncia",
    says="Rinuncia all'intervento",
    streams=(own_cup, named_act),
    by=("rup", "dirigente", "delegato"),
    refusals=REFUSALS,
)
@dataclass(frozen=True, kw_only=True)
class InterventionRenounced(Moved):
    """The body gives the funding up; the CUP may be financed anew (FAQ p-024)."""

    kind: ClassVar[MoveKind] = "rinuncia"
    ends_in: ClassVar[frozenset[str]] = frozenset({"rinunciato"})

    doc: FileName
    act: ActKey | None = None
    decree: Decree | None = None


@event(
    "intervention-closed/1",
    ask="close-intervention/1",
    italian="Chiusura",
    says="Chiuso l'intervento",
    streams=(own_cup,),
    by=("rup", "dirigente"),
    refusals=(nothing_changed, closure_with_open_items),
)
@dataclass(frozen=True, kw_only=True)
class InterventionClosed(Moved):
    """The intervention is over; with a reason, though something is open."""

    kind: ClassVar[MoveKind] = "chiusura"
    ends_in: ClassVar[frozenset[str]] = frozenset({"chiuso"})


@event(
    "intervention-reopened/1",
    ask="reopen-intervention/1",
    italian="Riapertura",
    says="Riaperto l'intervento: {cause}",
    streams=(own_cup, named_act),
    by=("rup", "dirigente"),
    refusals=REFUSALS,
)
@dataclass(frozen=True, kw_only=True)
class InterventionReopened(Moved):
    """What was closed, or renounced, goes on."""

    kind: ClassVar[MoveKind] = "riapertura"
    ends_in: ClassVar[frozenset[str]] = frozenset({"in-corso", "sospeso"})

    cause: str
    act: ActKey | None = None
