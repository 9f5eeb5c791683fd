"""Refusals about money. Source: DOMAIN section 6, table of hard limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.domain.money import EUR
from ledger.domain.rules.refusal import Broken, refusal

if TYPE_CHECKING:
    from ledger.domain.event import Event
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
