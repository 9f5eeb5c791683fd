"""All findings of a dossier, sorted by severity, code and subject. Source: DOMAIN section 10."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.domain.rules import (
    act_findings,
    compliance_findings,
    document_findings,
    identity_findings,
    life_findings,
    people_findings,
    procurement_findings,
)
from ledger.domain.rules.finding import SEVERITIES, Finding, FindingRule, View, declared_findings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from ledger.domain.dossier import Dossier
    from ledger.domain.law import Law

FAMILIES = (
    act_findings,
    compliance_findings,
    document_findings,
    identity_findings,
    life_findings,
    people_findings,
    procurement_findings,
)


def findings(dossier: Dossier, day: date, law: Law) -> tuple[Finding, ...]:
    """Return the findings of a dossier on a legal day; of a shared CUP, those of all its interventions.

    One of several interventions has those that are not about the CUP itself.
    """
    if dossier.parts:
        of_parts = (one for part in dossier.parts for one in findings(part, day, law))
        return _sorted([*of_the_cup(dossier, day, law), *of_parts])
    is_part = dossier.place is not None
    rules = (r for r in declared_findings().values() if not (r.of_cup and is_part))
    return _sorted(_found(rules, View(dossier, day, law)))


def of_the_cup(dossier: Dossier, day: date, law: Law) -> tuple[Finding, ...]:
    """Return the findings about the CUP itself, not about one of its interventions."""
    rules = (rule for rule in declared_findings().values() if rule.of_cup)
    return _sorted(_found(rules, View(dossier, day, law)))


def _found(rules: Iterable[FindingRule], view: View) -> list[Finding]:
    return [one for rule in rules for one in rule.find(view)]


def _sorted(found: list[Finding]) -> tuple[Finding, ...]:
    found.sort(key=lambda one: (SEVERITIES.index(one.severity), one.code, one.subject, one.index))
    return tuple(found)
