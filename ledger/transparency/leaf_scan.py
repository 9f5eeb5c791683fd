"""Reading every leaf of a log: what each one says must follow from those before it.

    scan = LeafScan()
    for index, leaf in tiles.entries(0, size): scan.add(leaf)
    scan.check_closed()
    scan.tree.root()                 recomputed from the leaves alone

An event leaf takes in each of its streams the next place, at a time of receipt that never goes back.
A heads leaf says how many leaves lie before it and their root, how many streams there are and the
root over their rows; both are computed here, so that what a heads leaf counts is what the leaves are.
A leaf that is missing from a stream, counted twice or hidden behind a false row is found. What a scan
knows at the end of a closed log is one row a stream and the complete subtrees, so that it goes on from
there years later: `resumed(rows, tree, last_received_at)`.

Source: design FORMATS section 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.errors import NotVerified, Unreadable
from ledger.journal.heads import Row, format_row
from ledger.journal.leaf import EventLeaf, HeadsLeaf, parse_leaf
from ledger.journal.merkle import Frontier, Tree, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


@dataclass(slots=True)
class _End:
    """Where a stream ends: its row, events, the index of the last one, digest of its envelope."""

    ordinal: int
    count: int
    last_index: int
    last_digest: bytes


class LeafScan:
    """The leaves of one log from the first on, and what they say together."""

    def __init__(self) -> None:
        """Begin with no leaf."""
        self.tree = Frontier()
        self.last_received_at: datetime | None = None
        self._rows = Tree()
        self._ends: dict[str, _End] = {}
        self._moved: dict[str, None] = {}  # streams whose rows are not in the tree yet
        self._is_closed = True

    @classmethod
    def resumed(
        cls, rows: Iterable[Row], tree: Frontier, last_received_at: datetime | None
    ) -> LeafScan:
        """Return the scan that knew these rows, in order of their streams, at the end of a closed log."""
        scan = cls()
        scan.tree, scan.last_received_at = tree, last_received_at
        for row in rows:
            place = len(scan._ends)
            scan._ends[row.stream] = _End(place, row.count, row.last_index, row.last_digest)
            scan._rows.append(leaf_hash(format_row(row)))
        return scan

    @property
    def streams(self) -> int:
        """The number of streams."""
        return len(self._ends)

    def rows(self) -> list[Row]:
        """Return the row of each stream, in the order in which they began."""
        return [
            Row(name, end.count, end.last_index, end.last_digest)
            for name, end in self._ends.items()
        ]

    def add(self, data: bytes) -> EventLeaf | HeadsLeaf:
        """Add the next leaf, and return what it says.

        Raises:
            NotVerified: when it is no leaf of Pista (`leaf-not-understood`), goes back in time
                (`received-at-back`), does not take the next place of a stream (`stream-broken`), or
                is a heads leaf that says other things than the leaves (`heads-leaf-differs`).
        """
        index = self.tree.size
        try:
            leaf = parse_leaf(data)
        except Unreadable as error:
            raise contradicts("leaf-not-understood", index, error.sentence) from error
        if isinstance(leaf, EventLeaf):
            self._add_event(index, leaf)
        else:
            self._check_heads(index, leaf)
        self._is_closed = isinstance(leaf, HeadsLeaf)
        self.tree.append(leaf_hash(data))
        return leaf

    def check_closed(self) -> None:
        """Return when the last leaf sums up all before it, or there is none.

        Raises:
            NotVerified: `scan-not-closed`.
        """
        if not self._is_closed:
            raise contradicts(
                "scan-not-closed", self.tree.size - 1, "è l'ultima e non chiude il registro."
            )

    def _add_event(self, index: int, leaf: EventLeaf) -> None:
        if self.last_received_at is not None and leaf.received_at < self.last_received_at:
            raise contradicts("received-at-back", index, "è ricevuta prima di quella precedente.")
        self.last_received_at = leaf.received_at
        for place in leaf.streams:
            end = self._ends.setdefault(place.name, _End(len(self._ends), 0, 0, b""))
            if place.seq != end.count:
                raise contradicts(
                    "stream-broken",
                    index,
                    f"prende il posto {place.seq} del flusso {place.name}, che ne ha {end.count}.",
                )
            end.count, end.last_index, end.last_digest = place.seq + 1, index, leaf.envelope_digest
            self._moved[place.name] = None

    def _check_heads(self, index: int, leaf: HeadsLeaf) -> None:
        self._settle_rows()
        computed = HeadsLeaf(index, self.tree.root(), self._rows.size, self._rows.root())
        if leaf != computed:
            what = "le foglie" if leaf.root != computed.root else "i flussi"
            raise contradicts(
                "heads-leaf-differs",
                index,
                f"chiude il registro con altro da ciò che {what} dicono.",
            )

    def _settle_rows(self) -> None:
        for name in sorted(self._moved, key=lambda one: self._ends[one].ordinal):
            end = self._ends[name]
            row = Row(name, end.count, end.last_index, end.last_digest)
            value = leaf_hash(format_row(row))
            if end.ordinal < self._rows.size:
                self._rows.update(end.ordinal, value)
            else:
                self._rows.append(value)
        self._moved.clear()


def contradicts(code: str, index: int, why: str) -> NotVerified:
    """Return the error of a leaf that contradicts those before it."""
    return NotVerified(
        code,
        f"La foglia {index} {why} Il registro si contraddice: conservarla con il punto di controllo e"
        " chiederne conto pubblicamente.",
    )
