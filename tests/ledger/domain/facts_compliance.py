"""Facts of compliance and documents as requests, each with sound values. Source: DOMAIN 9.7, 9.8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.ledger.domain.facts import fact

if TYPE_CHECKING:
    from tests.ledger.domain.worlds import Request

SUPPLIER = "16825251008"
CLOUD = "08558150150"
GARANTE = "garante-order"


def listed(
    name: str,
    stage: str,
    template: str = "dnsh-6-ex-post",
    version: str = "2024",
    **more: Any,  # noqa: ANN401
) -> Request:
    """Open a checklist of a template."""
    data = {"checklist": name, "template": template, "version": version, "stage": stage}
    return fact("open-checklist/1", "rup", "2024-06-02", data, **more)


def superseded(name: str = "dnsh-post", by: str = "nuova", **more: Any) -> Request:  # noqa: ANN401
    """Put another checklist in the place of one."""
    data = {"checklist": name, "by": by, "cause": "nuova edizione della guida"}
    return fact("supersede-checklist/1", "rup", "2024-06-06", data, **more)


def double_funding(outcome: str = "assente", **more: Any) -> Request:  # noqa: ANN401
    """Check double funding."""
    data = {"outcome": outcome, "method": "banche dati", "doc": "verifica.pdf"}
    return fact("check-double-funding/1", "rup", "2024-06-10", data, **more)


def certified(
    name: str = "iso",
    from_: str = "2024-01-01",
    to: str = "2024-12-31",
    holder: str = SUPPLIER,
    **more: Any,  # noqa: ANN401
) -> Request:
    """Register a certificate."""
    data = {"certificate": name, "standard": "iso14001", "holder": holder, "doc": f"{name}.pdf"}
    return fact(
        "register-certificate/1", "rup", "2024-06-10", {**data, "from": from_, "to": to}, **more
    )


def certificate_withdrawn(name: str = "iso", on: str = "2024-09-01") -> Request:
    """Withdraw a certificate."""
    data = {"certificate": name, "cause": "revocato dall'ente certificatore"}
    return fact("withdraw-certificate/1", "rup", on, data)


def nonconformity(name: str = "nc-1", **more: Any) -> Request:  # noqa: ANN401
    """Raise a non conformity."""
    data = {"nonconformity": name, "about": "collaudo senza verbale", "severity": "serious"}
    return fact("raise-non-conformity/1", "segretario", "2024-06-10", data, **more)


def conformed(name: str = "nc-1") -> Request:
    """Remedy a non conformity."""
    data = {"nonconformity": name, "how": "verbale acquisito", "evidence": ["verbale.pdf"]}
    return fact("remedy-non-conformity/1", "rup", "2024-06-11", data)


def attested(check: str = "ardi1", on: str = "2024-06-12", **more: Any) -> Request:  # noqa: ANN401
    """Attest a check with its file."""
    data = {"check": check, "outcome": "positivo", "evidence": [f"{check}.pdf.p7m"]}
    return fact("issue-attestation/1", "rup", on, data, **more)


def attestation_withdrawn(check: str = "ardi1", **more: Any) -> Request:  # noqa: ANN401
    """Withdraw an attestation."""
    data = {"check": check, "cause": "pagamento da rivedere"}
    return fact("withdraw-attestation/1", "rup", "2024-06-13", data, **more)


def acknowledged(
    code: str,
    subject: str,
    role: str = "segretario",
    on: str = "2026-08-01",
    **more: Any,  # noqa: ANN401
) -> Request:
    """Acknowledge a finding."""
    data = {"code": code, "subject": subject, "explanation": "Si spiega così"}
    return fact("acknowledge-finding/1", role, on, data, **more)
