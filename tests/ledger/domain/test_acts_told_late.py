"""On an act, a commitment or a source, legal days decide and not the order of recording.

What happened before the act was taken away did happen, also when it is told afterwards; what happened
on that day or later rests on nothing. Source: DOMAIN 4.2, 9.6 and 9.12; D11, D12.
"""

from __future__ import annotations

from datetime import date
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
    nominated,
    phase,
    published,
    registered,
    reverted,
    visto,
)
from tests.ledger.domain.facts_acts import (
    BY,
    annulled,
    completed_at_albo,
    extended,
    rectified,
    revoked_act,
    suspended,
    voided,
    withdrawn_from_albo,
)
from tests.ledger.domain.facts_money import (
    PAYMENT,
    committed,
    economies,
    liquidated,
    paid,
    recovery,
    reduced,
    revenue,
    revoked,
)
from tests.ledger.domain.worlds import World

if TYPE_CHECKING:
    from tests.ledger.domain.worlds import Request

TWO = (registered(), funded("90.00"), determina(), determina("200", "2023-01-30"))
THREE = (*TWO, determina("300", "2023-01-30"))
OWED = (*TWO, committed())
PAID = (*OWED, paid())
ALBO = (registered(), deliberazione(), published(RESOLUTION, "2022-06-10", "2022-06-25"))
TAKEN_AWAY = {
    "annulled": lambda on: annulled(on=on),
    "void": lambda on: voided(on=on),
    "revoked": lambda on: revoked_act(on=on),
    "suspended": lambda on: suspended(on=on),
}
RESTING = {
    "a commitment": (TWO, committed()),
    "a liquidation": (OWED, liquidated()),
    "revenue": (TWO, revenue()),
    "economies": (TWO, but(economies(), data={**economies()["data"], "act": ACT})),
    "a visto": (TWO, visto(on="2023-02-01")),
    "force": ((*TWO, visto(on="2023-01-31")), enforceable(on="2023-02-01")),
    "a nomination": (TWO, nominated(act=ACT, from_="2023-02-01")),
    "a phase": (TWO, phase("AFFIDAMENTO", "2023-02-01", act=ACT)),
}


def day_of(request: Request) -> date:
    """Return the legal date of a request."""
    data = request["data"]
    return date.fromisoformat(
        request.get("occurred_on") or data.get("effective_on") or data.get("from")
    )


@pytest.mark.parametrize("how", TAKEN_AWAY)
@pytest.mark.parametrize("what", RESTING)
def test_what_rested_on_an_act_the_day_before_is_recorded_in_either_order(
    what: str, how: str
) -> None:
    given, resting = RESTING[what]
    next_day = date.fromordinal(day_of(resting).toordinal() + 1).isoformat()
    gone = TAKEN_AWAY[how](next_day)
    told = [World().given(*given, *order).state().acts for order in _orders(resting, gone)]
    effects = [[(act.key, act.effect, act.enforceability) for act in acts] for acts in told]
    assert effects[0] == effects[1]


def _orders(one: Request, other: Request) -> tuple[tuple[Request, ...], tuple[Request, ...]]:
    return (one, other), (other, one)


@pytest.mark.parametrize("how", TAKEN_AWAY)
@pytest.mark.parametrize("what", RESTING)
def test_what_would_rest_on_an_act_on_that_day_is_refused(what: str, how: str) -> None:
    given, resting = RESTING[what]
    gone = TAKEN_AWAY[how](day_of(resting).isoformat())
    answer = World().given(*given, gone).when(resting)
    assert isinstance(answer, Refused)
    assert answer.code == "act-without-effect"


def test_what_an_act_did_before_it_was_annulled_is_recorded_and_undone_in_either_order() -> None:
    done, undone = rectified(on="2023-06-01"), annulled(BY, AGAIN, on="2023-09-01")
    for order in _orders(done, undone):
        world = World().given(*THREE, *order)
        act = world.state().acts[0]
        assert (act.effect, act.text_in_force) == ("efficace", None)
        assert [one.kind for one in world.dossier().act_effects[ACT]] == ["rettifica"]
    late = but(done, occurred_on="2023-09-01")
    answer = World().given(*THREE, undone).when(late)
    assert isinstance(answer, Refused)
    assert answer.code == "author-without-effect"


AGAIN = BY.replace("/200", "/300")
GROUNDS = {
    "a reduction": (OWED, lambda: reduced("10.00", act=ACT)),
    "a recovery": (PAID, lambda: recovery(act=ACT)),
    "a regression": (
        (*TWO, phase("PROGETTAZIONE", "2023-01-31"), phase("AFFIDAMENTO", "2023-02-01", act=ACT)),
        lambda: reverted("AFFIDAMENTO", "PROGETTAZIONE", "2023-12-01", act=ACT),
    ),
}


@pytest.mark.parametrize(
    "gone", [annulled(payments=[PAYMENT]), revoked_act()], ids=["annulled", "revoked"]
)
@pytest.mark.parametrize(("given", "taking"), GROUNDS.values(), ids=GROUNDS)
def test_what_takes_back_may_name_the_act_that_fell_as_its_ground(
    given: tuple[Request, ...], taking: object, gone: Request
) -> None:
    answer = World().given(*given, gone).when(taking())  # type: ignore[operator]
    assert isinstance(answer, Event), answer


def test_a_pnrr_payment_of_before_a_revocation_is_recorded_in_either_order() -> None:
    gone = revoked(("PNRR", "-90.00"), on="2023-06-21")
    for order in _orders(paid(), gone):
        world = World().given(*OWED, *order)
        assert (
            world.dossier().spending.paid("PNRR"),
            world.dossier().funding.of_source("PNRR"),
        ) == (
            6_000,
            0,
        )


def test_a_pnrr_payment_of_the_day_of_the_revocation_is_refused() -> None:
    answer = World().given(*OWED, revoked(("PNRR", "-30.01"), on="2023-06-20")).when(paid())
    assert isinstance(answer, Refused)
    assert answer.code == "pnrr-paid-above-funding"
    assert "59,99" in answer.sentence


def test_an_extension_of_before_the_end_of_a_publication_is_recorded_after_it() -> None:
    longer = extended("2022-07-10", on="2022-06-25")
    for order in _orders(longer, completed_at_albo(on="2022-06-26")):
        [term] = World().given(*ALBO, *order).act(RESOLUTION).publications
        assert (term.to, term.completed_on) == (date(2022, 7, 10), date(2022, 6, 26))
    answer = (
        World()
        .given(*ALBO, completed_at_albo(on="2022-06-26"))
        .when(but(longer, occurred_on="2022-06-26"))
    )
    assert isinstance(answer, Refused)
    assert answer.code == "reference-closed"


def test_the_end_of_a_publication_is_of_the_one_that_its_day_met() -> None:
    second = published(RESOLUTION, "2023-03-01", "2023-03-20", version="omissis")
    world = World().given(*ALBO, second, completed_at_albo(on="2022-06-26"))
    ends = [(term.version, term.completed_on) for term in world.act(RESOLUTION).publications]
    assert ends == [("integrale", date(2022, 6, 26)), ("omissis", None)]
    world.given(withdrawn_from_albo(on="2023-03-10"))
    [first, omissis] = world.act(RESOLUTION).publications
    assert first.withdrawal is None
    assert omissis.withdrawal is not None


def test_the_track_of_publication_is_that_of_the_day_whatever_came_first() -> None:
    second = published(RESOLUTION, "2023-03-01", "2023-03-20", version="omissis")
    first = ALBO[-1]
    for order in _orders(first, second):
        act = World().given(*ALBO[:-1], *order).state().acts[0]
        assert (str(act.published_from), act.publication) == ("2023-03-01", "pubblicata")
        met = World().given(*ALBO[:-1], *order).act(RESOLUTION)
        assert met.publication_on(date(2022, 6, 25)) == "in-pubblicazione"
        assert met.publication_on(date(2022, 6, 9)) == "non-pubblicata"


def test_the_visto_of_an_act_is_the_first_by_its_day() -> None:
    world = World().given(*TWO, visto(on="2023-02-06"), visto(on="2023-02-01"))
    assert str(world.state().acts[0].endorsed_on) == "2023-02-01"
