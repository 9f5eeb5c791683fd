"""What is refused of every event, at its limits: streams, dates, roles. Source: DOMAIN 9.12."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledger.domain.decide import judge
from ledger.errors import Refused
from tests.ledger.domain.cases import Told
from tests.ledger.domain.facts import ACT, corrected, determina, live, registered, service
from tests.ledger.domain.worlds import CUP, World

START = (registered(),)
TOLD = {
    "what is given back without what it rests on": Told(
        (*START, service(), live(), corrected(2), corrected(1)),
        corrected(3),
        (("correction-breaks-state", "Servizio completato (n. 2)"),),
    ),
}


@pytest.mark.parametrize("case", TOLD.values(), ids=TOLD)
def test_it_is_refused_for_this_and_nothing_else(case: Told) -> None:
    case.check()


def test_an_envelope_that_leaves_out_a_stream_is_told_all_of_them() -> None:
    world = World().given(*START)
    asked = determina()
    event = replace(world.proposed(asked), streams=(f"act/{ACT}",))
    with pytest.raises(Refused) as caught:
        judge(event, world.situation(asked))
    assert caught.value.code == "streams-mismatch"
    assert caught.value.sentence.endswith(f"attesi act/{ACT}, cup/{CUP}.")
