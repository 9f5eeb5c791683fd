"""A log that its own key makes: honest, or false in one way. Its sums are those of the standards alone.

log = Forger(seed=7); log.grow(40)              batches of events, each closed by a heads leaf
log.event("cup/A", seq=9); log.close(rows_root=bytes(32))
place = log.place()                             its files, with a signed checkpoint
place = log.place(cosigned=(1, 2))              and with the lines of witnesses 1 and 2
"""

from __future__ import annotations

import hashlib
import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ledger.journal.checkpoint import sign_checkpoint
from ledger.journal.heads import Row, format_row
from ledger.journal.leaf import EventLeaf, HeadsLeaf, StreamPlace, format_leaf
from ledger.journal.note import Note, format_note, parse_note
from tests.ledger.journal.sequencer_kit import NOON, ORIGIN, SIGNER
from tests.ledger.transparency.asked_kit import cosigner
from tests.ledger.transparency.tiled_log import Files, TiledLog, tree_hash

if TYPE_CHECKING:
    from collections.abc import Sequence

CUPS = ("C81C22001220006", "C81C22001230006", "C89C23000430006")


def hashed(data: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\0" + data).digest()


class Forger:
    """Leaves one by one; what is not said is as an honest log would have it."""

    def __init__(self, seed: int = 1) -> None:
        """Begin with no leaf."""
        self.random = random.Random(seed)  # noqa: S311  no secret
        self.leaves: list[bytes] = []
        self.rows: dict[str, Row] = {}
        self.now = NOON

    @property
    def size(self) -> int:
        """The number of leaves."""
        return len(self.leaves)

    def event(
        self,
        *streams: str,
        seq: int | None = None,
        at: datetime | None = None,
        digest: bytes | None = None,
    ) -> int:
        """Add an event and return its index; with `seq` it takes that place in every stream."""
        self.now += timedelta(seconds=1)
        index = self.size
        digest = self.random.randbytes(32) if digest is None else digest
        places = []
        for name in sorted(streams):
            count = self.rows[name].count if name in self.rows else 0
            places.append(StreamPlace(name, count if seq is None else seq))
            self.rows[name] = Row(name, places[-1].seq + 1, index, digest)
        leaf = EventLeaf(self.now if at is None else at, digest, tuple(places))
        self.leaves.append(format_leaf(leaf))
        return index

    def close(self, **changes: int | bytes) -> int:
        """Add a heads leaf, true but for these fields, and return the size of the tree."""
        rows = [hashed(format_row(row)) for row in self.rows.values()]
        root = tree_hash([hashed(leaf) for leaf in self.leaves])
        fields = {
            "size": self.size,
            "root": root,
            "streams": len(rows),
            "rows_root": tree_hash(rows),
        }
        self.leaves.append(format_leaf(HeadsLeaf(**fields | changes)))  # type: ignore[arg-type]  # by name
        return self.size

    def grow(self, events: int) -> int:
        """Add random events in closed batches and return the size of the tree."""
        while events > 0:
            batch = min(events, self.random.randint(1, 6))
            for _ in range(batch):
                names = [f"cup/{one}" for one in CUPS] + ["sys/log", "act/c_e506/rg/2023/1"]
                chosen = self.random.sample(names, self.random.randint(1, 3))
                self.event(*chosen)
            self.close()
            events -= batch
        return self.size

    def copy(self) -> Forger:
        """Return a log of the same key that shares all leaves so far."""
        other = Forger(self.random.randrange(1 << 30))
        other.leaves, other.rows, other.now = list(self.leaves), dict(self.rows), self.now
        return other

    def note(self, size: int | None = None, cosigned: Sequence[int] = (), time: int = 0) -> bytes:
        """Return a signed head, with lines of these witnesses, made at a time in seconds."""
        log = TiledLog(ORIGIN, self.leaves)
        note = parse_note(sign_checkpoint(log.checkpoint(self._size(size)), SIGNER))
        lines = (cosigner(one).cosign(note.text, time) for one in cosigned)
        return format_note(Note(note.text, (*note.signatures, *lines)))

    def place(self, size: int | None = None, cosigned: Sequence[int] = (), time: int = 0) -> Files:
        """Return what the log publishes at a size."""
        log = TiledLog(ORIGIN, self.leaves)
        note = self.note(size, cosigned, time)
        return Files(log.files(self._size(size)) | {"checkpoint": note})

    def _size(self, size: int | None) -> int:
        return self.size if size is None else size
