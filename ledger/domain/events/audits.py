"""Audits and checks by third parties: opened, asked, answered, found, closed.

What an authority does is recorded by the auditor, or by the secretary on its behalf; no correction
withdraws it. Source: DOMAIN section 9.9.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ledger.domain.altered import altered
from ledger.domain.audits import (
    AnswerTerms,
    Audit,
    AuditAnswer,
    AuditFinding,
    AuditFindingTerms,
    AuditRequest,
    AuditTerms,
    CheckOutcome,
    ExternalCheck,
    ExternalCheckTerms,
    RequestTerms,
)
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import CUPFact, Missing, Role, event
from ledger.domain.events.streams import own_cup
from ledger.domain.files import FileName
from ledger.domain.identifiers import ShortId
from ledger.domain.rules.interventions import duplicate_key, reference_closed, reference_unknown
from ledger.domain.taken import taken

AUDITORS: tuple[Role, ...] = ("auditor", "segretario")


def _unknown_audit(dossier: Dossier, audit: str) -> Missing:
    """Yield the audit when it is not recorded."""
    if dossier.audits.audit(audit) is None:
        yield f"il controllo {audit}", "open-audit/1"


def _closed_audit(dossier: Dossier, audit: str) -> Iterable[str]:
    """Yield the audit when it is closed."""
    found = dossier.audits.audit(audit)
    if found is not None and found.closed_index is not None:
        yield f"Il controllo {audit}"


@event(
    "audit-opened/1",
    ask="open-audit/1",
    italian="Avvio controllo",
    says="Avviato il controllo {audit} ({authority}, {kind})",
    streams=(own_cup,),
    by=AUDITORS,
    correctable=False,
    refusals=(duplicate_key,),
)
@dataclass(frozen=True, kw_only=True)
class AuditOpened(CUPFact, AuditTerms):
    """An authority controls the intervention; until it closes, the evidence is held."""

    def natural_keys(self, dossier: Dossier) -> Iterable[str]:
        """Return the audit when its id is taken."""
        return [] if dossier.audits.audit(self.audit) is None else [f"il controllo {self.audit}"]

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the audit."""
        audits = (*dossier.audits.audits, taken(Audit, self, event))
        return altered(dossier, audits=altered(dossier.audits, audits=audits))


@event(
    "audit-request-received/1",
    ask="record-audit-request/1",
    italian="Richiesta",
    says="Richiesta {request} del controllo {audit}, da evadere entro il {due_on}",
    streams=(own_cup,),
    by=AUDITORS,
    correctable=False,
    refusals=(reference_unknown, reference_closed, duplicate_key),
)
@dataclass(frozen=True, kw_only=True)
class AuditRequestReceived(CUPFact, RequestTerms):
    """What an audit asks for, item by item, and until when."""

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the audit when it is not recorded."""
        return _unknown_audit(dossier, self.audit)

    def closed(self, dossier: Dossier) -> Iterable[str]:
        """Yield the audit when it is closed."""
        return _closed_audit(dossier, self.audit)

    def natural_keys(self, dossier: Dossier) -> Iterable[str]:
        """Return the request when its id is taken."""
        known = dossier.audits.request(self.request)
        return [] if known is None else [f"la richiesta {self.request}"]

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the request."""
        requests = (*dossier.audits.requests, taken(AuditRequest, self, event))
        return altered(dossier, audits=altered(dossier.audits, requests=requests))


@event(
    "audit-request-answered/1",
    ask="answer-audit-request/1",
    italian="Risposta",
    says="Risposta alla richiesta {request} ({channel})",
    streams=(own_cup,),
    by=("rup", "segretario", "delegato"),
    correctable=False,
    refusals=(reference_unknown, reference_closed),
)
@dataclass(frozen=True, kw_only=True)
class AuditRequestAnswered(CUPFact, AnswerTerms):
    """What was sent and what was not, and why; `package` is the manifest of a package exported."""

    request: ShortId

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the request, or the package, that is not recorded."""
        if dossier.audits.request(self.request) is None:
            yield f"la richiesta {self.request}", "record-audit-request/1"
        exported = {package.manifest for package in dossier.oversight.packages}
        if self.package is not None and self.package not in exported:
            yield f"il pacchetto {self.package}", "export-package/1"

    def closed(self, dossier: Dossier) -> Iterable[str]:
        """Yield the request when it has an answer."""
        found = dossier.audits.request(self.request)
        if found is not None and found.answer is not None:
            yield f"La richiesta {self.request}"

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the answer to its request."""
        answer = taken(AuditAnswer, self, event)
        return altered(dossier, audits=dossier.audits.answered(self.request, answer))


@event(
    "audit-finding-recorded/1",
    ask="record-audit-finding/1",
    italian="Rilievo",
    says="Rilievo del controllo {audit}: {text}",
    streams=(own_cup,),
    by=AUDITORS,
    correctable=False,
    refusals=(reference_unknown, reference_closed),
)
@dataclass(frozen=True, kw_only=True)
class AuditFindingRecorded(CUPFact, AuditFindingTerms):
    """What an audit found, in its words, and how much money it is about."""

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the audit when it is not recorded."""
        return _unknown_audit(dossier, self.audit)

    def closed(self, dossier: Dossier) -> Iterable[str]:
        """Yield the audit when it is closed."""
        return _closed_audit(dossier, self.audit)

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the finding."""
        findings = (*dossier.audits.findings, taken(AuditFinding, self, event))
        return altered(dossier, audits=altered(dossier.audits, findings=findings))


@event(
    "audit-closed/1",
    ask="close-audit/1",
    italian="Chiusura controllo",
    says="Chiuso il controllo {audit}: esito {outcome}",
    streams=(own_cup,),
    by=AUDITORS,
    correctable=False,
    refusals=(reference_unknown, reference_closed),
)
@dataclass(frozen=True, kw_only=True)
class AuditClosed(CUPFact):
    """An audit ends, and no longer holds the evidence."""

    audit: ShortId
    outcome: CheckOutcome
    doc: FileName | None = None

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the audit when it is not recorded."""
        return _unknown_audit(dossier, self.audit)

    def closed(self, dossier: Dossier) -> Iterable[str]:
        """Yield the audit when it is closed."""
        return _closed_audit(dossier, self.audit)

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Close the audit."""
        closed = dossier.audits.closed(self.audit, self.outcome, event.day, event.index)
        return altered(dossier, audits=closed)


@event(
    "external-check-recorded/1",
    ask="record-external-check/1",
    italian="Asseverazione, controlli formali, visita",
    says="Esito di {kind}: {outcome}",
    streams=(own_cup,),
    by=("rup", "dirigente"),
)
@dataclass(frozen=True, kw_only=True)
class ExternalCheckRecorded(CUPFact, ExternalCheckTerms):
    """The outcome of a technical verification by a third party, of formal checks, of a visit."""

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the check."""
        checks = (*dossier.audits.checks, taken(ExternalCheck, self, event))
        return altered(dossier, audits=altered(dossier.audits, checks=checks))
