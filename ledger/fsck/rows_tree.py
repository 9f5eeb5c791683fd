"""The tree over the rows of all streams, changed by many rows at a time.

    tree.put({ordinal: hash of the row, ...})       those of a batch, together
    tree.root()

Level k holds the roots of the complete subtrees of 2**k rows, side by side. The rows that one batch
of events changed share most of the nodes above them, so each node is computed once a batch.

Source: RFC 6962 section 2.1; design FORMATS section 2.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from ledger.journal import merkle

if TYPE_CHECKING:
    from collections.abc import Mapping

_HASH_BYTES: Final = 32


class RowsTree:
    """The rows so far, 64 bytes each."""

    __slots__ = ("_levels", "size")

    def __init__(self) -> None:
        """Begin with no row."""
        self.size = 0
        self._levels: list[bytearray] = [bytearray()]

    def put(self, changes: Mapping[int, bytes]) -> None:
        """Replace rows by their hashes, or add the next ones."""
        rows = self._levels[0]
        for ordinal in sorted(changes):
            rows[ordinal * _HASH_BYTES : (ordinal + 1) * _HASH_BYTES] = changes[ordinal]
        self.size = len(rows) // _HASH_BYTES
        changed, level, width = set(changes), 0, self.size
        while width > 1:
            changed = {ordinal >> 1 for ordinal in changed if ordinal | 1 < width}
            self._rebuild(level, changed)
            level, width = level + 1, width >> 1

    def subtree(self, level: int, index: int) -> bytes:
        """Return the root of a complete subtree, see `merkle.HashReader`."""
        at = index * _HASH_BYTES
        return bytes(self._levels[level][at : at + _HASH_BYTES])

    def root(self) -> bytes:
        """Return the root of all rows."""
        return merkle.root(self, self.size)

    def _rebuild(self, level: int, changed: set[int]) -> None:
        """Compute those nodes of the next level."""
        if level + 1 == len(self._levels):
            self._levels.append(bytearray())
        below, above = self._levels[level], self._levels[level + 1]
        for index in sorted(changed):
            at = index * 2 * _HASH_BYTES
            node = sha256(b"\x01" + below[at : at + 2 * _HASH_BYTES]).digest()
            above[index * _HASH_BYTES : (index + 1) * _HASH_BYTES] = node
