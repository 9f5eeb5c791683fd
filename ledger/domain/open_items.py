"""What is still open on an intervention: what must end before it is closed.

    [("la checklist dnsh-6", "sign-checklist/1"), ("l'impegno c_e506/2023/1577", "reduce-commitment/1")]

Source: DOMAIN section 9.12 (closure-with-open-items).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.domain.dossier import Dossier


def open_items(dossier: Dossier) -> Iterator[tuple[str, str]]:
    """Yield what is open, in Italian, and the command that closes it."""
    for checklist in dossier.compliance.current:
        if not checklist.is_signed:
            yield f"la checklist {checklist.checklist}", "sign-checklist/1"
    for commitment in dossier.spending.commitments.values():
        if commitment.left > 0:
            yield f"l'impegno {commitment.commitment}", "record-payment/1 o reduce-commitment/1"
    for recovery in dossier.spending.recoveries.values():
        if recovery.open > 0:
            yield f"il recupero {recovery.recovery}", "recover-amount/1"
    for audit in dossier.audits.open():
        yield f"il controllo {audit.audit}", "close-audit/1"
