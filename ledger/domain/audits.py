"""Audits: who controls, what they ask and by when, what is answered and found; checks by third parties.

    opened -> requests, each answered or not -> findings -> closed with an outcome

An audit holds the evidence of its intervention by itself from its opening to its closing: `open()`
gives those that do. Ids are unique in the stream of the CUP, of audits and of requests each.
Source: DOMAIN sections 3, 8 and 9.9.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.altered import altered
from ledger.domain.files import FileName
from ledger.domain.identifiers import ShortId
from ledger.domain.money import EUR
from ledger.domain.references import Sha256

Authority = Literal[
    "dtd",
    "rgs",
    "corte-dei-conti",
    "revisori",
    "gdf",
    "anac",
    "eca",
    "olaf",
    "eppo",
    "interno",
]
CheckOutcome = Literal["positivo", "parzialmente-positivo", "negativo"]
CheckKind = Literal["asseverazione", "controlli-formali", "visita"]
AuditSeverity = Literal["critical", "serious", "minor", "info"]


@dataclass(frozen=True, kw_only=True)
class AuditTerms:
    """Who controls what, under which protocol."""

    audit: ShortId
    authority: Authority
    kind: str
    protocollo: str | None = None
    doc: FileName | None = None


@dataclass(frozen=True, kw_only=True)
class Audit(AuditTerms):
    """An audit; without `closed_on` it is open, and holds the evidence of the intervention."""

    on: date
    index: int
    outcome: CheckOutcome | None = None
    closed_on: date | None = None
    closed_index: int | None = None


@dataclass(frozen=True, kw_only=True)
class AnsweredItem:
    """One thing that was asked: sent, or not and why."""

    code: str
    sent: bool
    cause: str | None = None


@dataclass(frozen=True, kw_only=True)
class AnswerTerms:
    """What was answered, by which channel; `package` is the manifest of a package exported."""

    items: tuple[AnsweredItem, ...]
    channel: str
    package: Sha256 | None = None
    protocollo: str | None = None


@dataclass(frozen=True, kw_only=True)
class AuditAnswer(AnswerTerms):
    """The answer to a request."""

    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class RequestTerms:
    """What an audit asks, and the last day for the answer."""

    audit: ShortId
    request: ShortId
    items: tuple[str, ...]
    due_on: date


@dataclass(frozen=True, kw_only=True)
class AuditRequest(RequestTerms):
    """A request, with its answer when there is one."""

    on: date
    index: int
    answer: AuditAnswer | None = None


@dataclass(frozen=True, kw_only=True)
class AuditFindingTerms:
    """What an audit found, in its own words."""

    audit: ShortId
    text: str
    severity: AuditSeverity
    amount: EUR | None = None


@dataclass(frozen=True, kw_only=True)
class AuditFinding(AuditFindingTerms):
    """A finding of an audit."""

    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class ExternalCheckTerms:
    """The outcome of asseverazione, formal checks or a visit."""

    kind: CheckKind
    outcome: CheckOutcome
    doc: FileName | None = None
    items: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ExternalCheck(ExternalCheckTerms):
    """A check made by a third party."""

    on: date
    index: int


@dataclass(frozen=True)
class Audits:
    """Audits, requests, findings and external checks, each in order of the log."""

    audits: tuple[Audit, ...] = ()
    requests: tuple[AuditRequest, ...] = ()
    findings: tuple[AuditFinding, ...] = ()
    checks: tuple[ExternalCheck, ...] = ()

    def audit(self, audit: str) -> Audit | None:
        """Return the audit of that id, None when there is none."""
        return next((found for found in self.audits if found.audit == audit), None)

    def request(self, request: str) -> AuditRequest | None:
        """Return the request of that id, None when there is none."""
        return next((found for found in self.requests if found.request == request), None)

    def open(self) -> tuple[Audit, ...]:
        """Return the audits that hold the evidence: opened and not closed."""
        return tuple(found for found in self.audits if found.closed_index is None)

    def closed(self, audit: str, outcome: CheckOutcome, on: date, index: int) -> "Audits":
        """Return the slice with that audit closed."""
        after = tuple(
            altered(found, outcome=outcome, closed_on=on, closed_index=index)
            if found.audit == audit
            else found
            for found in self.audits
        )
        return altered(self, audits=after)

    def answered(self, request: str, answer: AuditAnswer) -> "Audits":
        """Return the slice with the answer to that request."""
        after = tuple(
            altered(found, answer=answer) if found.request == request else found
            for found in self.requests
        )
        return altered(self, requests=after)
