"""Money that goes out and comes in. Source: DOMAIN sections 6 and 9.6; controls 050-053."""

from __future__ import annotations

import pytest

from tests.ledger.domain.cases import Accepted, Refusal
from tests.ledger.domain.facts import (
    ACT,
    adjusted,
    but,
    corrected,
    determina,
    excepted,
    funded,
    registered,
)
from tests.ledger.domain.facts_acts import rectified
from tests.ledger.domain.facts_money import (
    COMMITMENT,
    INVOICE,
    PAYMENT,
    answered_request,
    committed,
    cost_plan,
    disbursed,
    economies,
    framework,
    invoiced,
    liquidated,
    paid,
    recovered,
    recovery,
    reduced,
    requested,
    revenue,
    revoked,
    storno,
)
from tests.ledger.domain.worlds import ALL_ROLES, CUP, OTHER_CUP, World

START = (registered(), funded("90.00"), determina())
VOID = (registered(), funded("90.00"), determina(void=True, cup_in_text="no"))
COMMITTED = (*START, committed())
PAID = (*COMMITTED, paid())
RECOVERY = (*PAID, recovery())
BOTH = (*START, registered(cup=OTHER_CUP))
SHARES = [{"cup": CUP, "amount": "40.00"}, {"cup": OTHER_CUP, "amount": "20.00"}]
BY_ONE = but(liquidated(), signed_by=ALL_ROLES)
PAID_BY_ONE = but(paid(liquidation="liq-1"), signed_by=ALL_ROLES)
ALONE = excepted("finanziario", "rup", from_="2023-06-20")
OLD = determina(on="2021-12-31", subtype="altro", cup_in_text="no")
OLD_ACT = ACT.replace("/2023/", "/2021/")
NO_CUP = determina(subtype="altro", cup_in_text="no")
RECTIFIED = rectified(on="2023-01-25")
FIGURES = ("importo_finanziato", "valore_post_incremento")
ACCEPTED = {
    "a commitment on an act without CUP of before the rule": Accepted(
        (registered(), funded("90.00"), OLD),
        committed(act=OLD_ACT),
        lambda d: d.spending.committed(),
        10_000,
    ),
    "a commitment on an act without CUP that was rectified": Accepted(
        (registered(), funded("90.00"), NO_CUP, determina("200", "2023-01-24"), RECTIFIED),
        committed(),
        lambda d: d.spending.committed(),
        10_000,
    ),
    "a commitment": Accepted(START, committed(), lambda d: d.spending.committed("PNRR"), 10_000),
    "a commitment of another source": Accepted(
        START, committed(source="COMUNE"), lambda d: d.spending.committed("COMUNE"), 10_000
    ),
    "a reduction to what is paid": Accepted(
        PAID, reduced("40.00"), lambda d: d.spending.commitment(COMMITMENT).left, 0
    ),
    "each reduction is kept with its day, cause and ground": Accepted(
        (*COMMITTED, reduced("10.00", act=ACT)),
        but(reduced("90.00", cause="01"), occurred_on="2023-11-30"),
        lambda d: [
            (str(one.on), one.amount, one.cause, one.act)
            for one in d.spending.commitment(COMMITMENT).reductions
        ],
        [("2023-12-01", 1_000, "02", ACT), ("2023-11-30", 9_000, "01", None)],
    ),
    "the last cent off a commitment ends it, on the last of the days": Accepted(
        (*COMMITTED, reduced("10.00")),
        but(reduced("90.00"), occurred_on="2023-11-30"),
        lambda d: str(d.spending.commitment(COMMITMENT).ended_on),
        "2023-12-01",
    ),
    "a reduction on the day of the commitment": Accepted(
        COMMITTED,
        but(reduced("99.99"), occurred_on="2023-02-01"),
        lambda d: (
            d.spending.commitment(COMMITMENT).left,
            d.spending.commitment(COMMITMENT).ended_on,
        ),
        (1, None),
    ),
    "a liquidation of before the end of its commitment": Accepted(
        (*COMMITTED, but(reduced("100.00"), occurred_on="2023-06-11")),
        liquidated(),
        lambda d: d.spending.liquidation("liq-1").amount,
        6_000,
    ),
    "an invoice": Accepted(START, invoiced(), lambda d: d.spending.invoice(INVOICE).amount, 6_000),
    "an invoice of two CUPs, in the first": Accepted(
        BOTH, invoiced(links=SHARES), lambda d: d.spending.invoice(INVOICE).share_of(CUP), 4_000
    ),
    "an invoice of two CUPs, in the second": Accepted(
        BOTH,
        invoiced(links=SHARES),
        lambda d: d.spending.invoice(INVOICE).share_of(OTHER_CUP),
        2_000,
        stream=OTHER_CUP,
    ),
    "a liquidation with its invoice": Accepted(
        (*COMMITTED, invoiced()),
        liquidated(invoice=INVOICE),
        lambda d: d.spending.liquidation("liq-1").invoice,
        INVOICE,
    ),
    "a payment of all that is left": Accepted(
        COMMITTED, paid("90.00"), lambda d: d.spending.paid("PNRR"), 9_000
    ),
    "a payment with its recipients": Accepted(
        COMMITTED,
        paid(
            recipients=[
                {"op": "16825251008", "amount": "59.99"},
                {"op": "p_" + "d" * 26, "amount": "0.01"},
            ]
        ),
        lambda d: len(d.spending.payment(PAYMENT).recipients),
        2,
    ),
    "a payment on own funds above PNRR funding": Accepted(
        (*START, committed("500.00", source="COMUNE")),
        paid("500.00", source="COMUNE"),
        lambda d: d.spending.paid(),
        50_000,
    ),
    "a payment lowers what is left of its liquidation": Accepted(
        (*COMMITTED, liquidated()),
        paid(liquidation="liq-1"),
        lambda d: d.spending.liquidation("liq-1").paid,
        6_000,
    ),
    "a payment by who liquidated, in a small body": Accepted(
        (*COMMITTED, BY_ONE, ALONE), PAID_BY_ONE, lambda d: d.spending.paid(), 6_000
    ),
    "a reversal frees the commitment": Accepted(
        PAID, storno("20.00"), lambda d: d.spending.commitment(COMMITMENT).left, 6_000
    ),
    "a recovery": Accepted(PAID, recovery(), lambda d: d.spending.recovery("rec-1").open, 6_000),
    "what is recovered is paid no more, and its commitment stays spent": Accepted(
        RECOVERY,
        recovered(),
        lambda d: (d.spending.paid(), d.spending.commitment(COMMITMENT).left),
        (0, 4_000),
    ),
    "what is given back to who granted lowers what was received": Accepted(
        (*START, disbursed(), recovery("30.00", payment=None)),
        recovered("30.00"),
        lambda d: int(d.incomes.statement(d.spending.given_back()).received),
        7_000,
    ),
    "more than the recovery comes back, with interest": Accepted(
        (*START, disbursed(), recovery("30.00", payment=None)),
        recovered("31.00"),
        lambda d: (d.spending.recovery("rec-1").open, d.spending.given_back()),
        (0, 3_100),
    ),
    "a framework": Accepted(
        START,
        framework(("A", "99.99"), ("B", "0.01")),
        lambda d: len(d.incomes.frameworks[-1].items),
        2,
    ),
    "a plan of costs": Accepted(
        START,
        cost_plan((2023, "10.00", "90.00")),
        lambda d: [one.years[0].year for one in d.incomes.cost_plans],
        [2023],
    ),
    "a second plan of costs": Accepted(
        (*START, cost_plan((2023, "10.00", "90.00"))),
        cost_plan((2023, "10.00", "89.99")),
        lambda d: len(d.incomes.cost_plans),
        2,
    ),
    "revenue": Accepted(START, revenue(), lambda d: len(d.incomes.revenues), 1),
    "a disbursement": Accepted(START, disbursed(), lambda d: len(d.incomes.disbursements), 1),
    "a request": Accepted(START, requested(), lambda d: d.incomes.request("dom-1").amount, 10_000),
    "the answer to a request": Accepted(
        (*START, requested()),
        answered_request(certified="90.00"),
        lambda d: (d.incomes.request("dom-1").outcome, d.incomes.request("dom-1").certified),
        ("ammessa", 9_000),
    ),
    "economies": Accepted(START, economies(), lambda d: d.incomes.saved("PNRR"), 500),
    "a revocation below what was paid is recorded": Accepted(
        PAID, revoked(("PNRR", "-90.00")), lambda d: d.funding.of_source("PNRR"), 0
    ),
    "a revocation lowers the financed amount": Accepted(
        START,
        revoked(("PNRR", "-10.00")),
        lambda d: int(d.funding.statement().importo_finanziato),
        8_000,
    ),
    "a revoked price increase leaves the financed amount alone": Accepted(
        (*START, adjusted(("FOI", "50.00"), cause="incremento-prezzi")),
        revoked(("FOI", "-50.00"), cause="incremento-prezzi"),
        lambda d: [int(getattr(d.funding.statement(), n)) for n in FIGURES],
        [9_000, 9_000],
    ),
}
REFUSED = {
    "a commitment on an act whose text lacks the CUP": Refusal(
        (registered(), funded("90.00"), determina(subtype="altro", cup_in_text="no")),
        committed(),
        "commitment-on-null-act",
    ),
    "a commitment by an act that is not recorded": Refusal(
        (registered(),), committed(), "act-unknown"
    ),
    "a commitment by a void act": Refusal(VOID, committed(), "act-without-effect"),
    "a commitment twice": Refusal(COMMITTED, committed("1.00"), "duplicate-key"),
    "a commitment of zero": Refusal(START, committed("0.00"), "amount-not-positive"),
    "a reduction before its commitment": Refusal(START, reduced(), "reference-unknown"),
    "a reduction by a cent above the commitment": Refusal(
        COMMITTED, reduced("100.01"), "commitment-balance-negative"
    ),
    "a reduction by a cent below what is paid": Refusal(
        PAID, reduced("40.01"), "commitment-overdrawn"
    ),
    "a reduction of zero": Refusal(COMMITTED, reduced("0.00"), "amount-not-positive"),
    "an invoice twice on one CUP": Refusal((*START, invoiced()), invoiced(), "duplicate-key"),
    "an invoice whose shares lack a cent": Refusal(
        BOTH, invoiced("60.01", links=SHARES), "sum-mismatch"
    ),
    "an invoice with a share left out": Refusal(
        BOTH, invoiced("40.00", links=[SHARES[0], {"cup": OTHER_CUP}]), "sum-mismatch"
    ),
    "a liquidation of the day on which its commitment ended": Refusal(
        (*COMMITTED, but(reduced("100.00"), occurred_on="2023-06-10")),
        liquidated(),
        "reference-closed",
    ),
    "a reduction of the day before its commitment": Refusal(
        COMMITTED, but(reduced(), occurred_on="2023-01-31"), "dates-reversed"
    ),
    "a reversal of the day before its payment": Refusal(
        PAID, but(storno(), occurred_on="2023-06-19"), "dates-reversed"
    ),
    "a recovery of the day before its payment": Refusal(
        PAID, but(recovery(), occurred_on="2023-06-19"), "dates-reversed"
    ),
    "what is recovered the day before the recovery": Refusal(
        RECOVERY, but(recovered(), occurred_on="2024-01-09"), "dates-reversed"
    ),
    "the answer of the day before the request": Refusal(
        (*START, requested()),
        but(answered_request(), occurred_on="2025-10-31"),
        "dates-reversed",
    ),
    "a liquidation without commitment": Refusal(START, liquidated(), "reference-unknown"),
    "a liquidation of an invoice that is not recorded": Refusal(
        COMMITTED, liquidated(invoice=INVOICE), "reference-unknown"
    ),
    "a liquidation twice": Refusal((*COMMITTED, liquidated()), liquidated(), "duplicate-key"),
    "a payment without commitment": Refusal(START, paid(), "reference-unknown"),
    "a payment of a liquidation that is not recorded": Refusal(
        COMMITTED, paid(liquidation="liq-1"), "reference-unknown"
    ),
    "a payment of an invoice that is not recorded": Refusal(
        COMMITTED, paid(invoice=INVOICE), "reference-unknown"
    ),
    "a payment twice": Refusal(PAID, paid("1.00"), "duplicate-key"),
    "a payment by a cent above PNRR funding": Refusal(
        COMMITTED, paid("90.01"), "pnrr-paid-above-funding"
    ),
    "a payment by a cent above its commitment": Refusal(
        COMMITTED, paid("100.01"), "commitment-overdrawn"
    ),
    "a payment whose recipients lack a cent": Refusal(
        COMMITTED,
        paid(recipients=[{"op": "16825251008", "amount": "59.99"}]),
        "sum-mismatch",
    ),
    "a payment by who liquidated": Refusal(
        (*COMMITTED, BY_ONE), PAID_BY_ONE, "payment-by-liquidator"
    ),
    "a PNRR payment after a revocation": Refusal(
        (*COMMITTED, revoked(("PNRR", "-90.00"), on="2023-06-19")),
        paid("0.01"),
        "pnrr-paid-above-funding",
    ),
    "a reversal by a cent above the payment": Refusal(
        PAID, storno("60.01"), "payment-balance-negative"
    ),
    "a reversal of what was recovered": Refusal(
        (*RECOVERY, recovered("59.99")), storno("0.02"), "payment-balance-negative"
    ),
    "a reversal of a payment that is not recorded": Refusal(
        COMMITTED, storno(), "reference-unknown"
    ),
    "a recovery of a payment that is not recorded": Refusal(
        COMMITTED, recovery(), "reference-unknown"
    ),
    "a recovery twice": Refusal(RECOVERY, recovery("1.00"), "duplicate-key"),
    "money back by a cent above the payment": Refusal(
        RECOVERY, recovered("60.01"), "payment-balance-negative"
    ),
    "money given back by a cent above what came in": Refusal(
        (*START, disbursed("30.00"), recovery("30.00", payment=None)),
        recovered("30.01"),
        "payment-balance-negative",
    ),
    "money back of a recovery that is not open": Refusal(PAID, recovered(), "reference-unknown"),
    "a framework whose items lack a cent": Refusal(
        START, framework(("A", "99.99")), "sum-mismatch"
    ),
    "a framework without items": Refusal(START, framework(), "sum-mismatch"),
    "the same plan of costs": Refusal(
        (*START, cost_plan((2023, "1.00", "2.00"))),
        cost_plan((2023, "1.00", "2.00")),
        "nothing-changed",
    ),
    "a plan without years": Refusal(START, cost_plan(), "nothing-changed"),
    "an assessment twice": Refusal((*START, revenue()), revenue(), "duplicate-key"),
    "a disbursement of zero": Refusal(START, disbursed("0.00"), "amount-not-positive"),
    "a request twice": Refusal((*START, requested()), requested(), "duplicate-key"),
    "the answer to no request": Refusal(START, answered_request(), "reference-unknown"),
    "a second answer": Refusal(
        (*START, requested(), answered_request()), answered_request(), "reference-closed"
    ),
    "economies of zero": Refusal(START, economies("0.00"), "amount-not-positive"),
    "a revocation that adds": Refusal(START, revoked(("PNRR", "10.00")), "revocation-not-negative"),
    "a revocation of nothing": Refusal(START, revoked(), "nothing-changed"),
    "a revocation by a cent above the funding": Refusal(
        START, revoked(("PNRR", "-90.01")), "source-balance-negative"
    ),
}


@pytest.mark.parametrize("case", ACCEPTED.values(), ids=ACCEPTED)
def test_it_is_recorded_and_changes_the_dossier(case: Accepted) -> None:
    case.check()


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_it_is_refused(case: Refusal) -> None:
    case.check()


def test_payments_that_rest_on_an_act_are_those_of_its_commitments_and_liquidations() -> None:
    other = determina("101", "2023-05-01", subtype="liquidazione")
    given = (*START, other, committed(), liquidated(act=ACT.replace("/100", "/101")))
    world = World().given(*given, paid("10.00", liquidation="liq-1"), paid("1.00", f"{PAYMENT}/1"))
    spending = world.dossier().spending
    assert spending.payments_on_act(ACT) == (PAYMENT, f"{PAYMENT}/1")
    assert spending.payments_on_act(ACT.replace("/100", "/101")) == (PAYMENT,)
    assert spending.payments_on_act(ACT.replace("/100", "/102")) == ()
    assert world.dossier(f"act/{ACT}").spending.payments == {}


def test_the_state_tells_every_figure_by_source() -> None:
    world = World().given(*PAID, reduced("10.00"), recovery("5.00"), recovered("5.00"))
    told = world.state().spending
    assert [(one.source, one.committed, one.paid, one.left) for one in told.sources] == [
        ("PNRR", 9_000, 5_500, 3_500)
    ]
    assert (told.committed, told.paid) == (9_000, 5_500)


def test_a_payment_by_who_liquidated_is_recorded_where_the_body_set_a_finding() -> None:
    world = World().given(*COMMITTED, BY_ONE)
    rows = [
        row if row.rule != "sod.payment" else type(row)(rule=row.rule, value="finding", source="x")
        for row in world.law.rows
    ]
    world.law = type(world.law)(tuple(rows))
    world.given(PAID_BY_ONE)


def test_a_commitment_cannot_be_corrected_while_a_payment_rests_on_it() -> None:
    answer = World().given(*PAID).when(corrected(3, role="finanziario"))
    assert getattr(answer, "code", "") == "correction-breaks-state"
