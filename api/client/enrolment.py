"""Keys of people: requested with proof of possession, enrolled and approved by administrators.

    request = request_enrolment(signer, origin)        the holder's side
    enrol(opened, request, admin)                      pending until k administrators agree
    approve(opened, kid, other_admin)                  in force for the leaves after the k-th

Source: FORMATS section 4.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.client.founding import BACKDATED, new_actor
from api.client.requests import write
from api.machine import now
from ledger.errors import Absent
from ledger.signing.possession import build_possession

if TYPE_CHECKING:
    from datetime import date

    from api.app import Opened
    from api.client.scribe import Scribe
    from ledger.journal.batch import Receipt
    from ledger.signing.signer import Signer


@dataclass(frozen=True, slots=True)
class EnrolmentRequest:
    """What the holder of a new key sends: the public key and the proof of having the private one."""

    actor: str
    kid: str
    jwk: dict[str, str]
    possession: str


def request_enrolment(signer: Signer, origin: str, actor: str | None = None) -> EnrolmentRequest:
    """Return the request of a key; a new actor unless one is named."""
    who = actor or new_actor()
    possession = build_possession(
        signer, who, origin, secrets.token_bytes(16), int(now().timestamp())
    )
    return EnrolmentRequest(who, signer.kid, signer.jwk(), possession)


def _certificate(opened: Opened, request: EnrolmentRequest) -> str:
    return opened.ca.issue(request.jwk, request.actor, now() - BACKDATED)


def enrol(opened: Opened, request: EnrolmentRequest, admin: Scribe) -> Receipt:
    """Record the enrolment, signed by one administrator; the others approve it."""
    data: dict[str, Any] = {
        "actor": request.actor,
        "kid": request.kid,
        "jwk": request.jwk,
        "certificate": _certificate(opened, request),
        "possession": request.possession,
    }
    return write(admin, "enrol-actor/1", data)


def grant(admin: Scribe, actor: str, role: str, since: date, office: str) -> Receipt:
    """Record the authority of an actor, signed by one administrator; the others approve it."""
    data = {"actor": actor, "role": role, "from": since.isoformat(), "office": office}
    return write(admin, "grant-role/1", data)


def pending(opened: Opened, kid: str) -> list[str]:
    """Return the ids of the events that wait for approval and concern a key or its actor.

    Raises:
        Absent: `no-such-key`, when nothing of this key waits.
    """
    directory = opened.ledger.judge.keys
    found = directory.find_key(kid)
    stream = "" if found is None else f"actor/{found.actor}"
    waiting = [one.event_id for one in directory.pending() if stream in one.streams]
    if not waiting:
        raise Absent(
            "no-such-key",
            f"Nessuna abilitazione in attesa per la firma {kid}: `pista key list` mostra lo stato.",
        )
    return waiting


def approve(opened: Opened, kid: str, admin: Scribe) -> list[Receipt]:
    """Approve all that waits for a key: its enrolment and the roles of its actor."""
    return [write(admin, "give-approval/1", {"event": found}) for found in pending(opened, kid)]


def rotate(opened: Opened, old: Scribe, new: Signer) -> Receipt:
    """Record a new key of the same actor, signed by the old one."""
    identity = old.identity
    request = request_enrolment(new, opened.settings.origin, identity.actor)
    data: dict[str, Any] = {
        "actor": identity.actor,
        "old": identity.kid,
        "kid": request.kid,
        "jwk": request.jwk,
        "certificate": _certificate(opened, request),
        "possession": request.possession,
    }
    return write(old, "rotate-key/1", data)


def revoke(by: Scribe, actor: str, kid: str, cause: str, since: int | None) -> Receipt:
    """Record that a key signs no more; `since` is the leaf from which it is contested."""
    data = {"actor": actor, "kid": kid, "cause": cause, "compromised_since": since}
    return write(by, "revoke-key/1", data)
