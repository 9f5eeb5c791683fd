"""Attestations of checks, and findings acknowledged. Source: DOMAIN sections 7.2, 9.7 and 10."""

from collections.abc import Iterator
from dataclasses import dataclass

from ledger.domain.checks import (
    Acknowledgement,
    AcknowledgementTerms,
    Attestation,
    AttestationTerms,
    CheckName,
    CheckWithdrawal,
)
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import Fact, Missing, event
from ledger.domain.events.streams import own_cup
from ledger.domain.keys import ProcedureKey
from ledger.domain.rules.acknowledgements import (
    finding_not_open,
    self_acknowledged,
    severity_not_allowed,
)
from ledger.domain.rules.attestations import attestation_contradicted, undemonstrated
from ledger.domain.rules.checklists import answer_without_comment, evidence_missing
from ledger.domain.rules.interventions import (
    nothing_changed,
    reference_closed,
    reference_unknown,
)
from ledger.domain.situation import Situation
from ledger.domain.slices import added, amended
from ledger.domain.taken import taken


@event(
    "attestation-issued/1",
    ask="issue-attestation/1",
    italian="Attestazione",
    says="Attestazione {check}: {outcome}",
    streams=(own_cup,),
    by=("rup",),
    refusals=(nothing_changed, answer_without_comment, evidence_missing, attestation_contradicted),
)
@dataclass(frozen=True, kw_only=True)
class AttestationIssued(Fact, AttestationTerms):
    """The outcome of one of the eight ARdi checks, or of a DNSH moment, with its evidence."""

    @property
    def uncommented(self) -> tuple[str, str] | None:
        """Return the check, when it does not apply and nobody says why."""
        denies = self.outcome == "non-applicabile" and self.cause is None
        return (f"attestazione {self.check}", self.outcome) if denies else None

    def unproven(self, event: Event, situation: Situation) -> Iterator[tuple[str, str]]:
        """Yield what the check demands and neither the event nor the record has."""
        yield from undemonstrated(event, situation)

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the attestation when the same one is in force."""
        last = dossier.checks.attestation(self.check, self.procedure)
        if last is None or last.withdrawn is not None:
            return None
        same = (last.outcome, last.evidence) == (self.outcome, self.evidence)
        return f"l'attestazione {self.check}" if same else None

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the attestation."""
        return added(dossier, "checks", "attestations", taken(Attestation, self, event))


@event(
    "attestation-withdrawn/1",
    ask="withdraw-attestation/1",
    italian="Ritiro attestazione",
    says="Ritirata l'attestazione {check}: {cause}",
    streams=(own_cup,),
    by=("rup",),
    refusals=(reference_unknown, reference_closed),
)
@dataclass(frozen=True, kw_only=True)
class AttestationWithdrawn(Fact):
    """An attestation that no longer stands."""

    check: CheckName
    cause: str
    procedure: ProcedureKey | None = None

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the attestation when none was issued."""
        if dossier.checks.attestation(self.check, self.procedure) is None:
            yield f"l'attestazione {self.check}", "issue-attestation/1"

    def closed(self, dossier: Dossier) -> Iterator[str]:
        """Yield the attestation when it was withdrawn."""
        found = dossier.checks.attestation(self.check, self.procedure)
        if found is not None and found.withdrawn is not None:
            yield f"l'attestazione {self.check}"

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Withdraw the attestation."""
        found = dossier.checks.attestation(self.check, self.procedure)
        end = taken(CheckWithdrawal, self, event)
        return amended(dossier, "checks", "attestations", found, withdrawn=end)


@event(
    "finding-acknowledged/1",
    ask="acknowledge-finding/1",
    italian="Presa d'atto",
    says="Presa d'atto dell'anomalia {code}: {explanation}",
    streams=(own_cup,),
    by=("segretario", "rup", "dirigente", "istruttore"),
    refusals=(reference_unknown, finding_not_open, severity_not_allowed, self_acknowledged),
)
@dataclass(frozen=True, kw_only=True)
class FindingAcknowledged(Fact, AcknowledgementTerms):
    """An explanation of a finding that is open; the finding stays as long as its cause does."""

    def named_events(self) -> Missing:
        """Yield the event that remedies it, when one is named."""
        if self.remedy is not None:
            yield self.remedy, "la registrazione che rimedia"

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the acknowledgement."""
        said = taken(Acknowledgement, self, event, role=event.role or "")
        return added(dossier, "checks", "acknowledgements", said)
