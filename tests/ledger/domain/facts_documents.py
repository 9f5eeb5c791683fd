"""What becomes of documents, erasures and holds, as requests. Source: DOMAIN sections 8 and 9.8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.ledger.domain.facts import MANAGER, but, fact
from tests.ledger.domain.worlds import commit_of, digest_of, event_id

if TYPE_CHECKING:
    from tests.ledger.domain.worlds import Request

DOC = "relazione.pdf"
PUBLIC = "relazione-omissis.pdf"
SMALLER = {PUBLIC: 999, "b.pdf": 998}
COMMIT = commit_of(1, DOC)


def versioned(doc: str = "relazione-2.pdf", replaces: str = DOC) -> Request:
    """Replace a document."""
    data = {"doc": doc, "replaces": replaces, "cause": "errore materiale"}
    return fact("version-document/1", "istruttore", "2023-02-02", data)


def redacted(doc: str = PUBLIC, of: str = DOC, **more: Any) -> Request:  # noqa: ANN401
    """Attach the version with omissis of a document, smaller than the original."""
    data = {"doc": doc, "redaction_of": of, "cause": "dati personali", "by_person": MANAGER}
    request = fact("attach-redacted-version/1", "pubblicatore", more.pop("on", "2023-02-03"), data)
    return but(request, **{"sizes": SMALLER, **more})


def classified(doc: str = DOC, **more: Any) -> Request:  # noqa: ANN401
    """Classify a document."""
    data = {"doc": doc, "class": "X.3", "file_ref": "2023/7", "retention": "ret-rrf"}
    data["access"] = "interno"
    return fact("classify-document/1", "istruttore", "2023-02-04", data, **more)


def signature(doc: str = DOC, on: str = "2023-02-05", **facets: str) -> Request:
    """Check the signature of a document."""
    report = {"envelope": "cades", "integrity": "integra", **facets}
    return fact("check-signature/1", "istruttore", on, {"doc": doc, "report": report})


def unpublished(doc: str = DOC, on: str = "2023-03-01") -> Request:
    """Hide a document."""
    data = {"doc": doc, "cause": "dati personali", "legal_basis": "GDPR art. 17"}
    return fact("unpublish-document/1", "pubblicatore", on, data)


def asked(
    *commits: str,
    name: str = "r-1",
    on: str = "2026-05-01",
    envelopes: tuple[int, ...] = (),
) -> Request:
    """Request the erasure of contents, and of the events at these places."""
    data = {"request": name, "commits": list(commits), "received_on": on, "ground": "revoca"}
    more = {"envelopes": named_at(*envelopes)} if envelopes else {}
    return fact("request-erasure/2", "dpo", None, data, **more)


def named_at(*places: int) -> list[dict[str, Any]]:
    """Name the events at these places by the digests of their envelopes."""
    return [{"index": place, "digest": digest_of(place)} for place in places]


def erasure_refused(name: str = "r-1", on: str = "2026-05-02") -> Request:
    """Refuse an erasure."""
    data = {"request": name, "legal_basis": "GDPR art. 17 par. 3 lett. b"}
    return fact("refuse-erasure/1", "dpo", on, data)


def approved(name: str = "r-1", on: str = "2026-05-03") -> Request:
    """Approve an erasure."""
    return fact("approve-erasure/1", "segretario", on, {"request": name})


def erased(
    *commits: str,
    by: int = 3,
    basis: str = "garante-order",
    on: str = "2026-05-04",
    **more: Any,  # noqa: ANN401
) -> Request:
    """Erase contents by the approval at a place in the log."""
    data = {"commits": list(commits), "legal_basis": basis, "approval": event_id(by)}
    return fact("erase-content/1", "dpo", on, data, **more)


def held(name: str = "h-1", scope: str = "intervento", cause: str = "audit") -> Request:
    """Set a hold."""
    data = {"hold": name, "cause": cause, "scope": scope}
    return fact("set-retention-hold/1", "segretario", "2026-04-01", data)


def released(name: str = "h-1", on: str = "2026-04-02") -> Request:
    """Release a hold."""
    data = {"hold": name, "cause": "controllo chiuso"}
    return fact("release-retention-hold/1", "segretario", on, data)
