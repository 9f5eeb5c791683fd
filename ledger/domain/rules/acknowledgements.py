"""Refusals about the acknowledgement of findings. Source: DOMAIN sections 9.12, 10 and 11."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.domain.rules.finding import SEVERITIES, Finding, Severity
from ledger.domain.rules.refusal import Broken, refusal
from ledger.domain.rules.separation import is_excepted
from ledger.domain.rules.standing import open_findings

if TYPE_CHECKING:
    from ledger.domain.event import Event
    from ledger.domain.situation import Situation

ACKNOWLEDGED_BY: Final[dict[Severity, tuple[str, ...]]] = {
    "critical": ("segretario",),
    "serious": ("rup", "dirigente"),
    "minor": ("istruttore", "rup"),
    "info": (),
}


def _open(event: Event, situation: Situation) -> list[Finding]:
    """Return the open findings that the event names."""
    data = event.data
    return [
        one
        for dossier in situation.dossiers(event).values()
        for one in open_findings(data.code, dossier, event.day, situation.law)
        if one.subject == data.subject
    ]


@refusal(
    "finding-not-open",
    it="L'anomalia {item} non è aperta: non risulta, oppure è già stata presa in atto.",
    en="Finding {item} is not open: it is not there, or was acknowledged before.",
    source="contraddizione con il registro",
    remedy="",
)
def finding_not_open(event: Event, situation: Situation) -> Broken:
    """Refuse to acknowledge what is not an open finding on the legal day."""
    if not _open(event, situation):
        yield {"item": f"{event.data.code} ({event.data.subject})"}


@refusal(
    "severity-not-allowed",
    it="L'anomalia {item} non può essere presa in atto dal ruolo {role}. Possono: {allowed}.",
    en="Finding {item} may not be acknowledged by role {role}. These may: {allowed}.",
    source="DOMAIN 10",
    remedy="",
)
def severity_not_allowed(event: Event, situation: Situation) -> Broken:
    """Refuse a role that may not acknowledge a finding as severe as this one."""
    found = _open(event, situation)
    if not found:
        return
    severity = min((one.severity for one in found), key=SEVERITIES.index)
    allowed = ACKNOWLEDGED_BY[severity]
    if event.role not in allowed:
        yield {
            "item": event.data.code,
            "role": event.role,
            "allowed": ", ".join(allowed) or "nessuno",
        }


@refusal(
    "self-acknowledged",
    it="L'anomalia {item} nasce da una registrazione di chi firma: la prende in atto un altro.",
    en="Finding {item} was raised by an event of this signer: another acknowledges it.",
    source="DOMAIN 10 e 11",
    remedy="declare-sod-exception/1",
)
def self_acknowledged(event: Event, situation: Situation) -> Broken:
    """Refuse the author of the event that raised the finding, unless an exception is in force."""
    places = {one.index for one in _open(event, situation)}
    history = {e.index: e for name in event.streams for e in situation.record.history(name)}
    for cause in (history[place] for place in sorted(places) if place in history):
        own = cause.actor == event.actor
        if own and not is_excepted(event, situation, (cause.role or "",)):
            yield {"item": f"{event.data.code} ({event.data.subject})"}
