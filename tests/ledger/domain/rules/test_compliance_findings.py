"""Findings about DNSH and checklists at their limits: stage, answer, edition. Source: DOMAIN 7.1."""

from __future__ import annotations

import pytest

from tests.ledger.domain.cases import Raised
from tests.ledger.domain.facts import (
    answered,
    but,
    completed,
    opened,
    phase,
    regime,
    registered,
    reviewed,
    signed,
)
from tests.ledger.domain.worlds import CUP, World

START = (registered(),)
DUE = {"comment": "Manca", "remedy": "Acquisirlo", "due_on": "2024-12-31"}
STAGES = ("autocontrollo", "ex-ante", "ex-post", "gara", "spesa")
# A list of each stage, by its name, with a NO that has a remedy.
LISTS = tuple(opened(stage, stage) for stage in STAGES)
NOS = tuple(answered("NO", name=stage, **DUE) for stage in STAGES)
TEST = phase("COLLAUDO", "2024-05-01")
CLOSED = but(completed("COLLAUDO", "2024-07-01"), reason="Urgenza")
AGAIN = but(completed("COLLAUDO", "2024-08-01"), reason="Urgenza")
RAISED = {
    "the last regime follows the guide in force": Raised(
        (*START, regime(edition="2022"), regime(edition="2024", on="2024-06-02")),
        "dnsh-edition-superseded",
        (),
    ),
    "a guide that was not yet in force": Raised(
        (*START, regime(edition="2024", on="2023-01-02")),
        "dnsh-edition-superseded",
        (CUP,),
        on="2023-02-01",
    ),
    "a NO that is to be remedied is of ex ante lists": Raised(
        (*START, *LISTS, *NOS), "dnsh-ex-ante-no", ("ex-ante",)
    ),
    "a SI with a day has nothing to remedy": Raised(
        (*START, *LISTS, answered("SI", name="ex-ante", **DUE)), "dnsh-ex-ante-no", ()
    ),
    "a NO that nothing remedies is of ex post lists": Raised(
        (*START, *LISTS, *NOS), "dnsh-ex-post-no", ("ex-post",)
    ),
    "a list without answers is not complete": Raised((*START, *LISTS), "checklist-unsigned", ()),
    "only an ex post list keeps the test open": Raised(
        (*START, *LISTS, TEST, CLOSED), "dnsh-not-closed", ("ex-post",)
    ),
    "a list that is signed without NO keeps nothing open": Raised(
        (*START, opened(), answered(), signed(), TEST, CLOSED), "dnsh-not-closed", ()
    ),
    "a KO that was followed by an OK": Raised(
        (
            *START,
            opened(),
            answered(),
            signed(),
            reviewed("KO", comment="No"),
            but(reviewed(), occurred_on="2024-06-06"),
        ),
        "review-ko",
        (),
    ),
}


@pytest.mark.parametrize("case", RAISED.values(), ids=RAISED)
def test_a_finding_is_about_these_and_no_others(case: Raised) -> None:
    case.check()


def test_what_keeps_the_test_open_was_raised_by_its_last_completion() -> None:
    world = World().given(*START, opened(), TEST, CLOSED, AGAIN)
    [found] = [one for one in world.findings() if one.code == "dnsh-not-closed"]
    assert found.index == 4
