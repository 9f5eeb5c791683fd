"""A client of the append lines: signs typical events that chain, and knows the head of the log.

The event is a determina in two streams, its act and its CUP, as in the demonstration; about 1.2 kB
of payload, ES256. Signing is the client's work and is never timed.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from ledger.journal.batch import Candidate
from ledger.journal.merkle import EMPTY_ROOT
from ledger.records import encode_digest, event_id
from ledger.signing.canonical import encode_signed
from ledger.signing.envelope import Header, StreamClaim, assemble, parse, signing_input, verify
from ledger.signing.octets import format_base64url
from ledger.signing.signer import key_signer
from tests.exporters.ledger_fixture import CUP, PERSON
from tests.exporters.ledger_writer import RUP, claim_plain, octets, p256

if TYPE_CHECKING:
    from ledger.journal.journal import Journal

_AT: Final = datetime(2026, 9, 21, 12, tzinfo=UTC)


def typical_data(number: int) -> dict[str, Any]:
    """Return the data of a determina."""
    return {
        "register": "registro-generale",
        "year": 2026,
        "number": str(number),
        "adopted_on": "2026-02-16",
        "subject": "Affidamento del servizio di migrazione al cloud dei servizi comunali, CUP e CIG",
        "office": "Settore Innovazione tecnologica",
        "signatory": PERSON,
        "links": [{"cup": CUP, "amount": "40000.00"}],
        "cup_in_text": "si",
        "file": "determina.pdf",
        "amount": "40000.00",
        "subtype": "affidamento",
    }


class SigningClient:
    """Makes signed envelopes for one log; the only one who writes to their streams."""

    def __init__(self, origin: str) -> None:
        """Begin with an empty log."""
        self._origin = origin
        self._signer = key_signer(p256("bench"))
        self._number = 0
        self._ends: dict[str, tuple[int, bytes | None]] = {}
        self._basis = 0, EMPTY_ROOT
        self.signed_bytes = 0
        self.envelope_bytes = 0

    @property
    def count(self) -> int:
        """The number of events made."""
        return self._number

    def learn(self, journal: Journal) -> None:
        """Rest on the newest head of the log from now on."""
        size = journal.last_heads_size()
        self._basis = (size, journal.root_at(size)) if size else (0, EMPTY_ROOT)

    def payload(self) -> dict[str, Any]:
        """Return the payload of the next event."""
        self._number += 1
        streams = [f"act/c_e506/registro-generale/2026/{self._number}", f"cup/{CUP}"]
        claims = [StreamClaim(name, *self._ends.get(name, (0, None))) for name in streams]
        size, root = self._basis
        content = b"determina %d" % self._number
        return {
            "v": 1,
            "id": event_id(_AT, octets(f"bench {self._number}", 10)),
            "ledger": self._origin,
            "type": "determina-registered/1",
            "streams": [claim_plain(claim) for claim in claims],
            "basis": {"size": size, "root": encode_digest(root)},
            "actor": RUP,
            "role": "rup",
            "occurred_on": "2026-02-16",
            "claimed_at": f"{_AT:%Y-%m-%dT%H:%M:%SZ}",
            "data": typical_data(self._number),
            "objects": [
                {
                    "name": "determina.pdf",
                    "commit": encode_digest(hashlib.sha256(content).digest()),
                    "size": 88_000,
                    "media_type": "application/pdf",
                }
            ],
            "nonce": format_base64url(octets(f"nonce {self._number}", 16)),
        }

    def envelope(self) -> bytes:
        """Return the next event, signed; the chain goes on from it."""
        payload = self.payload()
        digest = octets("certificate")
        header = Header(self._signer.alg, int(_AT.timestamp()), self._signer.kid, digest)
        text = signing_input(header, payload)
        signature = self._signer.sign(text)
        raw = assemble(text, signature)
        self.signed_bytes += len(encode_signed(payload)) + len(signature)
        self.envelope_bytes += len(raw)
        for claim in payload["streams"]:
            self._ends[claim["name"]] = claim["seq"] + 1, hashlib.sha256(raw).digest()
        return raw

    def candidate(self, raw: bytes) -> Candidate:
        """Return the candidate of an envelope, parsed and its signature verified: server's work."""
        envelope = parse(raw)
        verify(envelope, self._signer.public)
        basis = envelope.basis
        return Candidate(
            raw=raw,
            id=envelope.id,
            type=envelope.type,
            signing_input=envelope.signing_input,
            streams=envelope.streams,
            basis_size=basis.size,
            basis_root=basis.root,
            kid=envelope.header.kid,
        )
