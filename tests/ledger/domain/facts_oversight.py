"""Audits, disclosure, observations and what administrators adopt, as requests with sound values.

audit("a1")                             asked("r1", audit="a1")
source(rows=20_947, at="2022-10-23T06:00:00Z")
adopted("sod.payment", "finding")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.ledger.domain.facts import DIGEST, fact, without

if TYPE_CHECKING:
    from tests.ledger.domain.worlds import Request

FILE = "teamdigitale/candidature_comuni.csv"
READER = "r" * 26
ROW = "c_e506/1.2/2022-06-28"


def audit(name: str = "a1", on: str = "2025-02-03", **more: Any) -> Request:  # noqa: ANN401
    """Open an audit of the DTD."""
    data = {"audit": name, "authority": "dtd", "kind": "campione"}
    return fact("open-audit/1", "segretario", on, data, **more)


def asked(name: str = "r1", on: str = "2025-02-03", **more: Any) -> Request:  # noqa: ANN401
    """Receive a request of an audit, with seven groups."""
    items = [f"g{number}" for number in range(1, 8)]
    data = {"audit": "a1", "request": name, "items": items, "due_on": "2025-03-03"}
    return fact("record-audit-request/1", "auditor", on, data, **more)


def replied(name: str = "r1", on: str = "2025-02-28", **more: Any) -> Request:  # noqa: ANN401
    """Answer a request: one group sent, one not."""
    items = [{"code": "g1", "sent": True}, {"code": "g7", "sent": False, "cause": "non dovuto"}]
    data = {"request": name, "items": items, "channel": "PEC"}
    return fact("answer-audit-request/1", "rup", on, data, **more)


def found(name: str = "a1", on: str = "2025-04-01", **more: Any) -> Request:  # noqa: ANN401
    """Record what an audit found."""
    data = {"audit": name, "text": "Manca una nomina", "severity": "serious"}
    return fact("record-audit-finding/1", "auditor", on, data, **more)


def audit_closed(name: str = "a1", on: str = "2025-06-10", **more: Any) -> Request:  # noqa: ANN401
    """Close an audit."""
    data = {"audit": name, "outcome": "positivo"}
    return fact("close-audit/1", "segretario", on, data, **more)


def checked(outcome: str = "positivo", on: str = "2024-05-10", **more: Any) -> Request:  # noqa: ANN401
    """Record the outcome of the asseverazione."""
    data = {"kind": "asseverazione", "outcome": outcome}
    return fact("record-external-check/1", "rup", on, data, **more)


def access(to: str = "2025-12-31", on: str = "2025-02-03", **more: Any) -> Request:  # noqa: ANN401
    """Grant access to the documents."""
    data = {"actor": READER, "scope": "documenti", "to": to, "cause": "controllo a campione"}
    return fact("grant-access/1", "segretario", on, data, **more)


def access_revoked(on: str = "2025-06-11", **more: Any) -> Request:  # noqa: ANN401
    """Revoke the access to the documents."""
    data = {"actor": READER, "scope": "documenti", "cause": "controllo chiuso"}
    return fact("revoke-access/1", "segretario", on, data, **more)


def sent(system: str = "regis", on: str = "2024-07-01", **more: Any) -> Request:  # noqa: ANN401
    """Send data to a national system."""
    data = {"system": system, "what": "avanzamento di giugno", "digest": DIGEST}
    return fact("send-monitoring-data/1", "rup", on, data, **more)


def outcome(system: str = "regis", on: str = "2024-07-02", **more: Any) -> Request:  # noqa: ANN401
    """Record what a national system said."""
    data = {"system": system, "outcome": "scartato", "errors": ["045"]}
    return fact("record-monitoring-answer/1", "rup", on, data, **more)


def photographed(on: str = "2025-02-10", **more: Any) -> Request:  # noqa: ANN401
    """Take a picture of the public page."""
    data = {"url": "https://www.comune.lecce.it/pnrr/cloud", "doc": "pagina.png"}
    return fact("snapshot-public-page/1", "pubblicatore", on, data, **more)


def noted(text: str = "Sentito il fornitore.", on: str = "2024-02-01") -> Request:
    """Record a note."""
    return fact("record-note/1", "istruttore", on, {"text": text})


def source(rows: int = 20_947, at: str = "2022-10-23T06:00:00Z", **more: Any) -> Request:  # noqa: ANN401
    """Observe a file of open data; the digest says which."""
    data = {
        "source": FILE,
        "digest": DIGEST,
        "observed_at": at,
        "rows": rows,
        "columns": ["codice_ipa", "codice_cup", "stato_candidatura"],
        "complete": True,
    }
    return without(fact("observe-source/1", "importatore", at[:10], data, **more), "cup")


def national_row(value: str = "0.00", at: str = "2025-04-01T06:00:00Z", **more: Any) -> Request:  # noqa: ANN401
    """Observe a row of the payments of ReGiS."""
    data = {
        "source": "regis",
        "digest": DIGEST,
        "observed_at": at,
        "extracted_on": "2025-03-31",
        "table": "indicatori",
        "row": [{"column": "codice", "value": "T0079"}, {"column": "realizzato", "value": value}],
        "key": "T0079",
    }
    return fact("observe-national-data/1", "importatore", None, data, **more)


def absent(on: str = "2022-10-24", at: str = "2022-10-24T06:00:00Z", **more: Any) -> Request:  # noqa: ANN401
    """Observe that a row is no more in a file."""
    data = {"source": FILE, "digest": DIGEST, "observed_at": at, "key": ROW}
    return fact("observe-absence/1", "importatore", on, data, **more)


def governed(command: str, **data: Any) -> Request:  # noqa: ANN401
    """Return a request of an administrator."""
    return {"command": command, "data": data}


def adopted(setting: str, value: str, **more: Any) -> Request:  # noqa: ANN401
    """Adopt a setting."""
    cause = "deliberazione di Giunta n. 12/2026"
    return governed("adopt-policy/1", setting=setting, value=value, cause=cause, **more)


def renamed(old: str = "c_e506", new: str = "c_m999", on: str = "2024-01-01") -> Request:
    """Give the body another IPA code from a day."""
    return governed("rename-body/1", old=old, new=new, cause="fusione", effective_on=on)


def anchored(size: int = 1, root: str = DIGEST, **more: Any) -> Request:  # noqa: ANN401
    """Record that a head was put elsewhere."""
    head = {"size": size, "root": root}
    return governed("anchor-ledger/1", checkpoint=head, means="pec", **more)
