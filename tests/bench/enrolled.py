"""A large ledger that verifies: founded, people enrolled, and typical events of one of them.

    build(SQLiteRecorder(path, ORIGIN, create=True), 100_000)

The events are those of signing_client.py, in batches of 100, signed with a key that the ledger
enrolled, under a role that it granted, on a CUP and an act of their own each.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ledger.errors import PistaError
from ledger.journal.batch import Candidate
from ledger.journal.note import Ed25519NoteSigner
from ledger.journal.sequencer import Sequencer
from ledger.signing.algorithms import ed25519_public, sign_ed25519
from ledger.signing.certificates import build_ca, certificate_digest
from ledger.signing.envelope import Header, StreamClaim, assemble, signing_input
from tests.bench.signing_client import SigningClient
from tests.exporters.ledger_fixture import enrol_people, found
from tests.exporters.ledger_writer import (
    ORIGIN,
    RUP,
    START,
    Clock,
    Ledger,
    PassThrough,
    octets,
    p256,
)

if TYPE_CHECKING:
    from ledger.journal.anchor import Anchor
    from ledger.journal.recorder import JournalRecorder
    from tests.exporters.ledger_writer import Holder

BATCH: Final = 100


class EnrolledClient(SigningClient):
    """A client that signs with an enrolled key, at the time of its clock."""

    def __init__(self, holder: Holder, clock: Clock) -> None:
        """Sign for this holder."""
        super().__init__(ORIGIN)
        self._signer = holder.signer
        self._certificate = certificate_digest(holder.certificate)
        self._clock = clock

    def made(self) -> Candidate:
        """Return the next event, signed; it is its own, so nothing is verified."""
        payload = self.payload()
        signed_at = self._clock.now.replace(microsecond=0) + timedelta(minutes=1)
        payload["claimed_at"] = f"{signed_at:%Y-%m-%dT%H:%M:%SZ}"
        iat = int(signed_at.timestamp())
        text = signing_input(
            Header(self._signer.alg, iat, self._signer.kid, self._certificate), payload
        )
        raw = assemble(text, self._signer.sign(text))
        digest = hashlib.sha256(raw).digest()
        claims = []
        for claim in payload["streams"]:
            count, before = self._ends.get(claim["name"], (0, None))
            claims.append(StreamClaim(claim["name"], count, before))
            self._ends[claim["name"]] = count + 1, digest
        size, root = self._basis
        kid, type_ = self._signer.kid, payload["type"]
        return Candidate(raw, payload["id"], type_, text, tuple(claims), size, root, kid)


def build(recorder: JournalRecorder, anchor: Anchor, events: int, batch: int = BATCH) -> None:
    """Found the ledger, enrol its people, and record so many events."""
    seed = octets("log key")
    note_signer = Ed25519NoteSigner(
        ORIGIN, lambda text: sign_ed25519(seed, text), ed25519_public(seed)
    )
    clock = Clock()
    sequencer = Sequencer(recorder, note_signer, anchor, clock, PassThrough())
    ledger = Ledger(sequencer, clock, build_ca(p256("ca"), ORIGIN, START, 1))
    found(ledger, note_signer.vkey, f"log {note_signer.vkey}\nquorum none\n".encode())
    enrol_people(ledger)
    client = EnrolledClient(ledger.holders[RUP], clock)
    while client.count < events:
        client.learn(sequencer.journal)
        made = [client.made() for _ in range(min(batch, events - client.count))]
        for outcome in sequencer.submit_many(made):
            if isinstance(outcome, PistaError):
                raise outcome
