"""What rests on an act knows what was done to it, wherever it is. Source: DOMAIN 4.2, 9.3, 9.12."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.domain.event import Event
from ledger.errors import Refused
from tests.ledger.domain.facts import (
    ACT,
    RESOLUTION,
    but,
    deliberazione,
    determina,
    enforceable,
    funded,
    published,
    registered,
    service,
)
from tests.ledger.domain.facts_acts import (
    AGAIN,
    BY,
    annulled,
    linked,
    reconnaissance,
    rectified,
    validated,
    voided,
    withdrawn_from_albo,
)
from tests.ledger.domain.facts_money import PAYMENT, committed, paid
from tests.ledger.domain.worlds import OTHER_CUP, World

if TYPE_CHECKING:
    from tests.ledger.domain.worlds import Request

RESTING = (registered(), registered(OTHER_CUP), but(funded(), cup=OTHER_CUP), determina())
PAID_ELSEWHERE = (but(committed(), cup=OTHER_CUP), but(paid(), cup=OTHER_CUP), determina("200"))


@pytest.mark.parametrize("links", [(), (linked(OTHER_CUP),)], ids=["not linked", "linked later"])
def test_an_annulment_lists_the_payments_of_every_cup_that_rests_on_the_act(
    links: tuple[Request, ...],
) -> None:
    world = World().given(*RESTING, *links, *PAID_ELSEWHERE)
    answer = world.when(annulled())
    assert isinstance(answer, Refused)
    assert answer.code == "payments-unlisted"
    world.given(annulled(payments=[PAYMENT]))
    assert [one.kind for one in world.dossier(OTHER_CUP).act_effects[ACT]] == ["annullamento"]


VOID_REMEDIED = (
    registered(),
    service(),
    determina(void=True, cup_in_text="no"),
    determina("200", "2023-12-30", subtype="ricognitivo"),
    reconnaissance(),
)


def test_a_void_act_that_an_atto_ricognitivo_remedies_carries_commitments() -> None:
    assert isinstance(World().given(*VOID_REMEDIED).when(committed()), Event)


AFTER = but(committed(), occurred_on="2024-03-02")


def test_a_void_act_is_void_again_when_its_atto_ricognitivo_is_annulled() -> None:
    again = determina("300", "2024-03-01", subtype="annullamento")
    undone = annulled(act=BY, by=AGAIN.replace("2023", "2024"), on="2024-03-02")
    answer = World().given(*VOID_REMEDIED, again, undone).when(AFTER)
    assert isinstance(answer, Refused)
    assert answer.code == "act-without-effect"


def test_an_atto_ricognitivo_of_something_else_leaves_a_void_act_void() -> None:
    other = reconnaissance()
    other["data"]["remedies"] = [{"code": "act-registered-late", "subject": ACT}]
    answer = World().given(*VOID_REMEDIED[:-1], other).when(committed())
    assert isinstance(answer, Refused)
    assert answer.code == "act-without-effect"


def test_what_was_done_to_an_act_before_it_was_said_to_be_void_remedies_nothing() -> None:
    again = determina("200", "2023-02-01", subtype="rettifica")
    mended = rectified(on="2023-02-01")
    world = World().given(registered(), determina(), again, mended, voided(on="2023-06-01"))
    on_that_day = but(committed(), occurred_on="2023-06-01")
    answer = world.when(on_that_day)
    assert isinstance(answer, Refused)
    assert answer.code == "act-without-effect"
    assert isinstance(world.given(validated(on="2023-07-01")).when(on_that_day), Event)


def test_a_second_publication_does_not_put_off_the_ten_days_that_have_passed() -> None:
    first = published(RESOLUTION, "2022-06-10", "2022-06-25")
    omissis = published(RESOLUTION, "2023-03-01", "2023-03-20", version="omissis")
    world = World().given(registered(), deliberazione(), first, omissis)
    force = enforceable(RESOLUTION, "2022-06-20", "tuel-134-3", "segretario")
    assert isinstance(world.when(force), Event)


def test_a_publication_withdrawn_within_the_ten_days_does_not_count() -> None:
    first = published(RESOLUTION, "2022-06-10", "2022-06-25")
    again = published(RESOLUTION, "2022-07-01", "2022-07-16")
    gone = withdrawn_from_albo(on="2022-06-15")
    world = World().given(registered(), deliberazione(), first, gone, again)
    answer = world.when(enforceable(RESOLUTION, "2022-06-20", "tuel-134-3", "segretario"))
    assert isinstance(answer, Refused)
    assert answer.code == "enforceable-too-early"
