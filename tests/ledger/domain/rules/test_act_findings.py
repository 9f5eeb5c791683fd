"""Findings about acts at their limits: the day, the word, the person. Source: DOMAIN 4.3 and 10.2."""

from __future__ import annotations

import pytest

from tests.ledger.domain.cases import Raised
from tests.ledger.domain.facts import (
    ACT,
    RESOLUTION,
    RUP_PERSON,
    deliberazione,
    determina,
    enforceable,
    published,
    registered,
    visto,
)
from tests.ledger.domain.facts_acts import immediate, other_act
from tests.ledger.domain.facts_money import committed
from tests.ledger.domain.facts_oversight import adopted
from tests.ledger.domain.worlds import World

START = (registered(),)
PLAIN = determina(subtype="nomina", cup_in_text="no")
RAISED = {
    "a text with a wrong CUP lacks none": Raised(
        (*START, determina(cup_in_text="errato")), "cup-missing-in-text", ()
    ),
    "a text without CUP shows no wrong one": Raised((*START, PLAIN), "cup-wrong-in-document", ()),
    "an act of the year before its register": Raised(
        (*START, determina(on="2022-12-30", year=2023)), "act-year-mismatch", (ACT,)
    ),
    "an act of the year after its register": Raised(
        (*START, determina(on="2024-01-02", year=2023)), "act-year-mismatch", (ACT,)
    ),
    "a spending act is in time before its thirty days": Raised(
        (*START, determina()), "visto-missing-late", (), on="2023-01-24"
    ),
    "no rule makes a contract enforceable": Raised(
        (*START, other_act("contratto", amount="10.00"), committed(act="c_e506/ordini/2023/7")),
        "visto-missing-late",
        (),
    ),
    "a visto by a person who comes first in the alphabet": Raised(
        (*START, determina(), visto(by_person=RUP_PERSON)), "endorsement-by-signatory", ()
    ),
    "published at once": Raised(
        (*START, determina(), published(from_="2023-01-23", to="2023-02-07")),
        "publication-late",
        (),
    ),
    "published at once, and late a second time": Raised(
        (
            *START,
            determina(),
            published(from_="2023-01-25", to="2023-02-09"),
            published(from_="2023-05-25", to="2023-06-09"),
        ),
        "publication-late",
        (),
    ),
    "force by the separate vote counts no days": Raised(
        (*START, deliberazione(), immediate()), "enforceability-by-policy", ()
    ),
    "force without spending counts no days": Raised(
        (
            *START,
            determina(subtype="nomina"),
            enforceable(on="2023-01-23", rule="det-no-spend", role="dirigente"),
        ),
        "enforceability-by-policy",
        (),
    ),
    "force by the visto counts no days": Raised(
        (*START, determina(), visto(), enforceable()), "enforceability-by-policy", ()
    ),
}


@pytest.mark.parametrize("case", RAISED.values(), ids=RAISED)
def test_a_finding_is_about_these_and_no_others(case: Raised) -> None:
    case.check()


BEFORE = "c_e506/registro-generale/2021/"
NULL = determina(on="2021-12-31", subtype="altro", cup_in_text="no")
BESIDE = tuple(determina(number, on="2021-12-31", subtype="altro") for number in ("10", "101"))
COMMITTED_ON = {"10": "serious", "100": "critical", "101": "serious"}


@pytest.mark.parametrize(("number", "severity"), COMMITTED_ON.items(), ids=COMMITTED_ON)
def test_only_what_is_committed_on_the_act_itself_makes_its_lack_of_cup_critical(
    number: str, severity: str
) -> None:
    world = World().given(*START, NULL, *BESIDE, committed(act=BEFORE + number))
    [found] = [one for one in world.findings() if one.code == "cup-missing-in-text"]
    assert (found.subject, found.severity) == (BEFORE + "100", severity)


def test_from_where_the_days_are_counted_is_what_held_when_the_publication_began() -> None:
    """The body counts from the end of what is published after the publication at hand began."""
    world = World().given(
        *START,
        deliberazione(),
        published(RESOLUTION, "2022-06-10", "2022-06-25"),
        adopted("albo.count_from", "end", **{"from": "2022-06-15"}),
        enforceable(RESOLUTION, "2022-06-20", "tuel-134-3", "segretario"),
    )
    [found] = [one for one in world.findings() if one.code == "enforceability-by-policy"]
    assert found.sentence == (
        f"L'esecutività dell'atto {RESOLUTION} conta i giorni dall'inizio della pubblicazione"
        " (albo.count_from)."
    )
