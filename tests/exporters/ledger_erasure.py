"""An erasure as it is recorded: by who holds the role of the data protection officer.

erase(ledger, CUP, commits=["<base64>"])       in the stream of the CUP, by the publisher
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from exporters.verification.erasure import ERASURE
from tests.exporters.ledger_writer import ADMINISTRATOR, PUBLISHER

if TYPE_CHECKING:
    from ledger.journal.batch import Receipt
    from tests.exporters.ledger_writer import Ledger


def erase(ledger: Ledger, cup: str, by: str = PUBLISHER, **named: Any) -> Receipt:  # noqa: ANN401
    """Grant the role, record the erasure, return its receipt; that it was approved is not judged."""
    role = {"actor": by, "role": "dpo", "from": "2026-01-01", "office": "Privacy"}
    grant = ledger.record(ADMINISTRATOR, "role-granted/1", [f"actor/{by}"], role)
    ledger.approved(grant)
    data = {"commits": [], "legal_basis": "garante-order", "approval": grant.event_id, **named}
    told = {"role": "dpo", "on": date(2026, 3, 1)}
    return ledger.record(by, ERASURE, [f"cup/{cup}"], data, **told)
