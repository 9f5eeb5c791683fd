"""Acts: numbers, links, visto, enforceability, albo. Source: DOMAIN sections 3, 4 and 9.3; TUEL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.domain.event import Event
from ledger.errors import Refused
from tests.ledger.domain.cases import Accepted, Refusal
from tests.ledger.domain.facts import (
    ACT,
    RESOLUTION,
    but,
    deliberazione,
    determina,
    enforceable,
    fact,
    nominated,
    phase,
    published,
    registered,
    visto,
)
from tests.ledger.domain.worlds import ALL_ROLES, CUP, OTHER_CUP, World

if TYPE_CHECKING:
    from ledger.domain.dossier import Dossier
    from tests.ledger.domain.worlds import Request

START = (registered(),)
BOTH = (registered(), registered(cup=OTHER_CUP))
SPENT = (*START, determina())
RESOLVED = (*START, deliberazione())
VOID = (*START, determina(void=True, cup_in_text="no"))
HALVES = [{"cup": CUP, "amount": "33.34"}, {"cup": OTHER_CUP, "amount": "66.66"}]
SHARED = (*START, registered(measure="M1C1I1.4.1", on="2022-03-01"))
TO_BOTH_MEASURES = [
    {"cup": CUP, "measure": "M1C1I1.2", "amount": "40.00"},
    {"cup": CUP, "measure": "M1C1I1.4.1", "amount": "60.00"},
]
ALBO = published(RESOLUTION, "2022-06-10", "2022-06-25")


def force(dossier: Dossier) -> list[str]:
    """Return the days from which the acts have force."""
    acquired = (act.enforceability for act in dossier.acts.values())
    return [str(found.effective_on) for found in acquired if found is not None]


ACCEPTED = {
    "a determina with its file": Accepted(
        START,
        determina(),
        lambda d: ([a.subtype for a in d.acts.values()], [f.name for f in d.documents.files]),
        (["impegno"], ["atto-100.pdf"]),
    ),
    "a determina in the stream of its own": Accepted(
        START, determina(), lambda d: list(d.acts), [ACT], stream=f"act/{ACT}"
    ),
    "a deliberazione of the Giunta": Accepted(
        START,
        deliberazione(),
        lambda d: [(a.kind, a.organ) for a in d.acts.values()],
        [("deliberazione", "giunta")],
    ),
    "an act of another body": Accepted(
        START, determina(ipa="r_puglia"), lambda d: [k.ipa for k in d.acts], ["r_puglia"]
    ),
    "an act of a school, whose IPA has 16 characters": Accepted(
        START,
        determina(ipa="istsc_leic8aa00x"),
        lambda d: [k.ipa for k in d.acts],
        ["istsc_leic8aa00x"],
    ),
    "each CUP of an act has its share": Accepted(
        BOTH,
        determina(links=HALVES, amount="100.00"),
        lambda d: [a.share_of(OTHER_CUP) for a in d.acts.values()],
        [6666],
        stream=OTHER_CUP,
    ),
    "the two interventions of a shared CUP have a share each, and the CUP their sum": Accepted(
        SHARED,
        determina(links=TO_BOTH_MEASURES, amount="100.00"),
        lambda d: [a.share_of(CUP) for a in d.acts.values()],
        [10_000],
    ),
    "a financing act without CUP is recorded as void": Accepted(
        START, determina(cup_in_text="no", void=True), lambda d: len(d.acts), 1
    ),
    "a financing act without CUP before 2022": Accepted(
        START, determina(on="2021-12-31", cup_in_text="no"), lambda d: len(d.acts), 1
    ),
    "a visto": Accepted(SPENT, visto(), lambda d: len(next(iter(d.acts.values())).endorsements), 1),
    "a visto on an act of a shared CUP needs no choice: the act has made it": Accepted(
        (*SHARED, determina(links=TO_BOTH_MEASURES, amount="100.00")),
        visto(),
        lambda d: len(next(iter(d.acts.values())).endorsements),
        1,
    ),
    "a spending determina has force with the visto": Accepted(
        (*SPENT, visto()),
        enforceable(on="2023-01-23"),
        force,
        ["2023-01-23"],
    ),
    "a determina without spending has force on adoption": Accepted(
        (*START, determina(subtype="nomina")),
        enforceable(on="2023-01-23", rule="det-no-spend", role="dirigente"),
        force,
        ["2023-01-23"],
    ),
    "a deliberazione has force on the tenth day from the start of publication": Accepted(
        (*RESOLVED, ALBO),
        enforceable(RESOLUTION, "2022-06-20", "tuel-134-3", "segretario"),
        lambda d: str(
            d.acts[RESOLUTION].enforceability and d.acts[RESOLUTION].enforceability.rule_id
        ),
        "tuel-134-3",
    ),
    "a term at the albo": Accepted(
        RESOLVED, ALBO, lambda d: len(d.acts[RESOLUTION].publications), 1
    ),
    "fifteen days at the albo, both ends included": Accepted(
        RESOLVED,
        published(RESOLUTION, "2022-06-10", "2022-06-24"),
        lambda d: len(d.acts[RESOLUTION].publications),
        1,
    ),
    "a determina may be at the albo for a day": Accepted(
        SPENT, published(to="2023-01-25"), lambda d: len(d.acts[ACT].publications), 1
    ),
}
REFUSED = {
    "an act number is used once": Refusal(
        SPENT, determina(subject="Altro"), "act-already-registered"
    ),
    "a number with zeros in front is the same number": Refusal(
        SPENT, determina("0100"), "act-already-registered"
    ),
    "number zero": Refusal(START, determina("0"), "act-number-zero"),
    "an act of zero euro": Refusal(START, determina(amount="0.00"), "amount-not-positive"),
    "an act without CUP": Refusal(START, determina(links=[]), "cup-not-linked"),
    "an act that names a CUP twice": Refusal(
        START, determina(links=[{"cup": CUP}, {"cup": CUP}]), "link-repeated"
    ),
    "a CUP twice in two spellings of its measure": Refusal(
        START,
        determina(
            links=[{"cup": CUP, "measure": "M1C1I1.2"}, {"cup": CUP, "measure": "M1C1I1.02"}]
        ),
        "link-repeated",
    ),
    "a financing act from 2022 whose text lacks the CUP": Refusal(
        START, determina(on="2022-01-01", cup_in_text="no"), "act-without-cup"
    ),
    "a deliberazione that adheres to a notice without CUP": Refusal(
        START, deliberazione(cup_in_text="no"), "act-without-cup"
    ),
    "a CIG and the reason why there is none": Refusal(
        START, determina(cig_absence="017"), "cig-and-absence"
    ),
    "shares that lack a cent": Refusal(
        BOTH, determina(links=HALVES, amount="100.01"), "sum-mismatch"
    ),
    "a share for one CUP and none for the other": Refusal(
        BOTH,
        determina(links=[{"cup": CUP, "amount": "100.00"}, {"cup": OTHER_CUP}], amount="100.00"),
        "sum-mismatch",
    ),
    "a visto on an act that is not recorded": Refusal(START, visto(), "act-unknown"),
    "a publication of an act that is not recorded": Refusal(START, published(), "act-unknown"),
    "a visto with the key that registered the act": Refusal(
        (*START, but(determina(), signed_by=ALL_ROLES)),
        but(visto(), signed_by=ALL_ROLES),
        "separation-of-duties",
    ),
    "a visto on a void act": Refusal(VOID, visto(), "act-without-effect"),
    "a visto before the act": Refusal(SPENT, visto(on="2023-01-22"), "before-adoption"),
    "force before adoption": Refusal(
        (*SPENT, visto()), enforceable(on="2023-01-22"), "before-adoption"
    ),
    "albo before adoption": Refusal(
        RESOLVED, published(RESOLUTION, "2022-06-08", "2022-06-30"), "before-adoption"
    ),
    "force without the visto": Refusal(SPENT, enforceable(), "visto-missing"),
    "force on the day before the visto": Refusal(
        (*SPENT, visto(on="2023-01-25")), enforceable(on="2023-01-24"), "visto-missing"
    ),
    "a spending determina as if it spent nothing": Refusal(
        SPENT, enforceable(rule="det-no-spend", role="dirigente"), "visto-missing"
    ),
    "a rule that the table of law does not have": Refusal(
        SPENT, enforceable(rule="tuel-999"), "rule-unknown"
    ),
    "a rule of the law that gives force to nothing": Refusal(
        (*SPENT, visto()), enforceable(rule="dnsh-edition"), "rule-not-applicable"
    ),
    "immediate force is of deliberazioni alone": Refusal(
        (*SPENT, visto()), enforceable(rule="tuel-134-4", role="segretario"), "rule-not-applicable"
    ),
    "a deliberazione as if it were a determina without spending": Refusal(
        (*RESOLVED, ALBO),
        enforceable(RESOLUTION, "2022-06-10", "det-no-spend", "dirigente"),
        "rule-not-applicable",
    ),
    "the head of finance does not attest the ten days": Refusal(
        (*RESOLVED, ALBO),
        enforceable(RESOLUTION, "2022-06-20", "tuel-134-3", "finanziario"),
        "rule-of-another-role",
    ),
    "the manager does not attest financial cover": Refusal(
        (*SPENT, visto()), enforceable(role="dirigente"), "rule-of-another-role"
    ),
    "force on the ninth day": Refusal(
        (*RESOLVED, ALBO),
        enforceable(RESOLUTION, "2022-06-19", "tuel-134-3", "segretario"),
        "enforceable-too-early",
    ),
    "force without publication": Refusal(
        RESOLVED,
        enforceable(RESOLUTION, "2022-07-19", "tuel-134-3", "segretario"),
        "enforceable-too-early",
    ),
    "force on a void act": Refusal(VOID, enforceable(), "act-without-effect"),
    "force twice": Refusal(
        (*SPENT, visto(), enforceable()), enforceable(on="2023-02-01"), "already-enforceable"
    ),
    "a deliberazione at the albo for fourteen days": Refusal(
        RESOLVED, published(RESOLUTION, "2022-06-10", "2022-06-23"), "publication-too-short"
    ),
    "a term that ends before it begins": Refusal(
        SPENT, published(to="2023-01-24"), "dates-reversed"
    ),
    "a nomination by a void act": Refusal(VOID, nominated(act=ACT), "act-without-effect"),
    "a phase by a void act": Refusal(
        VOID, phase("AFFIDAMENTO", "2023-02-01", act=ACT), "act-without-effect"
    ),
}


@pytest.mark.parametrize("case", ACCEPTED.values(), ids=ACCEPTED)
def test_it_is_recorded_and_changes_the_dossier(case: Accepted) -> None:
    case.check()


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_it_is_refused(case: Refusal) -> None:
    case.check()


def test_the_dossier_of_the_act_and_those_of_its_cups_hold_the_same_act() -> None:
    world = World().given(
        *BOTH,
        determina(links=HALVES, amount="100.00"),
        visto(),
        enforceable(),
        published(),
    )
    own = world.dossier(f"act/{ACT}").acts[ACT]
    assert own == world.act(ACT, CUP) == world.act(ACT, OTHER_CUP)
    assert [world.state(cup).acts[0].share for cup in (CUP, OTHER_CUP)] == [3334, 6666]


def test_further_refusals_are_listed_with_the_first() -> None:
    asked = determina(links=[], cig_absence="017", cup_in_text="no")
    answer = World().given(*START).when(asked)
    assert isinstance(answer, Refused)
    assert (answer.code, [other.code for other in answer.others]) == (
        "cup-not-linked",
        ["act-without-cup", "cig-and-absence"],
    )


@pytest.mark.parametrize("year", [24, 1124, 20_240])
def test_an_act_of_an_impossible_year_is_refused(year: int) -> None:
    answer = World().given(*START).when(determina(year=year))
    assert isinstance(answer, Refused)
    assert answer.code == "act-malformed"


def test_a_fact_of_an_intervention_says_which_though_it_names_an_act() -> None:
    loose: Request = fact(
        "enter-phase/1", "rup", "2023-02-01", {"phase": "AFFIDAMENTO", "act": ACT}
    )
    del loose["cup"]
    answer = World().given(*SPENT).when(loose)
    assert isinstance(answer, Refused)
    assert answer.code == "streams-missing"


def test_a_visto_needs_no_cup_beside_it() -> None:
    answer = World().given(*BOTH, determina(links=HALVES)).when(visto())
    assert isinstance(answer, Event)
    assert answer.cups == (CUP, OTHER_CUP)
