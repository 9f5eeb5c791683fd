"""Trees that grow: the leaves of a log with their tiles, and rows with changes on top.

Leaves only grow. A frontier gives their root; for each level of tiles the hashes are kept that do
not fill a tile yet, at most 255 of 32 bytes. Rows change with every event of their stream; changes
are staged on top of the tree in memory, so that a draft that was not stored leaves it as it was.

Source: RFC 6962 section 2.1; C2SP tlog-tiles; design FORMATS sections 2 and 3.
"""

from __future__ import annotations

from typing import Final

from ledger.journal.merkle import Frontier, HashReader, Tree, node_hash, root
from ledger.journal.store import TILE_HASHES, Tile
from ledger.journal.tiles import fold_hashes

_TILE_HEIGHT: Final = 8


class LeafTree:
    """The frontier of the leaves, and the tiles that are not full yet."""

    def __init__(self, frontier: Frontier, edges: list[list[bytes]]) -> None:
        """Go on from a frontier; `edges` are, level by level, the hashes of the partial tile."""
        self._frontier = frontier
        self._edges = edges

    @classmethod
    def read(cls, hashes: HashReader, size: int) -> LeafTree:
        """Return the tree of the first `size` leaves of a log."""
        bits = [bit for bit in reversed(range(size.bit_length())) if size >> bit & 1]
        subtrees = [hashes.subtree(bit, (size >> bit) - 1) for bit in bits]
        edges: list[list[bytes]] = []
        for level in range(0, size.bit_length(), _TILE_HEIGHT):
            count = size >> level
            edge = range(count - count % TILE_HASHES, count)
            edges.append([hashes.subtree(level, index) for index in edge])
        return cls(Frontier(size, subtrees), edges)

    @property
    def size(self) -> int:
        """The number of leaves."""
        return self._frontier.size

    def root(self) -> bytes:
        """Return the root of all leaves."""
        return self._frontier.root()

    def frontier(self) -> Frontier:
        """Return an independent frontier of the leaves."""
        return self._frontier.copy()

    def copy(self) -> LeafTree:
        """Return an independent tree of the same leaves."""
        return LeafTree(self._frontier.copy(), [list(edge) for edge in self._edges])

    def append(self, hash_of_leaf: bytes) -> list[Tile]:
        """Add a leaf by its hash and return the tiles that it fills, the lowest level first."""
        self._frontier.append(hash_of_leaf)
        tiles: list[Tile] = []
        level, value = 0, hash_of_leaf
        while True:
            if level == len(self._edges):
                self._edges.append([])
            edge = self._edges[level]
            edge.append(value)
            if len(edge) < TILE_HASHES:
                return tiles
            number = (self.size >> (_TILE_HEIGHT * (level + 1))) - 1
            hashes = b"".join(edge)
            tiles.append(Tile(level, number, hashes))
            value = fold_hashes(hashes)
            edge.clear()
            level += 1


class StagedRows:
    """A tree of rows with changes on top; `commit` makes them in the tree itself."""

    def __init__(self, tree: Tree) -> None:
        """Begin with the rows of this tree."""
        self._tree = tree
        self._nodes: dict[tuple[int, int], bytes] = {}
        self._changed: dict[int, bytes] = {}
        self.size = tree.size

    def put(self, index: int, value: bytes) -> None:
        """Replace a row by its hash, or add the next one, and every complete subtree above it."""
        self._changed[index] = value
        self.size = max(self.size, index + 1)
        level = 0
        self._nodes[level, index] = value
        while (index | 1) + 1 << level <= self.size:
            left, right = self.subtree(level, index & ~1), self.subtree(level, index | 1)
            level, index = level + 1, index >> 1
            self._nodes[level, index] = node_hash(left, right)

    def subtree(self, level: int, index: int) -> bytes:
        """Return the root of a complete subtree, see `merkle.HashReader`."""
        found = self._nodes.get((level, index))
        return self._tree.subtree(level, index) if found is None else found

    def root(self) -> bytes:
        """Return the root of all rows."""
        return root(self, self.size)

    def commit(self) -> None:
        """Make the changes in the tree; new rows were put in order, so they are here as well."""
        for index, value in self._changed.items():
            if index < self._tree.size:
                self._tree.update(index, value)
            else:
                self._tree.append(value)
