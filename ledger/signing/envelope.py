"""The envelope: one signed event, JWS compact, kept and exported verbatim for ever.

    header   {"alg":"ES256","cty":"pista-event+json","iat":1790000000,"kid":"<thumbprint>",
              "typ":"JOSE","x5t#S256":"<SHA-256 of the DER certificate>"}
    payload  {"actor":"<26 characters>","basis":{"root":"<base64>","size":1234},
              "claimed_at":"2026-09-21T14:13:20Z","data":{...},"id":"<UUIDv7>",
              "ledger":"pnrr.comune.lecce.it/c_e506","nonce":"<16 bytes>","objects":[],
              "occurred_on":"2023-05-04","role":"rup",
              "streams":[{"name":"cup/C81C22001220006","prev":"<base64>","seq":17}],
              "type":"determina-registered/1","v":1}

(Line breaks are for reading; both are canonical JSON.) The header is that of JAdES baseline B. An
`Envelope` is what was read; a `VerifiedEnvelope` is what was signed, and only `verify` makes one.
The signature is checked with openssl over the text before the last dot, r || s written as DER:

    openssl dgst -sha256 -verify key.pem -signature signature.der signing-input

ECDSA signatures are malleable: an event is known by its id and its places, never by `digest`.

Source: design FORMATS section 1; RFC 7515; ETSI TS 119 182-1.
"""

from __future__ import annotations

import hashlib
from dataclasses import InitVar, dataclass
from typing import TYPE_CHECKING, Any, Final

from ledger.errors import NotVerified
from ledger.signing.algorithms import PublicKey, verify_signature
from ledger.signing.grammar import CONTENT_TYPE, check_header, check_payload, parse_second
from ledger.signing.jws import JOSE, format_jws, format_signing_input, parse_jws
from ledger.signing.octets import format_base64url, parse_base64, parse_base64url

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Header:
    """The protected header; `iat` in seconds since 1970, the certificate digest is 32 bytes."""

    alg: str
    iat: int
    kid: str
    certificate_digest: bytes
    cty: str = CONTENT_TYPE
    typ: str = JOSE


@dataclass(frozen=True, slots=True)
class StreamClaim:
    """A place that an event claims: `prev` is the digest of the envelope before, None at seq 0."""

    name: str
    seq: int
    prev: bytes | None


@dataclass(frozen=True, slots=True)
class Basis:
    """The last head of the log that the signer's client verified: size in leaves, 32 byte root."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """An object of the vault by its salted commitment (32 bytes)."""

    name: str
    commit: bytes
    size_bytes: int
    media_type: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event as it was read: its grammar holds, its signature is not verified."""

    raw: bytes
    header: Header
    payload: dict[str, Any]
    signing_input: bytes
    signature: bytes

    @property
    def digest(self) -> bytes:
        """Return the SHA-256 of the envelope, 32 bytes."""
        return hashlib.sha256(self.raw).digest()

    @property
    def id(self) -> str:
        """Return the id of the event."""
        return str(self.payload["id"])

    @property
    def ledger(self) -> str:
        """Return the origin of the ledger it is for."""
        return str(self.payload["ledger"])

    @property
    def type(self) -> str:
        """Return the event type with its version."""
        return str(self.payload["type"])

    @property
    def streams(self) -> tuple[StreamClaim, ...]:
        """Return the places it claims, sorted by stream."""
        return tuple(
            StreamClaim(
                claim["name"],
                claim["seq"],
                None if claim["prev"] is None else parse_base64(claim["prev"]),
            )
            for claim in self.payload["streams"]
        )

    @property
    def basis(self) -> Basis:
        """Return the head of the log it rests on."""
        basis = self.payload["basis"]
        return Basis(basis["size"], parse_base64(basis["root"]))

    @property
    def actor(self) -> str:
        """Return the id of who signs."""
        return str(self.payload["actor"])

    @property
    def role(self) -> str | None:
        """Return the role in which the actor signs; None in ledger events."""
        role: str | None = self.payload["role"]
        return role

    @property
    def occurred_on(self) -> str | None:
        """Return the legal date, YYYY-MM-DD; None in ledger events."""
        occurred_on: str | None = self.payload["occurred_on"]
        return occurred_on

    @property
    def claimed_at(self) -> datetime:
        """Return the time by the signer's clock, UTC, whole seconds."""
        return parse_second(self.payload["claimed_at"])

    @property
    def reason(self) -> str | None:
        """Return the reason, when one is given."""
        reason: str | None = self.payload.get("reason")
        return reason

    @property
    def corrects(self) -> tuple[str, ...]:
        """Return the ids of the events it corrects."""
        return tuple(self.payload.get("corrects", ()))

    @property
    def data(self) -> dict[str, Any]:
        """Return what happened, in the form of the type."""
        data: dict[str, Any] = self.payload["data"]
        return data

    @property
    def objects(self) -> tuple[ObjectRef, ...]:
        """Return the objects of the vault it refers to."""
        return tuple(
            ObjectRef(o["name"], parse_base64(o["commit"]), o["size"], o["media_type"])
            for o in self.payload["objects"]
        )


_SEAL: Final = object()


@dataclass(frozen=True, slots=True)
class VerifiedEnvelope:
    """An envelope whose signature is by key `kid`; only `verify` can make one."""

    envelope: Envelope
    kid: str
    seal: InitVar[object] = None

    def __post_init__(self, seal: object) -> None:
        """Refuse to be made by any function but `verify`."""
        if seal is not _SEAL:
            raise TypeError("a VerifiedEnvelope is made by ledger.signing.envelope.verify alone")


def signing_input(header: Header, payload: dict[str, Any]) -> bytes:
    """Return the bytes to sign for an event; what would not parse again is refused here.

    Raises:
        Unreadable: any code of `parse` that concerns header or payload.
    """
    members = _format_header(header)
    check_header(members)
    check_payload(payload, header.iat)
    return format_signing_input(members, payload)


def assemble(signing_input: bytes, signature: bytes) -> bytes:
    """Return the envelope of a signing input and the signature over it."""
    return format_jws(signing_input, signature)


def parse(raw: bytes) -> Envelope:
    """Return the envelope that these bytes are; strictly, and without verifying it.

    Raises:
        Unreadable: `jws-malformed`, `too-long`, `algorithm-unknown`, `wrong-length` (jws.py);
            `base64url-not-canonical`; `json-malformed`, `json-not-canonical`,
            `not-in-signed-profile`; `member-missing`, `member-unknown`, `member-malformed`,
            `claimed-at-mismatch` (grammar.py).
    """
    parts = parse_jws(raw)
    check_header(parts.header)
    check_payload(parts.payload, parts.header["iat"])
    header = _parse_header(parts.header)
    return Envelope(raw, header, parts.payload, parts.signing_input, parts.signature)


def verify(envelope: Envelope, public_key: PublicKey) -> VerifiedEnvelope:
    """Return the envelope as verified, when its signature is by this key.

    Raises:
        NotVerified: `algorithm-mismatch`, when the header names another algorithm than the key's;
            `signature-invalid`, also when the header names another key.
    """
    header = envelope.header
    if header.kid != public_key.kid:
        raise NotVerified(
            "signature-invalid",
            f"La registrazione {envelope.id} nomina la chiave {header.kid}, non {public_key.kid}:"
            " verificarla con la chiave che nomina.",
        )
    verify_signature(public_key, header.alg, envelope.signature, envelope.signing_input)
    return VerifiedEnvelope(envelope, public_key.kid, _SEAL)


def _format_header(header: Header) -> dict[str, Any]:
    """Return the JSON object of a header."""
    return {
        "alg": header.alg,
        "cty": header.cty,
        "iat": header.iat,
        "kid": header.kid,
        "typ": header.typ,
        "x5t#S256": format_base64url(header.certificate_digest),
    }


def _parse_header(members: dict[str, Any]) -> Header:
    """Return the header of a JSON object whose grammar holds."""
    return Header(
        alg=members["alg"],
        iat=members["iat"],
        kid=members["kid"],
        certificate_digest=parse_base64url(members["x5t#S256"]),
        cty=members["cty"],
        typ=members["typ"],
    )
