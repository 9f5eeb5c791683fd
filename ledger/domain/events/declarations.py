"""What people declare and what is found of operators. Source: DOMAIN sections 9.2 and 13."""

from dataclasses import dataclass

from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import CUPFact, Role, event
from ledger.domain.events.streams import own_cup
from ledger.domain.people import (
    Abstention,
    AbstentionTerms,
    BeneficialOwner,
    ConflictDeclaration,
    ConflictTerms,
    OwnerTerms,
)
from ledger.domain.rules.interventions import nothing_changed
from ledger.domain.rules.people import owners_missing
from ledger.domain.slices import added
from ledger.domain.taken import taken

SIGNERS: tuple[Role, ...] = ("rup", "dirigente", "segretario")


@event(
    "conflict-of-interest-declared/1",
    ask="record-conflict-declaration/1",
    italian="Dichiarazione conflitto di interessi",
    says="Dichiarazione sul conflitto di interessi ({role}): {outcome}",
    streams=(own_cup,),
    by=SIGNERS,
    dated_by="declared_on",
    refusals=(nothing_changed,),
)
@dataclass(frozen=True, kw_only=True)
class ConflictOfInterestDeclared(CUPFact, ConflictTerms):
    """The declaration of a person in a role (D.Lgs. 36/2023 art. 16; L. 241/1990 art. 6-bis)."""

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the declaration when the same one is recorded."""
        mine = self.person, self.role, self.outcome, self.declared_on, self.procedure
        known = {
            (one.person, one.role, one.outcome, one.declared_on, one.procedure)
            for one in dossier.people.conflicts
        }
        return "la dichiarazione" if mine in known else None

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the declaration."""
        return added(dossier, "people", "conflicts", taken(ConflictDeclaration, self, event))


@event(
    "abstention-recorded/1",
    ask="record-abstention/1",
    italian="Astensione",
    says="Astensione: {matter}",
    streams=(own_cup,),
    by=SIGNERS,
)
@dataclass(frozen=True, kw_only=True)
class AbstentionRecorded(CUPFact, AbstentionTerms):
    """A person who abstains, and who acts instead."""

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the abstention."""
        return added(dossier, "people", "abstentions", taken(Abstention, self, event))


@event(
    "beneficial-owner-identified/1",
    ask="identify-beneficial-owner/1",
    italian="Titolare effettivo",
    says="Identificato il titolare effettivo di {op} ({method})",
    streams=(own_cup,),
    by=SIGNERS,
    dated_by="identified_on",
    refusals=(owners_missing,),
)
@dataclass(frozen=True, kw_only=True)
class BeneficialOwnerIdentified(CUPFact, OwnerTerms):
    """The natural persons behind an operator, or a subcontractor (D.Lgs. 231/2007)."""

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the owners."""
        return added(dossier, "people", "owners", taken(BeneficialOwner, self, event))
