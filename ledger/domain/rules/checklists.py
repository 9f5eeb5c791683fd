"""Refusals about DNSH and checklists. Source: DOMAIN section 7.1; Guida operativa DNSH 2024 p. 20."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.domain.identifiers import Measure
from ledger.domain.rules.refusal import Broken, refusal
from ledger.domain.rules.separation import is_excepted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.domain.compliance import Checklist
    from ledger.domain.event import Event
    from ledger.domain.situation import Situation

EXEMPTIONS = "dnsh-exempt-"
AUTHORS = ("rup", "dirigente", "verificatore")  # who answers and signs, or has reviewed before


def _lists(event: Event, situation: Situation) -> Iterator[Checklist]:
    """Yield the checklist that the event names, in each CUP it joins."""
    for dossier in situation.dossiers(event).values():
        found = dossier.compliance.checklist(event.data.checklist)
        if found is not None:
            yield found


@refusal(
    "answer-without-comment",
    it="{what} chiede un commento: {item}. Dire il perché e ripetere.",
    en="{outcome} needs a comment: {item}. Say why.",
    source="Guida operativa DNSH 2024, p. 20",
    remedy="",
)
def answer_without_comment(event: Event, situation: Situation) -> Broken:
    """Refuse a denial without a comment: NO, NON_APPLICABILE, a KO, a check that does not apply."""
    del situation
    uncommented = event.data.uncommented
    if uncommented is not None:
        item, outcome = uncommented
        yield {"item": item, "outcome": outcome, "what": f"L'esito {outcome}"}


@refusal(
    "remedy-missing",
    it="La risposta NO alla riga {item} prima dell'opera chiede il rimedio e la sua scadenza.",
    en="Answer NO to ex ante row {item} needs a remedy and its due date.",
    source="Guida operativa DNSH 2024, p. 20",
    remedy="",
)
def remedy_missing(event: Event, situation: Situation) -> Broken:
    """Refuse an ex ante NO without remedy and due date."""
    for checklist in _lists(event, situation):
        curable = checklist.stage == "ex-ante" and event.data.answer == "NO"
        if curable and (event.data.remedy is None or event.data.due_on is None):
            yield {"item": event.data.row}


@refusal(
    "evidence-missing",
    it="Manca la prova che {item} chiede: {missing}.",
    en="{item} lacks the evidence that it demands: {missing}.",
    source="Guida operativa DNSH; ReGiS, attestazioni ARdi",
    remedy="",
)
def evidence_missing(event: Event, situation: Situation) -> Broken:
    """Refuse SI, or an attestation, without what its template or check demands."""
    for item, missing in event.data.unproven(event, situation):
        yield {"item": item, "missing": missing}


@refusal(
    "answers-pending",
    it="La checklist {item} ha ancora risposte da dare: {rows}.",
    en="Checklist {item} still has answers to give: {rows}.",
    source="Guida operativa DNSH 2024",
    remedy="answer-checklist/1",
)
def answers_pending(event: Event, situation: Situation) -> Broken:
    """Refuse to sign a list that is empty, lacks answers, or is final and holds NON_ANCORA."""
    for checklist in _lists(event, situation):
        template = situation.law.compliance.template(checklist.template, checklist.version)
        rows = checklist.to_answer(template)
        if rows or not checklist.rows:
            yield {"item": checklist.checklist, "rows": ", ".join(rows) or "tutte"}


@refusal(
    "self-review",
    it="La checklist {item} va verificata da chi non l'ha compilata né firmata.",
    en="Checklist {item} must be reviewed by someone who neither answered nor signed it.",
    source="DOMAIN 11; TUEL art. 147-bis",
    remedy="",
)
def self_review(event: Event, situation: Situation) -> Broken:
    """Refuse a review by who answered or signed, and a third level by who did the second."""
    for checklist in _lists(event, situation):
        second = {review.actor for review in checklist.reviews if review.level == 2}  # noqa: PLR2004
        by_reviewer = event.data.level == 3 and event.actor in second  # noqa: PLR2004
        is_same = event.actor in checklist.authors or by_reviewer
        if is_same and not is_excepted(event, situation, AUTHORS):
            yield {"item": checklist.checklist}


@refusal(
    "checklist-not-signed",
    it="La checklist {item} non è firmata: si verifica dopo la firma.",
    en="Checklist {item} is not signed: it is reviewed after it was signed.",
    source="DOMAIN 7.1",
    remedy="sign-checklist/1",
)
def checklist_not_signed(event: Event, situation: Situation) -> Broken:
    """Refuse the review of a list that nobody signed."""
    for checklist in _lists(event, situation):
        if not checklist.is_signed:
            yield {"item": checklist.checklist}


@refusal(
    "level-not-allowed",
    it="Il ruolo {role} non può fare la verifica di livello {item}.",
    en="Role {role} may not review at level {item}.",
    source="DOMAIN 11",
    remedy="",
)
def level_not_allowed(event: Event, situation: Situation) -> Broken:
    """Refuse level 2 to others than VE and SE, level 3 to others than SE and AU."""
    del situation
    allowed = {2: ("verificatore", "segretario"), 3: ("segretario", "auditor")}
    if event.role not in allowed.get(event.data.level, ()):
        yield {"item": event.data.level, "role": event.role}


@refusal(
    "exemption-without-rule",
    it="Il regime «esente» chiede una regola in vigore: {item} non lo è.",
    en="Regime `esente` needs a rule in force: {item} is not.",
    source="circ. RGS 33/2022",
    remedy="",
)
def exemption_without_rule(event: Event, situation: Situation) -> Broken:
    """Refuse an exemption that no dated rule gives to the measure on that day."""
    if event.data.regime != "esente":
        return
    rule = event.data.rule_id or ""
    row = situation.law.row(rule, event.day) if rule.startswith(EXEMPTIONS) else None
    exempt = [Measure.parse(code) for code in row.value.split()] if row else []
    for dossier in situation.dossiers(event).values():
        measures = [registration.measure for registration in dossier.registrations]
        if not all(any(one.is_within(whole) for whole in exempt) for one in measures):
            yield {"item": rule or "(nessuna)"}
