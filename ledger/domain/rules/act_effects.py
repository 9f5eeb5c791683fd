"""Refusals about what is done to an act by a later one. Source: DOMAIN sections 4.2 and 9.12."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.domain.act_effects import NO_EFFECT, effect_met_on, standing
from ledger.domain.rules.refusal import Broken, refusal

if TYPE_CHECKING:
    from ledger.domain.act_effects import ActEffect, Effects
    from ledger.domain.event import Event
    from ledger.domain.situation import Situation


def _effects(act: str, situation: Situation) -> Effects:
    return situation.record.dossier(f"act/{act}").act_effects


@refusal(
    "act-on-itself",
    it="L'atto {item} non può agire su se stesso: indicare in «by» l'atto che lo fa.",
    en="Act {item} cannot act on itself: name in `by` the act that does it.",
    source="contraddizione",
    remedy="",
)
def act_on_itself(event: Event, situation: Situation) -> Broken:
    """Refuse an act that is done by itself."""
    del situation
    if event.data.act == event.data.by:
        yield {"item": event.data.act}


@refusal(
    "author-without-effect",
    it="L'atto {item}, con cui si agirebbe, il {day} è {effect}: non può farlo.",
    en="Act {item}, by which it would be done, is {effect} on {day}: it cannot.",
    source="contraddizione con il registro",
    remedy="",
)
def author_without_effect(event: Event, situation: Situation) -> Broken:
    """Refuse what is done by an act that by then was itself void, annulled, revoked or suspended."""
    by = event.data.by
    act = situation.act(by) if by is not None else None
    if act is None:
        return
    effect = effect_met_on(_effects(by, situation), act.key, event.day, is_void=act.void)
    if effect in NO_EFFECT:
        yield {"item": by, "day": f"{event.day:%d/%m/%Y}", "effect": effect}


@refusal(
    "act-effect-repeated",
    it="Sull'atto {item} risulta già: {kind} (n. {place}).",
    en="Act {item} already has this effect: {kind} (no. {place}).",
    source="contraddizione con il registro",
    remedy="correct-error/1",
)
def same_effect(event: Event, situation: Situation) -> Broken:
    """Refuse to annul, revoke or void twice what is so already, and the same act done twice."""
    for one in standing(_effects(event.data.act, situation), event.data.act):
        if _is_same(one, event):
            yield {"item": event.data.act, "kind": one.kind, "place": one.index}


def _is_same(one: ActEffect, event: Event) -> bool:
    if one.kind != event.data.kind:
        return False
    is_ended = one.is_whole_annulment or one.kind in {"revoca", "nullita"}
    made: ActEffect = event.data.effect(event)
    is_same_order = one.order is not None and (one.order, one.until) == (made.order, made.until)
    return is_ended or is_same_order or (one.by is not None and one.by == made.by)


@refusal(
    "author-missing",
    it="Indicare con quale atto («by») o su quale provvedimento di un giudice: {item}.",
    en="Name the act (`by`) or the order or judgment on which it rests: {item}.",
    source="L. 241/1990 artt. 21-quater, 21-nonies",
    remedy="",
)
def author_missing(event: Event, situation: Situation) -> Broken:
    """Refuse a suspension or an annulment that rests on nothing."""
    del situation
    if event.data.author is None:
        yield {"item": event.data.act}


@refusal(
    "payments-unlisted",
    it="Sull'atto {item} poggiano pagamenti che l'annullamento non elenca: {payments}.",
    en="Payments rest on act {item} that the annulment does not list: {payments}.",
    source="contraddizione con il registro",
    remedy="annul-act/1 con tutti i pagamenti in «payments»",
)
def payments_unlisted(event: Event, situation: Situation) -> Broken:
    """Refuse an annulment that omits a recorded payment that rests on the act."""
    listed = {str(key) for key in event.data.payments}
    resting = {
        str(key)
        for dossier in situation.dossiers(event).values()
        for key in dossier.spending.payments_on_act(event.data.act)
    }
    omitted = sorted(resting - listed)
    if omitted:
        yield {"item": event.data.act, "payments": ", ".join(omitted)}
