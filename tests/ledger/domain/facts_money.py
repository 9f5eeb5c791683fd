"""Requests about money, as the tables of decisions send them."""

from __future__ import annotations

from typing import Any

from tests.ledger.domain.facts import ACT, DECREE, fact
from tests.ledger.domain.worlds import CUP, Request

COMMITMENT = "c_e506/2023/1577"
PAYMENT = "c_e506/2023/8122"
INVOICE = "12345678901"
SUPPLIER = "16825251008"


def revoked(*moved: tuple[str, str], on: str = "2025-03-01", **more: Any) -> Request:  # noqa: ANN401
    """Revoke funding."""
    movements = [{"source": source, "delta": delta} for source, delta in moved]
    data = {"scope": "parziale", "movements": movements, "decree": DECREE}
    return fact("record-funding-revocation/1", "finanziario", on, data, **more)


def committed(amount: str = "100.00", key: str = COMMITMENT, **more: Any) -> Request:  # noqa: ANN401
    """Commit money on ACT."""
    data = {
        "commitment": key,
        "amount": amount,
        "source": "PNRR",
        "act": ACT,
        "chapter": "1801/PNRR",
    }
    return fact("record-commitment/1", "finanziario", "2023-02-01", data, **more)


def reduced(amount: str = "40.00", **more: Any) -> Request:  # noqa: ANN401
    """Take money off the commitment."""
    data = {"commitment": COMMITMENT, "amount": amount, "cause": "02"}
    return fact("reduce-commitment/1", "finanziario", "2023-12-01", data, **more)


def invoiced(amount: str = "60.00", key: str = INVOICE, **more: Any) -> Request:  # noqa: ANN401
    """Receive an invoice."""
    data = {"invoice": key, "op": SUPPLIER, "number": "2/PA", "amount": amount}
    return fact(
        "receive-invoice/1",
        "finanziario",
        "2023-06-01",
        {**data, "cup_on": True, "cig_on": True},
        **more,
    )


def liquidated(amount: str = "60.00", key: str = "liq-1", **more: Any) -> Request:  # noqa: ANN401
    """Liquidate on the commitment."""
    data = {"liquidation": key, "commitment": COMMITMENT, "amount": amount, "act": ACT}
    return fact("liquidate-expense/1", "rup", "2023-06-10", data, **more)


def paid(amount: str = "60.00", key: str = PAYMENT, **more: Any) -> Request:  # noqa: ANN401
    """Pay on the commitment."""
    data = {
        "payment": key,
        "amount": amount,
        "source": "PNRR",
        "commitment": COMMITMENT,
        "payee": SUPPLIER,
        "cup_on": True,
        "cig_on": True,
    }
    return fact("record-payment/1", "finanziario", "2023-06-20", data, **more)


def storno(amount: str = "60.00", key: str = PAYMENT) -> Request:
    """Reverse a payment."""
    data = {"payment": key, "amount": amount, "cause": "IBAN errato"}
    return fact("reverse-payment/1", "finanziario", "2023-06-25", data)


def recovery(amount: str = "60.00", key: str = "rec-1", **more: Any) -> Request:  # noqa: ANN401
    """Open a recovery, of PAYMENT unless it is said to be of none."""
    data = {"recovery": key, "amount": amount, "cause": "atto annullato", "payment": PAYMENT}
    request = fact("open-recovery/1", "finanziario", "2024-01-10", data, **more)
    request["data"] = {name: value for name, value in request["data"].items() if value is not None}
    return request


def recovered(amount: str = "60.00", key: str = "rec-1") -> Request:
    """Recover money."""
    data = {"recovery": key, "amount": amount}
    return fact("recover-amount/1", "finanziario", "2024-02-10", data)


def framework(*items: tuple[str, str], total: str = "100.00") -> Request:
    """Approve the quadro economico."""
    data = {"items": [{"code": c, "amount": a} for c, a in items], "total": total, "act": ACT}
    return fact("approve-economic-framework/1", "rup", "2023-02-01", data)


def cost_plan(*years: tuple[int, str, str]) -> Request:
    """Set the plan of costs."""
    told = [{"year": year, "done": done, "to_do": to_do} for year, done, to_do in years]
    return fact("set-cost-plan/1", "rup", "2023-02-01", {"years": told})


def revenue(amount: str = "100.00", number: str = "12") -> Request:
    """Assess revenue by ACT."""
    data = {"number": number, "year": 2023, "chapter": "4001/PNRR", "amount": amount, "act": ACT}
    return fact("assess-revenue/1", "finanziario", "2023-02-01", data)


def disbursed(amount: str = "100.00") -> Request:
    """Receive the money."""
    data = {"amount": amount, "kind": "unica", "chapter": "4001/PNRR"}
    return fact("receive-disbursement/1", "finanziario", "2026-08-02", data)


def requested(amount: str = "100.00") -> Request:
    """Ask for the money."""
    data = {"request": "dom-1", "amount": amount}
    return fact("request-reimbursement/1", "delegato", "2025-11-01", data)


def answered_request(outcome: str = "ammessa", **more: Any) -> Request:  # noqa: ANN401
    """Answer the request."""
    data = {"request": "dom-1", "outcome": outcome}
    return fact("record-reimbursement-answer/1", "rup", "2026-02-01", data, **more)


def economies(amount: str = "5.00", source: str = "PNRR") -> Request:
    """Record savings."""
    data = {"source": source, "amount": amount}
    return fact("record-economies/1", "finanziario", "2024-06-01", data)


SHARED = [{"cup": CUP, "amount": "40.00"}]
