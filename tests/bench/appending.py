"""Appending to the log: signed, verified and durable, against an unsigned aggregate of the library.

Ours: parse the envelope, verify its signature, streams, basis, Merkle tree, heads leaf, commit with
synchronous=FULL, read back, checkpoint, receipt with proof. *No anchor* is an anchor in memory;
with anchor, one more synced file of 82 bytes before the checkpoint is signed.

A batch is one submission of 100 events. The goal compares it with one save an event; the line
after it says what 100 events in one save of the library cost, which sign and prove nothing.
"""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.errors import PistaError
from ledger.journal.anchor import FileAnchor, MemoryAnchor
from ledger.journal.note import Ed25519NoteSigner
from ledger.journal.sequencer import Sequencer
from ledger.journal.sqlite import SQLiteRecorder
from tests.bench.harness import BYTES, Line, at_least, at_most, timed
from tests.bench.library import NAME, Library
from tests.bench.signing_client import SigningClient, typical_data
from tests.exporters.ledger_writer import ORIGIN, PassThrough, octets

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from ledger.journal.anchor import Anchor

TURNS: Final = 40
BATCH: Final = 100
BATCH_TURNS: Final = 3
GROWN: Final = 1_500
ONE_SAVE: Final = f"one save an event, {NAME}"
ONE_BATCH: Final = f"the 100 events in one save, {NAME}"


class Writing:
    """One log on disk with the client that writes to it."""

    def __init__(self, path: Path, anchor: Anchor) -> None:
        """Make the log, and found it with one event."""
        seed = octets("log key")
        private = Ed25519PrivateKey.from_private_bytes(seed)
        signer = Ed25519NoteSigner(ORIGIN, private.sign, private.public_key().public_bytes_raw())
        self._path = path
        self.recorder = SQLiteRecorder(path, ORIGIN, create=True)
        clock = lambda: datetime.now(UTC)  # noqa: E731  the clock is an argument
        self.sequencer = Sequencer(self.recorder, signer, anchor, clock, PassThrough())
        self.client = SigningClient(ORIGIN)
        self.appending(1)()()

    def appending(self, count: int) -> Callable[[], Callable[[], object]]:
        """Return the arm that commits `count` events at a time; they are signed before."""

        def prepare() -> Callable[[], object]:
            self.client.learn(self.sequencer.journal)
            raws = [self.client.envelope() for _ in range(count)]
            return lambda: self._append(raws)

        return prepare

    def storage(self, count: int) -> tuple[float, float, float]:
        """Return bytes an event: on disk, of payload and signature, of the envelope as it is kept.

        The log grows to some 1,500 events first, by `count` at a time, so that the tables that are
        never empty weigh little.
        """
        while self.client.count < GROWN:
            self.appending(count)()()
        with closing(sqlite3.connect(self._path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        client, size = self.client, self._path.stat().st_size
        return (
            size / client.count,
            client.signed_bytes / client.count,
            client.envelope_bytes / client.count,
        )

    def _append(self, raws: list[bytes]) -> None:
        candidates = [self.client.candidate(raw) for raw in raws]
        for outcome in self.sequencer.submit_many(candidates):
            if isinstance(outcome, PistaError):
                raise outcome


def lines(folder: Path) -> Generator[Line, None, None]:
    """Yield the append lines; their stores are in the folder."""
    with ExitStack() as stack:
        library = Library(folder / "library.sqlite")
        stack.callback(library.close)

        def writing(name: str, anchor: Anchor) -> Writing:
            made = Writing(folder / f"{name}.sqlite", anchor)
            stack.callback(made.recorder.close)
            return made

        def line(operation: str, of: Writing, count: int, bound: float) -> Line:
            base = library.appending(typical_data(1), [1] * count)
            turns = TURNS if count == 1 else BATCH_TURNS
            measure = timed(of.appending(count), base, turns, units=count)
            return Line(operation, ONE_SAVE, measure, at_least(bound))

        single = writing("single", MemoryAnchor())
        yield line("append one at a time, no anchor", single, 1, 1.0)
        yield from _storage("one at a time", single, 1)
        anchored = writing("anchored", FileAnchor(folder / "anchor-1"))
        yield line("append one at a time, anchor and receipt", anchored, 1, 0.6)
        batch = writing("batch", MemoryAnchor())
        yield line("append batch of 100, no anchor", batch, BATCH, 2.5)
        yield from _storage("batches of 100", batch, BATCH)
        grouped = writing("grouped", FileAnchor(folder / "anchor-100"))
        yield line("append batch of 100, anchor and receipts", grouped, BATCH, 2.5)
        whole = library.appending(typical_data(1), [BATCH])
        measure = timed(grouped.appending(BATCH), whole, BATCH_TURNS, units=BATCH)
        yield Line("append batch of 100, anchor and receipts", ONE_BATCH, measure, None)


def _storage(how: str, writing: Writing, count: int) -> Generator[Line, None, None]:
    operation = f"storage per event with indexes, {how}"
    disk, signed, kept = writing.storage(count)
    for base, size in (("payload and signature", signed), ("the envelope as kept, JWS", kept)):
        goal = at_most(1.6) if size == signed else None
        measure = partial(_sizes, disk, size)
        yield Line(operation, f"bytes of {base}", measure, goal, unit=BYTES, rounds=1)


def _sizes(ours: float, base: float) -> tuple[float, float]:
    """Return what was weighed once: bytes do not change from round to round."""
    return ours, base
