"""Corrections: what was recorded in error is withdrawn, in the open. Source: DOMAIN section 9.9."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledger.domain.decide import judge
from ledger.domain.event import Event
from ledger.errors import Refused
from tests.ledger.domain.cases import Accepted, Refusal
from tests.ledger.domain.facts import (
    ACT,
    adjusted,
    answered,
    but,
    completed,
    corrected,
    determina,
    enforceable,
    excepted,
    exported,
    funded,
    live,
    nominated,
    observed,
    opened,
    phase,
    registered,
    reviewed,
    service,
    signed,
    visto,
    without,
)
from tests.ledger.domain.facts_compliance import acknowledged
from tests.ledger.domain.facts_oversight import anchored, noted
from tests.ledger.domain.worlds import ALL_ROLES, CUP, OTHER_CUP, ROOT, World, event_id

START = (registered(),)
WRONG_PHASE = (*START, phase("ESECUZIONE", "2023-03-01"))
FORCE = (*START, determina(), visto(), enforceable())
EXCEPTION = excepted("finanziario", "rup", from_="2023-01-23")
ACCEPTED = {
    "a phase entered in error": Accepted(
        WRONG_PHASE, corrected(1), lambda d: (d.phases.moves, len(d.oversight.corrections)), ((), 1)
    ),
    "a correction that was an error": Accepted(
        (*WRONG_PHASE, corrected(1)), corrected(2), lambda d: len(d.phases.moves), 1
    ),
    "an act by who may register it": Accepted(
        (*START, determina()), corrected(1, role="dirigente"), lambda d: len(d.acts), 0
    ),
    "a fact and its dependent together": Accepted(
        (*START, service(), live()), corrected(1, 2), lambda d: len(d.scope.items), 0
    ),
    "the number of an act is free again": Accepted(
        (*START, determina(), corrected(1)), determina(subject="Altro"), lambda d: len(d.acts), 1
    ),
}
REFUSED = {
    "a correction of nothing that is recorded": Refusal(START, corrected(9), "streams-missing"),
    "a package that went out": Refusal((*START, exported()), corrected(1), "not-correctable"),
    "an observation": Refusal((*START, observed()), corrected(1), "not-correctable"),
    "a role that may not sign the corrected type": Refusal(
        WRONG_PHASE, corrected(1, role="finanziario"), "not-correctable"
    ),
    "an auditor gives back what the RUP had corrected": Refusal(
        (*WRONG_PHASE, corrected(1)), corrected(2, role="auditor"), "not-correctable"
    ),
    "what is corrected already": Refusal(
        (*WRONG_PHASE, corrected(1)), corrected(1), "already-corrected"
    ),
    "the registration of an intervention with facts": Refusal(
        WRONG_PHASE, corrected(0), "correction-breaks-state"
    ),
    "an act with its visto": Refusal(FORCE, corrected(1), "correction-breaks-state"),
    "a visto on which the act has force": Refusal(
        FORCE, corrected(2, role="finanziario"), "correction-breaks-state"
    ),
    "the entry of a phase that has ended": Refusal(
        (*WRONG_PHASE, completed("ESECUZIONE", "2023-09-01")),
        corrected(1),
        "correction-breaks-state",
    ),
    "a grant that was partly taken back": Refusal(
        (*START, funded("100.00"), adjusted(("PNRR", "-10.00"))),
        corrected(1),
        "correction-breaks-state",
    ),
    "a list that was answered": Refusal(
        (*START, opened(), answered()), corrected(1), "correction-breaks-state"
    ),
    "the only answer of a list that was signed": Refusal(
        (*START, opened(), answered(), signed()), corrected(2), "correction-breaks-state"
    ),
    "a correction whose number was taken since": Refusal(
        (*START, determina(), corrected(1), determina(subject="Altro")),
        corrected(2),
        "correction-breaks-state",
    ),
    "a correction of a reduction that the source no longer bears": Refusal(
        (
            *START,
            funded("100.00"),
            adjusted(("PNRR", "-60.00")),
            corrected(2),
            adjusted(("PNRR", "-70.00"), decree="8/2023"),
        ),
        corrected(3),
        "correction-breaks-state",
    ),
}


@pytest.mark.parametrize("case", ACCEPTED.values(), ids=ACCEPTED)
def test_it_is_recorded_and_changes_the_dossier(case: Accepted) -> None:
    case.check()


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_it_is_refused(case: Refusal) -> None:
    case.check()


def test_the_refusal_names_every_dependent() -> None:
    answer = World().given(*FORCE).when(corrected(1, role="rup"))
    assert isinstance(answer, Refused)
    assert answer.item == "Visto di regolarità contabile (n. 2), Esecutività (n. 3)"


def test_an_act_is_withdrawn_from_each_of_its_cups_and_from_its_own_stream() -> None:
    links = [{"cup": CUP}, {"cup": OTHER_CUP}]
    world = World().given(*START, registered(cup=OTHER_CUP), determina(links=links))
    answer = world.when(corrected(2))
    assert isinstance(answer, Event)
    assert answer.streams == (f"act/{ACT}", f"cup/{CUP}", f"cup/{OTHER_CUP}")
    assert not any(world.dossier(name).acts for name in answer.streams)


def test_a_correction_can_be_taken_back_and_made_again() -> None:
    world = World().given(*WRONG_PHASE, corrected(1), corrected(2), corrected(3))
    assert world.dossier().phases.moves == ()
    assert [len(world.known_at(n).phases.moves) for n in range(6)] == [0, 0, 1, 0, 1, 0]


def test_the_error_is_seen_by_who_asks_what_was_known_before() -> None:
    world = World().given(*WRONG_PHASE, phase("ESECUZIONE", "2023-04-01"), corrected(1))
    assert [str(m.on) for m in world.known_at(3).phases.moves] == ["2023-03-01", "2023-04-01"]
    assert [str(m.on) for m in world.dossier().phases.moves] == ["2023-04-01"]


def test_a_correction_holds_for_every_legal_day() -> None:
    world = World().given(*WRONG_PHASE, corrected(1, on="2026-08-01"))
    assert world.dossier(as_of="2023-05-01").phases.moves == ()
    assert world.dossier(as_of="2023-05-01").count == 3


def test_what_does_not_depend_on_the_corrected_fact_stays() -> None:
    world = World().given(
        *START, funded(), phase("ESECUZIONE", "2023-03-01"), service(funded=False)
    )
    world.given(corrected(1))
    dossier = world.dossier()
    assert (dossier.funding.entries, len(dossier.phases.moves), len(dossier.scope.items)) == (
        (),
        1,
        1,
    )


SECOND = {"measure": "M1C1I1.4.1", "clp": "PRJ_2"}
SHARED = (registered(clp="PRJ_1"), registered(**SECOND))


def test_the_second_intervention_on_a_cup_is_not_taken_from_its_facts() -> None:
    world = World().given(*SHARED, phase("PROGETTAZIONE", "2022-06-01", intervention=SECOND))
    answer = world.when(corrected(1))
    assert isinstance(answer, Refused)
    assert (answer.code, answer.item) == ("correction-breaks-state", "Avvio fase (n. 2)")


def test_the_second_intervention_is_not_given_back_to_facts_that_do_not_choose() -> None:
    world = World().given(*SHARED, corrected(1), phase("PROGETTAZIONE", "2022-06-01"))
    answer = world.when(corrected(2))
    assert isinstance(answer, Refused)
    assert (answer.code, answer.item) == ("correction-breaks-state", "Avvio fase (n. 3)")


def test_a_stream_with_many_corrections_is_corrected_once_more() -> None:
    world = World().given(*START, phase("PROGETTAZIONE", "2022-06-01"))
    for number in range(30):
        place = len(world.events)
        world.given(phase("ESECUZIONE", f"2023-03-{number + 1:02}"), corrected(place))
    assert isinstance(world.when(corrected(1)), Event)
    assert world.dossier().phases.moves == ()


def test_a_correction_of_nothing_is_refused_though_its_envelope_joins_nothing() -> None:
    world = World().given(*WRONG_PHASE)
    event = replace(world.proposed(corrected(1)), corrects=(), streams=())
    with pytest.raises(Refused) as caught:
        judge(event, world.situation(corrected(1)))
    assert (caught.value.code, caught.value.item) == (
        "not-correctable",
        "(nessuna indicata in «corrects»)",
    )


def test_what_names_a_remedy_and_what_anchors_the_log_stand_after_a_correction() -> None:
    """Both are judged again, and ask the record for an event and for a root."""
    world = World().given(
        *WRONG_PHASE,
        opened(),
        answered(),
        signed(),
        reviewed("KO", comment="No"),
        noted(),
        acknowledged("review-ko", "dnsh-post", "rup", remedy=event_id(6)),
        determina(),
        without(EXCEPTION, "cup"),
        anchored(1, ROOT),
    )
    world.given(corrected(1), corrected(9, role="segretario"))
    assert world.dossier().phases.moves == ()
    assert world.dossier("sys/log").people.exceptions == ()


def test_what_broke_already_is_not_laid_to_a_correction() -> None:
    """An exception of the ledger goes without question to the review of a CUP that rested on it.

    The next correction that concerns both the ledger and the CUP finds the review without ground before
    and after it.
    """
    alone = {"signed_by": ALL_ROLES}
    world = World().given(
        *START,
        nominated(),
        determina(),
        without(excepted("segretario", "rup", from_="2024-01-01"), "cup"),
        *(but(one, **alone) for one in (opened(), answered(), signed(), reviewed())),
        corrected(3, role="segretario"),
        without(EXCEPTION, "cup"),
    )
    assert isinstance(world.when(corrected(1, 9, role="segretario")), Event)
    assert world.dossier().people.assignments == ()
