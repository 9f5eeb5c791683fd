"""Which ledger events are admissible at their place, and what each will do.

    ledger-founded          leaf 0, signed by the first administrator; in force at once
    actor-enrolled          an administrator; in force at the k-th
    key-rotated             the old key; at once
    key-revoked             an administrator or the holder; at once
    events-reaffirmed       the holder; at once
    role-granted            an administrator; in force at the k-th
    role-revoked            an administrator; at once
    administrators-changed, log-key-rotated, ca-rotated, policy-adopted, rule-set-adopted,
    schema-set-adopted      an administrator; in force at the k-th
    approval-given          another administrator; counts for the event it names

`judge` returns the effect of an event or raises; it changes nothing. Every ledger event is for this
ledger, joins exactly the streams of its kind, and is signed by a key in force at its place.

Source: design FORMATS section 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.errors import NotVerified
from ledger.signing.certificates import certificate_digest, verify_ca, verify_issued
from ledger.signing.algorithms import parse_jwk
from ledger.signing.envelope import verify
from ledger.signing.key_authority import check_administrator, find_signer
from ledger.signing.key_book import Grant, KeyRecord, Proposal, Vote
from ledger.signing.key_data import (
    malformed,
    read_actor,
    read_count,
    read_date,
    read_date_or_none,
    read_event_id,
    read_kid,
    read_object,
    read_objects,
    read_text,
    read_texts,
)
from ledger.signing.key_effects import (
    Approve,
    ChangeAdministrators,
    Effect,
    EnterKey,
    GrantRole,
    Nothing,
    Propose,
    Reaffirm,
    ReplaceCA,
    ReplaceLogKey,
    RevokeKey,
    RevokeRole,
    RotateKey,
)
from ledger.signing.key_founding import FOUNDING, SYS_LOG, judge_founding
from ledger.signing.log_key import log_key_jwk, parse_log_key
from ledger.signing.names import is_actor, is_event_id, is_role
from ledger.signing.possession import verify_possession

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ledger.signing.envelope import Envelope
    from ledger.signing.key_book import KeyBook
    from ledger.signing.key_data import Data

    Rule = Callable[[KeyBook, int, Envelope], Effect]

ADMINISTRATOR: Final = "amministratore"


def judge(book: KeyBook, index: int, envelope: Envelope) -> Effect:
    """Return what an event will do to the book at its place; nothing, when it is of other types.

    Raises:
        NotVerified: when the event is not admissible; nothing was changed.
        Unreadable: when its data cannot be read.
    """
    if envelope.type == FOUNDING:
        effect = judge_founding(book, index, envelope)
    elif envelope.type in RULES:
        effect = _judge_later(book, index, envelope)
    else:
        return Nothing()
    effect.check(book)
    return effect


def _judge_later(book: KeyBook, index: int, envelope: Envelope) -> Effect:
    """Return the effect of an event after the founding.

    Raises:
        NotVerified: `not-founded`; `place-mismatch`, when its leaf does not come after the last
            one; `ledger-mismatch`; the codes of key_authority.py, envelope.py and of the rule.
    """
    if not book.origin:
        raise NotVerified("not-founded", f"{envelope.type} comes before the ledger is founded.")
    if index <= book.last_index:
        raise NotVerified(
            "place-mismatch", f"Leaf {index} does not come after leaf {book.last_index}."
        )
    if envelope.ledger != book.origin:
        raise NotVerified(
            "ledger-mismatch", f"Event {envelope.id} is for {envelope.ledger}, not {book.origin}."
        )
    verify(envelope, find_signer(book, index, envelope).public)
    return RULES[envelope.type](book, index, envelope)


def _enrol(book: KeyBook, index: int, envelope: Envelope) -> Effect:
    """Return the effect of actor-enrolled/1."""
    actor = read_actor(envelope.data)
    _check_streams(envelope, f"actor/{actor}")
    record = _read_new_key(book, index, envelope.data, actor)
    return _propose(book, index, envelope, EnterKey(record))


def _rotate(book: KeyBook, index: int, envelope: Envelope) -> Effect:
    """Return the effect of key-rotated/1.

    Raises:
        NotVerified: `rotation-not-by-old-key`.
    """
    actor, old = read_actor(envelope.data), read_kid(envelope.data, "old")
    _check_streams(envelope, f"actor/{actor}")
    if envelope.header.kid != old or envelope.actor != actor:
        raise NotVerified(
            "rotation-not-by-old-key", f"Only key {old} of {actor} can give way to another key."
        )
    return RotateKey(old, _read_new_key(book, index, envelope.data, actor))


def _revoke_key(book: KeyBook, index: int, envelope: Envelope) -> Effect:
    """Return the effect of key-revoked/1.

    Raises:
        NotVerified: `key-unknown`, when the actor has no such key; `key-revoked`, when it ended
            before and is not said to be compromised; `not-administrator`.
    """
    actor, kid = read_actor(envelope.data), read_kid(envelope.data)
    since = envelope.data.get("compromised_since")
    if since is not None and read_count(envelope.data, "compromised_since", 0) > index:
        raise malformed("compromised_since")
    _check_streams(envelope, f"actor/{actor}")
    if envelope.actor != actor:
        check_administrator(book, index, envelope)
    record = book.keys.get(kid)
    if record is None or record.actor != actor:
        raise NotVerified("key-unknown", f"Actor {actor} has no key {kid} to revoke.")
    if record.revoked_at is not None and (since is None or since > record.revoked_at):
        raise NotVerified("key-revoked", f"Key {kid} ended at leaf {record.revoked_at} already.")
    return RevokeKey(kid, since)


def _reaffirm(_book: KeyBook, index: int, envelope: Envelope) -> Effect:
    """Return the effect of events-reaffirmed/1.

    Raises:
        NotVerified: `actor-mismatch`, when another than the holder signs.
    """
    actor, events = read_actor(envelope.data), read_texts(envelope.data, "events", is_event_id)
    _check_streams(envelope, f"actor/{actor}")
    if not events:
        raise malformed("events")
    if envelope.actor != actor:
        raise NotVerified("actor-mismatch", f"Only {actor} can reaffirm what {actor} signed.")
    return Reaffirm(_vote(index, envelope), events)


def _grant_role(book: KeyBook, index: int, envelope: Envelope) -> Effect:
    """Return the effect of role-granted/1.

    Raises:
        NotVerified: `role-not-grantable`; `actor-unknown`; `dates-reversed`.
    """
    actor, role = read_actor(envelope.data), read_text(envelope.data, "role", is_role)
    from_on, to_on = read_date(envelope.data, "from"), read_date_or_none(envelope.data, "to")
    _check_streams(envelope, f"actor/{actor}")
    if role == ADMINISTRATOR:
        raise NotVerified(
            "role-not-grantable", "Administrators are named by administrators-changed/1 alone."
        )
    if actor not in book.kids:
        raise NotVerified("actor-unknown", f"Actor {actor} has no key: enrol one first.")
    if to_on is not None and to_on < from_on:
        raise NotVerified("dates-reversed", f"The role {role} would end before it begins.")
    grant = Grant(envelope.id, actor, role, from_on, to_on)
    return _propose(book, index, envelope, GrantRole(grant))


def _revoke_role(book: KeyBook, index: int, envelope: Envelope) -> Effect:
    """Return the effect of role-revoked/1.

    Raises:
        NotVerified: `role-not-granted`; `not-administrator`.
    """
    actor, role = read_actor(envelope.data), read_text(envelope.data, "role", is_role)
    _check_streams(envelope, f"actor/{actor}")
    check_administrator(book, index, envelope)
    grants = book.grants.get(actor, ())
    if not any(grant.role == role and grant.revoked_at is None for grant in grants):
        raise NotVerified("role-not-granted", f"Actor {actor} has no role {role} to revoke.")
    return RevokeRole(actor, role)


def _change_administrators(book: KeyBook, index: int, envelope: Envelope) -> Effect:
    """Return the effect of administrators-changed/1."""
    data = envelope.data
    add = [read_actor(item) for item in read_objects(data, "add")]
    remove = read_texts(data, "remove", is_actor)
    if len({*add, *remove}) != len(add) + len(remove):
        raise malformed("add")
    _check_streams(envelope, SYS_LOG)
    approvals = read_count(data, "approvals", 1)
    effect = ChangeAdministrators(frozenset(add), frozenset(remove), approvals)
    return _propose(book, index, envelope, effect)


def _rotate_log_key(book: KeyBook, index: int, envelope: Envelope) -> Effect:
    """Return the effect of log-key-rotated/1; the new key proves possession for the signer."""
    _check_streams(envelope, SYS_LOG)
    log_key = read_text(envelope.data, "log_key")
    jwk = log_key_jwk(parse_log_key(log_key, book.origin))
    possession = read_text(envelope.data, "possession")
    verify_possession(possession, jwk, envelope.actor, book.origin)
    return _propose(book, index, envelope, ReplaceLogKey(log_key))


def _rotate_ca(book: KeyBook, index: int, envelope: Envelope) -> Effect:
    """Return the effect of ca-rotated/1."""
    _check_streams(envelope, SYS_LOG)
    ca_pem = read_text(envelope.data, "ca")
    verify_ca(ca_pem, book.origin)
    return _propose(book, index, envelope, ReplaceCA(ca_pem))


def _adopt(book: KeyBook, index: int, envelope: Envelope) -> Effect:
    """Return the effect of policy-, rule-set- and schema-set-adopted/1: what waits and what not."""
    _check_streams(envelope, SYS_LOG)
    return _propose(book, index, envelope, Nothing())


def _approve(book: KeyBook, index: int, envelope: Envelope) -> Effect:
    """Return the effect of approval-given/1.

    Raises:
        NotVerified: `approval-unknown`, `approval-not-needed`, `approval-repeated`, when the
            administrator signed or approved the event already; `not-administrator`.
    """
    check_administrator(book, index, envelope)
    event_id = read_event_id(envelope.data, "event")
    proposal = book.proposals.get(event_id)
    if proposal is None:
        raise NotVerified("approval-unknown", f"No event {event_id} waits for approval.")
    if proposal.force_at is not None:
        raise NotVerified(
            "approval-not-needed", f"Event {event_id} took force at leaf {proposal.force_at}."
        )
    _check_streams(envelope, *proposal.streams)
    if any(v.actor == envelope.actor and not book.is_contested(v) for v in proposal.votes):
        raise NotVerified(
            "approval-repeated",
            f"{envelope.actor} signed or approved {event_id} already: another must approve it.",
        )
    return Approve(proposal, _vote(index, envelope))


def _propose(book: KeyBook, index: int, envelope: Envelope, effect: Effect) -> Effect:
    """Return the effect of an event that takes force at the k-th administrator.

    Raises:
        NotVerified: `not-administrator`; `event-id-reused`.
    """
    check_administrator(book, index, envelope)
    if envelope.id in book.proposals:
        raise NotVerified("event-id-reused", f"Event {envelope.id} is in the log already.")
    streams = tuple(claim.name for claim in envelope.streams)
    vote = _vote(index, envelope)
    return Propose(Proposal(envelope.id, envelope.type, index, streams, effect, (vote,)))


def _vote(index: int, envelope: Envelope) -> Vote:
    """Return the word of the signer for an event."""
    return Vote(envelope.id, envelope.actor, envelope.header.kid, index)


def _check_streams(envelope: Envelope, *names: str) -> None:
    """Accept an event that joins exactly these streams.

    Raises:
        NotVerified: `streams-mismatch`.
    """
    if tuple(claim.name for claim in envelope.streams) != names:
        raise NotVerified(
            "streams-mismatch", f"{envelope.type} {envelope.id} joins {', '.join(names)} alone."
        )


RULES: Final[Mapping[str, Rule]] = {
    "actor-enrolled/1": _enrol,
    "key-rotated/1": _rotate,
    "key-revoked/1": _revoke_key,
    "events-reaffirmed/1": _reaffirm,
    "role-granted/1": _grant_role,
    "role-revoked/1": _revoke_role,
    "administrators-changed/1": _change_administrators,
    "log-key-rotated/1": _rotate_log_key,
    "ca-rotated/1": _rotate_ca,
    "policy-adopted/1": _adopt,
    "rule-set-adopted/1": _adopt,
    "schema-set-adopted/1": _adopt,
    "approval-given/1": _approve,
}
