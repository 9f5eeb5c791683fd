"""Time stamps: what an authority outside says about when some bytes existed.

    question = format_request(note, nonce=secrets.randbits(64))
    kept = accept_answer(answer, Asked(note, nonce), trust)      what is kept beside the note
    stamp = verify_stamp(kept, note, trust)                      ten years later, offline
    stamp.at, stamp.no_later_than, stamp.authority, stamp.is_trusted

    openssl ts -verify -in checkpoint.1291.tsr -data checkpoint.1291.log -CAfile tsa-ca.pem

A token says that bytes with this digest existed at `at`, give or take its accuracy. Everything is
verified here, each time, from what was kept and what the reader trusts: form, imprint, signed
attributes, certificate, signature, chain, revocation. `rfc3161-client` reads it as well where it
can: it takes tokens that prove less than they must (SHA-1, RSA of 1024 bits, no signing-certificate)
and refuses some that are right (RSA-PSS, sets out of order, a signer named by key identifier), so
that it is a second opinion, told in `reader`, and never the only one.

Source: RFC 3161; RFC 5816; ETSI EN 319 422; D.Lgs. 82/2005 art. 20 c. 3; eIDAS art. 41 and 42.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from asn1crypto import tsp
from cryptography.x509 import DuplicateExtension

from ledger.errors import NotVerified, ShapeError
from ledger.signing.timestamp_signer import check_path, parse_carried, parse_lists, signer_of
from ledger.signing.timestamp_strict import is_confirmed
from ledger.signing.timestamp_token import BROKEN, kept_form, read_token, unreadable
from ledger.signing.timestamp_trust import chain_of, check_not_revoked, known_chain

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.x509 import Certificate

    from ledger.signing.timestamp_token import Token
    from ledger.signing.timestamp_trust import TSATrust

HASH: Final = "sha256"
MAX_ACCURACY: Final = timedelta(
    minutes=1
)  # an authority that knows its time worse is not asked again
ASSUMED_ACCURACY: Final = timedelta(seconds=1)  # where it says none: ETSI EN 319 421 section 7.7.1
STRICT: Final = "rfc3161-client"
TOLERANT: Final = "asn1crypto"


@dataclass(frozen=True, slots=True)
class TimeStamp:
    """A verified token: the bytes existed at `at` (UTC, as the authority says), give or take.

    `accuracy` is None when the authority does not say. `authority` is the subject of its
    certificate (RFC 4514), `serial` the number that it gave to the token. `is_trusted` tells whether
    it leads to an anchor of the reader. `is_qualified` tells that the token calls itself an electronic
    time stamp of eIDAS art. 42: its own word. `reader` is what read it, and confirmed it when both did.
    """

    at: datetime
    accuracy: timedelta | None
    policy: str
    serial: int
    authority: str
    imprint_hash: str
    nonce: int | None
    ordering: bool
    is_qualified: bool
    is_trusted: bool
    reader: str

    @property
    def no_later_than(self) -> datetime:
        """Return the latest time at which the bytes can have come to be."""
        return self.at + (ASSUMED_ACCURACY if self.accuracy is None else self.accuracy)

    @property
    def no_earlier_than(self) -> datetime:
        """Return the earliest time that `at` can stand for."""
        return self.at - (ASSUMED_ACCURACY if self.accuracy is None else self.accuracy)


@dataclass(frozen=True, slots=True)
class Asked:
    """What an authority was asked: a stamp over these bytes, with this number, under this policy."""

    message: bytes
    nonce: int
    policy: str | None = None


def format_request(asked: Asked) -> bytes:
    """Return the TimeStampReq, DER: SHA-256, the number, the policy if any, certificates wanted.

    Raises:
        ShapeError: when the policy is no object identifier (`tsa-policy-malformed`).
    """
    digest = hashlib.new(HASH, asked.message).digest()
    fields = {
        "version": "v1",
        "message_imprint": {"hash_algorithm": {"algorithm": HASH}, "hashed_message": digest},
        "nonce": asked.nonce,
        "cert_req": True,
    }
    try:
        if asked.policy is not None:
            fields["req_policy"] = asked.policy
        question: bytes = tsp.TimeStampReq(fields).dump()
    except (ValueError, TypeError) as error:
        raise ShapeError(
            "tsa-policy-malformed",
            f"{asked.policy!r} non è un identificativo di politica (OID) come 1.3.76.36.1.1.40.",
        ) from error
    return question


def accept_answer(answer: bytes, asked: Asked, trust: TSATrust | None) -> tuple[bytes, TimeStamp]:
    """Return what is kept of an answer, and what it says, when it answers what was asked.

    Raises:
        Unreadable, NotVerified: as `verify_stamp`; `stamp-refused`; `stamp-nonce-differs`;
            `stamp-imprint-differs`, also for another hash; `stamp-policy-differs`;
            `stamp-accuracy-coarse`; `stamp-authority-unknown`, when it leads to no anchor of `trust`.
    """
    kept = kept_form(answer)
    stamp = verify_stamp(kept, asked.message, trust)
    if stamp.nonce != asked.nonce:
        raise _differs("nonce", "Risponde a un'altra domanda (nonce diverso): forse è una copia.")
    if stamp.imprint_hash != HASH:
        raise _differs("imprint", f"Ha marcato con {stamp.imprint_hash} e non con {HASH}.")
    if asked.policy not in {None, stamp.policy}:
        raise _differs("policy", f"Marca secondo {stamp.policy} e non secondo {asked.policy}.")
    if stamp.accuracy is not None and stamp.accuracy > MAX_ACCURACY:
        raise NotVerified(
            "stamp-accuracy-coarse",
            f"L'autorità di marcatura conosce l'ora a {stamp.accuracy} circa: serve più precisione.",
        )
    if trust is not None and not stamp.is_trusted:
        raise NotVerified(
            "stamp-authority-unknown",
            f"La marca è di {stamp.authority}, che non è fra le autorità riconosciute.",
        )
    return kept, stamp


def verify_stamp(kept: bytes, message: bytes, trust: TSATrust | None) -> TimeStamp:
    """Return what a kept token proves about these bytes.

    Without `trust` everything but the authority is verified, and the stamp is not trusted; nor is
    it when the authority leads to no anchor.

    Raises:
        Unreadable: `stamp-unreadable`.
        NotVerified: `stamp-imprint-differs`, when it is over other bytes; codes of `signer_of`;
            `stamp-chain-invalid`, `stamp-certificate-revoked`, `stamp-revocations-invalid`.
    """
    token = read_token(kept)
    _check_imprint(token, message)
    try:
        certificate, is_trusted = _judge_signer(token, trust)
        confirmed = is_trusted and is_confirmed(kept, message, token.info, _anchors(trust))
    except (*BROKEN, DuplicateExtension) as error:  # a certificate whose parts cannot be read
        raise unreadable(str(error)) from error
    return TimeStamp(
        at=token.info.at,
        accuracy=token.info.accuracy,
        policy=token.info.policy,
        serial=token.info.serial,
        authority=certificate.subject.rfc4514_string(),
        imprint_hash=token.info.imprint_hash,
        nonce=token.info.nonce,
        ordering=token.info.ordering,
        is_qualified=token.info.is_qualified,
        is_trusted=is_trusted,
        reader=STRICT if confirmed else TOLERANT,
    )


def _judge_signer(token: Token, trust: TSATrust | None) -> tuple[Certificate, bool]:
    """Return who signed, and whether it leads to an anchor; raises as `verify_stamp`."""
    carried = parse_carried(token.certificates)
    certificate = signer_of(token, (*carried, *_anchors(trust)))
    chain = None
    if trust is not None:
        chain = chain_of(certificate, carried, token.info.at, trust)
    check_path(token, (chain or ())[1:-1])
    lists = (*parse_lists(token.crls), *(() if trust is None else trust.lists))
    check_not_revoked(chain or known_chain(certificate, carried), lists, token.info.at)
    return certificate, chain is not None


def _anchors(trust: TSATrust | None) -> tuple[Certificate, ...]:
    return () if trust is None else trust.anchors


def _check_imprint(token: Token, message: bytes) -> None:
    digest = hashlib.new(token.info.imprint_hash, message).digest()
    if not hmac.compare_digest(digest, token.info.imprint):
        raise _differs("imprint", "È la marca temporale di un altro contenuto.")


def _differs(what: str, sentence: str) -> NotVerified:
    return NotVerified(f"stamp-{what}-differs", sentence)
