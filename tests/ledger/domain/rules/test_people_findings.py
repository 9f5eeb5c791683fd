"""Findings about nominations at their limits: the day, the role, the person. Source: DOMAIN 10.2, 11."""

from __future__ import annotations

import pytest

from tests.ledger.domain.cases import Raised
from tests.ledger.domain.facts import (
    MANAGER,
    RUP_PERSON,
    ceased,
    determina,
    nominated,
    registered,
)
from tests.ledger.domain.worlds import World

START = (registered(),)
NAMING = "c_e506/registro-generale/2022/7"
NAMED = determina(subtype="nomina", on="2022-03-01", number="7")
FINANCE = "responsabile-finanziario"
RAISED = {
    "a nomination from a day after its act": Raised(
        (*START, NAMED, nominated(from_="2022-04-01", act=NAMING)), "role-retroactive", ()
    ),
    "two RUP, the first of them first in the alphabet": Raised(
        (*START, nominated(), nominated(person=MANAGER)),
        "rup-overlap",
        (f"rup/{MANAGER}/2022-02-01",),
    ),
    "two RUP, the first of them last in the alphabet": Raised(
        (*START, nominated(person=MANAGER), nominated()),
        "rup-overlap",
        (f"rup/{RUP_PERSON}/2022-02-01",),
    ),
    "one RUP nominated twice": Raised(
        (*START, nominated(), nominated(from_="2024-02-01")), "rup-overlap", ()
    ),
    "two interim RUP": Raised(
        (*START, nominated(interim=True), nominated(person=MANAGER, interim=True)),
        "rup-overlap",
        (),
    ),
    "two of other roles": Raised(
        (
            *START,
            *(
                nominated(role, person=who)
                for role in ("dec", "segretario")
                for who in (RUP_PERSON, MANAGER)
            ),
        ),
        "rup-overlap",
        (),
    ),
    "RUP after head of finance": Raised(
        (*START, nominated(FINANCE), nominated()),
        "incompatible-roles",
        (f"rup/{RUP_PERSON}/2022-02-01",),
    ),
    "RUP, and another head of finance, first in the alphabet": Raised(
        (*START, nominated(person=MANAGER), nominated(FINANCE)), "incompatible-roles", ()
    ),
    "RUP of two procedures": Raised(
        (*START, nominated(procedure="95156957EC"), nominated(procedure="9443593B77")),
        "incompatible-roles",
        (),
    ),
    "RUP and head of anticorruption": Raised(
        (*START, nominated(), nominated("rpct")), "incompatible-roles", ()
    ),
    "head of finance from the day after": Raised(
        (*START, nominated(), ceased(), nominated(FINANCE, from_="2023-06-01")),
        "incompatible-roles",
        (),
    ),
    "head of finance from the last day": Raised(
        (*START, nominated(), ceased(), nominated(FINANCE, from_="2023-05-31")),
        "incompatible-roles",
        (f"{FINANCE}/{RUP_PERSON}/2023-05-31",),
    ),
}


@pytest.mark.parametrize("case", RAISED.values(), ids=RAISED)
def test_a_finding_is_about_these_and_no_others(case: Raised) -> None:
    case.check()


def test_the_day_from_which_two_roles_are_held_is_the_later_one() -> None:
    world = World().given(*START, nominated(FINANCE, from_="2022-05-01"), nominated())
    [found] = [one for one in world.findings() if one.code == "incompatible-roles"]
    assert found.sentence == f"La stessa persona è {FINANCE} e rup dal 01/05/2022."
