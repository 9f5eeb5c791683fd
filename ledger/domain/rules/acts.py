"""Refusals about acts: null without CUP, identity, shares, visto, publication.

Source: DOMAIN sections 4.3 and 9.12; L. 3/2003 art. 11 c. 2-bis; D.Lgs. 267/2000 arts. 124, 147-bis.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.domain.act_effects import NO_EFFECT, effect_met_on
from ledger.domain.acts import LINKS_LIMIT, NULLITY
from ledger.domain.albo import TERM_RULES
from ledger.domain.days import format_day_it
from ledger.domain.rules.refusal import Broken, refusal
from ledger.domain.rules.separation import is_excepted

if TYPE_CHECKING:
    from ledger.domain.event import Event
    from ledger.domain.situation import Situation

WRITERS = ("rup", "dirigente", "segretario")  # who registers acts


@refusal(
    "act-already-registered",
    it="L'atto {item} è già registrato: i numeri degli atti non si ripetono.",
    en="Act {item} is already registered: act numbers are unique.",
    source="DOMAIN 3.3",
    remedy="correct-error/1",
)
def act_already_registered(event: Event, situation: Situation) -> Broken:
    """Refuse a second uncorrected registration of the same act."""
    key = event.data.key(situation.body)
    if situation.act(key) is not None:
        yield {"item": key}


@refusal(
    "cup-not-linked",
    it="L'atto {item} non è collegato ad alcun CUP: indicarne almeno uno in «links».",
    en="Act {item} is linked to no CUP: name at least one in `links`.",
    source="L. 3/2003 art. 11",
    remedy="",
)
def cup_not_linked(event: Event, situation: Situation) -> Broken:
    """Refuse an act without any CUP."""
    if not event.data.links:
        yield {"item": event.data.key(situation.body)}


@refusal(
    "link-repeated",
    it="{item} nomina due volte il CUP {cup}: una sola quota per intervento.",
    en="{item} names CUP {cup} twice: one share for each intervention.",
    source="DOMAIN 3.4",
    remedy="",
)
def link_repeated(event: Event, situation: Situation) -> Broken:
    """Refuse the same intervention (CUP, measure, CLP) twice among the links of an act."""
    seen = set()
    for link in event.data.links:
        intervention = (link.cup, link.measure and link.measure.key, link.clp)
        if intervention in seen:
            yield {"item": event.data.key(situation.body), "cup": link.cup}
        seen.add(intervention)


@refusal(
    "act-without-cup",
    it=(
        "L'atto {item} del {day} finanzia o autorizza un investimento e non riporta il CUP: è nullo."
        " Registrarlo come nullo (void) o adottare un atto che lo sani."
    ),
    en=(
        "Act {item} of {day} finances or authorises an investment and does not show the CUP: it is"
        " null. Record it as void, or adopt an act that remedies it."
    ),
    source="L. 3/2003 art. 11 c. 2-bis",
    remedy="register-determina/1 con void = true",
)
def act_without_cup(event: Event, situation: Situation) -> Broken:
    """Refuse as valid a financing act whose text lacks the CUP, from the day the rule refuses."""
    act, law = event.data.act(event), situation.law
    null = act.cup_in_text == "no" and not act.void and act.finances(law)
    if null and law.row(NULLITY, act.adopted_on):
        yield {"item": act.key, "day": format_day_it(act.adopted_on)}


@refusal(
    "cig-and-absence",
    it="{item}: indicare il CIG oppure il motivo per cui manca, uno solo dei due.",
    en="{item}: give either a CIG or the reason for its absence.",
    source="elenco ReGiS delle assenze di CIG",
    remedy="",
)
def cig_and_absence(event: Event, situation: Situation) -> Broken:
    """Refuse both a CIG and a reason of absence, and neither where a procedure starts."""
    given = bool(event.data.cigs), event.data.cig_absence is not None
    is_start = event.type.command == "start-procurement/1"
    if all(given) or (is_start and not any(given)):
        yield {"item": event.data.key(situation.body)}


@refusal(
    "links-too-many",
    it=(
        "{item} nomina {count} CUP: al più {limit} per registrazione, con «links_total» per dire quanti"
        " sono in tutto, poi link-act/1."
    ),
    en=(
        "{item} names {count} CUPs: at most {limit} in one event, with `links_total` for all of them, the"
        " rest by link-act/1."
    ),
    source="DOMAIN 3.4",
    remedy="link-act/1",
)
def links_too_many(event: Event, situation: Situation) -> Broken:
    """Refuse more links than an envelope holds."""
    del situation
    count = len(event.data.links)
    if count > LINKS_LIMIT:
        yield {"item": "links", "count": count, "limit": LINKS_LIMIT}


@refusal(
    "act-unknown",
    it="L'atto {item} non è registrato: registrarlo prima, poi ripetere.",
    en="Act {item} is not registered: register it first.",
    source="contraddizione con il registro",
    remedy="register-determina/1",
)
def act_unknown(event: Event, situation: Situation) -> Broken:
    """Refuse an event that rests on an act that is not recorded, or is done by one."""
    for key in (event.data.act, getattr(event.data, "by", None)):
        if key is not None and situation.act(key) is None:
            yield {"item": key}


WHY = {
    "nulla": "è nullo e non è stato sanato",
    "annullata": "è stato annullato",
    "revocata": "è stato revocato",
    "sospesa": "è sospeso",
}
WAYS_OUT = {
    "nulla": "validate-act/1",
    "annullata": "annul-act/1 sull'atto che lo annulla",
    "revocata": "annul-act/1 sull'atto che lo revoca",
    "sospesa": "revoke-act/1 sull'atto che lo sospende, o suspend-act/1 con il nuovo termine",
}


@refusal(
    "act-without-effect",
    it="L'atto {item} {why}: il {day} non può produrre effetti.",
    en="Act {item} has no effect on {day} ({effect}): nothing can rest on it.",
    source="L. 3/2003 art. 11 c. 2-bis; L. 241/1990 artt. 21-quater, 21-quinquies, 21-nonies",
    remedy="validate-act/1",
)
def act_without_effect(event: Event, situation: Situation) -> Broken:
    """Refuse to rest on an act that on the legal date was void, annulled, revoked or suspended.

    What happened before the act was taken away is recorded, also when it is told afterwards.
    """
    key = event.data.act
    act = situation.act(key) if key is not None else None
    if act is None:
        return
    effects = situation.record.dossier(f"act/{key}").act_effects
    effect = effect_met_on(effects, act.key, event.day, is_void=act.void)
    if effect in NO_EFFECT:
        yield {
            "item": act.key,
            "why": WHY[effect],
            "effect": effect,
            "day": format_day_it(event.day),
            "remedy": WAYS_OUT[effect],
        }


@refusal(
    "before-adoption",
    it="L'atto {item} è stato adottato il {adopted}, dopo il {day}.",
    en="Act {item} was adopted on {adopted}, after {day}.",
    source="contraddizione con il registro",
    remedy="",
)
def before_adoption(event: Event, situation: Situation) -> Broken:
    """Refuse what happens to an act before the act was adopted."""
    act = situation.act(event.data.act)
    if act is not None and event.day < act.adopted_on:
        yield {
            "item": act.key,
            "adopted": format_day_it(act.adopted_on),
            "day": format_day_it(event.day),
        }


@refusal(
    "separation-of-duties",
    it="Il visto sull'atto {item} non può essere registrato con la firma di chi ha registrato l'atto.",
    en="The visto on act {item} may not be signed with the key that registered the act.",
    source="TUEL art. 147-bis; DOMAIN 11",
    remedy="declare-sod-exception/1",
)
def endorsement_by_same_key(event: Event, situation: Situation) -> Broken:
    """Refuse the visto by the key that registered the act."""
    act = situation.act(event.data.act)
    if act is not None and act.actor == event.actor and not is_excepted(event, situation, WRITERS):
        yield {"item": act.key}


@refusal(
    "publication-too-short",
    it="Una deliberazione resta all'albo {days} giorni consecutivi: qui sono {planned}.",
    en="A deliberazione stays at the albo for {days} consecutive days: here they are {planned}.",
    source="TUEL art. 124 c. 1",
    remedy="",
)
def publication_too_short(event: Event, situation: Situation) -> Broken:
    """Refuse a planned term of a deliberazione that is shorter than the law's."""
    act = situation.act(event.data.act)
    planned = event.data.planned(act, event) if act is not None else None
    if act is None or planned is None or act.kind != "deliberazione":
        return
    law = situation.law
    days, term = law.days(TERM_RULES[act.kind], planned.from_), planned.days(law)
    if days is not None and term < days:
        yield {"item": act.key, "days": days, "planned": term}


@refusal(
    "dates-reversed",
    it="{item}: la fine, {end}, viene prima dell'inizio, {begin}.",
    en="{item}: the end, {end}, comes before the beginning, {begin}.",
    source="contraddizione con il registro",
    remedy="",
)
def dates_reversed(event: Event, situation: Situation) -> Broken:
    """Refuse a period that ends before it begins, and what ends a thing before the thing was.

    Where a period does not say when it begins, it begins on the legal date.
    """
    data, what = event.data, event.type.italian
    spans = data.periods if hasattr(data, "periods") else (data.lasts(event.day),)
    found = [(what, begin or event.day, end) for begin, end in spans]
    for dossier in situation.dossiers(event).values():
        found += [(f"{what}: {one}", on, event.day) for one, on in data.begun(dossier)]
    for item, begin, end in found:
        if end is not None and end < begin:
            yield {"item": item, "begin": format_day_it(begin), "end": format_day_it(end)}
