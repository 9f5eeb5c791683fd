"""Which ledger events are admissible at their place: the table of rules.

    ledger-founded          leaf 0, signed by the first administrator; in force at once
    actor-enrolled          an administrator; in force at the k-th
    key-rotated             the old key; at once
    key-revoked             an administrator or the holder; at once
    events-reaffirmed       the holder; at once
    role-granted            an administrator; in force at the k-th
    role-revoked            an administrator; at once
    administrators-changed, log-key-rotated, ca-rotated, policy-adopted, rule-set-adopted,
    schema-set-adopted, body-renamed
                            an administrator; in force at the k-th
    ledger-anchored         an administrator; at once
    approval-given          another administrator; counts for the event it names

`judge` returns the effect of an event or raises; it changes nothing. Every ledger event is for this
ledger, joins exactly the streams of its kind, and is signed by a key in force at its place.

Source: design FORMATS section 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.errors import NotVerified
from ledger.signing.envelope import verify
from ledger.signing.key_authority import find_signer
from ledger.signing.key_effects import Nothing
from ledger.signing.key_founding import FOUNDING, judge_founding
from ledger.signing.key_governance import (
    adopt,
    anchor,
    change_administrators,
    rotate_ca,
    rotate_log_key,
)
from ledger.signing.key_lifecycle import enrol, reaffirm, revoke_key, rotate
from ledger.signing.key_proposals import approve
from ledger.signing.key_roles import grant_role, revoke_role

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ledger.signing.envelope import Envelope
    from ledger.signing.key_book import KeyBook
    from ledger.signing.key_effects import Effect

    Rule = Callable[[KeyBook, int, Envelope], Effect]

RULES: Final[Mapping[str, Rule]] = {
    "actor-enrolled/1": enrol,
    "key-rotated/1": rotate,
    "key-revoked/1": revoke_key,
    "events-reaffirmed/1": reaffirm,
    "role-granted/1": grant_role,
    "role-revoked/1": revoke_role,
    "administrators-changed/1": change_administrators,
    "log-key-rotated/1": rotate_log_key,
    "ca-rotated/1": rotate_ca,
    "policy-adopted/1": adopt,
    "rule-set-adopted/1": adopt,
    "schema-set-adopted/1": adopt,
    "body-renamed/1": adopt,
    "ledger-anchored/1": anchor,
    "approval-given/1": approve,
}


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
        raise NotVerified(
            "not-founded",
            f"{envelope.type} viene prima della fondazione del registro: prima fondare il"
            " registro.",
        )
    if index <= book.last_index:
        raise NotVerified(
            "place-mismatch",
            f"La posizione {index} non segue la {book.last_index}: leggere le registrazioni in"
            " ordine di posizione.",
        )
    if envelope.ledger != book.origin:
        raise NotVerified(
            "ledger-mismatch",
            f"La registrazione {envelope.id} è firmata per il registro {envelope.ledger}, non per"
            f" {book.origin}: inviarla a quello, o prepararla di nuovo.",
        )
    verify(envelope, find_signer(book, index, envelope).public)
    return RULES[envelope.type](book, index, envelope)
