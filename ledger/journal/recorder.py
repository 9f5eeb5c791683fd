"""The recorder: rows in one gapless order, and the contiguous history of every stream.

A row is a `KeyedEvent` (store.py): type, bytes, tags and perhaps a key. Tags are called *streams*.

    position  type                      key            streams
    1         ledger-founded/1          0198c0a2-...   actor/ab... sys/log
    2         heads                     -              -
    3         determina-registered/1    0198c0a3-...   act/c_e506/... cup/C81C22001220006

    stream    ordinal  count  last_position       ordinal: order of creation, from 0
    actor/ab  0        1      1                   a stream's events are numbered 0, 1, 2, ...;
    sys/log   1        1      1                   `count` is the next number

`turn` is one write transaction (turn.py); `append` is a turn that first checks a condition. What is
common to all stores is here; a store gives the few primitives of `StoreReader` and
`StoreTransaction`. Nothing here knows what the bytes of a row mean.

Source: design ARCHITECTURE D2 to D5; eventsourcing 9.5, eventsourcing.dcb.api.
"""

from __future__ import annotations

import bisect
import threading
from abc import abstractmethod
from contextlib import contextmanager
from typing import TYPE_CHECKING

from eventsourcing.dcb.api import DCBQuery, DCBRecorder
from typing_extensions import override

from ledger.journal.selection import RecordedEvents, select
from ledger.journal.subscription import POLL_SECONDS, PollingSubscription
from ledger.journal.turn import Turn, check_arguments

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from contextlib import AbstractContextManager

    from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBSequencedEvent

    from ledger.journal.store import Head, StoreReader, StoreTransaction, StreamHead, Tile


class JournalRecorder(DCBRecorder):
    """A `DCBRecorder` with gapless positions and contiguous streams, over a store's primitives."""

    def __init__(self, origin: str) -> None:
        """Keep the origin, the name of the ledger whose rows these are."""
        self.origin = origin
        self._listeners: set[threading.Event] = set()
        self._listeners_lock = threading.Lock()

    @abstractmethod
    def _reading(self) -> AbstractContextManager[StoreReader]:
        """Lend a reader for a short while."""

    @abstractmethod
    def _writing(self) -> AbstractContextManager[StoreTransaction]:
        """Begin a write transaction that commits at the end and rolls back on an exception."""

    @abstractmethod
    def close(self) -> None:
        """Give back what the store holds; closing twice is allowed."""

    def check_durable(self) -> None:
        """Return when what is written would outlast a crash, as far as the store can tell.

        It is asked before anything is promised over the store, and again before the first write.

        Raises:
            StorageError: when it would not (`store-not-durable`), or when something else stands in
                the place of a table (`table-replaced`).
            eventsourcing.persistence.PersistenceError: when the store fails.
        """

    @override
    def append(
        self,
        events: Sequence[DCBEvent],
        condition: DCBAppendCondition | None = None,
        *,
        tiles: Sequence[Tile] = (),
    ) -> int:
        """Store rows, all or none, and return the position of the last one.

        Raises:
            eventsourcing.persistence.IntegrityError: when rows match the condition, or a key is
                there already. Nothing was written.
            eventsourcing.persistence.ProgrammingError: for no rows, a row that names a stream
                twice, or a tile that is not full. Nothing was written.
            BusyError: when the lock could not be had in time. Nothing was written.
            StorageError: as `check_durable`. Nothing was written.
            eventsourcing.persistence.PersistenceError: for any other failure of the store; when
                it struck at the commit, the rows may have been written: look for their keys.
        """
        check_arguments(events, tiles)
        with self.turn() as turn:
            if condition is not None:
                turn.check(condition)
            return turn.append(events, tiles)

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """Lock the head for a look at it and one append; others that write wait until the end.

        What the turn appended is durable when the `with` ends; an exception in it leaves nothing.

        Raises:
            BusyError: when the lock could not be had in time. Nothing was written.
            StorageError: as `check_durable`. Nothing was written.
            eventsourcing.persistence.PersistenceError: as `append`.
        """
        with self._writing() as transaction:
            turn = Turn(transaction)
            yield turn
        if turn.has_appended:
            self._notify()

    @override
    def read(
        self,
        query: DCBQuery | None = None,
        *,
        after: int | None = None,
        limit: int | None = None,
    ) -> RecordedEvents:
        """Return matching rows after a position, read in pages while they are taken.

        The rows are those that were there at the call. `head` of the answer is the last position
        of the ledger then; with a limit, that of the last row taken (None before the first).
        """
        upto = self.head().position
        start = max(after or 0, 0)
        rows = select(self._reading, query or DCBQuery(), start, upto, limit)
        return RecordedEvents(rows, upto or None, limit)

    @override
    def subscribe(
        self,
        query: DCBQuery | None = None,
        *,
        after: int | None = None,
        poll_seconds: float = POLL_SECONDS,
    ) -> PollingSubscription:
        """Return matching rows after a position, then wait for those to come."""
        return PollingSubscription(self, query, after, poll_seconds)

    def head(self) -> Head:
        """Return where the ledger ends."""
        with self._reading() as store:
            return store.head()

    def positions_of(self, keys: Collection[str]) -> dict[str, int]:
        """Return the positions of the rows with these keys; a key that is not there is left out."""
        with self._reading() as store:
            return store.positions_of(keys)

    def find(self, key: str) -> int | None:
        """Return the position of the row with this key, None when there is none."""
        with self._reading() as store:
            return store.find(key)

    def stream(self, name: str) -> StreamHead | None:
        """Return where a stream ends, None when nothing ever joined it."""
        with self._reading() as store:
            return store.stream(name)

    def stream_heads(self, names: Collection[str]) -> list[StreamHead]:
        """Return where those of the streams end that are there, in any order."""
        with self._reading() as store:
            return store.stream_heads(names)

    def stream_names(self, prefix: str) -> list[str]:
        """Return the names of all streams that begin with an ASCII text, in order of creation."""
        with self._reading() as store:
            return store.stream_names(prefix)

    def streams(self, after_ordinal: int = -1, limit: int = 500) -> list[StreamHead]:
        """Return up to `limit` streams in order of creation, after that ordinal."""
        with self._reading() as store:
            return store.streams(after_ordinal, limit)

    def stream_positions(
        self, name: str, upto_position: int | None = None, *, from_seq: int = 0
    ) -> list[int]:
        """Return the positions of a stream's events, ascending, up to and with the one given.

        `from_seq` leaves out the events before that place in the stream.
        """
        with self._reading() as store:
            stream = store.stream(name)
            if stream is None:
                return []
            positions = store.places(stream.ordinal, from_seq, stream.count)
        if upto_position is None:
            return positions
        return positions[: bisect.bisect_right(positions, upto_position)]

    def rows(self, after: int, limit: int) -> list[DCBSequencedEvent]:
        """Return up to `limit` rows after a position; their events are `KeyedEvent`s."""
        with self._reading() as store:
            return store.rows(after, limit)

    def rows_at(self, positions: Sequence[int]) -> list[DCBSequencedEvent]:
        """Return the rows at these positions, at most 500 of them, ascending."""
        with self._reading() as store:
            return store.rows_at(positions)

    def read_tile(self, level: int, number: int) -> bytes | None:
        """Return the 8,192 bytes of a full tile, None when it is not stored."""
        with self._reading() as store:
            return store.tile(level, number)

    def listen(self, event: threading.Event) -> None:
        """Set this event after every append made through this object."""
        with self._listeners_lock:
            self._listeners.add(event)

    def unlisten(self, event: threading.Event) -> None:
        """Stop setting this event."""
        with self._listeners_lock:
            self._listeners.discard(event)

    def _notify(self) -> None:
        with self._listeners_lock:
            for event in self._listeners:
                event.set()
