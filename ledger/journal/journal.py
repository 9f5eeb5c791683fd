"""The journal as it is read: leaves, envelopes, streams, proofs, rows of any published tree.

    journal = Journal(recorder)
    journal.size                            1291, leaves; the last one is a heads leaf
    journal.leaf(1288)                      the bytes of a leaf, see leaf.py
    journal.stream_indexes("cup/C8...")     [3, 17, ..., 1288]
    journal.inclusion(1288, 1291)           audit path, the sibling of the leaf first
    journal.row_proofs(["cup/C8..."], 1291)

An index counts leaves from 0; it is the position of the recorder less one. Nothing read here is
verified: it is what the store says. Envelopes that were erased are empty.

Source: design FORMATS sections 2, 3 and 6; ARCHITECTURE D2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.errors import Absent, StorageError
from ledger.journal import merkle
from ledger.journal.entries import read_entries, read_entries_at, read_rows, read_rows_at
from ledger.journal.hashes import LogHashes
from ledger.journal.heads import Row, format_row
from ledger.journal.leaf import EventLeaf, HeadsLeaf, parse_leaf
from ledger.journal.merkle import leaf_hash, stream_inclusion_proofs
from ledger.journal.row import unpack_leaf

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from ledger.journal.recorder import JournalRecorder
    from ledger.journal.store import StreamHead

_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class StreamEnd:
    """Where a stream ends: place in order of creation, events, index of the last leaf, digest."""

    ordinal: int
    count: int
    last_index: int
    last_digest: bytes


class Journal:
    """Reads one ledger through its recorder; safe for threads."""

    def __init__(self, recorder: JournalRecorder) -> None:
        """Read from this recorder."""
        self._recorder = recorder
        self.hashes = LogHashes(recorder)

    @property
    def origin(self) -> str:
        """The name of the ledger."""
        return self._recorder.origin

    @property
    def size(self) -> int:
        """The number of leaves that are stored now."""
        return self._recorder.head().position

    def leaf(self, index: int) -> bytes:
        """Return the bytes of a leaf; IndexError when there is none at that index."""
        return self.entry(index)[0]

    def envelope(self, index: int) -> bytes:
        """Return an envelope, empty when erased or a heads leaf; IndexError as in `leaf`."""
        return self.entry(index)[1]

    def entry(self, index: int) -> tuple[bytes, bytes]:
        """Return (leaf, envelope) at an index; IndexError when there is none."""
        for _, leaf, envelope in self.entries(index, index + 1):
            return leaf, envelope
        raise IndexError(f"the log has no leaf {index}")

    def entries(self, start: int, stop: int) -> Iterator[tuple[int, bytes, bytes]]:
        """Yield (index, leaf, envelope) from `start` to before `stop`, or the end of the log.

        Raises:
            StorageError: when a row is missing before the end (`row-missing`).
            Unreadable: when a row ends before its leaf does (`row-unreadable`).
        """
        return read_entries(self._recorder, start, stop)

    def entries_at(self, indexes: Sequence[int]) -> Iterator[tuple[int, bytes, bytes]]:
        """Yield (index, leaf, envelope) of these indexes, which ascend; raises as `entries`."""
        return read_entries_at(self._recorder, indexes)

    def rows(self, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
        """Yield (index, data) of rows, see row.py, for who needs not all of an entry."""
        return read_rows(self._recorder, start, stop)

    def rows_of(self, indexes: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """Yield (index, data) of the rows of these indexes, which ascend."""
        return read_rows_at(self._recorder, indexes)

    def stream_names(self, prefix: str) -> list[str]:
        """Return the names of the streams that begin so, in order of creation."""
        return self._recorder.stream_names(prefix)

    def last_indexes(self, names: Collection[str]) -> dict[str, int]:
        """Return the index of the last leaf of each of these streams; a new one is left out."""
        return {end.name: end.last_position - 1 for end in self._recorder.stream_heads(names)}

    def indexes_of(self, event_ids: Collection[str]) -> dict[str, int]:
        """Return the indexes of the events with these ids; an id that is new is left out."""
        found = self._recorder.positions_of(event_ids)
        return {event_id: position - 1 for event_id, position in found.items()}

    def find(self, event_id: str) -> int | None:
        """Return the index of the event with this id, None when there is none."""
        position = self._recorder.find(event_id)
        return None if position is None else position - 1

    def stream_indexes(self, name: str, size: int | None = None, *, from_seq: int = 0) -> list[int]:
        """Return the indexes of a stream's leaves, ascending; of the first `size` leaves only.

        `from_seq` leaves out the events before that place in the stream.
        """
        positions = self._recorder.stream_positions(name, size, from_seq=from_seq)
        return [position - 1 for position in positions]

    def stream_head(self, name: str) -> tuple[int, int, bytes] | None:
        """Return (count, last index, digest of the last envelope), None for an unknown stream."""
        end = self.stream_end(name)
        return None if end is None else (end.count, end.last_index, end.last_digest)

    def stream_end(self, name: str) -> StreamEnd | None:
        """Return where a stream ends, its ordinal included, None for an unknown stream."""
        return self.stream_ends([name]).get(name)

    def stream_ends(self, names: Collection[str]) -> dict[str, StreamEnd]:
        """Return where those of the streams end that are there."""
        heads = self._recorder.stream_heads(names)
        digests = self._digests(sorted({head.last_position for head in heads}))
        return {
            head.name: StreamEnd(
                head.ordinal, head.count, head.last_position - 1, digests[head.last_position]
            )
            for head in heads
        }

    def subtree(self, level: int, index: int) -> bytes:
        """Return the root of a complete subtree, see `merkle.HashReader`."""
        return self.hashes.subtree(level, index)

    def root_at(self, size: int) -> bytes:
        """Return the root of the first `size` leaves; IndexError when there are fewer."""
        return merkle.root(self.hashes, size)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Return the audit path of a leaf in the tree of `size` leaves, its sibling first."""
        return merkle.inclusion_proof(self.hashes, index, size)

    def consistency(self, old_size: int, new_size: int) -> list[bytes]:
        """Return the proof that the old tree is a beginning of the new one."""
        return merkle.consistency_proof(self.hashes, old_size, new_size)

    def heads_leaf(self, size: int) -> HeadsLeaf:
        """Return the heads leaf that closes the tree of `size` leaves.

        Raises:
            Absent: when no tree of that size was ever published (`no-such-head`).
        """
        if 0 < size <= self.size:
            leaf = parse_leaf(self.leaf(size - 1))
            if isinstance(leaf, HeadsLeaf) and leaf.size == size - 1:
                return leaf
        raise Absent(
            "no-such-head",
            f"Il registro {self.origin} non ha pubblicato un albero di {size} foglie: prendere la"
            " dimensione da un suo punto di controllo.",
        )

    def last_heads_size(self) -> int:
        """Return the size of the last tree that a heads leaf closes, 0 for an empty log.

        Raises:
            Absent: when the log does not end with a heads leaf (`no-such-head`).
        """
        size = self.size
        if size:
            self.heads_leaf(size)
        return size

    def closing_size(self, index: int) -> int:
        """Return the size of the first published tree that covers leaf `index`.

        Raises:
            Absent: when none does (`no-such-head`).
        """
        for at, leaf, _ in self.entries(index, self.size):
            if isinstance(parse_leaf(leaf), HeadsLeaf):
                return at + 1
        raise Absent(
            "no-such-head",
            f"Nessuna foglia di chiusura segue la foglia {index} di {self.origin}: indicare una"
            " posizione precedente, o attendere il prossimo punto di controllo.",
        )

    def rows_at(self, size: int) -> Iterator[Row]:
        """Yield the rows that the heads leaf of this tree sums up, in order of creation.

        Raises:
            Absent: when no tree of that size was ever published (`no-such-head`).
        """
        self.heads_leaf(size)
        ordinal = -1
        while page := self._recorder.streams(ordinal, _PAGE):
            ends = [end for end in (self._end(stream, size) for stream in page) if end]
            digests = self._digests(sorted({position for _, _, position in ends}))
            for name, count, position in ends:
                yield Row(name, count, position - 1, digests[position])
            if len(ends) < len(page):
                return
            ordinal = page[-1].ordinal

    def row_proofs(
        self, names: Collection[str], size: int
    ) -> tuple[bytes, int, dict[str, tuple[int, bytes, list[bytes]]]]:
        """Return (rows root, number of rows, {name: (ordinal, row bytes, audit path)}) of a tree.

        Raises:
            Absent: when no tree of that size was ever published (`no-such-head`), or one of the
                streams did not exist in it (`no-such-stream`).
        """
        found: dict[str, tuple[int, bytes]] = {}
        wanted = {stream.ordinal for stream in map(self._recorder.stream, names) if stream}

        def hashes() -> Iterator[bytes]:
            for ordinal, row in enumerate(self.rows_at(size)):
                line = format_row(row)
                if ordinal in wanted:
                    found[row.stream] = ordinal, line
                yield leaf_hash(line)

        every = list(names)
        streams = self.heads_leaf(size).streams
        root, rows, paths = stream_inclusion_proofs(hashes(), {n for n in wanted if n < streams})
        for name in every:
            if name not in found:
                raise Absent(
                    "no-such-stream",
                    f"Il flusso {name!r} non ha registrazioni fra le prime {size} foglie di"
                    f" {self.origin}: controllare il nome.",
                )
        return root, rows, {name: (*found[name], paths[found[name][0]]) for name in every}

    def _end(self, stream: StreamHead, size: int) -> tuple[str, int, int] | None:
        """Return (name, count, last position) as of a tree; None when the stream is younger."""
        if stream.last_position <= size:
            return stream.name, stream.count, stream.last_position
        positions = self._recorder.stream_positions(stream.name, size)
        return (stream.name, len(positions), positions[-1]) if positions else None

    def _digests(self, positions: Sequence[int]) -> dict[int, bytes]:
        """Return the digests that the event leaves at these positions name.

        Raises:
            StorageError: when one is no event leaf (`stream-damaged`) or is not there
                (`row-missing`).
        """
        rows = self.rows_of([position - 1 for position in positions])
        return {index + 1: _digest(unpack_leaf(data), index + 1) for index, data in rows}


def _digest(data: bytes, position: int) -> bytes:
    """Return the digest of the envelope that the leaf of a row names."""
    leaf = parse_leaf(data)
    if not isinstance(leaf, EventLeaf):
        raise StorageError(
            "stream-damaged",
            f"Un flusso termina alla foglia {position - 1}, che non è una registrazione: controllare"
            " l'archivio e confrontarlo con una copia.",
        )
    return leaf.envelope_digest
