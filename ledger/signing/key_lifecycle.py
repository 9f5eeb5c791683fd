"""Rules of the events of one actor's keys: enrolment, rotation, revocation, reaffirmation.

    actor-enrolled/1       {actor, kid, jwk, certificate, possession}        an administrator; k-th
    key-rotated/1          {actor, old, kid, jwk, certificate, possession}   the old key; at once
    key-revoked/1          {actor, kid, cause, compromised_since?}           administrator or holder
    events-reaffirmed/1    {actor, events}                                   the holder; at once

All are in the stream actor/<actor>. Each rule returns the effect of an event, or raises.

Source: design FORMATS section 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.errors import NotVerified
from ledger.signing.key_authority import check_administrator
from ledger.signing.key_data import malformed, read_actor, read_count, read_kid, read_texts
from ledger.signing.key_effects import EnterKey, Reaffirm, RevokeKey, RotateKey
from ledger.signing.key_enrolment import read_new_key
from ledger.signing.key_proposals import check_streams, propose, vote
from ledger.signing.names import is_event_id

if TYPE_CHECKING:
    from ledger.signing.envelope import Envelope
    from ledger.signing.key_book import KeyBook
    from ledger.signing.key_effects import Effect


def enrol(book: KeyBook, index: int, envelope: Envelope) -> Effect:
    """Return the effect of actor-enrolled/1."""
    actor = read_actor(envelope.data)
    check_streams(envelope, f"actor/{actor}")
    record = read_new_key(book, index, envelope.data, actor)
    return propose(book, index, envelope, EnterKey(record))


def rotate(book: KeyBook, index: int, envelope: Envelope) -> Effect:
    """Return the effect of key-rotated/1.

    Raises:
        NotVerified: `rotation-not-by-old-key`.
    """
    actor, old = read_actor(envelope.data), read_kid(envelope.data, "old")
    check_streams(envelope, f"actor/{actor}")
    if envelope.header.kid != old or envelope.actor != actor:
        raise NotVerified(
            "rotation-not-by-old-key",
            f"Solo la firma {old} di {actor} può cedere il posto a un'altra: firmare il cambio con"
            " quella.",
        )
    return RotateKey(old, read_new_key(book, index, envelope.data, actor))


def revoke_key(book: KeyBook, index: int, envelope: Envelope) -> Effect:
    """Return the effect of key-revoked/1.

    Raises:
        NotVerified: `key-unknown`, when the actor has no such key; `key-revoked`, when it ended
            before and is not said to be compromised; `not-administrator`.
    """
    actor, kid = read_actor(envelope.data), read_kid(envelope.data)
    since = envelope.data.get("compromised_since")
    if since is not None and read_count(envelope.data, "compromised_since", 0) > index:
        raise malformed("compromised_since")
    check_streams(envelope, f"actor/{actor}")
    if envelope.actor != actor:
        check_administrator(book, index, envelope)
    record = book.keys.get(kid)
    if record is None or record.actor != actor:
        raise NotVerified(
            "key-unknown",
            f"{actor} non ha la firma {kid} da disattivare: controllare l'identificativo.",
        )
    if record.revoked_at is not None and (since is None or since > record.revoked_at):
        raise NotVerified(
            "key-revoked",
            f"La firma {kid} è già disattivata dalla posizione {record.revoked_at}: indicare una"
            " posizione precedente, se è contestata da prima.",
        )
    return RevokeKey(kid, since)


def reaffirm(_book: KeyBook, index: int, envelope: Envelope) -> Effect:
    """Return the effect of events-reaffirmed/1.

    Raises:
        NotVerified: `actor-mismatch`, when another than the holder signs.
    """
    actor, events = read_actor(envelope.data), read_texts(envelope.data, "events", is_event_id)
    check_streams(envelope, f"actor/{actor}")
    if not events:
        raise malformed("events")
    if envelope.actor != actor:
        raise NotVerified(
            "actor-mismatch",
            f"Solo {actor} può confermare ciò che {actor} ha firmato: far firmare la conferma a"
            " chi ha firmato.",
        )
    return Reaffirm(vote(index, envelope), events)
