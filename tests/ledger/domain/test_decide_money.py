"""Funding by source. Source: DOMAIN sections 6 and 9.6."""

from __future__ import annotations

import pytest

from tests.ledger.domain.cases import Accepted, Refusal
from tests.ledger.domain.facts import (
    ACT,
    DECREE,
    adjusted,
    corrected,
    determina,
    funded,
    registered,
)
from tests.ledger.domain.facts_money import revoked
from tests.ledger.domain.worlds import World

START = (registered(),)
SECOND = {"number": "9 - 1/2024 - PNRR", "on": "2024-02-10"}
SPELLED = {"number": "12-1 / 2022 - pnrr", "on": "2022-05-23"}
GRANTED = (*START, funded("100.00"))
VOID = (*START, determina(void=True, cup_in_text="no"))
ACCEPTED = {
    "a grant": Accepted(START, funded(), lambda d: d.funding.of_source("PNRR"), 31_955_600),
    "a second grant on the same source, by another decree": Accepted(
        GRANTED, funded("0.01", decree=SECOND), lambda d: d.funding.of_source("PNRR"), 10_001
    ),
    "a grant on another source by the same decree": Accepted(
        GRANTED, funded("0.01", source="FOI"), lambda d: d.funding.of_source("FOI"), 1
    ),
    "a decree that grants and takes away again": Accepted(
        GRANTED,
        revoked(("PNRR", "-1.00"), decree=DECREE),
        lambda d: d.funding.of_source("PNRR"),
        9_900,
    ),
    "a decree granted anew after its grant was corrected": Accepted(
        (*GRANTED, corrected(1)), funded("90.00"), lambda d: d.funding.of_source("PNRR"), 9_000
    ),
    "a reduction to zero": Accepted(
        GRANTED, adjusted(("PNRR", "-100.00")), lambda d: d.funding.of_source("PNRR"), 0
    ),
    "a transfer between sources in one event": Accepted(
        GRANTED,
        adjusted(("PNRR", "-40.00"), ("COMUNE", "40.00"), cause="spostamento"),
        lambda d: (d.funding.of_source("PNRR"), d.funding.of_source("COMUNE")),
        (6_000, 4_000),
    ),
    "a source goes below and above zero in one event": Accepted(
        GRANTED,
        adjusted(("PNRR", "-150.00"), ("PNRR", "60.00")),
        lambda d: d.funding.of_source("PNRR"),
        1_000,
    ),
}
REFUSED = {
    "the same grant twice": Refusal(GRANTED, funded("100.00"), "duplicate-key"),
    "another sum on the same source by the same decree": Refusal(
        GRANTED, funded("40.00"), "duplicate-key"
    ),
    "the same decree, spelled otherwise": Refusal(
        GRANTED, funded("40.00", decree=SPELLED), "duplicate-key"
    ),
    "the same adjustment twice": Refusal(
        (*GRANTED, adjusted(("PNRR", "-1.00"))), adjusted(("PNRR", "-1.00")), "duplicate-key"
    ),
    "the same revocation twice": Refusal(
        (*GRANTED, revoked(("PNRR", "-1.00"))), revoked(("PNRR", "-1.00")), "duplicate-key"
    ),
    "a grant restored by a correction, where its decree was granted anew": Refusal(
        (*GRANTED, corrected(1), funded("90.00")), corrected(2), "correction-breaks-state"
    ),
    "a grant of zero": Refusal(START, funded("0.00"), "amount-not-positive"),
    "a grant by an act that is not recorded": Refusal(START, funded(act=ACT), "act-unknown"),
    "a grant by a void act": Refusal(VOID, funded(act=ACT, on="2023-02-01"), "act-without-effect"),
    "a source below zero by a cent": Refusal(
        GRANTED, adjusted(("PNRR", "-100.01")), "source-balance-negative"
    ),
    "a reduction of a source without money": Refusal(
        GRANTED, adjusted(("FOI", "-0.01"), ("PNRR", "1.00")), "source-balance-negative"
    ),
    "a transfer that loses a cent": Refusal(
        GRANTED,
        adjusted(("PNRR", "-40.00"), ("COMUNE", "39.99"), cause="spostamento"),
        "transfer-not-balanced",
    ),
    "an adjustment without movements": Refusal(GRANTED, adjusted(), "nothing-changed"),
    "an adjustment by zero": Refusal(GRANTED, adjusted(("PNRR", "0.00")), "nothing-changed"),
}


@pytest.mark.parametrize("case", ACCEPTED.values(), ids=ACCEPTED)
def test_it_is_recorded_and_changes_the_dossier(case: Accepted) -> None:
    case.check()


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_it_is_refused(case: Refusal) -> None:
    case.check()


def test_a_price_increase_counts_in_the_value_after_it_alone() -> None:
    world = World().given(*GRANTED, adjusted(("FOI", "12.50"), cause="incremento-prezzi"))
    figures = world.state().funding
    assert (figures.importo_finanziato, figures.valore_post_incremento) == (10_000, 11_250)
    assert [(s.source, s.amount) for s in figures.sources] == [("FOI", 1_250), ("PNRR", 10_000)]


def test_a_price_increase_that_is_revoked_leaves_what_was_financed_alone() -> None:
    world = World().given(
        *GRANTED,
        adjusted(("FOI", "12.50"), cause="incremento-prezzi"),
        adjusted(("FOI", "-12.50"), cause="incremento-prezzi", on="2024-01-10", decree="3/2024"),
    )
    figures = world.state().funding
    assert (figures.importo_finanziato, figures.valore_post_incremento) == (10_000, 10_000)


def test_balances_are_of_the_place_in_the_log_and_figures_of_the_legal_day() -> None:
    world = World().given(*START, funded("100.00"), adjusted(("PNRR", "-10.00"), on="2022-03-01"))
    [source] = world.state(as_of="2022-04-01").funding.sources
    assert source.amount.format() == "-10.00"
    [source] = world.state(as_of="2022-05-23").funding.sources
    assert source.amount.format() == "90.00"


def test_the_scope_is_frozen_from_the_first_decree_of_several() -> None:
    later = funded("1.00", decree={"number": "2", "on": "2023-01-01"}, on="2023-01-01")
    world = World().given(*START, later, funded("1.00"))
    assert str(world.dossier().funding.first_decree_on) == "2022-05-23"
