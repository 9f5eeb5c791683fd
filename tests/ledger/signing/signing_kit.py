"""Fixed keys, a fixed clock, one sound payload, and a small ledger to fold: what tests stand on."""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from ledger.signing.certificates import CA, build_ca, certificate_digest
from ledger.signing.envelope import Envelope, Header, assemble, parse, signing_input
from ledger.signing.keys import KeyDirectory
from ledger.signing.log_key import format_log_key
from ledger.signing.octets import format_base64url
from ledger.signing.possession import build_possession
from ledger.signing.signer import KeySigner, key_signer, load_signer

if TYPE_CHECKING:
    from collections.abc import Mapping

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "signing"
ORIGIN = "pnrr.comune.lecce.it/c_e506"
IAT = 1790000000
CLAIMED_AT = "2026-09-21T14:13:20Z"
NOT_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
ACTOR = "a2bcdefghijklmnopqrstuvwxy"
EVENT_ID = "01981f6e-7d0a-7c3e-9b1d-2f4a6c8e0b1d"
EMPTY_ROOT = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
NONCE = bytes(range(16))
LOG_PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")


def p256_signer(name: str) -> KeySigner:
    """Return the ES256 signer whose private scalar is the SHA-256 of a name."""
    scalar = int.from_bytes(hashlib.sha256(name.encode()).digest(), "big")
    return key_signer(ec.derive_private_key(scalar, ec.SECP256R1()))


def ed25519_signer(name: str) -> KeySigner:
    """Return the EdDSA signer whose seed is the SHA-256 of a name."""
    seed = hashlib.sha256(name.encode()).digest()
    return key_signer(ed25519.Ed25519PrivateKey.from_private_bytes(seed))


def vector_signer(alg: str) -> KeySigner:
    """Return the signer of the golden envelope of an algorithm."""
    if alg == "RS256":
        return load_signer((VECTORS / "rs256.private.pem").read_bytes())
    return p256_signer("golden") if alg == "ES256" else ed25519_signer("golden")


def fixed_ca(name: str = "ca", origin: str = ORIGIN) -> CA:
    """Return the CA whose private scalar is the SHA-256 of a name, with serial 1."""
    scalar = int.from_bytes(hashlib.sha256(name.encode()).digest(), "big")
    return build_ca(ec.derive_private_key(scalar, ec.SECP256R1()), origin, NOT_BEFORE, 1)


def sound_payload() -> dict[str, Any]:
    """Return a payload that uses every member of the grammar."""
    return {
        "v": 1,
        "id": EVENT_ID,
        "ledger": ORIGIN,
        "type": "determina-registered/1",
        "streams": [
            {"name": "act/c_e506/registro-generale/2023/1234-bis", "seq": 0, "prev": None},
            {"name": "cup/C81C22001220006", "seq": 17, "prev": EMPTY_ROOT},
        ],
        "basis": {"size": 1234, "root": EMPTY_ROOT},
        "actor": ACTOR,
        "role": "rup",
        "occurred_on": "2023-05-04",
        "claimed_at": CLAIMED_AT,
        "reason": "Ritardo di pubblicazione: l'atto è esecutivo.",
        "corrects": ["01981f6e-7d0a-7c3e-9b1d-2f4a6c8e0b1c"],
        "data": {"amount": "319556.00", "subject": "Affidamento «servizi cloud»"},
        "objects": [
            {
                "name": "determina.pdf.p7m",
                "commit": EMPTY_ROOT,
                "size": 182736,
                "media_type": "application/pkcs7-mime",
            }
        ],
        "nonce": format_base64url(NONCE),
    }


def header_of(signer: KeySigner, certificate: str, iat: int = IAT) -> Header:
    """Return the header of an event by a signer with a certificate."""
    return Header(signer.alg, iat, signer.kid, certificate_digest(certificate))


def sign_event(signer: KeySigner, certificate: str, payload: dict[str, Any]) -> bytes:
    """Return the envelope of a payload."""
    to_sign = signing_input(header_of(signer, certificate), payload)
    return assemble(to_sign, signer.sign(to_sign))


def golden(alg: str) -> bytes:
    """Return the golden envelope of an algorithm."""
    return (VECTORS / f"{alg.lower()}.jws").read_bytes()


def forge(header: object, payload: object, signature: bytes = bytes(64)) -> bytes:
    """Return three dotted parts of JSON text as a careless program would write them."""
    texts = (json.dumps(part, separators=(",", ":"), sort_keys=True) for part in (header, payload))
    return join(*(text.encode() for text in texts), signature)


def join(*parts: bytes) -> bytes:
    """Return parts as base64url joined by dots."""
    return ".".join(map(format_base64url, parts)).encode()


def actor_id(name: str) -> str:
    """Return an actor id that shows a name of letters."""
    return name.ljust(26, "a")


class World:
    """A ledger of ledger events alone: k administrators, a CA, a directory, the next leaf."""

    def __init__(self, administrators: int = 3, approvals: int = 2) -> None:
        """Make the keys of the administrators; nothing is founded yet."""
        self.ca = fixed_ca()
        self.directory = KeyDirectory()
        self.approvals = approvals
        self.index = 0
        self.signers: dict[str, KeySigner] = {}
        self.certificates: dict[str, str] = {}
        self.actors: dict[str, str] = {}
        self.administrators = [f"admin{'xyzuvw'[n]}" for n in range(administrators)]
        for name in self.administrators:
            self.make_key(name)

    def make_key(self, key: str, actor: str | None = None) -> KeySigner:
        """Make the key and certificate of an actor; by default both have the name of the key."""
        signer = p256_signer(key)
        self.signers[key] = signer
        self.actors[key] = actor_id(actor or key)
        self.certificates[key] = self.ca.issue(signer.jwk(), self.actors[key], NOT_BEFORE, 2)
        return signer

    def bare_key(self, key: str) -> dict[str, Any]:
        """Return the members that bring a key."""
        signer = self.signers[key]
        return {
            "actor": self.actors[key],
            "kid": signer.kid,
            "jwk": signer.jwk(),
            "certificate": self.certificates[key],
        }

    def new_key(self, key: str) -> dict[str, Any]:
        """Return the members that bring a key with its proof of possession."""
        possession = build_possession(self.signers[key], self.actors[key], ORIGIN, NONCE, IAT)
        return self.bare_key(key) | {"possession": possession}

    def founding(self) -> dict[str, Any]:
        """Return the data of the founding event."""
        return {
            "origin": ORIGIN,
            "log_key": format_log_key(ORIGIN, LOG_PUBLIC),
            "approvals": self.approvals,
            "administrators": [self.bare_key(name) for name in self.administrators],
            "ca": self.ca.pem,
            "policy": "0" * 64,
            "schemas": "0" * 64,
            "rules": "0" * 64,
        }

    def event(
        self,
        event_type: str,
        data: Mapping[str, Any],
        by: str,
        streams: list[str] | None = None,
        **members: Any,  # noqa: ANN401  any member of a payload
    ) -> Envelope:
        """Return a signed event; by default in the stream of the actor in its data."""
        names = streams or [f"actor/{data['actor']}"]
        payload = sound_payload() | {
            "id": self.new_id(),
            "type": event_type,
            "streams": [{"name": name, "seq": 0, "prev": None} for name in sorted(names)],
            "actor": self.actors[by],
            "role": None,
            "occurred_on": None,
            "data": dict(data),
            **members,
        }
        return parse(sign_event(self.signers[by], self.certificates[by], payload))

    def new_id(self) -> str:
        """Return an id that no event has had."""
        self._ids = getattr(self, "_ids", 0) + 1
        return str(uuid.UUID(int=(0x01981F6E7D0A << 80) | (7 << 76) | (2 << 62) | self._ids))

    def append(self, envelope: Envelope) -> int:
        """Apply an event at the next leaf and return its index."""
        self.directory.check_admissible(self.index, envelope)
        self.directory.apply(self.index, envelope)
        self.index += 1
        return self.index - 1

    def do(
        self,
        event_type: str,
        data: Mapping[str, Any],
        by: str,
        streams: list[str] | None = None,
    ) -> str:
        """Sign and apply an event at the next leaf and return its id."""
        envelope = self.event(event_type, data, by, streams)
        self.append(envelope)
        return envelope.id

    def found(self) -> World:
        """Apply the founding event."""
        self.append(self.founding_event())
        return self

    def founding_event(
        self, by: str | None = None, streams: list[str] | None = None, **changes: object
    ) -> Envelope:
        """Return the founding event, with some of its data changed."""
        own = ["sys/log", *(f"actor/{self.actors[name]}" for name in self.administrators)]
        data = self.founding() | changes
        return self.event("ledger-founded/1", data, by or self.administrators[0], streams or own)

    def enrol(self, key: str, by: str = "adminx", actor: str | None = None) -> str:
        """Make a key, propose it and return the id of the event."""
        self.make_key(key, actor)
        return self.do("actor-enrolled/1", self.new_key(key), by)

    def approve(self, event_id: str, by: str, streams: list[str]) -> str:
        """Approve an event and return the id of the approval."""
        return self.do("approval-given/1", {"event": event_id}, by, streams)

    def enrolled(self, key: str, actor: str | None = None) -> str:
        """Enrol a key by two administrators and return its actor."""
        event_id = self.enrol(key, actor=actor)
        self.approve(event_id, "adminy", [f"actor/{self.actors[key]}"])
        return self.actors[key]

    def business(self, by: str, **members: Any) -> Envelope:  # noqa: ANN401  any member
        """Return an event about an intervention."""
        return self.event("phase-entered/1", {}, by, ["cup/C81C22001220006"], **members)
