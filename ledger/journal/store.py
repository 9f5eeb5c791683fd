"""What a store of rows is: the values that go in and out, and the few primitives that it gives.

    KeyedEvent("determina-registered/1", data, ["act/c_e506/...", "cup/C81C22001220006"], "0198...")
    StreamHead("cup/C81C22001220006", ordinal=4, count=18, last_position=1289)

A store (sqlite.py, memory.py) lends a `StoreReader` and opens a `StoreTransaction`; all that is
common to the stores is in recorder.py. `ordinal` is the place of a stream in order of creation,
from 0; `seq` the place of an event in its stream, from 0; `position` that of a row in the ledger,
from 1.

Source: design ARCHITECTURE D2, D4; eventsourcing 9.5, eventsourcing.dcb.api.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from eventsourcing.dcb.api import DCBEvent
from eventsourcing.persistence import OperationalError

from ledger.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from eventsourcing.dcb.api import DCBSequencedEvent

TILE_HASHES: Final = 256
TILE_BYTES: Final = 32 * TILE_HASHES


class BusyError(OperationalError):
    """Another process held the store for too long; nothing was written, later it may work."""


class DiskFullError(OperationalError):
    """There is no space left where the store is; its text names the place."""


def disk_full(reason: str) -> StorageError:
    """Return the error of a disk without space; the reason names the place."""
    return StorageError(
        "disk-full",
        f"Lo spazio è finito ({reason}). Quanto confermato resta registrato: liberare spazio, poi"
        " ripetere.",
    )


def read_only(reason: str) -> StorageError:
    """Return the error of a write to a store that can only be read, for this reason."""
    return StorageError(
        "store-read-only",
        f"L'archivio si può solo leggere ({reason}): nulla è stato scritto. Scrivere sul server"
        " principale, o sull'archivio originale e non su una copia, con un utente che può farlo.",
    )


@dataclass
class KeyedEvent(DCBEvent):
    """A row to store; `key` is unique in the ledger, None for rows that nobody looks up."""

    key: str | None = None


@dataclass(frozen=True, slots=True)
class Tile:
    """A full tile: 256 hashes of 32 bytes at tile level `level`, tile number `number`."""

    level: int
    number: int
    hashes: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """Where the ledger ends: position of its last row (0: none), number of its streams."""

    position: int
    streams: int


@dataclass(frozen=True, slots=True)
class StreamHead:
    """Where a stream ends: its place in order of creation, its events, position of the last."""

    name: str
    ordinal: int
    count: int
    last_position: int


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row with its position and, for each of its streams in order, (ordinal, seq)."""

    position: int
    event: KeyedEvent
    places: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """All that one append writes: rows, the streams as they become, full tiles, the new head."""

    rows: tuple[NewRow, ...]
    streams: tuple[StreamHead, ...]
    tiles: tuple[Tile, ...]
    head: Head


class StoreReader(Protocol):
    """What a store can be asked."""

    def head(self) -> Head:
        """Return where the ledger ends."""
        ...

    def stream(self, name: str) -> StreamHead | None:
        """Return where a stream ends."""
        ...

    def stream_heads(self, names: Collection[str]) -> list[StreamHead]:
        """Return where those of the streams end that are there, in any order."""
        ...

    def stream_names(self, prefix: str) -> list[str]:
        """Return the names of the streams that begin with an ASCII text, in order of creation."""
        ...

    def streams(self, after_ordinal: int, limit: int) -> list[StreamHead]:
        """Return streams with a larger ordinal, in order of creation."""
        ...

    def places(self, ordinal: int, from_seq: int, limit: int) -> list[int]:
        """Return positions of a stream's events from number `from_seq` on."""
        ...

    def rows(self, after: int, limit: int) -> list[DCBSequencedEvent]:
        """Return rows with a larger position, ascending; their events are `KeyedEvent`s."""
        ...

    def rows_at(self, positions: Sequence[int]) -> list[DCBSequencedEvent]:
        """Return the rows at these positions (at most a page of them), ascending."""
        ...

    def find(self, key: str) -> int | None:
        """Return the position of the row with this key."""
        ...

    def positions_of(self, keys: Collection[str]) -> dict[str, int]:
        """Return the positions of the rows with these keys; a key that is not there is left out."""
        ...

    def tile(self, level: int, number: int) -> bytes | None:
        """Return the 8,192 bytes of a full tile."""
        ...


class StoreTransaction(StoreReader, Protocol):
    """A write transaction; it holds the lock on the head from its beginning until it ends."""

    def write(self, batch: Batch) -> None:
        """Store the batch; a key that exists raises the library's IntegrityError."""
        ...


def name_range(prefix: str) -> tuple[str, str]:
    """Return the bounds of the names that begin with an ASCII text: from, and to before."""
    return prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1)
