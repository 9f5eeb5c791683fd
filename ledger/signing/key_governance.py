"""Rules of what administrators decide together: who they are, log key, CA, what is adopted, anchors.

    administrators-changed/1    {add [{actor}], remove [actor], approvals}
    log-key-rotated/1           {log_key, possession}        possession by the new key for the signer
    ca-rotated/1                {ca}
    policy-adopted/1            {setting, value, cause, from?}
    rule-set-adopted/1, schema-set-adopted/1    {digest, changes}
    body-renamed/1              {old, new, cause, effective_on}
    ledger-anchored/1           {checkpoint {size, root}, means, doc?}

All are in the stream sys/log, signed by an administrator, and take force at the k-th; the last one is a
fact, and has nothing to wait for. A list of administrators that has nobody may be left out.

Source: design FORMATS section 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.signing.certificates import verify_ca
from ledger.signing.key_authority import check_administrator
from ledger.signing.key_book import Adopted
from ledger.signing.key_data import (
    malformed,
    read_actor,
    read_count,
    read_objects,
    read_text,
    read_texts,
)
from ledger.signing.key_effects import (
    Adopt,
    ChangeAdministrators,
    Nothing,
    ReplaceCA,
    ReplaceLogKey,
)
from ledger.signing.key_proposals import check_streams, propose
from ledger.signing.log_key import log_key_jwk, parse_log_key
from ledger.signing.names import is_actor
from ledger.signing.possession import verify_possession

if TYPE_CHECKING:
    from ledger.signing.envelope import Envelope
    from ledger.signing.key_book import KeyBook
    from ledger.signing.key_effects import Effect


SYS_LOG: Final = "sys/log"


def change_administrators(book: KeyBook, index: int, envelope: Envelope) -> Effect:
    """Return the effect of administrators-changed/1."""
    data = envelope.data
    add = [read_actor(item) for item in read_objects({"add": [], **data}, "add")]
    remove = read_texts({"remove": [], **data}, "remove", is_actor)
    if len({*add, *remove}) != len(add) + len(remove):
        raise malformed("add")
    check_streams(envelope, SYS_LOG)
    approvals = read_count(data, "approvals", 1)
    effect = ChangeAdministrators(frozenset(add), frozenset(remove), approvals)
    return propose(book, index, envelope, effect)


def rotate_log_key(book: KeyBook, index: int, envelope: Envelope) -> Effect:
    """Return the effect of log-key-rotated/1; the new key proves possession for the signer."""
    check_streams(envelope, SYS_LOG)
    log_key = read_text(envelope.data, "log_key")
    jwk = log_key_jwk(parse_log_key(log_key, book.origin))
    possession = read_text(envelope.data, "possession")
    verify_possession(possession, jwk, envelope.actor, book.origin)
    return propose(book, index, envelope, ReplaceLogKey(log_key))


def rotate_ca(book: KeyBook, index: int, envelope: Envelope) -> Effect:
    """Return the effect of ca-rotated/1."""
    check_streams(envelope, SYS_LOG)
    ca_pem = read_text(envelope.data, "ca")
    verify_ca(ca_pem, book.origin)
    return propose(book, index, envelope, ReplaceCA(ca_pem))


def adopt(book: KeyBook, index: int, envelope: Envelope) -> Effect:
    """Return the effect of policy-, rule-set- and schema-set-adopted/1 and of body-renamed/1."""
    check_streams(envelope, SYS_LOG)
    adopted = Adopted(envelope.id, envelope.type, index, envelope.data)
    return propose(book, index, envelope, Adopt(adopted))


def anchor(book: KeyBook, index: int, envelope: Envelope) -> Effect:
    """Return the effect of ledger-anchored/1: one administrator says it, and nothing changes."""
    check_streams(envelope, SYS_LOG)
    check_administrator(book, index, envelope)
    return Nothing()
