"""Contracts from signature to certificate. Source: DOMAIN sections 4.4, 9.4 and 9.12."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from ledger.domain.evolve import fold
from tests.ledger.domain.cases import Accepted, Refusal
from tests.ledger.domain.facts import ACT, MANAGER, RUP_PERSON, determina, registered, service
from tests.ledger.domain.facts_procurement import (
    BOTH,
    CONTRACT,
    MERGED,
    PARTNER,
    PCP,
    SIMOG,
    SUPPLIER,
    acquired,
    amended,
    contract,
    deserted,
    executed,
    procedure,
    progress,
    subcontracted,
    succeeded,
    terminated,
    without_cup,
)
from tests.ledger.domain.worlds import CUP, OTHER_CUP, World

if TYPE_CHECKING:
    from ledger.domain.dossier import Dossier

OPEN = (registered(), service(), procedure())
SIGNED = (*OPEN, contract())
ACTED = (*SIGNED, determina(subtype="modifica-contratto"))
VOID = (*SIGNED, determina(subtype="modifica-contratto", cup_in_text="no", void=True))
OVER = (*SIGNED, terminated())
PERSON = "p_" + "d" * 26
TWO = (*OPEN, registered(OTHER_CUP), {**procedure(), "cup": OTHER_CUP})


def keys(dossier: Dossier) -> list[str]:
    """Return the keys of the contracts."""
    return [one.contract for one in dossier.contracts.signed]


def on(day: str) -> Any:  # noqa: ANN401  a function of a Dossier
    """Return what shows amount, last day and suspension of the contract on a day."""
    at = date.fromisoformat(day)

    def show(dossier: Dossier) -> tuple[int, str, bool]:
        [one] = dossier.contracts.signed
        return one.amount_on(at), str(one.ends_on_after(at)), one.is_suspended_on(at)

    return show


def operators(dossier: Dossier) -> list[tuple[str, str, int | None]]:
    """Return the operators of the contracts now."""
    signed = dossier.contracts.signed
    return [(o.op, o.role, o.amount) for one in signed for o in one.operators_on(date.max)]


ACCEPTED = {
    "a contract": Accepted(OPEN, contract(), keys, [CONTRACT]),
    "a contract that ends on the day it starts": Accepted(
        OPEN, contract(ends_on="2023-03-15"), keys, [CONTRACT]
    ),
    "a contract that will start and end": Accepted(
        OPEN, contract(starts_on="2027-01-01", ends_on="2027-12-31"), keys, [CONTRACT]
    ),
    "a contract about a service of the scope": Accepted(
        OPEN, contract(items=["s01"]), lambda d: [c.items for c in d.contracts.signed], [("s01",)]
    ),
    "a contract with a natural person": Accepted(
        OPEN,
        contract(operators=[{"op": PERSON, "role": "professionista"}]),
        operators,
        [(PERSON, "professionista", None)],
    ),
    "a contract under a code acquired since": Accepted(
        (*OPEN, acquired()), contract(f"{PCP}/1", procedure=SIMOG), keys, [f"{PCP}/1"]
    ),
    "a contract of two CUPs": Accepted(
        TWO, without_cup(contract(links=list(BOTH))), keys, [CONTRACT], stream=OTHER_CUP
    ),
    "a variant": Accepted(
        SIGNED,
        amended("importo", delta="12500.00"),
        on("2023-09-01"),
        (11_250_000, "2024-03-14", False),
    ),
    "a reduction by an act": Accepted(
        ACTED,
        amended("importo", delta="-0.01", act=ACT),
        on("2023-09-01"),
        (9_999_999, "2024-03-14", False),
    ),
    "more time": Accepted(
        SIGNED,
        amended("durata", ends_on="2024-06-30"),
        on("2023-09-01"),
        (10_000_000, "2024-06-30", False),
    ),
    "another object": Accepted(
        SIGNED,
        amended("oggetto"),
        lambda d: [a.kind for a in d.contracts.signed[0].amendments],
        ["oggetto"],
    ),
    "a suspension": Accepted(
        SIGNED, amended("sospensione"), on("2023-09-01"), (10_000_000, "2024-03-14", True)
    ),
    "a resumption": Accepted(
        (*SIGNED, amended("sospensione")),
        amended("ripresa", "2023-09-02"),
        on("2023-09-02"),
        (10_000_000, "2024-03-14", False),
    ),
    "a subcontract": Accepted(
        SIGNED,
        subcontracted(),
        lambda d: [(s.op, s.amount) for s in d.contracts.signed[0].subcontracts],
        [(MERGED, 500_000)],
    ),
    "the same subcontract for another amount": Accepted(
        (*SIGNED, subcontracted()),
        subcontracted(amount="6000.00"),
        lambda d: len(d.contracts.signed[0].subcontracts),
        2,
    ),
    "a merger of a supplier": Accepted(
        SIGNED,
        succeeded(),
        operators,
        [(SUPPLIER, "mandataria", 7_000_000), (MERGED, "mandante", 3_000_000)],
    ),
    "a member that quits, its part taken over by the leader": Accepted(
        SIGNED,
        succeeded(new=SUPPLIER, cause="recesso-mandante"),
        operators,
        [(SUPPLIER, "mandataria", 10_000_000)],
    ),
    "a member that quits, of parts that nobody told": Accepted(
        (
            *OPEN,
            contract(
                operators=[
                    {"op": SUPPLIER, "role": "mandataria"},
                    {"op": PARTNER, "role": "mandante"},
                    {"op": MERGED, "role": "mandante"},
                ]
            ),
        ),
        succeeded(new=SUPPLIER, cause="recesso-mandante"),
        operators,
        [(SUPPLIER, "mandataria", None), (MERGED, "mandante", None)],
    ),
    "an end before its time": Accepted(
        SIGNED,
        terminated(),
        lambda d: d.contracts.signed[0].termination is not None,
        True,  # noqa: FBT003  what it becomes
    ),
    "a statement of progress": Accepted(
        SIGNED, progress(), lambda d: [p.number for p in d.contracts.signed[0].progress], [1]
    ),
    "what was done before the end may still be certified": Accepted(
        OVER, executed(), lambda d: len(d.contracts.signed[0].certificates), 1
    ),
    "a certificate of one day of work": Accepted(
        SIGNED,
        executed(started="2023-03-20", ended="2023-03-20"),
        lambda d: [c.signers for c in d.contracts.signed[0].certificates],
        [(RUP_PERSON,)],
    ),
    "a second certificate, by two": Accepted(
        (*SIGNED, executed()),
        executed(RUP_PERSON, MANAGER),
        lambda d: [len(c.signers) for c in d.contracts.signed[0].certificates],
        [1, 2],
    ),
}
REFUSED = {
    "a contract of a procedure that is not recorded": Refusal(
        (registered(),), contract(), "reference-unknown"
    ),
    "a contract of a procedure that failed": Refusal(
        (*OPEN, deserted()), contract(), "reference-closed"
    ),
    "a contract under a code of no procedure": Refusal(
        OPEN, contract(f"{PCP}/1", procedure=SIMOG), "reference-unknown"
    ),
    "a contract about a service out of the scope": Refusal(
        OPEN, contract(items=["s02"]), "reference-unknown"
    ),
    "a contract twice": Refusal(SIGNED, contract(on="2023-03-02"), "duplicate-key"),
    "a contract of nothing": Refusal(OPEN, contract(amount="0.00"), "amount-not-positive"),
    "a contract whose shares lack a cent": Refusal(
        TWO, contract(links=[{**BOTH[0], "amount": "59999.99"}, BOTH[1]]), "sum-mismatch"
    ),
    "a contract with a CUP twice": Refusal(
        TWO, without_cup(contract(links=[{"cup": OTHER_CUP}, {"cup": OTHER_CUP}])), "link-repeated"
    ),
    "a contract of more CUPs than an event can join": Refusal(
        TWO, without_cup(contract(links=[*BOTH] * 151)), "contract-too-wide"
    ),
    "a contract that ends the day before it starts": Refusal(
        OPEN, contract(ends_on="2023-03-14"), "contract-dates-reversed"
    ),
    "an amendment of a contract that is not recorded": Refusal(
        OPEN, amended("oggetto"), "reference-unknown"
    ),
    "an amendment of a contract that was terminated": Refusal(
        OVER, amended("oggetto", "2024-02-01"), "reference-closed"
    ),
    "an amendment by an act that is not recorded": Refusal(
        SIGNED, amended("oggetto", act=ACT), "act-unknown"
    ),
    "an amendment by a void act": Refusal(VOID, amended("oggetto", act=ACT), "act-without-effect"),
    "an amendment that ends before the contract starts": Refusal(
        SIGNED, amended("durata", ends_on="2023-03-14"), "contract-dates-reversed"
    ),
    "more money without money": Refusal(
        SIGNED, amended("importo", delta="0.00"), "nothing-changed"
    ),
    "more time to the same day": Refusal(
        SIGNED, amended("durata", ends_on="2024-03-14"), "nothing-changed"
    ),
    "more time without a day": Refusal(SIGNED, amended("durata"), "nothing-changed"),
    "a suspension of what is suspended": Refusal(
        (*SIGNED, amended("sospensione")), amended("sospensione", "2023-09-02"), "nothing-changed"
    ),
    "a resumption of what is not suspended": Refusal(SIGNED, amended("ripresa"), "nothing-changed"),
    "a subcontract of a contract that is not recorded": Refusal(
        OPEN, subcontracted(), "reference-unknown"
    ),
    "a subcontract of a contract that was terminated": Refusal(
        OVER, subcontracted("2024-02-01"), "reference-closed"
    ),
    "a subcontract of nothing": Refusal(
        SIGNED, subcontracted(amount="0.00"), "amount-not-positive"
    ),
    "the same subcontract twice": Refusal(
        (*SIGNED, subcontracted()), subcontracted(), "nothing-changed"
    ),
    "a subcontract by an act that is not recorded": Refusal(
        SIGNED, subcontracted(act=ACT), "act-unknown"
    ),
    "a subcontract by a void act": Refusal(VOID, subcontracted(act=ACT), "act-without-effect"),
    "the supplier of a contract that is not recorded": Refusal(
        OPEN, succeeded(), "reference-unknown"
    ),
    "a supplier that is not of the contract": Refusal(
        SIGNED, succeeded(old=MERGED, new=PARTNER), "reference-unknown"
    ),
    "a supplier that has gone": Refusal((*SIGNED, succeeded()), succeeded(), "reference-unknown"),
    "a supplier in its own place": Refusal(SIGNED, succeeded(new=PARTNER), "nothing-changed"),
    "the supplier of a contract that was terminated": Refusal(
        OVER, succeeded(on="2024-02-01"), "reference-closed"
    ),
    "the end of a contract that is not recorded": Refusal(OPEN, terminated(), "reference-unknown"),
    "the end of a contract twice": Refusal(OVER, terminated(), "reference-closed"),
    "the end by an act that is not recorded": Refusal(SIGNED, terminated(act=ACT), "act-unknown"),
    "the end by a void act": Refusal(VOID, terminated(act=ACT), "act-without-effect"),
    "progress of a contract that is not recorded": Refusal(OPEN, progress(), "reference-unknown"),
    "the number of a statement twice": Refusal(
        (*SIGNED, progress()), progress(amount="1.00"), "duplicate-key"
    ),
    "progress of nothing": Refusal(SIGNED, progress(amount="0.00"), "amount-not-positive"),
    "a certificate of a contract that is not recorded": Refusal(
        OPEN, executed(), "reference-unknown"
    ),
    "a certificate of a service out of the scope": Refusal(
        (registered(), procedure(), contract()), executed(), "reference-unknown"
    ),
    "a certificate of work that ended the day before it began": Refusal(
        SIGNED, executed(ended="2023-03-19"), "dates-reversed"
    ),
    "a certificate of work that ends tomorrow": Refusal(
        SIGNED, executed(ended="2026-09-02"), "future-date"
    ),
    "the same certificate twice": Refusal((*SIGNED, executed()), executed(), "nothing-changed"),
}


@pytest.mark.parametrize("case", ACCEPTED.values(), ids=ACCEPTED)
def test_it_is_recorded_and_changes_the_dossier(case: Accepted) -> None:
    case.check()


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_it_is_refused(case: Refusal) -> None:
    case.check()


def test_a_contract_is_told_as_it_stands_on_each_day() -> None:
    world = World().given(
        *SIGNED,
        amended("durata", "2023-11-01", ends_on="2024-09-30"),
        amended("importo", "2023-06-01", delta="100.00"),
        succeeded(on="2023-10-02"),
    )
    shown = {}
    for day in ("2023-05-31", "2023-06-01", "2023-10-01", "2023-10-02", "2023-11-01"):
        [one] = world.state(as_of=day).contracts
        assert (one.amount, str(one.ends_on)) == (10_000_000, "2024-03-14")
        shown[day] = (
            one.current_amount,
            str(one.current_ends_on),
            [o.op for o in one.current_operators],
        )
    assert shown == {
        "2023-05-31": (10_000_000, "2024-03-14", [SUPPLIER, PARTNER]),
        "2023-06-01": (10_010_000, "2024-03-14", [SUPPLIER, PARTNER]),
        "2023-10-01": (10_010_000, "2024-03-14", [SUPPLIER, PARTNER]),
        "2023-10-02": (10_010_000, "2024-03-14", [SUPPLIER, MERGED]),
        "2023-11-01": (10_010_000, "2024-09-30", [SUPPLIER, MERGED]),
    }


def test_days_are_those_of_the_law_whatever_was_registered_later() -> None:
    [one] = (
        World()
        .given(
            *SIGNED,
            amended("importo", "2023-06-01", delta="100.00"),
            succeeded(on="2023-10-02"),
        )
        .dossier()
        .contracts.signed
    )
    before = date(2023, 5, 31)
    assert one.amount_on(before) == 10_000_000
    assert [o.op for o in one.operators_on(before)] == [SUPPLIER, PARTNER]


def test_a_succession_of_who_is_not_there_changes_no_operator() -> None:
    world = World().given(*SIGNED, succeeded(), succeeded(MERGED, PARTNER, on="2023-01-01"))
    [one] = world.dossier().contracts.signed
    assert [o.op for o in one.operators_on(date.max)] == [SUPPLIER, MERGED]


def test_the_first_contract_is_that_of_the_first_day() -> None:
    world = World().given(*SIGNED, contract(f"{SIMOG}/2", on="2023-02-28"))
    found = world.dossier().contracts.first_signed()
    assert found is not None
    assert found.contract == f"{SIMOG}/2"
    assert World().dossier().contracts.first_signed() is None


def test_what_refers_to_a_contract_that_is_not_there_changes_nothing() -> None:
    world = World().given(*SIGNED, amended("oggetto"), executed(), terminated())
    found = fold(f"cup/{CUP}", world.events[4:])
    assert found.contracts == World().dossier().contracts


def test_a_contract_without_days_may_be_given_a_last_one() -> None:
    request = contract()
    request["data"] = {
        name: value for name, value in request["data"].items() if not name.endswith("s_on")
    }
    world = World().given(*OPEN, request, amended("durata", ends_on="2023-01-01"))
    [one] = world.state().contracts
    assert (one.ends_on, str(one.current_ends_on)) == (None, "2023-01-01")
