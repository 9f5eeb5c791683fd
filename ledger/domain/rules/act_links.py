"""Refusals about links of an act to CUPs, and about the atto ricognitivo.

Source: DOMAIN sections 3.4, 4.4 and 9.12; FAQ r-010.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.domain.dated import on_day
from ledger.domain.money import EUR
from ledger.domain.reconnaissance import NOT_PERTINENT
from ledger.domain.rules.refusal import Broken, refusal

if TYPE_CHECKING:
    from ledger.domain.acts import Link
    from ledger.domain.event import Event
    from ledger.domain.situation import Situation


@refusal(
    "act-already-linked",
    it="L'atto {item} è già collegato al CUP {cup}.",
    en="Act {item} is already linked to CUP {cup}.",
    source="contraddizione con il registro",
    remedy="relink-act/1",
)
def act_already_linked(event: Event, situation: Situation) -> Broken:
    """Refuse a link that the act has."""
    act = situation.act(event.data.act)
    if act is None:
        return
    known = {_intervention(link) for link in act.every_link}
    for link in event.data.links:
        whole = (link.cup, None, None)
        if {_intervention(link), whole} & known or (
            _intervention(link) == whole and act.linked(link.cup)
        ):
            yield {"item": act.key, "cup": link.cup}


def _intervention(link: Link) -> tuple[str, str | None, str | None]:
    """Return CUP, measure and CLP of a link; of a CUP with one intervention the CUP alone."""
    return str(link.cup), link.measure and link.measure.key, link.clp


@refusal(
    "act-not-linked",
    it="L'atto {item} non è collegato al CUP {cup}: non si può spostare da lì.",
    en="Act {item} is not linked to CUP {cup}: it cannot be moved from there.",
    source="contraddizione con il registro",
    remedy="link-act/1",
)
def act_not_linked(event: Event, situation: Situation) -> Broken:
    """Refuse to move a link that is not there."""
    act = situation.act(event.data.act)
    if act is not None and not act.linked(event.data.wrong):
        yield {"item": act.key, "cup": event.data.wrong}


@refusal(
    "share-not-whole",
    it=(
        "La quota dell'atto {item} sul CUP {cup} è {share}: si sposta intera, indicarla in «amount»"
        " così com'è."
    ),
    en="The share of act {item} on CUP {cup} is {share}: it moves whole, name it in `amount` as it is.",
    source="DOMAIN 6",
    remedy="",
)
def share_not_whole(event: Event, situation: Situation) -> Broken:
    """Refuse to move another share than the act has on the wrong CUP, or none where it has one."""
    act = situation.act(event.data.act)
    if act is None or not act.linked(event.data.wrong):
        return
    share = act.share_of(event.data.wrong)
    if event.data.amount != share:
        told = "non dichiarata" if share is None else f"di {share.format_it()}"
        yield {"item": act.key, "cup": event.data.wrong, "share": told}


@refusal(
    "links-beyond-total",
    it="L'atto {item} ha {total} collegamenti in tutto («links_total»): qui diventerebbero {count}.",
    en="Act {item} has {total} links in all (`links_total`): here they would become {count}.",
    source="DOMAIN 3.4",
    remedy="correct-error/1",
)
def links_beyond_total(event: Event, situation: Situation) -> Broken:
    """Refuse more links than the act was said to have in all."""
    key = event.data.key(situation.body)
    count, total = event.data.links_after(situation.act(key))
    if total is not None and count > total:
        yield {"item": key, "count": count, "total": total}


@refusal(
    "shares-above-amount",
    it="Le quote dell'atto {item} diventerebbero {parts}, più dell'importo di {total}.",
    en="The shares of act {item} would become {parts}, above its amount of {total}.",
    source="DOMAIN 6",
    remedy="correct-error/1",
)
def shares_above_amount(event: Event, situation: Situation) -> Broken:
    """Refuse shares that, with those that the act has, pass its amount."""
    act = situation.act(event.data.act)
    if act is None or act.amount is None:
        return
    _, shares, total = event.data.parts_after(act)
    parts = EUR(sum(share for share in shares if share is not None))
    if parts > total:
        yield {"item": act.key, "parts": parts.format_it(), "total": total.format_it()}


@refusal(
    "reconnaissance-incomplete",
    it="Nell'atto ricognitivo {problem}: {item}.",
    en="In the atto ricognitivo: {item} ({problem}).",
    source="FAQ r-010",
    remedy="adopt-reconnaissance/1 con tutti i punti",
)
def reconnaissance_incomplete(event: Event, situation: Situation) -> Broken:
    """Refuse an item that is left out, not pertinent where it must be, or none of those of the day."""
    items = event.data.items
    required = on_day(situation.law.reconnaissance, event.day)
    for one in required:
        named = f"{one.rule} ({one.text})"
        if one.rule not in items:
            yield {"item": named, "problem": "manca il punto"}
        elif items[one.rule] == NOT_PERTINENT and not one.may_be_absent:
            yield {"item": named, "problem": "non può essere «non pertinente» il punto"}
    for name in sorted(set(items) - {one.rule for one in required}):
        yield {"item": name, "problem": "non esiste il punto"}
