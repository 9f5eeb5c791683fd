"""Erasures as they are recorded: asked by the data protection officer, approved by the secretary.

erase(ledger, streams, commits=["<base64>"])     request, approval and erasure, in those streams
grant(ledger, PUBLISHER, "dpo")                  a role, with both administrators
step(ledger, "erasure-approved/1", ...)          one of the three alone, with what a test changes
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from exporters.verification.lawful import APPROVAL, ERASURE
from tests.exporters.ledger_writer import ACCOUNTANT, ADMINISTRATOR, PUBLISHER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.journal.batch import Receipt
    from tests.exporters.ledger_writer import Ledger

REQUEST = "erasure-requested/2"
ON = date(2026, 3, 1)
DPO, SECRETARY = PUBLISHER, ACCOUNTANT


def grant(ledger: Ledger, actor: str, role: str, **more: Any) -> Receipt:  # noqa: ANN401
    """Grant a role, and approve it."""
    data = {"actor": actor, "role": role, "from": "2026-01-01", "office": "Ufficio", **more}
    granted = ledger.record(ADMINISTRATOR, "role-granted/1", [f"actor/{actor}"], data)
    ledger.approved(granted)
    return granted


def step(  # noqa: PLR0913  the parts of an event
    ledger: Ledger,
    type_: str,
    streams: Sequence[str],
    data: dict[str, Any],
    *,
    by: str = DPO,
    role: str = "dpo",
) -> Receipt:
    """Record one event of an erasure; the judge of these tests lets everything pass."""
    return ledger.record(by, type_, streams, data, role=role, on=ON)


def asked(ledger: Ledger, streams: Sequence[str], **named: Any) -> Receipt:  # noqa: ANN401
    """Ask for an erasure."""
    data = {"request": "r-1", "received_on": "2026-03-01", "ground": "revoca", **named}
    return step(ledger, REQUEST, streams, data)


def approved(ledger: Ledger, streams: Sequence[str], request: str = "r-1") -> Receipt:
    """Approve the erasure that was asked for."""
    data = {"request": request}
    return step(ledger, APPROVAL, streams, data, by=SECRETARY, role="segretario")


def erase(ledger: Ledger, streams: Sequence[str], by: str = DPO, **named: Any) -> Receipt:  # noqa: ANN401
    """Grant the two roles, record the three events, return the receipt of the last."""
    grant(ledger, by, "dpo")
    grant(ledger, SECRETARY, "segretario")
    asked(ledger, streams, **named)
    approval = approved(ledger, streams, named.get("request", "r-1"))
    data = {"commits": [], "legal_basis": "garante-order", "approval": approval.event_id, **named}
    return step(ledger, ERASURE, streams, data, by=by)
