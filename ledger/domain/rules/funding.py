"""Refusals about money. Source: DOMAIN section 6, table of hard limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.domain.money import EUR
from ledger.domain.rules.refusal import Broken, refusal
from ledger.domain.shares import proposed_shares, tell_shares

if TYPE_CHECKING:
    from ledger.domain.event import Event
    from ledger.domain.events.declaration import Parts
    from ledger.domain.situation import Situation


@refusal(
    "amount-not-positive",
    it="L'importo deve essere maggiore di zero.",
    en="The amount must be above zero.",
    source="contraddizione con il registro",
    remedy="",
)
def amount_not_positive(event: Event, situation: Situation) -> Broken:
    """Refuse an amount of zero where none is meant."""
    del situation
    amount = event.data.amount
    if amount is not None and amount <= 0:
        yield {"item": amount.format()}


@refusal(
    "sum-mismatch",
    it="Le parti fanno {parts} e {item} è di {total}: devono coincidere al centesimo{proposal}.",
    en="The parts sum to {parts} and {item} is of {total}: they must be equal to the cent.",
    source="DOMAIN 6",
    remedy="",
)
def sum_mismatch(event: Event, situation: Situation) -> Broken:
    """Refuse parts that do not sum to the whole: shares of CUPs, recipients, items of a framework.

    Shares of CUPs that would sum to it are proposed. While links of an act are still to come its shares
    may be less than the whole (DOMAIN 3.4).
    """
    what, parts, total = _parts(event, situation)
    if total is None or all(part is None for part in parts):
        return
    summed = EUR(sum(part for part in parts if part is not None))
    is_short = summed < total and _are_links_to_come(event, situation)
    if None in parts or (summed != total and not is_short):
        yield {
            "item": what,
            "parts": summed.format_it(),
            "total": total.format_it(),
            "proposal": _proposal(event, _rest(event, parts, total)),
        }


def _parts(event: Event, situation: Situation) -> Parts:
    """Return the parts that the event names; of a recorded act that it continues, all of them."""
    if not hasattr(event.data, "parts_after"):
        named: Parts = event.data.parts()
        return named
    act = situation.act(event.data.act)
    after: Parts = ("", [], None) if act is None else event.data.parts_after(act)
    return after


def _are_links_to_come(event: Event, situation: Situation) -> bool:
    """Return whether the act that the event is of has not all of its links by then."""
    if not hasattr(event.data, "links_after"):
        return False
    count, total = event.data.links_after(situation.act(event.data.key(situation.body)))
    return total is not None and count < total


def _rest(event: Event, parts: list[EUR | None], total: EUR) -> int:
    """Return the cents of the total that the links of this event divide among them."""
    before = parts[: len(parts) - len(getattr(event.data, "links", parts))]
    return total - sum(part for part in before if part is not None)


def _proposal(event: Event, total: int) -> str:
    """Return the shares that are proposed to an event with links to CUPs, as the end of a sentence."""
    links = getattr(event.data, "links", ())
    if not links or total < 0:
        return ""
    cups = [link.cup for link in links]
    shares = proposed_shares(total, cups, [link.amount for link in links])
    return f"; {tell_shares(cups, shares)}"


@refusal(
    "source-balance-negative",
    it="Il finanziamento della fonte {item} diventerebbe {balance}: non può scendere sotto zero.",
    en="The funding of source {item} would become {balance}: it cannot fall below zero.",
    source="DOMAIN 6",
    remedy="record-funding/1",
)
def source_balance_negative(event: Event, situation: Situation) -> Broken:
    """Refuse movements that bring a source below zero."""
    for dossier in situation.dossiers(event).values():
        for source in sorted({movement.source for movement in event.data.movements}):
            moved = sum(m.delta for m in event.data.movements if m.source == source)
            balance = dossier.funding.of_source(source) + moved
            if balance < 0:
                yield {"item": source, "balance": EUR(balance).format_it()}


@refusal(
    "transfer-not-balanced",
    it="Uno spostamento tra fonti ha somma zero: qui è {total}.",
    en="A transfer between sources sums to zero: here it is {total}.",
    source="DOMAIN 6",
    remedy="",
)
def transfer_not_balanced(event: Event, situation: Situation) -> Broken:
    """Refuse a transfer between sources whose movements do not sum to zero."""
    del situation
    total = sum(movement.delta for movement in event.data.movements)
    if event.data.cause == "spostamento" and total != 0:
        yield {"item": "movements", "total": EUR(total).format_it()}


@refusal(
    "revocation-not-negative",
    it="Una revoca toglie: il movimento sulla fonte {item} è {delta}, deve essere sotto zero.",
    en="A revocation takes away: the movement on source {item} is {delta}, it must be below zero.",
    source="DOMAIN 9.13",
    remedy="record-funding-adjustment/1",
)
def revocation_not_negative(event: Event, situation: Situation) -> Broken:
    """Refuse movements of a revocation that add, or change nothing."""
    del situation
    for movement in event.data.movements:
        if movement.delta >= 0:
            yield {"item": movement.source, "delta": movement.delta.format_it()}
