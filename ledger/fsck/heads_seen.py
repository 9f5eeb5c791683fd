"""Roots of published trees, for the heads that events rest on.

    published = PublishedRoots(reader, recent)
    published.root(1291)       32 bytes, None when no heads leaf closes a tree of that size

Those of the trees that were computed lately are remembered; an older one is computed from the tiles
and leaves of the store, which are compared with the log elsewhere in the same examination.

Source: design FORMATS section 1 (basis); RFC 6962 section 2.1.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from ledger.errors import Unreadable
from ledger.journal.leaf import HeadsLeaf, parse_leaf
from ledger.journal.merkle import leaf_hash, node_hash, root
from ledger.journal.row import unpack
from ledger.journal.store import TILE_BYTES, TILE_HASHES
from ledger.journal.tables import EVENT, TILE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger.journal.tables import TableReader

_HEIGHT: Final = 8
_HASH_BYTES: Final = 32
_NODES_KEPT: Final = 16_384
_TILES_KEPT: Final = 64


class PublishedRoots:
    """Roots by size."""

    def __init__(self, reader: TableReader, recent: Mapping[int, bytes]) -> None:
        """Look first among the recent ones, which may grow."""
        self._reader = reader
        self._recent = recent
        self._older = lru_cache(maxsize=_NODES_KEPT)(self._compute)
        self.subtree = lru_cache(maxsize=_NODES_KEPT)(self._subtree)
        self._hashes = lru_cache(maxsize=_TILES_KEPT)(self._hashes_of)

    def root(self, size: int) -> bytes | None:
        """Return the root of the tree that a heads leaf closes at this size."""
        return self._recent.get(size) or self._older(size)

    def _compute(self, size: int) -> bytes | None:
        rows = self._reader.page(EVENT, (size - 1,), 1)
        try:
            leaf = parse_leaf(unpack(rows[0][-1])[0]) if rows else None
            if isinstance(leaf, HeadsLeaf) and leaf.size == size - 1 == rows[0][0] - 1:
                return root(self, size)
        except (Unreadable, LookupError):
            return None
        return None

    def _subtree(self, level: int, index: int) -> bytes:
        """Return the root of a complete subtree, see `merkle.HashReader`."""
        tile_level, depth = divmod(level, _HEIGHT)
        number, at = divmod(index << depth, TILE_HASHES)
        hashes = self._hashes(tile_level, number)
        if hashes is None and level:
            below = (self.subtree(level - 1, 2 * index + side) for side in (0, 1))
            return node_hash(*below)
        if hashes is None:
            raise LookupError(index)
        nodes = hashes[at : at + (1 << depth)]
        while len(nodes) > 1:
            nodes = [node_hash(*pair) for pair in zip(nodes[::2], nodes[1::2], strict=True)]
        return nodes[0]

    def _hashes_of(self, tile_level: int, number: int) -> list[bytes] | None:
        """Return the 256 hashes of a full tile; of leaves without one, as many as there are."""
        rows = self._reader.page(TILE, (tile_level, number - 1), 1)
        if rows and rows[0][:2] == (tile_level, number) and len(rows[0][2]) == TILE_BYTES:
            tile = rows[0][2]
            return [tile[at : at + _HASH_BYTES] for at in range(0, TILE_BYTES, _HASH_BYTES)]
        if tile_level:
            return None
        leaves = self._reader.page(EVENT, (number * TILE_HASHES,), TILE_HASHES)
        return [leaf_hash(unpack(row[-1])[0]) for row in leaves]
