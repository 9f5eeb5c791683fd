"""Refusals about enforceability at their limits: the rule, the role, the day, the votes. Source: DOMAIN 4.3."""

from __future__ import annotations

import pytest

from ledger.errors import Refused
from tests.ledger.domain.cases import Accepted, Refusal, Told
from tests.ledger.domain.facts import (
    ACT,
    RESOLUTION,
    but,
    deliberazione,
    determina,
    enforceable,
    nominated,
    published,
    registered,
    visto,
)
from tests.ledger.domain.facts_acts import immediate, opinion, other_act, withdrawn_from_albo
from tests.ledger.domain.facts_money import committed
from tests.ledger.domain.facts_oversight import adopted
from tests.ledger.domain.worlds import World

START = (registered(),)
ORDER = "c_e506/ordini/2023/7"
SPENT = (*START, determina())
NAMED = (*START, determina(subtype="nomina"))
RESOLVED = (*START, deliberazione())
FREE = enforceable(on="2023-01-23", rule="det-no-spend", role="dirigente")
# At the albo twice: by the first publication it has force from 20 June, by the second from 20 July.
TWICE = (
    *RESOLVED,
    published(RESOLUTION, "2022-06-10", "2022-06-25"),
    published(RESOLUTION, "2022-07-10", "2022-07-25"),
)


def by_albo(on: str) -> dict[str, object]:
    """Return the enforceability of the resolution by its publication, from a day."""
    return enforceable(RESOLUTION, on, "tuel-134-3", "segretario")


def beside(number: str) -> tuple[dict[str, object], ...]:
    """Return another act of that number, and what is committed on it."""
    act = ACT.replace("/100", f"/{number}")
    return determina(number), committed(act=act, key=f"c_e506/2023/1{number}")


def effective(key: str) -> object:
    """Return what shows the day from which an act has force."""
    return lambda d: str(d.acts[key].enforceability.effective_on)


ACCEPTED = {
    "force by the visto where the body has no force without spending": Accepted(
        (*SPENT, visto(), adopted("det-no-spend", "no")),
        enforceable(),
        effective(ACT),
        "2023-01-24",
    ),
    "force by adoption of an act beside those on which money is committed": Accepted(
        (*NAMED, nominated(from_="2023-02-01", act=ACT), *beside("10"), *beside("101")),
        FREE,
        effective(ACT),
        "2023-01-23",
    ),
    "force later than the tenth day": Accepted(
        TWICE, by_albo("2022-06-30"), effective(RESOLUTION), "2022-06-30"
    ),
    "force by a publication that was withdrawn after its tenth day": Accepted(
        (*TWICE, withdrawn_from_albo(on="2022-06-22")),
        by_albo("2022-06-20"),
        effective(RESOLUTION),
        "2022-06-20",
    ),
    "force by a publication that was withdrawn on its tenth day": Accepted(
        (*TWICE, withdrawn_from_albo(on="2022-06-20")),
        by_albo("2022-06-20"),
        effective(RESOLUTION),
        "2022-06-20",
    ),
    "force by the vote of all": Accepted(
        RESOLVED, immediate(10, 10), effective(RESOLUTION), "2022-06-09"
    ),
}
REFUSED = {
    "force by the visto on the word of the secretary": Refusal(
        (*SPENT, visto()), enforceable(role="segretario"), "rule-of-another-role"
    ),
    "force without spending on the word of finance": Refusal(
        NAMED, enforceable(on="2023-01-23", rule="det-no-spend"), "rule-of-another-role"
    ),
    "force by a publication that was withdrawn the day before its tenth": Refusal(
        (*TWICE, withdrawn_from_albo(on="2022-06-19")),
        by_albo("2022-06-20"),
        "enforceable-too-early",
    ),
    "an order by the separate vote": Refusal(
        (*START, other_act()),
        but(immediate(act=ORDER), occurred_on="2023-01-23"),
        "immediate-only-deliberazione",
    ),
    "a determina by the separate vote": Refusal(
        SPENT, but(immediate(act=ACT), occurred_on="2023-01-23"), "immediate-only-deliberazione"
    ),
    "force by fewer than half": Refusal(RESOLVED, immediate(4, 10), "immediate-without-majority"),
    "force by more than all": Refusal(RESOLVED, immediate(11, 10), "immediate-without-majority"),
}
TOLD = {
    "an order with force by the visto": Told(
        (*START, other_act()),
        enforceable(ORDER),
        (("rule-not-applicable", ORDER), ("visto-missing", ORDER)),
    ),
}


@pytest.mark.parametrize("case", ACCEPTED.values(), ids=ACCEPTED)
def test_it_is_recorded_and_changes_the_dossier(case: Accepted) -> None:
    case.check()


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_it_is_refused(case: Refusal) -> None:
    case.check()


@pytest.mark.parametrize("case", TOLD.values(), ids=TOLD)
def test_it_is_refused_for_this_and_nothing_else(case: Told) -> None:
    case.check()


def test_whoever_may_not_record_an_opinion_is_told_who_may() -> None:
    answer = World().given(*RESOLVED).when(opinion("contabile", "dirigente"))
    assert isinstance(answer, Refused)
    assert answer.sentence == (
        "Il parere di regolarità contabile lo registra il ruolo finanziario, non dirigente."
    )
