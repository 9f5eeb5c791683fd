"""The two trees of a log as the writer keeps them: its leaves, and the rows of its streams.

    stage = trees.stage()            a draft on top; the trees stay as they are
    stage.add(leaf)                  an event: its leaf, the rows of its streams
    stage.close()                    the heads leaf over all of it
    stage.commit()                   once it is stored: the trees are what the draft was

What other processes wrote goes the same way (`absorb`), with their heads leaves compared.

Source: design FORMATS sections 2, 3 and 5; RFC 6962 section 2.1.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from ledger.errors import Absent, Frozen
from ledger.journal.growth import LeafTree, StagedRows
from ledger.journal.heads import Row, format_row
from ledger.journal.journal import StreamEnd
from ledger.journal.leaf import EventLeaf, HeadsLeaf, format_leaf, parse_leaf
from ledger.journal.merkle import EMPTY_ROOT, Tree, leaf_hash, stream_inclusion_proofs
from ledger.journal.store import StreamHead
from ledger.journal.stream_ends import StreamEnds

if TYPE_CHECKING:
    from collections.abc import Collection

    from ledger.journal.journal import Journal
    from ledger.journal.store import Tile

_NO_ENVELOPE: Final = hashlib.sha256(b"").digest()
_KEPT_HEADS: Final = 1024
_BEGINNING: Final = datetime.min.replace(tzinfo=UTC)


class LogTrees:
    """Both trees of the leaves that are known, and the time of the last event among them."""

    def __init__(self, journal: Journal) -> None:
        """Build them from the store, and compare them with its last heads leaf.

        Raises:
            Frozen: when the log does not end with a heads leaf (`log-not-closed`) or the leaf does
                not say what the store holds (`heads-differ`).
        """
        self.journal = journal
        self.rows = Tree()
        self.ends = StreamEnds(journal)
        self._heads: dict[int, bytes] = {}
        self.last_received_at = _BEGINNING
        self.last_leaf = (
            b""  # the hash of the heads leaf at the end, which stands for all before it
        )
        try:
            size = journal.last_heads_size()
        except Absent as error:
            raise log_not_closed() from error
        if size:
            self._check_end(size)
        self.leaves = LeafTree.read(journal.hashes, size)

    @property
    def size(self) -> int:
        """The number of leaves."""
        return self.leaves.size

    def stage(self) -> Stage:
        """Return a draft on top of the trees; only one of them is ever committed."""
        return Stage(self)

    def root_of_head(self, size: int) -> bytes | None:
        """Return the root of a published tree, None when there is none of that size."""
        if size not in self._heads:
            if len(self._heads) >= _KEPT_HEADS:
                self._heads.clear()
            root = self._published_root(size)
            if root is None:
                return None
            self._heads[size] = root
        return self._heads[size]

    def _published_root(self, size: int) -> bytes | None:
        if size == 0:
            return EMPTY_ROOT
        if size == self.size:
            return self.leaves.root()
        try:
            self.journal.heads_leaf(size)
        except Absent:
            return None
        return self.journal.root_at(size)

    def _check_end(self, size: int) -> None:
        for row in self.journal.rows_at(size):
            self.rows.append(leaf_hash(format_row(row)))
        self.last_leaf = leaf_hash(self.journal.leaf(size - 1))
        before = self.journal.root_at(size - 1)
        computed = HeadsLeaf(size - 1, before, self.rows.size, self.rows.root())
        _compare(self.journal.heads_leaf(size), computed)
        last = parse_leaf(self.journal.leaf(size - 2)) if size > 1 else None
        if isinstance(last, EventLeaf):
            self.last_received_at = last.received_at


class Stage:
    """A draft: leaves to be stored after those of the trees, and what becomes of the trees."""

    def __init__(self, trees: LogTrees) -> None:
        """Begin with the trees as they are."""
        self._trees = trees
        self._before = trees.leaves
        self._tree = trees.leaves.copy()
        self._rows = StagedRows(trees.rows)
        self._streams = trees.rows.size
        self._ends: dict[str, StreamEnd] = {}
        self._moved: dict[int, str] = {}  # streams by ordinal whose rows are not in the tree yet
        self.first = trees.size
        self.last_received_at = trees.last_received_at
        self.leaf_before = trees.last_leaf
        self.leaf_hashes: list[bytes] = []
        self.envelope_digests: list[bytes] = []
        self.tiles: list[Tile] = []

    @property
    def size(self) -> int:
        """The number of leaves with those of the draft; the index of the next one."""
        return self._tree.size

    @property
    def is_closed(self) -> bool:
        """Whether a heads leaf covers all events of the draft."""
        return not self._moved

    def root(self) -> bytes:
        """Return the root of all leaves, those of the draft included."""
        return self._tree.root()

    def look_up(self, names: Collection[str]) -> None:
        """Ask the store for the ends of these streams together."""
        self._trees.ends.look_up(names)

    def end_of(self, name: str) -> StreamEnd | None:
        """Return where a stream ends with the events of the draft, None when it is new."""
        return self._ends.get(name) or self._trees.ends.end_of(name)

    def ends_before(self) -> dict[str, StreamHead]:
        """Return where the streams of the draft ended before it, those that were there."""
        ends = {name: self._trees.ends.end_of(name) for name in self._ends}
        return {
            name: StreamHead(name, end.ordinal, end.count, end.last_index + 1)
            for name, end in ends.items()
            if end is not None
        }

    def root_of_head(self, size: int) -> bytes | None:
        """Return the root of a published tree, None when there is none of that size."""
        return self._trees.root_of_head(size)

    def add(self, leaf: EventLeaf, data: bytes) -> None:
        """Add an event leaf and its bytes; its places follow the ends of its streams."""
        for place in leaf.streams:
            ordinal = self._ordinal(place.name, place.seq)
            end = StreamEnd(ordinal, place.seq + 1, self.size, leaf.envelope_digest)
            self._ends[place.name] = end
            self._moved[ordinal] = place.name
        self.last_received_at = leaf.received_at
        self._append(data, leaf.envelope_digest)

    def close(self) -> bytes:
        """Add the heads leaf over all before it, and return its bytes."""
        data = format_leaf(self._heads())
        self._append(data, _NO_ENVELOPE)
        return data

    def paths(self) -> dict[int, list[bytes]]:
        """Return the audit path of every leaf of the draft in the tree that it makes."""
        wanted = set(range(self.first, self.size))
        return stream_inclusion_proofs(self.leaf_hashes, wanted, self._before.frontier())[2]

    def absorb(self, data: bytes, envelope: bytes) -> None:
        """Add a leaf that is stored already, event or heads; an erased envelope is empty.

        Raises:
            Frozen: when a heads leaf does not say what the leaves before it do (`heads-differ`),
                or a leaf has another envelope than it names (`stored-differs`).
            Unreadable: when the bytes are no leaf (`leaf-unreadable`).
        """
        leaf = parse_leaf(data)
        if isinstance(leaf, HeadsLeaf):
            _compare(leaf, self._heads())
            self._append(data, _NO_ENVELOPE)
            return
        if envelope and hashlib.sha256(envelope).digest() != leaf.envelope_digest:
            raise Frozen(
                "stored-differs",
                f"La foglia {self.size} nomina un'altra busta da quella conservata con essa: non"
                " scrivo. Una persona deve confrontare l'archivio con una copia.",
            )
        self.add(leaf, data)

    def commit(self) -> None:
        """Make the trees what the draft is; its leaves must be stored, and closed."""
        self._rows.commit()
        self._trees.ends.keep(self._ends)
        self._trees.leaves = self._tree
        self._trees.last_leaf = self.leaf_hashes[-1] if self.leaf_hashes else self.leaf_before
        self._trees.last_received_at = self.last_received_at
        self._trees.journal.hashes.learn(self.first, self.leaf_hashes)

    def _ordinal(self, name: str, seq: int) -> int:
        """Return the row of a stream; a new stream takes the next one."""
        if seq == 0:
            self._streams += 1
            return self._streams - 1
        end = self.end_of(name)
        if end is None:
            raise Frozen(
                "stream-damaged",
                f"Il registro prosegue con il posto {seq} del flusso {name!r}, che l'archivio non"
                " conosce: non scrivo. Controllare l'archivio e confrontarlo con una copia.",
            )
        return end.ordinal

    def _heads(self) -> HeadsLeaf:
        """Return the heads leaf over all before it, once the rows that moved are in their tree."""
        for ordinal in sorted(self._moved):
            name = self._moved[ordinal]
            end = self._ends[name]
            row = Row(name, end.count, end.last_index, end.last_digest)
            self._rows.put(ordinal, leaf_hash(format_row(row)))
        self._moved.clear()
        return HeadsLeaf(self.size, self.root(), self._rows.size, self._rows.root())

    def _append(self, data: bytes, envelope_digest: bytes) -> None:
        value = leaf_hash(data)
        self.leaf_hashes.append(value)
        self.envelope_digests.append(envelope_digest)
        self.tiles += self._tree.append(value)


def _compare(stored: HeadsLeaf, computed: HeadsLeaf) -> None:
    if stored != computed:
        raise Frozen(
            "heads-differ",
            f"La foglia di chiusura {stored.size} non dice quello che dicono le foglie prima di"
            " essa: non scrivo. Una persona deve confrontare l'archivio con una copia.",
        )


def log_not_closed() -> Frozen:
    """Return the error of a log whose last events no heads leaf covers."""
    return Frozen(
        "log-not-closed",
        "Il registro non termina con una foglia di chiusura: non scrivo. Una persona deve"
        " confrontare l'archivio con una copia.",
    )
