"""The state of a CUP as a document: what the page shows and the package holds.

    state(dossier, as_of, law) -> InterventionState

It is derived from the dossier alone, for one legal day, so that whoever folds the same events gets
the same document. Where several interventions share the CUP each is told by itself in `parts`, and the
members beside them are of all together: entries of all, sums of all, and nothing where one word would
have to stand for several (phase, status, framework, regime). Source: DOMAIN sections 1.5 and 3.2.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from ledger.domain.dossier import Dossier
from ledger.domain.identifiers import CLP, CUP, Measure
from ledger.domain.intervention_statement import InterventionStatement, state_intervention
from ledger.domain.law import Law
from ledger.domain.life import LifeState
from ledger.domain.registration import Registration
from ledger.domain.rules.finding import SEVERITIES
from ledger.domain.rules.findings import of_the_cup
from ledger.domain.rules.standing import FindingStatement, state_findings
from ledger.domain.taken import taken_over

# Of several interventions, the CUP is as much alive as the one that is most.
ALIVE_FIRST: Final[tuple[LifeState, ...]] = ("in-corso", "sospeso", "chiuso", "rinunciato")


@dataclass(frozen=True, kw_only=True)
class StateHead:
    """The question that the state answers, and the interventions on the CUP."""

    v: int
    cup: CUP
    as_of: date
    known_at: int
    known_at_time: datetime | None = None
    registrations: int
    interventions: tuple[Registration, ...]


@dataclass(frozen=True, kw_only=True)
class PartHead:
    """Which of the interventions on a shared CUP it is; `index` is the place of its registration."""

    index: int
    measure: Measure | None = None
    clp: CLP | None = None
    title: str | None = None


@dataclass(frozen=True, kw_only=True)
class PartStatement(InterventionStatement, PartHead):
    """One of several interventions on a CUP, told as one that has a CUP of its own."""


@dataclass(frozen=True, kw_only=True)
class InterventionState(InterventionStatement, StateHead):
    """All that is known of one CUP: true on `as_of`, as registered up to leaf `known_at` (excluded)."""

    parts: tuple[PartStatement, ...] = ()


def state(
    dossier: Dossier, *, as_of: date, known_at: int, known_at_time: datetime | None, law: Law
) -> InterventionState:
    """Return the state of the CUP whose dossier it is; `known_at` is a number of leaves.

    The law is that of that place: what the ledger adopted later is left out.
    """
    law = law.at(known_at)
    parts = tuple(_part(one, as_of, law) for one in dossier.parts)
    told = state_intervention(dossier, as_of, law)
    return taken_over(
        InterventionState,
        _together(told, parts, dossier, as_of, law) if parts else told,
        v=1,
        cup=CUP.parse(dossier.cup or ""),
        as_of=as_of,
        known_at=known_at,
        known_at_time=known_at_time,
        registrations=dossier.count,
        interventions=dossier.registrations,
        parts=parts,
    )


def _part(dossier: Dossier, as_of: date, law: Law) -> PartStatement:
    """Return one of several interventions; how long contents are kept is told for the whole CUP."""
    one = dossier.registration
    return taken_over(
        PartStatement,
        replace(state_intervention(dossier, as_of, law), kept_contents=()),
        index=dossier.place,
        measure=one and one.measure,
        clp=one and one.clp,
        title=one and one.title,
    )


def _together(
    told: InterventionStatement,
    parts: tuple[PartStatement, ...],
    dossier: Dossier,
    as_of: date,
    law: Law,
) -> InterventionStatement:
    """Return what is told of all interventions together, without what is true of each alone."""
    states = {part.life.state for part in parts}
    alive = next(one for one in ALIVE_FIRST if one in states)
    of_cup = state_findings(of_the_cup(dossier, as_of, law), dossier.checks)
    raised = [*of_cup, *(_of(one, part) for part in parts for one in part.findings)]
    past = [_of(one, part) for part in parts for one in part.past_findings]
    return replace(
        told,
        **OF_EACH_ALONE,
        life=replace(told.life, state=alive),
        incomes=replace(told.incomes, framework=None, cost_plan=None),
        sheets_due=tuple(one for part in parts for one in part.sheets_due),
        certificate_coverage=tuple(one for part in parts for one in part.certificate_coverage),
        findings=tuple(sorted(raised, key=_order)),
        past_findings=tuple(past),
    )


OF_EACH_ALONE: Final[dict[str, Any]] = {
    "phase": None,
    "phases": (),
    "opencoesione_status": None,
    "oc4ids_status": None,
    "lots": (),
    "national_state": None,
    "dnsh": None,
}


def _of(one: Any, part: PartStatement) -> Any:  # noqa: ANN401  findings that are true, and past ones
    return replace(one, intervention=part.index)


def _order(one: FindingStatement) -> tuple[int, str, str, int, int]:
    return SEVERITIES.index(one.severity), one.code, one.subject, one.intervention or -1, one.index
