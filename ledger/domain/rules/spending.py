"""Refusals about spending: balances that may not be passed, and who may pay.

Balances are computed at the place in the log: a reduction before its commitment is refused, and the
commitment recorded first, with its own legal date. Source: DOMAIN section 6, table of hard limits;
national controls 050-053; ReGiS data (0 of 127,377 projects paid more PNRR than they were granted).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.domain.act_effects import REMEDIES, standing
from ledger.domain.acts import NULLITY
from ledger.domain.days import format_day_it
from ledger.domain.money import EUR, SignedEUR
from ledger.domain.rules.refusal import Broken, refusal
from ledger.domain.rules.separation import is_excepted

if TYPE_CHECKING:
    from ledger.domain.event import Event
    from ledger.domain.situation import Situation

LIQUIDATORS = ("rup", "dirigente", "finanziario")  # who signs liquidations
PNRR: Final = "PNRR"


@refusal(
    "commitment-on-null-act",
    it=(
        "L'atto {item} del {day} non riporta il CUP: se impegna una spesa è nullo. Sanarlo prima con"
        " una convalida, una rettifica o un atto ricognitivo."
    ),
    en="Act {item} of {day} does not show the CUP: carrying a commitment it is null. Remedy it first.",
    source="L. 3/2003 art. 11 c. 2-bis",
    remedy="validate-act/1",
)
def commitment_on_null_act(event: Event, situation: Situation) -> Broken:
    """Refuse to commit on an act without CUP, which authorises an expense by that, unremedied."""
    key = event.data.act
    act = situation.act(key)
    if act is None or act.cup_in_text != "no" or not situation.law.row(NULLITY, act.adopted_on):
        return
    effects = situation.record.dossier(f"act/{key}").act_effects
    if not any(one.kind in REMEDIES for one in standing(effects, key)):
        yield {"item": key, "day": format_day_it(act.adopted_on)}


@refusal(
    "commitment-balance-negative",
    it="L'impegno {item} è di {balance}: non se ne possono togliere {amount}.",
    en="Commitment {item} is of {balance}: {amount} cannot be taken off it.",
    source="controllo nazionale 050",
    remedy="record-commitment/1",
)
def commitment_balance_negative(event: Event, situation: Situation) -> Broken:
    """Refuse a reduction above what is committed."""
    for dossier in situation.dossiers(event).values():
        found = dossier.spending.commitment(event.data.commitment)
        if found is not None and event.data.amount > found.balance:
            yield {
                "item": found.commitment,
                "balance": EUR(found.balance).format_it(),
                "amount": event.data.amount.format_it(),
            }


@refusal(
    "commitment-overdrawn",
    it="Sull'impegno {item} restano {left}: {amount} sono troppi.",
    en="{left} are left on commitment {item}: {amount} is too much.",
    source="DOMAIN 6; TUEL art. 185",
    remedy="record-commitment/1",
)
def commitment_overdrawn(event: Event, situation: Situation) -> Broken:
    """Refuse payments above their commitment, and reductions below what is paid on it."""
    for dossier in situation.dossiers(event).values():
        found = dossier.spending.commitment(event.data.commitment)
        if found is not None and event.data.amount > found.left:
            yield {
                "item": found.commitment,
                "left": EUR(found.left).format_it(),
                "amount": event.data.amount.format_it(),
            }


@refusal(
    "pnrr-paid-above-funding",
    it=(
        "I pagamenti a valere sul PNRR diventerebbero {paid}, più dei {funding} finanziati:"
        " registrare prima il finanziamento, o pagare su un'altra fonte."
    ),
    en="PNRR payments would become {paid}, above the {funding} granted.",
    source="DOMAIN 6; dati ReGiS",
    remedy="record-funding/1",
)
def pnrr_paid_above_funding(event: Event, situation: Situation) -> Broken:
    """Refuse PNRR payments above PNRR funding, by a cent; a revocation is never refused for it.

    What was revoked after the day of the payment was there when it was made.
    """
    if event.data.source != PNRR:
        return
    for cup, dossier in situation.dossiers(event).items():
        paid = dossier.spending.paid(PNRR) + event.data.amount
        funding = dossier.funding.met_on(PNRR, event.day)
        if paid > funding:
            yield {
                "item": cup,
                "paid": EUR(paid).format_it(),
                "funding": EUR(max(funding, 0)).format_it(),
            }


@refusal(
    "payment-balance-negative",
    it="Del pagamento {item} restano {balance}: non se ne possono riprendere {amount}.",
    en="Payment {item} is of {balance}: {amount} cannot be taken back.",
    source="controllo nazionale 052",
    remedy="record-payment/1",
)
def payment_balance_negative(event: Event, situation: Situation) -> Broken:
    """Refuse reversals and recoveries above what was paid, and giving back above what came in."""
    for cup, dossier in situation.dossiers(event).items():
        received = dossier.incomes.received(dossier.spending.given_back())
        if event.data.gives_back(dossier) and event.data.amount > received:
            yield {
                "item": f"(erogazioni ricevute, {cup})",
                "balance": SignedEUR(received).format_it(),
                "amount": event.data.amount.format_it(),
            }
        found = dossier.spending.payment(event.data.takes_back(dossier) or "")
        if found is not None and event.data.amount > found.balance:
            yield {
                "item": found.payment,
                "balance": EUR(found.balance).format_it(),
                "amount": event.data.amount.format_it(),
            }


@refusal(
    "payment-by-liquidator",
    it=(
        "Il pagamento della liquidazione {item} non può essere registrato con la firma di chi l'ha"
        " liquidata."
    ),
    en="The payment of liquidation {item} may not be signed with the key that liquidated it.",
    source="DOMAIN 11; impostazione sod.payment",
    remedy="declare-sod-exception/1",
)
def payment_by_liquidator(event: Event, situation: Situation) -> Broken:
    """Refuse the payment by the key that signed the liquidation, unless the body set a finding."""
    if situation.law.setting("sod.payment", event.day) != "refusal":
        return
    for dossier in situation.dossiers(event).values():
        found = dossier.spending.liquidation(event.data.liquidation or "")
        is_same = found is not None and found.actor == event.actor
        if found is not None and is_same and not is_excepted(event, situation, LIQUIDATORS):
            yield {"item": found.liquidation}
