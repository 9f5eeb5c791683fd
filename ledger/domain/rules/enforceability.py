"""Refusals about enforceability: which rule gives force to which act, on whose word, from when.

    rule           acts             recorded by    needs
    tuel-183-7     determine        finanziario    the visto, on the day or before
    det-no-spend   determine        dirigente      no spending
    tuel-134-3     deliberazioni    segretario     ten days from the start of publication
    tuel-134-4     deliberazioni    segretario     the separate vote

Source: DOMAIN sections 4.3, 9.12 and 11; D.Lgs. 267/2000 arts. 134, 183.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from ledger.domain.act_tracks import BY_VOTE
from ledger.domain.albo import TEN_DAYS
from ledger.domain.commitments import CommitmentTerms
from ledger.domain.days import format_day_it
from ledger.domain.rules.refusal import Broken, refusal

if TYPE_CHECKING:
    from datetime import date

    from ledger.domain.acts import Act
    from ledger.domain.event import Event
    from ledger.domain.situation import Situation

BY_VISTO = "tuel-183-7"
BY_REGULATION = "det-no-spend"  # a setting too: the regulation of a body may not have the rule
GIVES_FORCE = "enforceability"  # by kind of act, the rules that give it force
RECORDED_BY = {  # who attests the condition of a rule (DOMAIN 11)
    "tuel-183-7": "finanziario",
    "det-no-spend": "dirigente",
    "tuel-134-3": "segretario",
    "tuel-134-4": "segretario",
}


@refusal(
    "rule-not-applicable",
    it="La regola {rule} non rende esecutivo l'atto {item}, che è una {kind}.",
    en="Rule {rule} gives no force to act {item}, a {kind}.",
    source="TUEL artt. 134 e 183",
    remedy="",
)
def rule_not_applicable(event: Event, situation: Situation) -> Broken:
    """Refuse a rule that gives force to no act, or to acts of another kind, on that day."""
    act, rule, law = situation.act(event.data.act), event.data.rule_id, situation.law
    if act is None:
        return
    row = law.row(rule, event.day)
    is_off = row is None or (rule == BY_REGULATION and row.value == "no")
    if is_off or rule not in law.words(f"{GIVES_FORCE}.{act.kind}", event.day):
        yield {"item": act.key, "rule": rule, "kind": act.kind}


@refusal(
    "rule-of-another-role",
    it="L'esecutività per la regola {item} la registra il ruolo {expected}, non {role}.",
    en="Enforceability by rule {item} is recorded by role {expected}, not {role}.",
    source="DOMAIN 11",
    remedy="",
)
def rule_of_another_role(event: Event, situation: Situation) -> Broken:
    """Refuse a rule whose condition another role attests."""
    del situation
    role = RECORDED_BY.get(event.data.rule_id, event.role)
    if event.role != role:
        yield {"item": event.data.rule_id, "expected": role, "role": event.role}


@refusal(
    "visto-missing",
    it=(
        "L'atto {item} impegna una spesa: per essere esecutivo dal {day} gli serve il visto di"
        " regolarità contabile, dato entro quel giorno."
    ),
    en="Act {item} commits money: to have force from {day} it needs the visto, given by that day.",
    source="TUEL art. 183 c. 7",
    remedy="give-endorsement/1",
)
def visto_missing(event: Event, situation: Situation) -> Broken:
    """Refuse a spending determina that has force without visto, or from before its date.

    The last of the two is refused: its enforceability, or the commitment by which it spends.
    """
    act = situation.act(event.data.act)
    force = _force_after(event, act)
    if act is None or force is None or not _asks_visto(act, event, situation):
        return
    if not any(visto.given_on <= force for visto in act.endorsements):
        yield {"item": act.key, "day": format_day_it(force)}


def _force_after(event: Event, act: Act | None) -> date | None:
    """Return the day from which the act has force after the event: acquired by it, or before."""
    acquired: date | None = getattr(event.data, "effective_on", None)
    if acquired is None and act is not None and act.enforceability is not None:
        return act.enforceability.effective_on
    return acquired


def _asks_visto(act: Act, event: Event, situation: Situation) -> bool:
    """Return whether an act needs the visto: by the rule that gives it force, or since it spends."""
    if getattr(event.data, "rule_id", None) == BY_VISTO:
        return True
    return act.kind == "determina" and (
        act.spends(situation.law) or _commits(act, event, situation)
    )


def _commits(act: Act, event: Event, situation: Situation) -> bool:
    """Return whether commitments rest on an act, of any CUP, be it the one at hand (DOMAIN 4.1)."""
    if isinstance(event.data, CommitmentTerms):
        return True
    resting = (situation.record.dossier(f"cup/{c}") for c in situation.cups_resting_on(act.key))
    return any(one.act == act.key for d in resting for one in d.spending.commitments.values())


@refusal(
    "rule-unknown",
    it="La regola {item} non è nella tabella delle regole adottate da questo registro.",
    en="Rule {item} is not in the table of rules adopted by this ledger.",
    source="DOMAIN 4.3",
    remedy="",
)
def rule_unknown(event: Event, situation: Situation) -> Broken:
    """Refuse a rule id that the table of law does not hold."""
    if event.data.rule_id is not None and not situation.law.knows(event.data.rule_id):
        yield {"item": event.data.rule_id}


@refusal(
    "enforceable-too-early",
    it="La deliberazione {item} è esecutiva {first}: {days} giorni di pubblicazione.",
    en="Deliberazione {item} is not enforceable before {days} days of publication.",
    source="TUEL art. 134 c. 3",
    remedy="publish-act/1",
)
def enforceable_too_early(event: Event, situation: Situation) -> Broken:
    """Refuse tuel-134-3 before the days of publication that it asks."""
    act = situation.act(event.data.act)
    if act is None or event.data.rule_id != TEN_DAYS:
        return
    first, days = _tenth_day(act, situation), situation.law.days(TEN_DAYS, event.day)
    if first is None:
        yield {"item": act.key, "first": "solo dopo essere stata all'albo", "days": days}
    elif event.data.effective_on < first:
        yield {"item": act.key, "first": f"non prima del {format_day_it(first)}", "days": days}


def _tenth_day(act: Act, situation: Situation) -> date | None:
    """Return the first day that a publication gives: one that lasted till then, else the last one."""
    found = [(term, term.enforceable_from(situation.law)) for term in act.publications]
    lasted = [
        first
        for term, first in found
        if first is not None and (term.withdrawal is None or term.withdrawal.on >= first)
    ]
    return min(lasted) if lasted else next((first for _, first in reversed(found)), None)


@refusal(
    "already-enforceable",
    it="L'atto {item} è già esecutivo.",
    en="Act {item} is already enforceable.",
    source="contraddizione con il registro",
    remedy="correct-error/1",
)
def already_enforceable(event: Event, situation: Situation) -> Broken:
    """Refuse a second enforceability."""
    act = situation.act(event.data.act)
    if act is not None and act.enforceability is not None:
        yield {"item": act.key}


@refusal(
    "immediate-only-deliberazione",
    it="L'immediata eseguibilità è delle deliberazioni: l'atto {item} è una {kind}.",
    en="Only deliberazioni are immediately enforceable: act {item} is a {kind}.",
    source="TUEL art. 134 c. 4",
    remedy="record-enforceability/1",
)
def immediate_only_deliberazione(event: Event, situation: Situation) -> Broken:
    """Refuse immediate enforceability of other acts."""
    act = situation.act(event.data.act)
    if act is not None and act.kind != "deliberazione":
        yield {"item": act.key, "kind": act.kind}


@refusal(
    "immediate-without-majority",
    it="L'immediata eseguibilità di {item} chiede più di {part} dei {members} componenti: {votes}.",
    en="Immediate enforceability of {item} needs more than {part} of {members} members: {votes}.",
    source="TUEL art. 134 c. 4",
    remedy="publish-act/1",
)
def immediate_without_majority(event: Event, situation: Situation) -> Broken:
    """Refuse votes that are not above the part of the members that the law asks (half)."""
    votes, row = event.data.votes, situation.law.row(BY_VOTE, event.day)
    part = Fraction(row.value) if row else Fraction(1)
    if votes.for_ <= part * votes.members or votes.for_ > votes.members:
        yield {
            "item": event.data.act,
            "votes": votes.for_,
            "members": votes.members,
            "part": part,
        }


@refusal(
    "opinion-of-another-role",
    it="Il parere di regolarità {item} lo registra il ruolo {expected}, non {role}.",
    en="The opinion of kind {item} is recorded by {expected}, not by {role}.",
    source="TUEL art. 49; DOMAIN 11",
    remedy="",
)
def opinion_of_another_role(event: Event, situation: Situation) -> Broken:
    """Refuse the accounting opinion by others than finance, the technical one by finance."""
    del situation
    allowed = ("finanziario",) if event.data.kind == "contabile" else ("rup", "dirigente")
    if event.role not in allowed:
        yield {
            "item": event.data.kind,
            "expected": " o ".join(allowed),
            "role": event.role or "nessuno",
        }
