"""Procedures and their codes. Source: DOMAIN sections 2, 9.4 and 9.12."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from ledger.domain.evolve import fold
from ledger.errors import Refused
from ledger.records import load_law
from tests.ledger.domain.cases import Accepted, Refusal
from tests.ledger.domain.facts import ACT, determina, registered
from tests.ledger.domain.facts_procurement import (
    BOTH,
    DERIVED,
    PARTNER,
    PCP,
    SIMOG,
    SMART,
    SUPPLIER,
    acquired,
    awarded,
    cancelled,
    deserted,
    procedure,
    replaced,
    reported,
    without_cup,
)
from tests.ledger.domain.worlds import CUP, OTHER_CUP, World

if TYPE_CHECKING:
    from ledger.domain.dossier import Dossier

START = (registered(),)
OPEN = (*START, procedure())
ACTED = (*OPEN, determina(subtype="aggiudicazione"))
VOID = determina(subtype="aggiudicazione", cup_in_text="no", void=True)
FAILED = (*OPEN, deserted())
TWO = (registered(), registered(OTHER_CUP))


def codes(dossier: Dossier) -> list[tuple[str, bool]]:
    """Return the codes with whether each is still in use."""
    return [(one.cig, one.end is None) for one in dossier.procurement.cigs]


def keys(dossier: Dossier) -> list[str]:
    """Return the keys of the procedures."""
    return [one.procedure for one in dossier.procurement.procedures]


ACCEPTED = {
    "a procedure with its CIG": Accepted(START, procedure(), codes, [(SIMOG, True)]),
    "a procedure without CIG, with the reason": Accepted(
        START,
        procedure("nocig/in-house-1", cig_absence="017"),
        lambda d: [(p.procedure, p.cig_absence) for p in d.procurement.procedures],
        [("nocig/in-house-1", "017")],
    ),
    "a procedure by an act, in the stream of the CUP": Accepted(
        (*START, determina(subtype="a-contrarre")), procedure(act=ACT), keys, [SIMOG]
    ),
    "a code that is derived from that of a framework": Accepted(
        START,
        procedure(DERIVED, derived_from=PCP),
        lambda d: [(c.cig, c.derived_from) for c in d.procurement.cigs],
        [(DERIVED, PCP)],
    ),
    "a code acquired later": Accepted(
        (*START, procedure("nocig/servizi", cig_absence="010")),
        acquired(key="nocig/servizi"),
        codes,
        [(PCP, True)],
    ),
    "a code that serves two CUPs, each with the procedure": Accepted(
        (*TWO, procedure(), {**procedure(), "cup": OTHER_CUP}),
        without_cup(acquired(links=[{"cup": CUP}, {"cup": OTHER_CUP}])),
        codes,
        [(SIMOG, True), (PCP, True)],
        stream=OTHER_CUP,
    ),
    "a SmartCIG that becomes a CIG": Accepted(
        (*START, procedure(SMART)),
        replaced(SMART, PCP, "smartcig"),
        codes,
        [(SMART, False), (PCP, True)],
    ),
    "a code that is cancelled": Accepted(OPEN, cancelled(), codes, [(SIMOG, False)]),
    "a tender that nobody answers": Accepted(
        OPEN,
        deserted(),
        lambda d: [p.failure and p.failure.outcome for p in d.procurement.procedures],
        ["deserta"],
    ),
    "an award": Accepted(
        ACTED,
        awarded(),
        lambda d: [(a.act, a.amount) for p in d.procurement.procedures for a in p.awards],
        [(ACT, 10_000_000)],
    ),
    "a second award of the same act, of another lot": Accepted(
        (*ACTED, awarded()),
        awarded(operators=[{"op": PARTNER, "role": "singolo"}]),
        lambda d: [len(p.awards) for p in d.procurement.procedures],
        [2],
    ),
    "a report on equal opportunity": Accepted(
        START, reported(), lambda d: [r.op for r in d.procurement.reports], [SUPPLIER]
    ),
    "the same report of a later day": Accepted(
        (*START, reported()),
        reported("2023-06-02"),
        lambda d: len(d.procurement.reports),
        2,
    ),
}
REFUSED = {
    "a procedure with CIG and reason": Refusal(
        START, procedure(cig_absence="017"), "cig-and-absence"
    ),
    "a procedure with neither": Refusal(START, procedure("nocig/servizi"), "cig-and-absence"),
    "a procedure twice": Refusal(OPEN, procedure(on="2022-10-04"), "duplicate-key"),
    "a procedure of no amount": Refusal(START, procedure(amount="0.00"), "amount-not-positive"),
    "a procedure by an act that is not recorded": Refusal(START, procedure(act=ACT), "act-unknown"),
    "a procedure by a void act": Refusal((*START, VOID), procedure(act=ACT), "act-without-effect"),
    "a procedure published tomorrow": Refusal(
        START, procedure(published_on="2026-09-02"), "future-date"
    ),
    "a code of a procedure that is not recorded": Refusal(START, acquired(), "reference-unknown"),
    "a code of a procedure that failed": Refusal(
        FAILED, acquired(on="2023-03-01"), "reference-closed"
    ),
    "a code that the procedure has": Refusal(OPEN, acquired(SIMOG), "nothing-changed"),
    "a code of a CUP twice": Refusal(
        OPEN, acquired(links=[{"cup": CUP}, {"cup": CUP}]), "link-repeated"
    ),
    "a code for a CUP without the procedure": Refusal(
        (*TWO, procedure()), acquired(links=list(BOTH)), "reference-unknown"
    ),
    "a code that is not recorded, replaced": Refusal(
        OPEN, replaced(PCP, DERIVED), "reference-unknown"
    ),
    "a code replaced twice": Refusal(
        (*OPEN, replaced(SIMOG, PCP)), replaced(SIMOG, DERIVED), "reference-closed"
    ),
    "a code replaced by itself": Refusal(OPEN, replaced(SIMOG, SIMOG), "nothing-changed"),
    "a code replaced after it was cancelled": Refusal(
        (*OPEN, cancelled()), replaced(SIMOG, PCP), "reference-closed"
    ),
    "a code that is not recorded, cancelled": Refusal(OPEN, cancelled(PCP), "reference-unknown"),
    "a code cancelled twice": Refusal((*OPEN, cancelled()), cancelled(), "reference-closed"),
    "a failure of a procedure that is not recorded": Refusal(
        START, deserted(), "reference-unknown"
    ),
    "a failure twice": Refusal(FAILED, deserted(), "reference-closed"),
    "a failure by an act that is not recorded": Refusal(OPEN, deserted(act=ACT), "act-unknown"),
    "a failure by a void act": Refusal((*OPEN, VOID), deserted(act=ACT), "act-without-effect"),
    "an award of a procedure that is not recorded": Refusal(
        (*START, determina()), awarded(), "reference-unknown"
    ),
    "an award of a procedure that failed": Refusal(
        (*ACTED, deserted()), awarded(), "reference-closed"
    ),
    "an award by an act that is not recorded": Refusal(OPEN, awarded(), "act-unknown"),
    "an award by a void act": Refusal((*OPEN, VOID), awarded(), "act-without-effect"),
    "an award of nothing": Refusal(ACTED, awarded(amount="0.00"), "amount-not-positive"),
    "the same award twice": Refusal((*ACTED, awarded()), awarded(), "nothing-changed"),
    "the same report twice": Refusal((*START, reported()), reported(), "nothing-changed"),
}


@pytest.mark.parametrize("case", ACCEPTED.values(), ids=ACCEPTED)
def test_it_is_recorded_and_changes_the_dossier(case: Accepted) -> None:
    case.check()


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_it_is_refused(case: Refusal) -> None:
    case.check()


def test_the_chain_of_a_code_is_told_from_the_first_to_the_last() -> None:
    world = World().given(*OPEN, replaced(SIMOG, PCP), replaced(PCP, DERIVED, "errore"))
    found = world.dossier().procurement
    assert found.chain(DERIVED) == (SIMOG, PCP, DERIVED)
    assert found.chain(SMART) == ()
    assert found.codes_of(SIMOG) == (SIMOG, PCP, DERIVED)


def test_a_chain_that_comes_back_to_its_first_code_ends() -> None:
    world = World().given(*OPEN, replaced(SIMOG, PCP), replaced(PCP, SIMOG, "errore"))
    assert world.dossier().procurement.chain(SIMOG) == (PCP, SIMOG)


def test_a_procedure_changes_nothing_in_the_stream_of_its_act() -> None:
    world = World().given(*ACTED, awarded(), deserted(act=ACT))
    assert world.dossier(f"act/{ACT}").procurement.procedures == ()


def test_the_kind_of_a_procedure_is_named_where_the_list_has_it() -> None:
    world = World().given(*OPEN, procedure(PCP, kind="999"))
    assert [(p.kind, p.kind_name) for p in world.state().procedures] == [
        ("23", "Affidamento diretto"),
        ("999", None),
    ]


def test_a_kind_is_of_the_list_on_its_days() -> None:
    kind = replace(load_law().procedure_kinds[0], from_=date(2022, 1, 1), to=date(2022, 12, 31))
    days = (date(2021, 12, 31), date(2022, 1, 1), date(2022, 12, 31), date(2023, 1, 1))
    assert [kind.in_force(day) for day in days] == [False, True, True, False]


def test_what_refers_to_a_procedure_that_is_not_there_changes_nothing() -> None:
    world = World().given(*ACTED, awarded(), deserted())
    found = fold(f"cup/{CUP}", world.events[3:])
    assert found.procurement == World().dossier().procurement


def test_a_wrong_cig_is_refused_with_its_own_code() -> None:
    answer = World().given(*START).when(procedure(cig="95156957ED"))
    assert isinstance(answer, Refused)
    assert answer.code == "cig-malformed"


def test_what_was_withdrawn_leaves_nothing_to_change() -> None:
    world = World().given(*OPEN)
    found = world.dossier().procurement
    assert found.ended_cig(PCP, found.cigs[0]) is found  # type: ignore[arg-type]  # the end does not matter
