"""Proposed shares of CUPs: largest remainder, ties by CUP; told in the refusal. Source: DOMAIN 6."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.money import EUR
from ledger.domain.shares import proposed_shares, tell_shares
from ledger.errors import Refused
from tests.ledger.domain.facts import determina, funded, registered
from tests.ledger.domain.facts_money import committed, invoiced, paid
from tests.ledger.domain.worlds import CUP, OTHER_CUP, World

THREE = ["C81C22001220006", "C51J25001200006", "C81F22004270006"]
CENTS = st.integers(0, 10**12)
RULE = "(resti maggiori, a parità nell'ordine dei CUP)"


def test_the_cent_left_over_goes_to_the_first_cup_by_code_however_they_are_listed() -> None:
    assert proposed_shares(10_000, THREE) == (3333, 3334, 3333)
    assert proposed_shares(10_000, sorted(THREE)) == (3334, 3333, 3333)
    assert proposed_shares(10_001, THREE) == (3334, 3334, 3333)


def test_shares_that_were_declared_are_kept_in_proportion() -> None:
    assert proposed_shares(10_001, [CUP, OTHER_CUP], [4_000, 6_000]) == (4_000, 6_001)
    assert proposed_shares(10_000, [CUP, OTHER_CUP], [10_000, 10_000]) == (5_000, 5_000)


@pytest.mark.parametrize("declared", [[10_000, None], [0, 0], [None, None], []])
def test_where_a_share_is_missing_or_all_are_zero_they_are_equal(declared: list[int]) -> None:
    assert proposed_shares(10_000, [CUP, OTHER_CUP], declared) == (5_000, 5_000)


def test_one_cup_has_all_and_a_cup_named_for_two_measures_has_two_shares() -> None:
    assert proposed_shares(10_000, [CUP]) == (10_000,)
    assert proposed_shares(10_001, [CUP, CUP]) == (5_001, 5_000)


@settings(max_examples=200)
@given(CENTS, st.lists(st.integers(0, 99), min_size=1, max_size=40, unique=True))
def test_proposed_shares_sum_to_the_whole_and_differ_by_a_cent(
    total: int, codes: list[int]
) -> None:
    shares = proposed_shares(total, [f"C81C220012200{code:02}" for code in codes])
    assert sum(shares) == total
    assert max(shares) - min(shares) <= 1


@pytest.mark.parametrize(
    ("total", "cups", "declared"),
    [(-1, [CUP], []), (1, [], []), (1, [CUP], [1, 2]), (1, [CUP, OTHER_CUP], [2, -1])],
    ids=["a total below zero", "no CUPs", "more shares than CUPs", "a share below zero"],
)
def test_shares_of_nothing_are_an_error(total: int, cups: list[str], declared: list[int]) -> None:
    with pytest.raises(ValueError, match=r"shares need|one declared share"):
        proposed_shares(total, cups, declared)


def test_many_shares_are_told_by_their_rule() -> None:
    cups = [f"C81C220012200{number:02}" for number in range(13)]
    told = tell_shares(cups, proposed_shares(10_000, cups))
    assert told == f"proposta: da 7,69 a 7,70 a CUP {RULE}"
    few = tell_shares(cups[:1], [EUR(10_000)])
    assert few == f"proposta: C81C22001220000 100,00 {RULE}"


def test_the_refusal_of_shares_that_do_not_sum_proposes_some_that_do() -> None:
    world = World().given(registered(), registered(cup=OTHER_CUP))
    links = [{"cup": CUP, "amount": "40.00"}, {"cup": OTHER_CUP, "amount": "60.00"}]
    answer = world.when(determina(links=links, amount="100.01"))
    assert isinstance(answer, Refused)
    assert answer.sentence == (
        "Le parti fanno 100,00 e l'atto registro-generale 100/2023 è di 100,01: devono coincidere al"
        f" centesimo; proposta: {CUP} 40,00, {OTHER_CUP} 60,01 {RULE}."
    )


def test_the_refusal_of_an_invoice_proposes_too_and_that_of_recipients_does_not() -> None:
    world = World().given(registered(), determina(), funded(), committed())
    answer = world.when(invoiced("60.00", links=[{"cup": CUP, "amount": "50.00"}]))
    assert isinstance(answer, Refused)
    assert f"; proposta: {CUP} 60,00 " in answer.sentence
    answer = world.when(paid(recipients=[{"op": "16825251008", "amount": "1.00"}]))
    assert isinstance(answer, Refused)
    assert answer.sentence.endswith("devono coincidere al centesimo.")
