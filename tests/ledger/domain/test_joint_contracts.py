"""A contract of several CUPs is one: what happens to it is in each of them. Source: DOMAIN 3.4, 9.4."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from ledger.domain.acts import LINKS_LIMIT
from ledger.domain.decide import judge
from ledger.domain.event import Event
from ledger.errors import Refused
from tests.ledger.domain.facts import ACT, but, determina, registered, service
from tests.ledger.domain.facts_procurement import (
    BOTH,
    CONTRACT,
    DERIVED,
    MERGED,
    PCP,
    SIMOG,
    acquired,
    amended,
    cancelled,
    contract,
    executed,
    procedure,
    progress,
    replaced,
    subcontracted,
    succeeded,
    terminated,
)
from tests.ledger.domain.worlds import CUP, OTHER_CUP, World, event_id

if TYPE_CHECKING:
    from tests.ledger.domain.worlds import Request

THIRD_CUP = "C81B22001240006"
STREAMS = (f"cup/{CUP}", f"cup/{OTHER_CUP}")
OPEN = (
    registered(),
    service(),
    procedure(),
    registered(OTHER_CUP),
    but(service("s02"), cup=OTHER_CUP),
    but(procedure(), cup=OTHER_CUP),
)
JOINT = (*OPEN, contract(links=list(BOTH), items=["s01", "s02"]))
CLOUD, PAGO = {"measure": "M1C1I1.2"}, {"measure": "M1C1I1.4.1", "clp": "PRJ_2"}

HAPPENS = {
    "more money": amended("importo", delta="12500.00"),
    "more time": amended("durata", ends_on="2024-06-30"),
    "a suspension": amended("sospensione"),
    "a subcontract": subcontracted(),
    "another supplier": succeeded(),
    "the end": terminated(),
    "a statement of progress": progress(),
    "a certificate of services of both": executed(
        items=[
            {"item": "s01", "started_on": "2023-03-20", "completed_on": "2023-12-15"},
            {"item": "s02", "started_on": "2023-04-20", "completed_on": "2023-12-15"},
        ]
    ),
}


def signed(world: World, cup: str) -> Any:  # noqa: ANN401  a Contract
    """Return the contract as the dossier of a CUP has it."""
    (one,) = world.dossier(cup).contracts.signed
    return one


def code(world: World, request: Request) -> str:
    """Return the code with which a request is refused."""
    answer = world.when(request)
    assert isinstance(answer, Refused), answer
    return answer.code


@pytest.mark.parametrize("cup", [CUP, OTHER_CUP])
@pytest.mark.parametrize("request_", HAPPENS.values(), ids=HAPPENS)
def test_it_happens_to_the_contract_in_each_of_its_cups(request_: Request, cup: str) -> None:
    world = World().given(*JOINT)
    before = signed(world, CUP)
    answer = world.when(but(request_, cup=cup))
    assert isinstance(answer, Event), answer
    assert answer.streams == STREAMS
    assert signed(world, CUP) == signed(world, OTHER_CUP) != before


@pytest.mark.parametrize("left", STREAMS)
@pytest.mark.parametrize("request_", HAPPENS.values(), ids=HAPPENS)
def test_an_envelope_that_leaves_a_cup_out_is_refused(request_: Request, left: str) -> None:
    world = World().given(*JOINT)
    event = world.proposed(request_)
    alone = tuple(name for name in STREAMS if name != left)
    with pytest.raises(Refused) as caught:
        judge(replace(event, streams=alone), world.situation(request_))
    assert caught.value.code == "streams-mismatch"


def test_an_envelope_that_joins_a_cup_that_has_not_the_contract_is_refused() -> None:
    world = World().given(*JOINT, registered(THIRD_CUP))
    event = world.proposed(terminated())
    more = tuple(sorted((*STREAMS, f"cup/{THIRD_CUP}")))
    with pytest.raises(Refused) as caught:
        judge(replace(event, streams=more), world.situation(terminated()))
    assert caught.value.code == "streams-mismatch"
    assert code(world, but(terminated(), cup=THIRD_CUP)) == "reference-unknown"


def test_two_contracts_of_one_key_on_cups_apart_are_two() -> None:
    alone = (registered(THIRD_CUP), but(procedure(), cup=THIRD_CUP), but(contract(), cup=THIRD_CUP))
    world = World().given(*JOINT, *alone)
    world.given(terminated())
    assert signed(world, THIRD_CUP).termination is None
    answer = world.when(but(terminated(), cup=THIRD_CUP))
    assert isinstance(answer, Event), answer
    assert answer.streams == (f"cup/{THIRD_CUP}",)


def test_what_ended_in_one_cup_has_ended_in_the_other() -> None:
    world = World().given(*JOINT, terminated())
    assert (
        code(world, but(amended("oggetto", on="2024-02-01"), cup=OTHER_CUP)) == "reference-closed"
    )
    world = World().given(*JOINT, progress())
    assert code(world, but(progress(), cup=OTHER_CUP)) == "duplicate-key"
    world = World().given(*JOINT, amended("sospensione"))
    again = but(amended("sospensione", on="2023-09-02"), cup=OTHER_CUP)
    assert code(world, again) == "nothing-changed"


def test_an_act_by_which_it_is_amended_is_joined_too() -> None:
    act = determina(subtype="modifica-contratto")
    world = World().given(*JOINT, act)
    answer = world.when(amended("importo", delta="1.00", act=ACT))
    assert isinstance(answer, Event), answer
    assert answer.streams == (f"act/{ACT}", *STREAMS)


def test_a_correction_of_it_holds_in_each_cup() -> None:
    world = World().given(*JOINT, amended("sospensione"))
    request = {
        "command": "correct-error/1",
        "role": "rup",
        "occurred_on": "2026-08-01",
        "corrects": [event_id(7)],
        "data": {"cause": "data errata"},
    }
    world.given(request)
    assert signed(world, CUP).amendments == signed(world, OTHER_CUP).amendments == ()


def test_services_are_of_one_of_its_cups_at_least() -> None:
    world = World().given(*OPEN)
    assert code(world, contract(links=list(BOTH), items=["s01", "s09"])) == "reference-unknown"
    world.given(*JOINT[len(OPEN) :])
    days = {"started_on": "2023-03-20", "completed_on": "2023-12-15"}
    assert code(world, executed(items=[{"item": "s09", **days}])) == "reference-unknown"


def test_a_contract_of_more_cups_than_an_event_holds_is_refused_with_what_to_do() -> None:
    world = World().given(*OPEN)
    links = [BOTH[number % 2] for number in range(LINKS_LIMIT + 1)]
    answer = world.when(contract(links=links, amount="1.00"))
    assert isinstance(answer, Refused)
    (told,) = [one for one in (answer, *answer.others) if one.code == "contract-too-wide"]
    assert f"{SIMOG}/1, /2" in told.sentence


def of(chosen: dict[str, str], request: Request) -> Request:
    """Return the request as one about an intervention of a shared CUP."""
    return but(request, data={**request["data"], "intervention": chosen})


SHARED = (registered(), registered(on="2022-03-01", **PAGO), of(CLOUD, procedure()))


def test_on_a_shared_cup_the_contract_says_which_intervention_it_is() -> None:
    world = World().given(*SHARED, of(CLOUD, contract()), terminated())
    cloud, pago = world.dossier().parts
    assert cloud.contracts.signed[0].termination is not None
    assert pago.contracts.signed == ()
    assert code(world, of(PAGO, progress())) == "reference-unknown"


def test_a_contract_of_two_interventions_of_one_cup_is_of_both() -> None:
    shares = [
        {"cup": CUP, **CLOUD, "amount": "60000.00"},
        {"cup": CUP, **PAGO, "amount": "40000.00"},
    ]
    world = World().given(*SHARED, of(PAGO, procedure()), contract(links=shares))
    world.given(of(CLOUD, amended("importo", delta="1.00")), terminated())
    cloud, pago = (part.contracts.signed[0] for part in world.dossier().parts)
    assert cloud == pago
    assert (len(cloud.amendments), cloud.termination is not None) == (1, True)


@pytest.mark.parametrize("cup", [CUP, OTHER_CUP])
def test_a_code_of_several_cups_is_replaced_and_cancelled_in_each(cup: str) -> None:
    shared = acquired(PCP, links=[{"cup": CUP}, {"cup": OTHER_CUP}])
    new = DERIVED
    world = World().given(*OPEN, shared, but(replaced(PCP, new), cup=cup))
    assert world.events[-1].streams == STREAMS
    world.given(but(cancelled(new), cup=cup))
    assert world.events[-1].streams == STREAMS
    for one in (CUP, OTHER_CUP):
        known = world.dossier(one).procurement.cig(new)
        assert known is not None
        assert known.end is not None
        assert known.replaces == PCP


def test_a_code_of_one_cup_is_cancelled_there_alone() -> None:
    world = World().given(*OPEN, cancelled())
    assert world.events[-1].streams == (f"cup/{CUP}",)
    other = world.dossier(OTHER_CUP).procurement.cig(SIMOG)
    assert other is not None
    assert other.end is None


def test_the_operators_of_the_day_are_the_same_in_each_cup() -> None:
    world = World().given(*JOINT, succeeded())
    for cup in (CUP, OTHER_CUP):
        (one,) = world.state(cup).contracts
        assert MERGED in {operator.op for operator in one.current_operators}
        assert one.contract == CONTRACT
