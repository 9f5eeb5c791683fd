"""The tree over the leaves of a log, as it grows: its root, and the tiles that it fills.

    tree.append(hash)             one leaf
    tree.append_blocks(roots)     many leaves at once: the roots over full tiles, from a whole tile on
    tree.root()

What is kept is O(log n), and 32 bytes for each 256 leaves, from which the tiles of the upper levels
are compared when the log has been read.

Source: RFC 6962 section 2.1; C2SP tlog-tiles.
"""

from __future__ import annotations

from functools import reduce
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from ledger.journal.merkle import EMPTY_ROOT, node_hash
from ledger.journal.store import TILE_HASHES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HASH_BYTES: Final = 32
_LEVELS_OF_TILE: Final = TILE_HASHES.bit_length() - 1


def block_roots(hashes: list[bytes]) -> list[bytes]:
    """Return the root over each 256 of the hashes, of which there are a multiple of 256."""
    for _ in range(_LEVELS_OF_TILE):
        pairs = zip(hashes[::2], hashes[1::2], strict=True)
        hashes = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    return hashes


class LogTree:
    """The leaves so far."""

    __slots__ = ("_blocks", "_edge", "_nodes", "size")

    def __init__(self) -> None:
        """Begin with no leaf."""
        self.size = 0
        self._nodes: list[bytes] = []  # roots of complete subtrees, largest first
        self._edge: list[bytes] = []  # the leaves that do not fill a tile yet
        self._blocks = bytearray()

    def append(self, hash_of_leaf: bytes) -> bytes | None:
        """Add a leaf by its hash; return the 8,192 bytes of the tile that it fills."""
        self._edge.append(hash_of_leaf)
        self._push(1, hash_of_leaf)
        if len(self._edge) < TILE_HASHES:
            return None
        tile = b"".join(self._edge)
        self._edge.clear()
        self._blocks += self._nodes[-1] if self.size & TILE_HASHES else block_roots(_split(tile))[0]
        return tile

    def append_blocks(self, roots: Sequence[bytes]) -> None:
        """Add leaves by the roots over their full tiles; ValueError when a tile is begun."""
        if self._edge:
            raise ValueError("a tile has been begun")
        for root in roots:
            self._push(TILE_HASHES, root)
            self._blocks += root

    def root(self) -> bytes:
        """Return the root of all leaves so far."""
        if not self._nodes:
            return EMPTY_ROOT
        return reduce(lambda right, left: node_hash(left, right), reversed(self._nodes))

    def copy(self) -> LogTree:
        """Return a tree that grows apart from this one."""
        twin = LogTree()
        twin.size = self.size
        twin._nodes = list(self._nodes)
        twin._edge = list(self._edge)
        twin._blocks = bytearray(self._blocks)
        return twin

    def upper_tiles(self) -> Iterator[tuple[int, int, bytes]]:
        """Yield (level, number, hashes) of the full tiles above the leaves, in order."""
        hashes, level = _split(bytes(self._blocks)), 1
        while len(hashes) >= TILE_HASHES:
            full = len(hashes) - len(hashes) % TILE_HASHES
            for number, at in enumerate(range(0, full, TILE_HASHES)):
                yield level, number, b"".join(hashes[at : at + TILE_HASHES])
            hashes, level = block_roots(hashes[:full]), level + 1

    def _push(self, leaves: int, root: bytes) -> None:
        """Add a complete subtree, and join those that have become complete."""
        self.size += leaves
        nodes, subtrees = self._nodes, self.size.bit_count()
        nodes.append(root)
        while len(nodes) > subtrees:
            right = nodes.pop()
            nodes[-1] = node_hash(nodes[-1], right)


def _split(hashes: bytes) -> list[bytes]:
    return [hashes[at : at + _HASH_BYTES] for at in range(0, len(hashes), _HASH_BYTES)]
