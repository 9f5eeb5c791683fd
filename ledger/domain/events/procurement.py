"""Procurement: procedures started, failed or awarded; reports of operators.

Their codes are in ledger.domain.events.cigs. Source: DOMAIN sections 3.4, 9.4 and 9.12.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from ledger.domain.altered import altered
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import CUPFact, Missing, Role, event
from ledger.domain.events.streams import named_act, own_cup
from ledger.domain.identifiers import CIG, ActKey
from ledger.domain.keys import ProcedureKey
from ledger.domain.procurement import (
    Award,
    AwardTerms,
    EqualOpportunityReport,
    FailedOutcome,
    Failure,
    Procedure,
    ProcedureTerms,
    Procurement,
    ReportTerms,
)
from ledger.domain.rules.acts import (
    act_unknown,
    act_without_effect,
    cig_and_absence,
)
from ledger.domain.rules.funding import amount_not_positive
from ledger.domain.rules.interventions import (
    duplicate_key,
    nothing_changed,
    reference_closed,
    reference_unknown,
)
from ledger.domain.taken import taken

SIGNERS: tuple[Role, ...] = ("rup", "dirigente")


def missing_procedure(dossier: Dossier, key: str) -> Missing:
    """Yield the procedure when it is not recorded."""
    if dossier.procurement.procedure(key) is None:
        yield f"la procedura {key}", "start-procurement/1"


def failed_procedure(dossier: Dossier, key: str, day: date = date.max) -> Iterator[str]:
    """Yield the procedure when it had led to nothing by that day."""
    found = dossier.procurement.procedure(key)
    failure = found.failure if found is not None else None
    if failure is not None and failure.on <= day:
        yield f"la procedura {key}"


def _after(dossier: Dossier, procurement: Procurement) -> Dossier:
    return altered(dossier, procurement=procurement)


@event(
    "procurement-started/1",
    ask="start-procurement/1",
    italian="Avvio procedura",
    says="Avviata la procedura {procedure}",
    streams=(own_cup, named_act),
    by=SIGNERS,
    refusals=(
        act_unknown,
        duplicate_key,
        amount_not_positive,
        cig_and_absence,
        act_without_effect,
    ),
)
@dataclass(frozen=True, kw_only=True)
class ProcurementStarted(CUPFact, ProcedureTerms):
    """A procedure of award begins, with its CIG or the reason why it has none."""

    keys_of_intervention: ClassVar[bool] = True

    @property
    def cigs(self) -> tuple[CIG, ...]:
        """Return its code, if it has one."""
        return () if self.cig is None else (self.cig,)

    def key(self, body: str) -> ProcedureKey:  # noqa: ARG002  as acts, whose key has the body
        """Return the key of the procedure."""
        return self.procedure

    def natural_keys(self, dossier: Dossier) -> Iterator[str]:
        """Yield the procedure when it is recorded."""
        if dossier.procurement.procedure(self.procedure) is not None:
            yield f"la procedura {self.procedure}"

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the procedure, and its code."""
        return _after(dossier, dossier.procurement.started(taken(Procedure, self, event)))


@event(
    "procurement-failed/1",
    ask="record-failed-procurement/1",
    italian="Procedura senza esito",
    says="La procedura {procedure} è {outcome}",
    streams=(own_cup, named_act),
    by=SIGNERS,
    refusals=(act_unknown, reference_unknown, reference_closed, act_without_effect),
)
@dataclass(frozen=True, kw_only=True)
class ProcurementFailed(CUPFact):
    """No offer, or the procedure was withdrawn or annulled."""

    procedure: ProcedureKey
    outcome: FailedOutcome
    act: ActKey | None = None

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the procedure when it is not recorded."""
        yield from missing_procedure(dossier, self.procedure)

    def closed(self, dossier: Dossier) -> Iterator[str]:
        """Yield the procedure when it has failed already."""
        yield from failed_procedure(dossier, self.procedure)

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Note the outcome."""
        found = dossier.procurement.procedure(self.procedure)
        if found is None:
            return dossier
        failed = altered(found, failure=taken(Failure, self, event))
        return _after(dossier, dossier.procurement.with_procedure(failed))


@event(
    "contract-awarded/1",
    ask="award-contract/1",
    italian="Aggiudicazione",
    says="Aggiudicata la procedura {procedure} per {amount}",
    streams=(own_cup, named_act),
    by=SIGNERS,
    refusals=(
        act_unknown,
        reference_unknown,
        reference_closed,
        nothing_changed,
        amount_not_positive,
        act_without_effect,
    ),
)
@dataclass(frozen=True, kw_only=True)
class ContractAwarded(CUPFact, AwardTerms):
    """A procedure is awarded to one operator, or to several with their parts."""

    procedure: ProcedureKey

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the procedure when it is not recorded."""
        yield from missing_procedure(dossier, self.procedure)

    def closed_on(self, dossier: Dossier, day: date) -> Iterator[str]:
        """Yield the procedure when it had led to nothing by that day."""
        yield from failed_procedure(dossier, self.procedure, day)

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the award when the same act gave it to the same operators."""
        found = dossier.procurement.procedure(self.procedure)
        mine = (self.act, self.operators, self.amount)
        stand = found is not None and mine in {(a.act, a.operators, a.amount) for a in found.awards}
        return f"l'aggiudicazione della procedura {self.procedure}" if stand else None

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the award."""
        found = dossier.procurement.procedure(self.procedure)
        if found is None:
            return dossier
        awarded = altered(found, awards=(*found.awards, taken(Award, self, event)))
        return _after(dossier, dossier.procurement.with_procedure(awarded))


@event(
    "equal-opportunity-report-received/1",
    ask="receive-equal-opportunity-report/1",
    italian="Rapporto art. 47",
    says="Ricevuto il rapporto sulle pari opportunità: {kind}",
    streams=(own_cup,),
    by=SIGNERS,
    refusals=(nothing_changed,),
)
@dataclass(frozen=True, kw_only=True)
class EqualOpportunityReportReceived(CUPFact, ReportTerms):
    """A report that an operator hands in (DL 77/2021 art. 47)."""

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:
        """Return the report when the same was received on that day."""
        mine = (self.op, self.kind, event.day)
        stand = {(one.op, one.kind, one.on) for one in dossier.procurement.reports}
        return f"il rapporto {self.kind}" if mine in stand else None

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the report."""
        report = taken(EqualOpportunityReport, self, event)
        return _after(dossier, dossier.procurement.reported(report))
