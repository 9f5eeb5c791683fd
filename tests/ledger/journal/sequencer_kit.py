"""A client, a judge and a naive log for the tests of journal and sequencer."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.errors import Refused
from ledger.journal.anchor import MemoryAnchor
from ledger.journal.batch import Candidate, Receipt
from ledger.journal.checkpoint import Checkpoint, open_checkpoint
from ledger.journal.heads import Row, format_row
from ledger.journal.leaf import EventLeaf, HeadsLeaf, parse_leaf
from ledger.journal.merkle import EMPTY_ROOT, leaf_hash, verify_inclusion
from ledger.journal.note import Ed25519NoteSigner
from ledger.journal.proofs import parse_proof
from ledger.journal.sequencer import Sequencer
from ledger.signing.envelope import StreamClaim

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ledger.journal.anchor import Anchor
    from ledger.journal.recorder import JournalRecorder

ORIGIN = "pnrr.comune.lecce.it/c_e506"
REFUSE = object()  # the token of a candidate that the judge refuses
NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)
LOG_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SIGNER = Ed25519NoteSigner(ORIGIN, LOG_KEY.sign, LOG_KEY.public_key().public_bytes_raw())


def ticking(start: datetime = NOON) -> Callable[[], datetime]:
    """Return a clock that goes on by a second each time it is looked at."""
    seconds: Iterator[int] = itertools.count()
    return lambda: start + timedelta(seconds=next(seconds))


class Register:
    """A judge that refuses the token REFUSE, and knows what it was told, in the order of the log."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.kept: list[tuple[str, int]] = []
        self.pending: list[tuple[str, int]] = []
        self.sizes: list[int] = []

    def judge(self, candidate: Candidate, index: int, received_at: datetime) -> None:
        """Refuse the token REFUSE."""
        del index, received_at
        if candidate.token is REFUSE:
            raise Refused("not-today", f"The judge refuses {candidate.id}.")

    def accepted(self, candidate: Candidate, index: int, received_at: datetime) -> None:
        """Remember until the commit."""
        del received_at
        self.pending.append((candidate.id, index))

    def committed(self, size: int) -> None:
        """Keep what is pending."""
        self.kept += self.pending
        self.pending = []
        self.sizes.append(size)

    def rolled_back(self) -> None:
        """Forget what is pending."""
        self.pending = []


class Client:
    """Makes envelopes that chain, as one who knows the heads of all its streams."""

    def __init__(self, name: str = "e") -> None:
        """Prefix the ids with a name."""
        self.name = name
        self.basis = (0, EMPTY_ROOT)
        self.heads: dict[str, tuple[int, bytes | None]] = {}
        self._numbers = itertools.count()

    def make(self, *streams: str, token: object = None, text: str = "") -> Candidate:
        """Return the next event of these streams; the chain goes on from it."""
        made = self.look(*streams, token=token, text=text)
        digest = hashlib.sha256(made.raw).digest()
        for claim in made.streams:
            self.heads[claim.name] = claim.seq + 1, digest
        return made

    def look(self, *streams: str, token: object = None, text: str = "") -> Candidate:
        """Return an event of these streams without going on from it."""
        event_id = f"{self.name}-{next(self._numbers)}"
        signing_input = f"header.{event_id}{text}".encode()
        names = sorted(streams)
        claims = tuple(StreamClaim(name, *self.heads.get(name, (0, None))) for name in names)
        return Candidate(
            raw=signing_input + b".signature",
            id=event_id,
            type="determina-registered/1",
            signing_input=signing_input,
            streams=claims,
            basis_size=self.basis[0],
            basis_root=self.basis[1],
            kid="key",
            token=token,
        )

    def learn(self, sequencer: Sequencer) -> None:
        """Take the heads of all streams, and the last checkpoint, from the log."""
        journal = sequencer.journal
        size = journal.size
        self.basis = (size, journal.root_at(size))
        for row in journal.rows_at(size) if size else ():
            self.heads[row.stream] = row.count, row.last_digest


def signed_again(candidate: Candidate) -> Candidate:
    """Return the same event with another signature, as ECDSA gives a second time."""
    return replace(candidate, raw=candidate.signing_input + b".other")


def opened(
    recorder: JournalRecorder,
    anchor: Anchor | None = None,
    judge: Register | None = None,
    clock: Callable[[], datetime] | None = None,
) -> Sequencer:
    """Return a sequencer with what is not given made new."""
    return Sequencer(
        recorder, SIGNER, anchor or MemoryAnchor(), clock or ticking(), judge or Register()
    )


def assert_proves(receipt: Receipt, candidate: Candidate) -> Checkpoint:
    """Verify a receipt with nothing but the key of the log; return its checkpoint."""
    checkpoint = open_checkpoint(receipt.checkpoint, SIGNER.key).checkpoint
    proof = parse_proof(receipt.proof)
    assert (proof.index, proof.checkpoint) == (receipt.index, receipt.checkpoint)
    verify_inclusion(
        leaf_hash(receipt.leaf), proof.index, checkpoint.size, proof.path, checkpoint.root
    )
    leaf = parse_leaf(receipt.leaf)
    assert isinstance(leaf, EventLeaf)
    assert leaf.envelope_digest == hashlib.sha256(receipt.envelope).digest()
    assert receipt.envelope.rpartition(b".")[0] == candidate.signing_input
    assert receipt.event_id == candidate.id
    assert [(s.name, s.seq) for s in leaf.streams] == [(s.name, s.seq) for s in candidate.streams]
    return checkpoint


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root of RFC 6962 section 2.1, as the text defines it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_rows(leaves: Sequence[bytes]) -> list[Row]:
    """Return the rows of all streams, counted from the leaves alone."""
    rows: dict[str, Row] = {}
    for index, data in enumerate(leaves):
        leaf = parse_leaf(data)
        if isinstance(leaf, EventLeaf):
            for place in leaf.streams:
                count = rows[place.name].count if place.name in rows else 0
                assert place.seq == count
                rows[place.name] = Row(place.name, count + 1, index, leaf.envelope_digest)
    return list(rows.values())


def assert_log_is_whole(sequencer: Sequencer) -> list[bytes]:
    """Recompute every head of the log from its leaves alone; return the leaves."""
    journal = sequencer.journal
    entries = list(journal.entries(0, journal.size))
    leaves = [leaf for _, leaf, _ in entries]
    received = []
    for index, data, envelope in entries:
        leaf = parse_leaf(data)
        if isinstance(leaf, HeadsLeaf):
            rows = naive_rows(leaves[:index])
            lines = [format_row(row) for row in rows]
            assert leaf == HeadsLeaf(
                index, naive_root(leaves[:index]), len(rows), naive_root(lines)
            )
            assert envelope == b""
        else:
            assert leaf.envelope_digest == hashlib.sha256(envelope).digest()
            received.append(leaf.received_at)
    assert received == sorted(received)
    head = open_checkpoint(sequencer.checkpoint(), SIGNER.key).checkpoint
    assert head == Checkpoint(ORIGIN, len(leaves), naive_root(leaves))
    return leaves
