"""Writing a ledger in memory for tests: fixed keys, fixed clock, the same bytes each time.

    ledger.holders[RUP] = ledger.enter(RUP, "first")          a key and its certificate
    ledger.record(RUP, "phase-entered/1", ["cup/..."], {...}, role="rup", on=date(2026, 1, 16))

Envelopes, sequencer and journal are the real ones; the judge lets everything pass. Every event is
signed a minute after the last receipt, rests on the last head, and gets a tree of its own.
"""

from __future__ import annotations

import hashlib
import itertools
import math
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from ledger.journal.batch import Candidate, Receipt
from ledger.records import encode_digest, event_id
from ledger.signing.certificates import certificate_digest
from ledger.signing.envelope import Basis, Header, StreamClaim, assemble, parse, signing_input
from ledger.signing.octets import format_base64url
from ledger.signing.possession import build_possession
from ledger.signing.signer import KeySigner, key_signer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ledger.journal.journal import Journal
    from ledger.journal.sequencer import Sequencer
    from ledger.signing.certificates import CA
    from ledger.signing.key_file import PrivateKey
    from ledger.vault.vault import StoredObject

ORIGIN = "demo.comune.esempio.it/c_e506"
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
STEP = timedelta(minutes=37, microseconds=123_456)
# Two primes of 1024 bits, for tests alone.
_P = int(
    "fe15e0175e73ddaecbf80e879a56fe179ecbaf692b6e4b88793e23c10f35a834"
    "1941e850a51b63f2455da34a28ce23e0c13c4eff7b58a5b9a7c5786680159a81"
    "1fbc38f4ec008fefbdc76220471b7e65245f40833aa671c99b12f96075913c75"
    "6936ebe7a0569fbc21bc2292a7357238b1b772844c67c0edbdc1441c7a447efd",
    16,
)
_Q = int(
    "c609696fd5ed8fea4a021d65760b1cdba6f99f7197bec76e460c7f77665d33e1"
    "e9349a30724432ddd00b974458c76793df8939bdf5be2eda504fc5a80459d03b"
    "78dc4ee93c389f0f54b1a2872195c6cd368585c9f08cee188962b4d4980ebfeb"
    "7badd8ebc58b63e4fb94537c058eec4bb28e198b0671fc9a98a107fb1ec5f177",
    16,
)
ADMINISTRATOR, DEPUTY, RUP, ACCOUNTANT, PUBLISHER = (letter * 26 for letter in "abcde")


class PassThrough:
    """A judge that lets everything pass; the tests that use this ledger are about its bytes."""

    def judge(self, candidate: Candidate, index: int, received_at: datetime) -> None:
        """Accept."""

    def accepted(self, candidate: Candidate, index: int, received_at: datetime) -> None:
        """Keep nothing."""

    def committed(self, size: int) -> None:
        """Keep nothing."""

    def rolled_back(self) -> None:
        """Have nothing to forget."""


class Clock:
    """A clock that goes on by one step each time it is read."""

    def __init__(self) -> None:
        """Begin at START."""
        self.now = START

    def __call__(self) -> datetime:
        """Return the next time."""
        self.now += STEP
        return self.now


def octets(label: str, count: int = 32) -> bytes:
    """Return bytes that look random and are the same each time."""
    return hashlib.shake_256(label.encode()).digest(count)


def counted_octets(label: str) -> Callable[[int], bytes]:
    """Return a source of bytes for what asks for random ones."""
    numbers = itertools.count()
    return lambda count: octets(f"{label} {next(numbers)}", count)


def p256(label: str) -> ec.EllipticCurvePrivateKey:
    """Return a fixed P-256 key."""
    return ec.derive_private_key(int.from_bytes(octets(label), "big") >> 1, ec.SECP256R1())


def rsa_key() -> rsa.RSAPrivateKey:
    """Return the fixed RSA key of 2048 bits."""
    public = rsa.RSAPublicNumbers(65537, _P * _Q)
    d = pow(65537, -1, math.lcm(_P - 1, _Q - 1))
    parts = d % (_P - 1), d % (_Q - 1), pow(_Q, -1, _P)
    return rsa.RSAPrivateNumbers(_P, _Q, d, *parts, public).private_key()


def private_key(actor: str, label: str) -> PrivateKey:
    """Return a fixed key: Ed25519 for the accountant, RSA for the publisher, else P-256."""
    if actor == PUBLISHER:
        return rsa_key()
    if actor == ACCOUNTANT:
        return ed25519.Ed25519PrivateKey.from_private_bytes(octets(f"{actor} {label}"))
    return p256(f"{actor} {label}")


@dataclass
class Holder:
    """An actor with the key in use and its certificate."""

    actor: str
    signer: KeySigner
    certificate: str


@dataclass
class Ledger:
    """A ledger that is being written."""

    sequencer: Sequencer
    clock: Clock
    certificates: CA
    holders: dict[str, Holder] = field(default_factory=dict)
    recorded: int = 0

    @property
    def journal(self) -> Journal:
        """The read side."""
        return self.sequencer.journal

    def enter(self, actor: str, label: str) -> Holder:
        """Make a key and its certificate for an actor, not yet enrolled."""
        signer = key_signer(private_key(actor, label))
        serial = int.from_bytes(octets(f"serial {actor} {label}", 8), "big") >> 1
        return Holder(actor, signer, self.certificates.issue(signer.jwk(), actor, START, serial))

    def key_data(self, holder: Holder) -> dict[str, Any]:
        """Return the members by which an event enrols a key."""
        nonce, iat = octets(f"possession {holder.signer.kid}", 16), int(START.timestamp())
        proof = build_possession(holder.signer, holder.actor, ORIGIN, nonce, iat)
        return {**named_key(holder), "possession": proof}

    def draft(  # noqa: PLR0913  the parts of an event
        self,
        actor: str,
        type_: str,
        streams: Sequence[str],
        data: dict[str, Any],
        *,
        role: str | None = None,
        on: date | None = None,
        objects: Sequence[dict[str, Any]] = (),
        reason: str | None = None,
        corrects: Sequence[str] = (),
    ) -> dict[str, Any]:
        """Return the payload of an event that goes on from where the log is now."""
        signed_at = self.clock.now.replace(microsecond=0) + timedelta(minutes=1)
        self.recorded += 1
        size = self.journal.last_heads_size()
        basis = Basis(size, self.journal.root_at(size))
        return {
            "v": 1,
            "id": event_id(signed_at, octets(f"event {self.recorded}", 10)),
            "ledger": ORIGIN,
            "type": type_,
            "streams": [claim_plain(claim) for claim in self._claims(streams)],
            "basis": {"size": size, "root": encode_digest(basis.root)},
            "actor": actor,
            "role": role,
            "occurred_on": None if on is None else on.isoformat(),
            "claimed_at": f"{signed_at:%Y-%m-%dT%H:%M:%SZ}",
            "data": data,
            "objects": list(objects),
            "nonce": format_base64url(octets(f"nonce {self.recorded}", 16)),
            **({} if reason is None else {"reason": reason}),
            **({"corrects": list(corrects)} if corrects else {}),
        }

    def record(self, actor: str, *parts: Any, **more: Any) -> Receipt:  # noqa: ANN401  as draft
        """Sign an event with the actor's key, append it, and return its receipt; see `draft`."""
        return self.submit(self.sign(actor, self.draft(actor, *parts, **more)))

    def sign(self, actor: str, payload: dict[str, Any], holder: Holder | None = None) -> bytes:
        """Return the envelope of a payload, signed with the key the actor uses now or another."""
        holder = holder or self.holders[actor]
        iat = int(datetime.fromisoformat(payload["claimed_at"]).timestamp())
        digest = certificate_digest(holder.certificate)
        header = Header(holder.signer.alg, iat, holder.signer.kid, digest)
        text = signing_input(header, payload)
        return assemble(text, holder.signer.sign(text))

    def submit(self, raw: bytes) -> Receipt:
        """Append an envelope and return its receipt."""
        envelope = parse(raw)
        basis = envelope.basis
        return self.sequencer.submit(
            Candidate(
                raw=raw,
                id=envelope.id,
                type=envelope.type,
                signing_input=envelope.signing_input,
                streams=envelope.streams,
                basis_size=basis.size,
                basis_root=basis.root,
                kid=envelope.header.kid,
            )
        )

    def approved(self, receipt: Receipt) -> Receipt:
        """Let the deputy approve an event of the administrator."""
        streams = [claim.name for claim in parse(receipt.envelope).streams]
        return self.record(DEPUTY, "approval-given/1", streams, {"event": receipt.event_id})

    def _claims(self, streams: Sequence[str]) -> Iterator[StreamClaim]:
        for name in sorted(streams):
            head = self.journal.stream_head(name)
            yield StreamClaim(name, head[0], head[2]) if head else StreamClaim(name, 0, None)


def claim_plain(claim: StreamClaim) -> dict[str, Any]:
    """Return a claim as the payload has it."""
    prev = None if claim.prev is None else encode_digest(claim.prev)
    return {"name": claim.name, "seq": claim.seq, "prev": prev}


def named_key(holder: Holder) -> dict[str, Any]:
    """Return the members by which an event names a key."""
    signer = holder.signer
    return {
        "actor": holder.actor,
        "kid": signer.kid,
        "jwk": signer.jwk(),
        "certificate": holder.certificate,
    }


def object_plain(name: str, stored: StoredObject) -> dict[str, Any]:
    """Return an object as the payload has it."""
    return {
        "name": name,
        "commit": encode_digest(stored.commit),
        "size": stored.size_bytes,
        "media_type": stored.media_type,
    }
