"""Appending: signed, verified and durable, against an unsigned aggregate of the library.

Ours: parse the envelope, verify its signature, streams, basis, Merkle tree, heads leaf, commit with
synchronous=FULL, read back, checkpoint, receipt with proof. Without anchor means an anchor in
memory; with anchor, one more synced file of 82 bytes before the checkpoint is signed. The door line
adds keys, roles and the rules of the domain, each draft made and signed before it is timed.
"""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from api.app import open_ledger
from api.client.desk import open_scribe
from api.client.enrolment import approve, enrol, grant, request_enrolment
from api.client.founding import found
from api.client.requests import make_command, write
from api.home import Home, Settings
from ledger.errors import PistaError
from ledger.journal.anchor import FileAnchor, MemoryAnchor
from ledger.journal.note import Ed25519NoteSigner
from ledger.journal.sequencer import Sequencer
from ledger.journal.sqlite import SQLiteRecorder
from ledger.signing.algorithms import ed25519_public, sign_ed25519
from ledger.signing.envelope import assemble
from ledger.signing.signer import create_key_file
from tests.bench.harness import BYTES, Line, at_least, at_most, timed
from tests.bench.library import NAME, Library
from tests.bench.signing_client import SigningClient, typical_data
from tests.exporters.ledger_writer import ORIGIN, PassThrough, octets

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from api.app import Opened
    from api.client.scribe import Scribe
    from ledger.journal.anchor import Anchor

TURNS: Final = 40
BATCH: Final = 100
BATCH_TURNS: Final = 4
DOOR_CUP: Final = "C81C22001220006"


def now() -> datetime:
    """Return the time of receipt."""
    return datetime.now(UTC)


class Writing:
    """One log on disk with the client that writes to it."""

    def __init__(self, path: Path, anchor: Anchor) -> None:
        """Found the log with one event."""
        seed = octets("log key")
        signer = Ed25519NoteSigner(ORIGIN, lambda text: sign_ed25519(seed, text), _public(seed))
        self.path = path
        self.recorder = SQLiteRecorder(path, ORIGIN, create=True)
        self.sequencer = Sequencer(self.recorder, signer, anchor, now, PassThrough())
        self.client = SigningClient(ORIGIN)
        self.written_bytes = 0
        self.appending(1)()()

    def appending(self, count: int) -> Callable[[], Callable[[], object]]:
        """Return the arm that commits `count` events at a time; they are signed before."""

        def prepare() -> Callable[[], object]:
            self.client.learn(self.sequencer.journal)
            raws = [self.client.envelope() for _ in range(count)]
            self.written_bytes += sum(map(len, raws))
            return lambda: self._append(raws)

        return prepare

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
        for name, count, turns, anchor, bound in (
            ("append, one at a time, no anchor", 1, TURNS, MemoryAnchor(), 1.0),
            ("append, one at a time, anchor and receipt", 1, TURNS, _file_anchor(folder, 1), 0.6),
            ("append, batch of 100, no anchor", BATCH, BATCH_TURNS, MemoryAnchor(), 2.5),
            ("append, batch of 100, anchor and receipts", BATCH, BATCH_TURNS,
             _file_anchor(folder, BATCH), 2.5),
        ):
            writing = Writing(folder / f"{name}.sqlite", anchor)
            stack.callback(writing.recorder.close)
            base = library.appending(typical_data(1), 1)
            arm = writing.appending(count)
            measure = timed(arm, _often(base, count), turns, units=count)
            yield Line(name, f"one save an event: {NAME}", measure, at_least(bound))
            if isinstance(anchor, MemoryAnchor):
                yield _storage(name, writing)
        yield _door(stack, folder, library)
