"""What the public page of an intervention may tell of its state, and of its history.

    public(state)                  the state without what only staff and auditors see
    is_public("note-recorded/1")   whether a registration stands in the public chronology

Members are public when they are named here: what is new stays with staff until somebody decides. RUP by
name; no other person. Documents only in their public version, under names made for the public; audits,
accesses, declarations on conflicts, owners, exceptions, notes and rows of national data are for
auditors.

Source: DOMAIN sections 1.5, 8 ("Never public") and 11 (citizen); GDPR art. 5.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from ledger.domain.intervention_statement import InterventionStatement
    from ledger.domain.statement import InterventionState

Told = TypeVar("Told", bound="InterventionStatement")

PUBLIC: Final = frozenset(
    {
        "v",
        "cup",
        "as_of",
        "known_at",
        "known_at_time",
        "registrations",
        "interventions",
        "life",
        "phase",
        "phases",
        "moves",
        "opencoesione_status",
        "oc4ids_status",
        "lots",
        "schedules",
        "extensions",
        "deadlines",
        "indicators",
        "measurements",
        "milestones",
        "targets",
        "national_state",
        "national_states",
        "funding",
        "spending",
        "incomes",
        "services",
        "acts",
        "linked_acts",
        "reconnaissances",
        "procedures",
        "cigs",
        "contracts",
        "dnsh",
        "checklists",
        "sheets_due",
        "certificates",
        "certificate_coverage",
        "public_documents",
        "external_checks",
        "corrections",
        "snapshots",
    }
)
IN_PART: Final = frozenset({"people", "findings", "parts"})
HEAD: Final = frozenset({"index", "measure", "clp", "title"})  # of one of several interventions
PERSON: Final = "p_"  # how a reference into the vault begins
PRIVATE_TYPES: Final = frozenset(
    {
        "abstention-recorded",
        "access-granted",
        "access-revoked",
        "audit-closed",
        "audit-finding-recorded",
        "audit-opened",
        "audit-request-answered",
        "audit-request-received",
        "beneficial-owner-identified",
        "conflict-of-interest-declared",
        "content-erased",
        "document-classified",
        "document-unpublished",
        "document-versioned",
        "erasure-approved",
        "erasure-refused",
        "erasure-requested",
        "finding-acknowledged",
        "national-data-observed",
        "non-conformity-raised",
        "non-conformity-remedied",
        "note-recorded",
        "package-exported",
        "redacted-version-attached",
        "retention-hold-released",
        "retention-hold-set",
        "role-assigned",
        "role-ended",
        "signature-checked",
        "sod-exception-declared",
    }
)


def public(state: InterventionState) -> InterventionState:
    """Return the state with the members that everybody may read; the others as if they were empty."""
    shown = _shown(state)
    return replace(shown, parts=tuple(_shown(part) for part in state.parts))


def _shown(told: Told) -> Told:
    """Return what is told of one or all interventions, without what is not public."""
    hidden: dict[str, Any] = {
        one.name: one.default for one in fields(told) if one.name not in PUBLIC | IN_PART | HEAD
    }
    return replace(
        told,
        people=tuple(one for one in told.people if one.role == "rup"),
        findings=tuple(
            replace(one, history=()) for one in told.findings if PERSON not in one.subject
        ),
        **hidden,
    )


def is_public(type_name: str) -> bool:
    """Return whether registrations of a type stand in the public chronology."""
    return type_name.partition("/")[0] not in PRIVATE_TYPES
