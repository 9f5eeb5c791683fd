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
)
from ledger.domain.rules.finding import SEVERITIES, Finding, View, declared_findings

if TYPE_CHECKING:
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
)


def findings(dossier: Dossier, day: date, law: Law) -> tuple[Finding, ...]:
    """Return the findings of a dossier on a legal day."""
    view = View(dossier, day, law)
    found = [one for rule in declared_findings().values() for one in rule.find(view)]
    found.sort(key=lambda one: (SEVERITIES.index(one.severity), one.code, one.subject, one.index))
    return tuple(found)
