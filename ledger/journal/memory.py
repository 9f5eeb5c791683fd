"""A recorder in memory, which can fail on demand.

    recorder = MemoryRecorder("pnrr.comune.lecce.it/c_e506")
    recorder.fail_next("after-commit", OperationalError("the connection was lost"))
    recorder.append(rows)        # raises, though the rows are there: the caller is in doubt

    before-write                  nothing was written
    after-write-before-commit     everything was written, then rolled back
    after-commit                  everything is there, and the caller was told otherwise

Several sequencers that share one object stand for several processes on one database. It keeps the
same promises as the other stores (tests/ledger/journal/recorder_suite.py) but durability.

Source: design ARCHITECTURE D2.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from eventsourcing.dcb.api import DCBSequencedEvent
from eventsourcing.persistence import IntegrityError
from typing_extensions import override

from ledger.journal.recorder import JournalRecorder
from ledger.journal.store import Head, KeyedEvent, StreamHead

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from contextlib import AbstractContextManager

    from ledger.journal.store import Batch, StoreReader, StoreTransaction

Step = Literal["before-write", "after-write-before-commit", "after-commit"]


class MemoryRecorder(JournalRecorder):
    """Rows in lists; safe for threads."""

    def __init__(self, origin: str) -> None:
        """Begin an empty ledger of this name."""
        super().__init__(origin)
        self._turns = threading.RLock()
        self._lock = threading.RLock()
        self._store = _MemoryStore()
        self._failures: list[tuple[Step, Exception]] = []

    def fail_next(self, step: Step, error: Exception) -> None:
        """Raise this error at the next append that reaches the step; demands are met in order."""
        with self._lock:
            self._failures.append((step, error))

    @override
    def close(self) -> None:
        """Do nothing; the rows stay while the object does."""

    @override
    def _reading(self) -> AbstractContextManager[StoreReader]:
        return self._locked()

    @override
    def _writing(self) -> AbstractContextManager[StoreTransaction]:
        return self._committing()

    @contextmanager
    def _locked(self) -> Iterator[StoreReader]:
        with self._lock:
            yield self._store

    @contextmanager
    def _committing(self) -> Iterator[StoreTransaction]:
        """Put the batch in place at the end; an exception before leaves what was there.

        Writers take turns; who reads meanwhile waits only while the batch is put.
        """
        with self._turns:
            transaction = _MemoryTransaction(self._store)
            yield transaction
            if transaction.batch is not None:
                with self._lock:
                    self._put(transaction.batch)

    def _put(self, batch: Batch) -> None:
        self._fail_at("before-write")
        self._store.check(batch)
        self._fail_at("after-write-before-commit")
        self._store.put(batch)
        self._fail_at("after-commit")

    def _fail_at(self, step: Step) -> None:
        if self._failures and self._failures[0][0] == step:
            raise self._failures.pop(0)[1]


class _MemoryStore:
    """The rows of one ledger, and what is derived from them."""

    def __init__(self) -> None:
        self.end = Head(0, 0)
        self.events: list[KeyedEvent] = []  # position - 1
        self.heads: list[StreamHead] = []  # ordinal
        self.positions: list[list[int]] = []  # ordinal, seq
        self.ordinals: dict[str, int] = {}
        self.keys: dict[str, int] = {}
        self.tiles: dict[tuple[int, int], bytes] = {}

    def head(self) -> Head:
        return self.end

    def stream(self, name: str) -> StreamHead | None:
        ordinal = self.ordinals.get(name)
        return None if ordinal is None else self.heads[ordinal]

    def stream_heads(self, names: Collection[str]) -> list[StreamHead]:
        return [self.heads[self.ordinals[name]] for name in names if name in self.ordinals]

    def stream_names(self, prefix: str) -> list[str]:
        return [head.name for head in self.heads if head.name.startswith(prefix)]

    def streams(self, after_ordinal: int, limit: int) -> list[StreamHead]:
        return self.heads[after_ordinal + 1 :][:limit]

    def places(self, ordinal: int, from_seq: int, limit: int) -> list[int]:
        return self.positions[ordinal][from_seq : from_seq + limit]

    def rows(self, after: int, limit: int) -> list[DCBSequencedEvent]:
        stop = min(after + limit, self.end.position)
        return [self._row(position) for position in range(after + 1, stop + 1)]

    def rows_at(self, positions: Sequence[int]) -> list[DCBSequencedEvent]:
        return [self._row(p) for p in sorted(set(positions)) if 0 < p <= self.end.position]

    def find(self, key: str) -> int | None:
        return self.keys.get(key)

    def positions_of(self, keys: Collection[str]) -> dict[str, int]:
        return {key: self.keys[key] for key in keys if key in self.keys}

    def tile(self, level: int, number: int) -> bytes | None:
        return self.tiles.get((level, number))

    def check(self, batch: Batch) -> None:
        """Refuse a position, a key, a place in a stream or a tile that is there already."""
        if batch.rows[0].position != self.end.position + 1:
            raise IntegrityError("a row with this position is there already")
        keys = [row.event.key for row in batch.rows if row.event.key is not None]
        if len(set(keys)) < len(keys) or not self.keys.keys().isdisjoint(keys):
            raise IntegrityError("a row with this key is there already")
        for head in batch.streams:
            known = self.heads[head.ordinal] if head.ordinal < len(self.heads) else None
            if self.ordinals.get(head.name, head.ordinal) != head.ordinal or (
                known is not None and (known.name != head.name or known.count >= head.count)
            ):
                raise IntegrityError("a stream is elsewhere than the batch says")
        if not self.tiles.keys().isdisjoint((tile.level, tile.number) for tile in batch.tiles):
            raise IntegrityError("this tile is there already")

    def put(self, batch: Batch) -> None:
        """Take over a batch that was checked."""
        for head in sorted(batch.streams, key=lambda head: head.ordinal):
            if head.ordinal == len(self.heads):
                self.heads.append(head)
                self.positions.append([])
                self.ordinals[head.name] = head.ordinal
            self.heads[head.ordinal] = head
        for row in batch.rows:
            self.events.append(row.event)
            if row.event.key is not None:
                self.keys[row.event.key] = row.position
            for ordinal, _ in row.places:
                self.positions[ordinal].append(row.position)
        self.tiles.update({(tile.level, tile.number): tile.hashes for tile in batch.tiles})
        self.end = batch.head

    def _row(self, position: int) -> DCBSequencedEvent:
        event = self.events[position - 1]
        copy = KeyedEvent(event.type, event.data, list(event.tags), event.key)
        return DCBSequencedEvent(event=copy, position=position)


class _MemoryTransaction(_MemoryStore):
    """The store as it is, and the batch that is to change it."""

    def __init__(self, store: _MemoryStore) -> None:
        self.__dict__.update(store.__dict__)
        self.batch: Batch | None = None

    def write(self, batch: Batch) -> None:
        self.batch = batch
