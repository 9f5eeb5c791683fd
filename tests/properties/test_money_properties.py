"""No balance leaves its hard limits, whatever is asked and accepted. Source: DOMAIN section 6, table.

The figures are computed a second time here, from the events that stand, by plain sums.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.event import Event
from ledger.domain.evolve import evolve, fold, withdrawn
from ledger.domain.payments import PaymentTerms, RecoveryTerms
from tests.ledger.domain.facts import (
    ACT,
    adjusted,
    corrected,
    determina,
    enforceable,
    funded,
    registered,
    visto,
)
from tests.ledger.domain.facts_money import (
    committed,
    disbursed,
    economies,
    liquidated,
    paid,
    recovered,
    recovery,
    reduced,
    revoked,
    storno,
)
from tests.ledger.domain.worlds import ALL_ROLES, CUP, World

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ledger.domain.commitments import CommitmentTerms
    from ledger.domain.dossier import Dossier
    from ledger.domain.funding import Source
    from tests.ledger.domain.worlds import Request

STREAM = f"cup/{CUP}"
START = (registered(), determina(subtype="impegno"), visto(), enforceable())
SOURCES: tuple[Source, ...] = ("PNRR", "FOI", "COMUNE")
FEW, CENTS, MORE = (
    st.integers(1, most).map(lambda cents: f"{cents // 100}.{cents % 100:02}")
    for most in (60, 300, 900)
)
SOURCE = st.sampled_from(SOURCES)
COMMITMENTS = ("c_e506/2023/1", "c_e506/2023/2")
LIQUIDATIONS = ("liq-1", "liq-2")
PAYMENTS = ("c_e506/2023/11", "c_e506/2023/12", "c_e506/2023/13")
RECOVERIES = ("rec-1", "rec-2")
COMMITMENT, LIQUIDATION = st.sampled_from(COMMITMENTS), st.sampled_from(LIQUIDATIONS)
PAYMENT, RECOVERY = st.sampled_from(PAYMENTS), st.sampled_from(RECOVERIES)
LOWERED = st.tuples(SOURCE, CENTS.map(lambda amount: f"-{amount}"))
REQUESTS = st.one_of(
    st.builds(funded, CENTS, SOURCE),
    st.builds(adjusted, LOWERED),
    st.builds(revoked, LOWERED),
    st.builds(committed, CENTS, COMMITMENT, source=SOURCE),
    st.builds(reduced, CENTS, commitment=COMMITMENT),
    st.builds(liquidated, CENTS, LIQUIDATION, commitment=COMMITMENT),
    st.builds(paid, CENTS, PAYMENT, source=SOURCE, commitment=COMMITMENT),
    st.builds(paid, CENTS, PAYMENT, source=SOURCE, commitment=COMMITMENT, liquidation=LIQUIDATION),
    st.builds(storno, FEW, PAYMENT),
    st.builds(recovery, CENTS, RECOVERY, payment=st.sampled_from([None, *PAYMENTS])),
    st.builds(recovered, FEW, RECOVERY),
    st.builds(recovered, CENTS, RECOVERY),
    st.builds(disbursed, CENTS),
    st.builds(economies, CENTS, SOURCE),
    # The n-th event from the last, counted at its turn.
    st.builds(corrected, st.integers(0, 12)),
)
# Money and commitments to begin with, so that what is spent is not refused at once.
OPENING = st.tuples(
    *(st.builds(funded, MORE, st.just(source)) for source in SOURCES),
    *(st.builds(committed, MORE, st.just(key), source=SOURCE) for key in COMMITMENTS),
    st.builds(liquidated, CENTS, st.just(LIQUIDATIONS[0]), commitment=COMMITMENT),
    st.builds(paid, CENTS, st.just(PAYMENTS[0]), source=SOURCE, commitment=COMMITMENT),
    st.builds(disbursed, MORE),
    st.builds(recovery, CENTS, RECOVERY, payment=st.sampled_from([None, PAYMENTS[0]])),
)
STORIES = st.builds(lambda *parts: [*parts[0], *parts[1]], OPENING, st.lists(REQUESTS, max_size=25))


def told(world: World, request: Request) -> Event | None:
    """Return the event of a request, None when it is refused; any key may sign it."""
    if request["command"] == "correct-error/1":
        back = int(request["corrects"][0][-12:])
        if back >= len(world.events) - len(START):
            return None
        target = world.events[-1 - back]
        request = {**request, "role": target.role, "corrects": [target.id]}
    # Who liquidates does not pay: each role has a key of its own.
    answer = world.when({**request, "signed_by": f"{ALL_ROLES} {request['role']}"})
    return answer if isinstance(answer, Event) else None


@settings(max_examples=60, deadline=None)
@given(STORIES)
def test_no_balance_leaves_its_limits_after_what_is_accepted(requests: list[Request]) -> None:
    world = World().given(*START)
    for request in requests:
        if told(world, request) is not None:
            check_limits(world.dossier())
            check_limits(world.dossier(f"act/{ACT}"))


@settings(max_examples=60, deadline=None)
@given(STORIES)
def test_no_balance_left_its_limits_at_any_place_had_the_corrected_never_been(
    requests: list[Request],
) -> None:
    world = World().given(*START)
    for request in requests:
        told(world, request)
    dossier = fold(STREAM, ())
    for event in standing(world):
        dossier = evolve(dossier, event)
        check_limits(dossier)
        if event.type.name == "payment-executed/1" and event.data.source == "PNRR":
            assert dossier.spending.paid("PNRR") <= met(dossier, event)


def met(dossier: Dossier, payment: Event) -> int:
    """Return the PNRR funding of a payment: all that was granted, less what was gone by its day."""
    moved = [
        (e.on, m.delta) for e in dossier.funding.entries for m in e.movements if m.source == "PNRR"
    ]
    granted = sum(delta for _, delta in moved if delta > 0)
    return granted + sum(delta for on, delta in moved if delta < 0 and on <= payment.day)


def check_limits(dossier: Dossier) -> None:
    """Hold every balance to its hard limits."""
    spending = dossier.spending
    assert all(dossier.funding.of_source(source) >= 0 for source in SOURCES)
    assert all(0 <= one.left <= one.balance <= one.amount for one in spending.commitments.values())
    assert all(0 <= one.balance <= one.amount for one in spending.payments.values())
    assert all(one.paid >= 0 for one in spending.liquidations.values())
    assert all(spending.paid(source) >= 0 for source in SOURCES)
    assert dossier.incomes.statement(spending.given_back()).received >= 0


@settings(max_examples=60, deadline=None)
@given(STORIES)
def test_the_figures_are_the_sums_of_what_stands(requests: list[Request]) -> None:
    world = World().given(*START)
    for request in requests:
        told(world, request)
    check_figures(world.dossier(), standing(world))


def check_figures(dossier: Dossier, events: Sequence[Event]) -> None:
    """Hold the figures of a dossier to those computed from its events."""
    sums = _sums(events)
    spending = dossier.spending
    for source in SOURCES:
        assert dossier.funding.of_source(source) == sums["granted", source]
        assert spending.committed(source) == sums["committed", source]
        assert spending.paid(source) == sums["paid", source]
    assert spending.committed() == sum(sums["committed", source] for source in SOURCES)
    assert spending.paid() == sum(sums["paid", source] for source in SOURCES)
    assert spending.given_back() == sums["given back", ""]
    for commitment in spending.commitments.values():
        assert commitment.balance == sums["commitment", commitment.commitment]
        assert commitment.paid == sums["paid on", commitment.commitment]
    for liquidation in spending.liquidations.values():
        assert liquidation.paid == sums["paid on", liquidation.liquidation]


def standing(world: World) -> list[Event]:
    """Return the events of the CUP that are not corrected, without the corrections."""
    history = world.history(STREAM)
    gone = withdrawn(history)
    return [e for e in history if e.id not in gone and not e.type.corrects_others]


Move = tuple[str, str, int]  # figure, source or key, cents


def _sums(events: Sequence[Event]) -> Counter[tuple[str, str]]:
    """Return the cents by figure, and source or key."""
    sums: Counter[tuple[str, str]] = Counter()
    named: dict[str, Any] = {}
    for event in events:
        of_type = MOVES.get(event.type.command, _moves_nothing)
        for figure, of, cents in of_type(event.data, named):
            sums[figure, of] += cents
    return sums


def _moves_nothing(data: Any, named: dict[str, Any]) -> list[Move]:  # noqa: ANN401  data of any type
    """Note what is named later by its key."""
    if isinstance(data, RecoveryTerms):
        named[data.recovery] = data
    return []


def _funds(data: Any, _: dict[str, Any]) -> list[Move]:  # noqa: ANN401
    return [("granted", data.source, data.amount)]


def _moves_funds(data: Any, _: dict[str, Any]) -> list[Move]:  # noqa: ANN401
    return [("granted", movement.source, movement.delta) for movement in data.movements]


def _commits(data: Any, named: dict[str, Any]) -> list[Move]:  # noqa: ANN401
    named[data.commitment] = data
    return _committed(data, data.amount)


def _reduces(data: Any, named: dict[str, Any]) -> list[Move]:  # noqa: ANN401
    return _committed(named[data.commitment], -data.amount)


def _committed(terms: CommitmentTerms, cents: int) -> list[Move]:
    return [("committed", terms.source, cents), ("commitment", terms.commitment, cents)]


def _pays(data: Any, named: dict[str, Any]) -> list[Move]:  # noqa: ANN401
    named[data.payment] = data
    return _paid(data, data.amount)


def _reverses(data: Any, named: dict[str, Any]) -> list[Move]:  # noqa: ANN401
    return _paid(named[data.payment], -data.amount)


def _paid(terms: PaymentTerms, cents: int) -> list[Move]:
    on = (terms.commitment, terms.liquidation or "")
    return [("paid", terms.source, cents), *(("paid on", key, cents) for key in on)]


def _recovers(data: Any, named: dict[str, Any]) -> list[Move]:  # noqa: ANN401
    payment = named[data.recovery].payment
    if payment is None:
        return [("given back", "", data.amount)]
    return [("paid", named[payment].source, -data.amount)]


MOVES: dict[str, Callable[[Any, dict[str, Any]], list[Move]]] = {
    "record-funding/1": _funds,
    "record-funding-adjustment/1": _moves_funds,
    "record-funding-revocation/1": _moves_funds,
    "record-commitment/1": _commits,
    "reduce-commitment/1": _reduces,
    "record-payment/1": _pays,
    "reverse-payment/1": _reverses,
    "recover-amount/1": _recovers,
}
