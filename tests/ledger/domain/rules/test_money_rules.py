"""Refusals about money at their limits: the cent, the sign, the source. Source: DOMAIN 6."""

from __future__ import annotations

import pytest

from ledger.errors import Refused
from tests.ledger.domain.cases import Accepted, Refusal, Told
from tests.ledger.domain.facts import ACT, adjusted, but, determina, funded, registered
from tests.ledger.domain.facts_acts import linked
from tests.ledger.domain.facts_money import committed, liquidated, paid, revoked
from tests.ledger.domain.worlds import ALL_ROLES, CUP, OTHER_CUP, World

START = (registered(),)
BOTH = (registered(), registered(cup=OTHER_CUP))
FUNDED = (*START, funded("5.00"))
SECOND = "c_e506/2023/8123"
PAYABLE = (*FUNDED, determina(), committed())
REFUSED = {
    "a transfer that takes away less than it gives": Refusal(
        FUNDED,
        adjusted(("PNRR", "-1.00"), ("COMUNE", "2.00"), cause="spostamento"),
        "transfer-not-balanced",
    ),
    "a transfer that takes away more than it gives": Refusal(
        FUNDED,
        adjusted(("PNRR", "-2.00"), ("COMUNE", "1.00"), cause="spostamento"),
        "transfer-not-balanced",
    ),
    "a second payment with which more is paid than granted": Refusal(
        (*PAYABLE, paid("3.00")), paid("3.00", key=SECOND), "pnrr-paid-above-funding"
    ),
    "a revocation of nothing": Refusal(
        FUNDED, revoked(("PNRR", "0.00")), "revocation-not-negative"
    ),
    "a revocation that gives a cent": Refusal(
        FUNDED, revoked(("PNRR", "0.01")), "revocation-not-negative"
    ),
    "shares that are more than the act": Refusal(
        BOTH,
        determina(
            amount="10.00",
            links=[{"cup": CUP, "amount": "5.00"}, {"cup": OTHER_CUP, "amount": "5.01"}],
        ),
        "sum-mismatch",
    ),
}
SENTENCE = (
    "I pagamenti a valere sul PNRR diventerebbero 5,00, più dei 0,00 finanziati: registrare prima il"
    " finanziamento, o pagare su un'altra fonte."
)
TOLD = {
    "a share above the amount while links are to come": Told(
        BOTH,
        determina(amount="40.00", links=[{"cup": CUP, "amount": "50.00"}], links_total=3),
        (("sum-mismatch", "l'atto registro-generale 100/2023"),),
    ),
    "shares below the amount of an act with more links than it says to have": Told(
        BOTH,
        determina(
            amount="40.00",
            links=[{"cup": CUP, "amount": "10.00"}, {"cup": OTHER_CUP, "amount": "10.00"}],
            links_total=1,
        ),
        (
            ("sum-mismatch", "l'atto registro-generale 100/2023"),
            ("links-beyond-total", ACT),
        ),
    ),
    "a source that falls below zero while another one grows": Told(
        FUNDED,
        adjusted(("PNRR", "-6.00"), ("COMUNE", "100.00")),
        (("source-balance-negative", "PNRR"),),
    ),
}
ACCEPTED = {
    "a commitment on an act with a wrong CUP": Accepted(
        (*FUNDED, determina(cup_in_text="errato")),
        committed(),
        lambda d: d.spending.committed(),
        10_000,
    ),
    **{
        f"a payment of a liquidation, with a key that comes {where} in the alphabet": Accepted(
            (*PAYABLE, but(liquidated("5.00"), signed_by=f"{ALL_ROLES}-m")),
            but(paid("5.00", liquidation="liq-1"), signed_by=f"{ALL_ROLES}-{letter}"),
            lambda d: d.spending.paid(),
            500,
        )
        for where, letter in (("before", "a"), ("after", "z"))
    },
    **{
        f"a payment on {source} where nothing is granted": Accepted(
            (*START, determina(), committed(source=source)),
            paid("5.00", source=source),
            lambda d: d.spending.paid(),
            500,
        )
        for source in ("ALTRI_FONDI", "COMUNE", "STATO")
    },
    "a redetermination that is not balanced": Accepted(
        FUNDED,
        adjusted(("PNRR", "-1.00"), ("COMUNE", "2.00")),
        lambda d: (d.funding.of_source("PNRR"), d.funding.of_source("COMUNE")),
        (400, 200),
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


def test_a_payment_without_any_funding_is_told_that_there_is_none() -> None:
    answer = World().given(*START, determina(), committed()).when(paid("5.00"))
    assert isinstance(answer, Refused)
    assert (answer.code, answer.sentence) == ("pnrr-paid-above-funding", SENTENCE)


def test_the_share_that_the_last_link_should_have_is_what_the_others_leave() -> None:
    first = {"links": [{"cup": CUP, "amount": "25.00"}], "links_total": 2}
    world = World().given(*BOTH, determina(amount="40.00", **first))
    answer = world.when(linked(OTHER_CUP, amount="14.99"))
    assert isinstance(answer, Refused)
    assert answer.sentence == (
        f"Le parti fanno 39,99 e l'atto {ACT} è di 40,00: devono coincidere al centesimo; proposta:"
        f" {OTHER_CUP} 15,00 (resti maggiori, a parità nell'ordine dei CUP)."
    )
