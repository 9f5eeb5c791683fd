"""Refusals about what an event refers to, in the words of the place where it is missing. Source: DOMAIN 3."""

from __future__ import annotations

import pytest

from ledger.errors import Refused
from tests.ledger.domain.cases import Told
from tests.ledger.domain.facts import (
    answered,
    determina,
    live,
    opened,
    phase,
    registered,
    reviewed,
    signed,
)
from tests.ledger.domain.facts_acts import reconnaissance
from tests.ledger.domain.facts_compliance import acknowledged
from tests.ledger.domain.worlds import CUP, OTHER_CUP, World, event_id

START = (registered(),)
BOTH = (*START, registered(OTHER_CUP))
KO = (opened(), answered(), signed(), reviewed("KO", comment="No"))
WAY = "non risulta il servizio {}: registrarlo prima (add-scope-item/1)."
SENTENCES = {
    "of one CUP": (START, live("s09"), [f"Su questo CUP {WAY.format('s09')}"]),
    "of two CUPs": (
        (*BOTH, determina("200", "2023-05-30", links=[{"cup": CUP}, {"cup": OTHER_CUP}])),
        reconnaissance(),
        [f"Su {cup} {WAY.format('s01')}" for cup in (CUP, OTHER_CUP)],
    ),
}


@pytest.mark.parametrize(("given", "when", "told"), SENTENCES.values(), ids=SENTENCES)
def test_what_is_missing_is_told_with_the_cup(
    given: tuple[dict[str, object], ...], when: dict[str, object], told: list[str]
) -> None:
    answer = World().given(*given).when(when)
    assert isinstance(answer, Refused)
    assert [one.sentence for one in (answer, *answer.others)] == told


def test_the_remedy_of_a_finding_is_an_event_of_its_cup() -> None:
    elsewhere = {**phase("ESECUZIONE", "2023-03-01"), "cup": OTHER_CUP}
    Told(
        (*BOTH, *KO, elsewhere),
        acknowledged("review-ko", "dnsh-post", "rup", remedy=event_id(6)),
        (("reference-unknown", f"la registrazione {event_id(6)}"),),
    ).check()
