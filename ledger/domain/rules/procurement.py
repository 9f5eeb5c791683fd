"""Refusals about contracts. Source: DOMAIN section 9.12."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.domain.acts import LINKS_LIMIT
from ledger.domain.days import format_day_it
from ledger.domain.rules.refusal import Broken, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from ledger.domain.event import Event
    from ledger.domain.situation import Situation


@refusal(
    "contract-too-wide",
    it=(
        "Il contratto {item} è di {count} CUP: una registrazione ne porta al più {limit}. Registrarlo per"
        " gruppi di CUP, ognuno con la sua parte dell'importo e un suo numero ({procedure}/1, /2...)."
    ),
    en=(
        "Contract {item} is of {count} CUPs: one event holds at most {limit}. Record it by groups of"
        " CUPs, each with its part of the amount and its own number ({procedure}/1, /2...)."
    ),
    source="FORMATS 1; DOMAIN 3.4",
    remedy="sign-contract/1",
)
def contract_too_wide(event: Event, situation: Situation) -> Broken:
    """Refuse a contract whose CUPs no event could join, be it this one or one that amends it."""
    del situation
    count = len(event.data.links)
    if count > LINKS_LIMIT:
        named = {"item": event.data.contract, "procedure": event.data.procedure}
        yield {**named, "count": count, "limit": LINKS_LIMIT}


@refusal(
    "contract-dates-reversed",
    it="Il contratto {item} finirebbe il {end}, prima di cominciare il {begin}: controllare le date.",
    en="Contract {item} would end on {end}, before it begins on {begin}.",
    source="contraddizione con il registro",
    remedy="",
)
def contract_dates_reversed(event: Event, situation: Situation) -> Broken:
    """Refuse a last day before the first, when the contract is signed or amended."""
    end = event.data.ends_on
    for begin in _begins(event, situation):
        if end is not None and end < begin:
            yield {
                "item": event.data.contract,
                "begin": format_day_it(begin),
                "end": format_day_it(end),
            }
            return


def _begins(event: Event, situation: Situation) -> Iterator[date]:
    """Yield the first day that the event gives, or that the recorded contract has."""
    given = getattr(event.data, "starts_on", None)
    if given is not None:
        yield given
    for dossier in situation.dossiers(event).values():
        found = dossier.contracts.contract(event.data.contract)
        if found is not None and found.starts_on is not None:
            yield found.starts_on
