"""Procurement: the procedures by which suppliers are chosen, and the chain of their codes.

    X2E3D271F7  -> smartcig -> B1A5544327       a SmartCIG that became a CIG
    9443593B77  -> derivato -> B208D051B7       a CIG derived from that of a framework agreement
    nocig/convenzione-1, reason 017             no code, with the reason of the ReGiS list

A procedure is known by its CIG or by `nocig/<text>`; it may have had several codes and keeps all of
them, also those that were replaced or cancelled. A CIG is a reference, never a stream: one serves
many CUPs. Source: DOMAIN sections 2, 3.4 and 9.4; L. 136/2010 art. 3.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.acts import CigAbsence, Link
from ledger.domain.altered import altered
from ledger.domain.codes import CPV, CUI
from ledger.domain.files import FileName
from ledger.domain.identifiers import CIG, ActKey
from ledger.domain.keys import OperatorKey, ProcedureKey
from ledger.domain.law import Law
from ledger.domain.money import EUR

CIGCause = Literal["smartcig", "derivato", "errore"]
FailedOutcome = Literal["deserta", "revocata", "annullata"]


@dataclass(frozen=True, kw_only=True)
class ContractOperator:
    """Who is awarded or contracts, in which role (mandataria, mandante ...), for which part."""

    op: OperatorKey
    role: str
    amount: EUR | None = None


@dataclass(frozen=True, kw_only=True)
class ProcedureTerms:
    """What is said of a procedure when it starts; `kind` is a code of procedure_kinds.json."""

    procedure: ProcedureKey
    kind: str
    cig: CIG | None = None
    cig_absence: CigAbsence | None = None
    act: ActKey | None = None
    amount: EUR | None = None
    cpv: CPV | None = None
    cui: CUI | None = None
    published_on: date | None = None
    derived_from: CIG | None = None


@dataclass(frozen=True, kw_only=True)
class AwardTerms:
    """What an award says; `amount` is the price awarded, `tender_amount` the base of the tender."""

    operators: tuple[ContractOperator, ...]
    amount: EUR
    act: ActKey
    tender_amount: EUR | None = None
    dnsh_required: bool = False


@dataclass(frozen=True, kw_only=True)
class Award(AwardTerms):
    """One award of a procedure."""

    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A procedure that led to no contract."""

    outcome: FailedOutcome
    act: ActKey | None = None
    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class Procedure(ProcedureTerms):
    """A procedure with its awards, or with the reason why it led nowhere."""

    on: date
    index: int
    awards: tuple[Award, ...] = ()
    failure: Failure | None = None


@dataclass(frozen=True, kw_only=True)
class ProcedureStatement(Procedure):
    """A procedure as the exported state shows it: with the name of its kind, where the list has it."""

    kind_name: str | None = None


def state_procedure(procedure: Procedure, law: Law) -> ProcedureStatement:
    """Return the procedure with what the list of kinds says of it on the day it started."""
    kind = law.procedure_kind(procedure.kind, procedure.on)
    return ProcedureStatement(**vars(procedure), kind_name=kind.name if kind else None)


@dataclass(frozen=True, kw_only=True)
class CIGEnd:
    """A code that is no more used: replaced by another (`new`), or cancelled."""

    new: CIG | None = None
    cause: str
    doc: FileName | None = None
    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class KnownCIG:
    """A code of a procedure; `replaces` is the one before it in the chain, `links` its CUPs."""

    cig: CIG
    procedure: ProcedureKey
    acquired_on: date | None = None
    replaces: CIG | None = None
    derived_from: CIG | None = None
    links: tuple[Link, ...] = ()
    end: CIGEnd | None = None
    index: int


@dataclass(frozen=True, kw_only=True)
class ReportTerms:
    """A report on equal opportunity that an operator handed in (DL 77/2021 art. 47)."""

    op: OperatorKey
    kind: str
    doc: FileName


@dataclass(frozen=True, kw_only=True)
class EqualOpportunityReport(ReportTerms):
    """A report as received."""

    on: date
    index: int


@dataclass(frozen=True)
class Procurement:
    """Procedures by key and codes, both in order of the log."""

    procedures: tuple[Procedure, ...] = ()
    cigs: tuple[KnownCIG, ...] = ()
    reports: tuple[EqualOpportunityReport, ...] = ()

    def procedure(self, key: str) -> Procedure | None:
        """Return the procedure of that key."""
        return next((found for found in self.procedures if found.procedure == key), None)

    def cig(self, code: str) -> KnownCIG | None:
        """Return what is known of a code, the last when it served two procedures."""
        return next((found for found in reversed(self.cigs) if found.cig == code), None)

    def codes_of(self, key: str) -> tuple[CIG, ...]:
        """Return every code that a procedure has had, in order of the log."""
        return tuple(found.cig for found in self.cigs if found.procedure == key)

    def chain(self, code: str) -> tuple[CIG, ...]:
        """Return the codes that a code replaced, first to last, with the code itself."""
        found: list[CIG] = []
        known = self.cig(code)
        while known is not None and known.cig not in found:
            found.append(known.cig)
            known = None if known.replaces is None else self.cig(known.replaces)
        return tuple(reversed(found))

    def started(self, procedure: Procedure) -> "Procurement":
        """Return the procurement with one more procedure, and its code when it has one."""
        after = altered(self, procedures=(*self.procedures, procedure))
        if procedure.cig is None:
            return after
        code = KnownCIG(
            cig=procedure.cig,
            procedure=procedure.procedure,
            derived_from=procedure.derived_from,
            index=procedure.index,
        )
        return after.with_cig(code)

    def with_cig(self, code: KnownCIG) -> "Procurement":
        """Return the procurement with one more code."""
        return altered(self, cigs=(*self.cigs, code))

    def ended_cig(self, code: str, end: CIGEnd) -> "Procurement":
        """Return the procurement with a code replaced or cancelled, and the new one in its chain."""
        target = self.cig(code)
        if target is None:
            return self
        ended = tuple(altered(one, end=end) if one is target else one for one in self.cigs)
        after = altered(self, cigs=ended)
        if end.new is None:
            return after
        return after.with_cig(
            KnownCIG(
                cig=end.new,
                procedure=target.procedure,
                replaces=target.cig,
                links=target.links,
                index=end.index,
            )
        )

    def with_procedure(self, changed: Procedure) -> "Procurement":
        """Return the procurement with a procedure in its new form."""
        after = tuple(
            changed if one.procedure == changed.procedure else one for one in self.procedures
        )
        return altered(self, procedures=after)

    def reported(self, report: EqualOpportunityReport) -> "Procurement":
        """Return the procurement with one more report on equal opportunity."""
        return altered(self, reports=(*self.reports, report))
