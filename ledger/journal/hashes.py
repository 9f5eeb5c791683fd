"""Hashes of the log: complete subtrees, from full tiles and from the leaves that have none yet.

A full tile holds 256 hashes of its level; level L stands for subtrees of 256**L leaves. What is
not covered by a full tile is hashed from the leaves, which are fetched 256 at a time. All that is
kept here never changes, since a complete subtree never does; the caches are bounded.

Source: C2SP tlog-tiles; design FORMATS section 3.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from ledger.errors import StorageError
from ledger.journal.entries import read_entries
from ledger.journal.merkle import leaf_hash, node_hash
from ledger.journal.store import TILE_HASHES
from ledger.journal.tiles import fold_hashes

if TYPE_CHECKING:
    from ledger.journal.recorder import JournalRecorder

_TILE_HEIGHT: Final = 8
_HASH_BYTES: Final = 32
_KEPT_NODES: Final = 16_384
_KEPT_TILES: Final = 256
_KEPT_LEAVES: Final = 4_096


class LogHashes:
    """A `merkle.HashReader` over a recorder; safe for threads."""

    def __init__(self, recorder: JournalRecorder) -> None:
        """Read from this recorder."""
        self._recorder = recorder
        self._size = 0  # leaves known to be there; only grows
        self._leaves: OrderedDict[int, bytes] = OrderedDict()
        self._leaves_lock = threading.Lock()
        self._node = lru_cache(maxsize=_KEPT_NODES)(self._compute)
        self._tile = lru_cache(maxsize=_KEPT_TILES)(self._load_tile)

    def subtree(self, level: int, index: int) -> bytes:
        """Return the 32-byte root over leaves [index << level, (index + 1) << level).

        Raises:
            IndexError: when the log does not have all of these leaves.
            StorageError: when a full tile is missing or damaged (`tile-missing`), or a leaf that
                has no full tile yet is missing (`row-missing`).
        """
        return self._node(level, index)

    def learn(self, first: int, hashes: list[bytes]) -> None:
        """Take over the hashes of leaves, from index `first` on, that are known to be stored."""
        with self._leaves_lock:
            self._leaves.update(enumerate(hashes, start=first))
            while len(self._leaves) > _KEPT_LEAVES:
                self._leaves.popitem(last=False)

    def _compute(self, level: int, index: int) -> bytes:
        self._check_stored((index + 1) << level)
        tile_level, depth = divmod(level, _TILE_HEIGHT)
        first = index << depth
        number = first // TILE_HASHES
        if (number + 1) << (_TILE_HEIGHT * (tile_level + 1)) <= self._size:
            start = first % TILE_HASHES * _HASH_BYTES
            return fold_hashes(
                self._tile(tile_level, number)[start : start + (_HASH_BYTES << depth)]
            )
        if level:
            return node_hash(self._node(level - 1, 2 * index), self._node(level - 1, 2 * index + 1))
        return self._leaf(index)

    def _check_stored(self, size: int) -> None:
        if size > self._size:
            self._size = max(self._size, self._recorder.head().position)
        if size > self._size:
            raise IndexError(f"the log has {self._size} leaves, not {size}")

    def _leaf(self, index: int) -> bytes:
        with self._leaves_lock:
            known = self._leaves.get(index)
        if known is None:
            first = index - index % TILE_HASHES
            entries = read_entries(self._recorder, first, first + TILE_HASHES)
            hashes = [leaf_hash(leaf) for _, leaf, _ in entries]
            self.learn(first, hashes)
            known = hashes[index - first]
        return known

    def _load_tile(self, level: int, number: int) -> bytes:
        tile = self._recorder.read_tile(level, number)
        if tile is None or len(tile) != TILE_HASHES * _HASH_BYTES:
            raise StorageError(
                "tile-missing",
                f"Il blocco {number} del livello {level} manca o è rovinato: rimettere l'archivio"
                " da una copia di riserva.",
            )
        return tile
