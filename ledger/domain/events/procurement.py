"""Procurement: procedures started, their codes, failed or awarded; reports of operators.

Source: DOMAIN sections 2, 3.4, 9.4 and 9.12; L. 136/2010 art. 3.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ledger.domain.acts import Link
from ledger.domain.altered import altered
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import CUPFact, Missing, Role, event
from ledger.domain.events.streams import linked_cups, named_act, own_cup
from ledger.domain.files import FileName
from ledger.domain.identifiers import CIG, ActKey
from ledger.domain.keys import ProcedureKey
from ledger.domain.procurement import (
    Award,
    AwardTerms,
    CIGCause,
    CIGEnd,
    EqualOpportunityReport,
    FailedOutcome,
    Failure,
    KnownCIG,
    Procedure,
    ProcedureTerms,
    Procurement,
    ReportTerms,
)
from ledger.domain.rules.acts import (
    act_unknown,
    act_without_effect,
    cig_and_absence,
    link_repeated,
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


def failed_procedure(dossier: Dossier, key: str) -> Iterator[str]:
    """Yield the procedure when it led to nothing."""
    found = dossier.procurement.procedure(key)
    if found is not None and found.failure is not None:
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
    "cig-acquired/1",
    ask="acquire-cig/1",
    italian="Acquisizione CIG",
    says="Acquisito il CIG {cig} per la procedura {procedure}",
    streams=(own_cup, linked_cups),
    by=SIGNERS,
    dated_by="acquired_on",
    refusals=(reference_unknown, reference_closed, nothing_changed, link_repeated),
)
@dataclass(frozen=True, kw_only=True)
class CIGAcquired(CUPFact):
    """A code for a procedure; `links` names every CUP that it serves, each with the procedure."""

    procedure: ProcedureKey
    cig: CIG
    acquired_on: date
    links: tuple[Link, ...] = ()

    def key(self, body: str) -> ProcedureKey:  # noqa: ARG002  as acts, whose key has the body
        """Return the key of the procedure."""
        return self.procedure

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the procedure when it is not recorded."""
        yield from missing_procedure(dossier, self.procedure)

    def closed(self, dossier: Dossier) -> Iterator[str]:
        """Yield the procedure when it led to nothing."""
        yield from failed_procedure(dossier, self.procedure)

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the code when the procedure has it."""
        has_it = self.cig in dossier.procurement.codes_of(self.procedure)
        return f"il CIG {self.cig}" if has_it else None

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the code."""
        return _after(dossier, dossier.procurement.with_cig(taken(KnownCIG, self, event)))


class _OfCIG:
    """What refers to a code that is recorded and still in use."""

    def _known(self, dossier: Dossier, code: CIG) -> Missing:
        if dossier.procurement.cig(code) is None:
            yield f"il CIG {code}", "acquire-cig/1"

    def _ended(self, dossier: Dossier, code: CIG) -> Iterator[str]:
        found = dossier.procurement.cig(code)
        if found is not None and found.end is not None:
            yield f"il CIG {code}"


@event(
    "cig-replaced/1",
    ask="replace-cig/1",
    italian="Sostituzione CIG",
    says="Il CIG {old} è sostituito da {new} ({cause})",
    streams=(own_cup,),
    by=SIGNERS,
    refusals=(reference_unknown, reference_closed, nothing_changed),
)
@dataclass(frozen=True, kw_only=True)
class CIGReplaced(CUPFact, _OfCIG):
    """A code gives way to another; both stay in the chain of the procedure."""

    old: CIG
    new: CIG
    cause: CIGCause
    doc: FileName | None = None

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the old code when no procedure has it."""
        yield from self._known(dossier, self.old)

    def closed(self, dossier: Dossier) -> Iterator[str]:
        """Yield the old code when it was replaced or cancelled."""
        yield from self._ended(dossier, self.old)

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the code when it would replace itself."""
        return f"il CIG {self.old}" if self.old == self.new else None

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """End the old code and add the new one to its chain."""
        return _after(dossier, dossier.procurement.ended_cig(self.old, taken(CIGEnd, self, event)))


@event(
    "cig-cancelled/1",
    ask="cancel-cig/1",
    italian="Annullamento CIG",
    says="Annullato il CIG {cig}: {cause}",
    streams=(own_cup,),
    by=SIGNERS,
    refusals=(reference_unknown, reference_closed),
)
@dataclass(frozen=True, kw_only=True)
class CIGCancelled(CUPFact, _OfCIG):
    """A code is cancelled; what names it stays as it is."""

    cig: CIG
    cause: str

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the code when no procedure has it."""
        yield from self._known(dossier, self.cig)

    def closed(self, dossier: Dossier) -> Iterator[str]:
        """Yield the code when it was replaced or cancelled."""
        yield from self._ended(dossier, self.cig)

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """End the code."""
        return _after(dossier, dossier.procurement.ended_cig(self.cig, taken(CIGEnd, self, event)))


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

    def closed(self, dossier: Dossier) -> Iterator[str]:
        """Yield the procedure when it led to nothing."""
        yield from failed_procedure(dossier, self.procedure)

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
