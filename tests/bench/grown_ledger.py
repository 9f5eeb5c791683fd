"""A ledger that has grown: so many events of many CUPs, made once and kept in var/bench.

    path = grown(1_000_000, Path("var/bench"))       a SQLite store, opened by SQLiteRecorder

Founded, its people enrolled, then CUPs of 200 events and their acts, forty CUPs side by side: the
events of big_ledger.py without those of the publisher, each signed by the person it is of (ES256 and
Ed25519). The sequencer is the real one, in batches of a thousand; only the judge lets everything
pass. A file whose name stands was written to its end; one that does not open, or ends elsewhere, is
made anew. A million events take some minutes and 1.5 GB.
"""

from __future__ import annotations

import hashlib
import itertools
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from eventsourcing.persistence import PersistenceError

from ledger.errors import PistaError
from ledger.journal.anchor import MemoryAnchor
from ledger.journal.batch import Candidate
from ledger.journal.note import Ed25519NoteSigner
from ledger.journal.sequencer import Sequencer
from ledger.journal.sqlite import SQLiteRecorder
from ledger.records import encode_digest, event_id
from ledger.signing.algorithms import ed25519_public, sign_ed25519
from ledger.signing.certificates import build_ca, certificate_digest
from ledger.signing.envelope import StreamClaim, assemble
from ledger.signing.grammar import CONTENT_TYPE
from ledger.signing.jws import JOSE, format_signing_input
from ledger.signing.octets import format_base64url
from tests.bench import big_ledger
from tests.exporters.ledger_fixture import enrol_people, found
from tests.exporters.ledger_writer import (
    ORIGIN,
    PUBLISHER,
    START,
    Clock,
    Ledger,
    PassThrough,
    claim_plain,
    octets,
    p256,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.bench.big_ledger import Step

FORM: Final = 1  # of the events; a file of another form is another file
BATCH: Final = 1_000
EVENTS_OF_A_CUP: Final = 200
SIDE_BY_SIDE: Final = 40
_MINUTE: Final = timedelta(minutes=1)


def cup_of(place: int) -> str:
    """Return the CUP at a place in the order of registration, from 0."""
    return f"C81C22{place:05}0006"


def _tell(text: str) -> None:
    sys.stderr.write(f"          {text}\n")


def grown(events: int, folder: Path, told: Callable[[str], None] = _tell) -> Path:
    """Return the store of a ledger with so many events of CUPs; it is made unless it is there."""
    path = folder / f"grown-{events}-{FORM}.sqlite"
    if _is_whole(path, events):
        return path
    folder.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    for old in (path, draft):
        for end in ("", "-wal", "-shm"):
            old.with_name(old.name + end).unlink(missing_ok=True)
    told(f"making a ledger of {events:,} events")
    recorder = SQLiteRecorder(draft, ORIGIN, create=True)
    try:
        _write(recorder, events, told)
    finally:
        recorder.close()
    draft.rename(path)
    return path


def _is_whole(path: Path, events: int) -> bool:
    """Tell whether the file holds as many leaves as it was made with."""
    if not path.is_file():
        return False
    try:
        recorder = SQLiteRecorder(path, ORIGIN)
    except (PistaError, PersistenceError):
        return False
    try:
        return recorder.head().position >= events and bool(recorder.rows(events, 1))
    finally:
        recorder.close()


def _write(recorder: SQLiteRecorder, events: int, told: Callable[[str], None]) -> None:
    seed = octets("log key")
    note_signer = Ed25519NoteSigner(
        ORIGIN, lambda text: sign_ed25519(seed, text), ed25519_public(seed)
    )
    clock = Clock()
    sequencer = Sequencer(recorder, note_signer, MemoryAnchor(), clock, PassThrough())
    ledger = Ledger(sequencer, clock, build_ca(p256("ca"), ORIGIN, START, 1))
    found(ledger, note_signer.vkey, f"log {note_signer.vkey}\nquorum none\n".encode())
    enrol_people(ledger)
    client = _Client(ledger)
    every = itertools.islice(_told_side_by_side(), events)
    while batch := list(itertools.islice(every, BATCH)):
        client.learn()
        for outcome in sequencer.submit_many([client.signed(cup, step) for cup, step in batch]):
            if isinstance(outcome, PistaError):
                raise outcome
        if client.count % 50_000 == 0:
            told(f"{client.count:,} of {events:,} events")


def _told_side_by_side() -> Iterator[tuple[str, Step]]:
    """Yield (CUP, event), forty CUPs in turn, without end."""
    for first in itertools.count(0, SIDE_BY_SIDE):
        together = [(cup_of(place), _steps(place)) for place in range(first, first + SIDE_BY_SIDE)]
        for _ in range(EVENTS_OF_A_CUP):
            for cup, steps in together:
                yield cup, next(steps)


def _steps(place: int) -> Iterator[Step]:
    every = big_ledger.steps(cup_of(place), place + 1)
    return (step for step in every if step[0] != PUBLISHER)


class _Client:
    """Signs the events of all; the only one who writes to the streams of CUPs and acts."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._certificates = {
            actor: format_base64url(certificate_digest(holder.certificate))
            for actor, holder in ledger.holders.items()
        }
        self._ends: dict[str, tuple[int, bytes | None]] = {}
        self._basis = 0, b""
        self._signed_at = START
        self.count = 0

    def learn(self) -> None:
        """Rest on the newest head of the log, and sign a minute after it, from now on."""
        journal = self._ledger.journal
        size = journal.last_heads_size()
        self._basis = size, journal.root_at(size)
        self._signed_at = self._ledger.clock.now.replace(microsecond=0) + _MINUTE

    def signed(self, cup: str, step: Step) -> Candidate:
        """Return an event, signed; it is its own, so nothing is verified."""
        actor, role, type_, _, data = step
        self.count += 1
        claims = tuple(
            StreamClaim(name, *self._ends.get(name, (0, None)))
            for name in big_ledger.streams_of(cup, step)
        )
        size, root = self._basis
        payload = {
            "v": 1,
            "id": event_id(self._signed_at, octets(f"grown {self.count}", 10)),
            "ledger": ORIGIN,
            "type": type_,
            "streams": [claim_plain(claim) for claim in claims],
            "basis": {"size": size, "root": encode_digest(root)},
            "actor": actor,
            "role": role,
            "occurred_on": big_ledger.OCCURRED_ON.isoformat(),
            "claimed_at": f"{self._signed_at:%Y-%m-%dT%H:%M:%SZ}",
            "data": data,
            "objects": [],
            "nonce": format_base64url(octets(f"nonce {self.count}", 16)),
        }
        text, raw = self._assembled(actor, payload)
        digest = hashlib.sha256(raw).digest()
        self._ends.update((claim.name, (claim.seq + 1, digest)) for claim in claims)
        kid = self._ledger.holders[actor].signer.kid
        return Candidate(raw, payload["id"], type_, text, claims, size, root, kid)

    def _assembled(self, actor: str, payload: dict[str, Any]) -> tuple[bytes, bytes]:
        """Return signing input and envelope."""
        signer = self._ledger.holders[actor].signer
        header = {
            "alg": signer.alg,
            "cty": CONTENT_TYPE,
            "iat": int(self._signed_at.timestamp()),
            "kid": signer.kid,
            "typ": JOSE,
            "x5t#S256": self._certificates[actor],
        }
        text = format_signing_input(header, payload)
        return text, assemble(text, signer.sign(text))
