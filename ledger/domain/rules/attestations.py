"""Refusals about attestations: what the record contradicts. Source: DOMAIN sections 7.2 and 9.12."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.domain.coverage import gaps_of_holders
from ledger.domain.evolve import withdrawn
from ledger.domain.rules.refusal import Broken, refusal
from ledger.domain.rules.standing import open_findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.domain.compliance_tables import Check
    from ledger.domain.dossier import Dossier
    from ledger.domain.event import Event
    from ledger.domain.situation import Situation


@refusal(
    "attestation-contradicted",
    it="L'attestazione {item} è contraddetta dal registro: {why}. Rimediare, poi ripetere.",
    en="Attestation {item} is contradicted by the record: {why}. Remedy it first.",
    source="Guida operativa DNSH 2024; ReGiS, attestazioni ARdi",
    remedy="",
)
def attestation_contradicted(event: Event, situation: Situation) -> Broken:
    """Refuse a positive outcome of which the record holds the opposite."""
    check = situation.law.compliance.check(event.data.check, event.day)
    if check is None or event.data.outcome != "positivo":
        return
    for dossier in situation.dossiers(event).values():
        for why in _contradictions(check, dossier, event, situation):
            yield {"item": check.check, "why": why}


def _contradictions(
    check: Check, dossier: Dossier, event: Event, situation: Situation
) -> Iterator[str]:
    """Yield what contradicts the check, in Italian."""
    yield from _of_dnsh(dossier, event) if check.dnsh else _of_double_funding(check, dossier)
    for code in check.findings:
        for one in open_findings(code, dossier, event.day, situation.law):
            if one.severity == "critical":
                yield f"{one.code} ({one.subject})"


def _of_dnsh(dossier: Dossier, event: Event) -> Iterator[str]:
    for checklist in dossier.compliance.current:
        if checklist.stage == "ex-post" and checklist.has_no:
            yield f"la checklist ex post {checklist.checklist} ha un NO"
    for gap in gaps_of_holders(dossier, event.day):
        yield f"il certificato {gap.standard} di {gap.holder} non copre {gap.days} giorni"


def _of_double_funding(check: Check, dossier: Dossier) -> Iterator[str]:
    """Yield that the last check found double funding, where the attestation rests on it."""
    last = dossier.checks.double_funding[-1:]
    if "double-funding-checked" in check.demands and any(one.outcome == "presente" for one in last):
        yield "l'ultima verifica ha trovato un doppio finanziamento"


def undemonstrated(event: Event, situation: Situation) -> Iterator[tuple[str, str]]:
    """Yield what a positive outcome lacks: its file, and each event that the check demands."""
    check = situation.law.compliance.check(event.data.check, event.day)
    if check is None or event.data.outcome != "positivo":
        return
    if not event.data.evidence:
        yield check.check, f"almeno un file in «evidence» ({check.evidence})"
    recorded = _recorded(event, situation) if check.demands else frozenset()
    for demand in check.demands:
        if demand not in recorded:
            yield check.check, f"la registrazione {demand} ({check.evidence})"


def _recorded(event: Event, situation: Situation) -> frozenset[str]:
    """Return the names, without version, of the types of the events that stand on these CUPs."""
    names = set()
    for cup in event.cups:
        history = situation.record.history(f"cup/{cup}")
        gone = withdrawn(history)
        names |= {one.type.name.partition("/")[0] for one in history if one.id not in gone}
    return frozenset(names)
