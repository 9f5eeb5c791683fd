"""A log of C2SP tlog-tiles made by hand from the text of the standard, with nothing of ours.

    log = TiledLog("example.org/mirror", entries)
    files = log.files(70_000)          {path: bytes}, without the checkpoint
    log.root(70_000)

Every hash is computed as RFC 6962 section 2.1 and tlog-tiles "Merkle Tree" define it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ledger.errors import Absent, StorageError
from ledger.journal.checkpoint import Checkpoint

if TYPE_CHECKING:
    from collections.abc import Sequence


def number_path(number: int) -> str:
    """Return a tile number as path elements of three digits, all but the last with an x."""
    digits = f"{number:03}"
    digits = digits.rjust(-(-len(digits) // 3) * 3, "0")
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])


def tree_hash(hashes: Sequence[bytes]) -> bytes:
    """Return MTH over leaf hashes."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    return hashlib.sha256(b"\1" + tree_hash(hashes[:k]) + tree_hash(hashes[k:])).digest()


class TiledLog:
    """Entries and the hashes of every level over them."""

    def __init__(self, origin: str, entries: Sequence[bytes]) -> None:
        """Hash all entries."""
        self.origin = origin
        self.entries = entries
        self.levels = [[hashlib.sha256(b"\0" + entry).digest() for entry in entries]]
        while len(self.levels[-1]) >= 256:
            below = self.levels[-1]
            full = range(0, len(below) - len(below) % 256, 256)
            self.levels.append([tree_hash(below[at : at + 256]) for at in full])

    def root(self, size: int) -> bytes:
        """Return the root of the first entries."""
        return tree_hash(self.levels[0][:size])

    def checkpoint(self, size: int) -> Checkpoint:
        """Return the head of the first entries."""
        return Checkpoint(self.origin, size, self.root(size))

    def files(self, size: int) -> dict[str, bytes]:
        """Return every tile and bundle of the tree of the first entries."""
        found = {}
        for level, hashes in enumerate(self.levels):
            count = size // 256**level
            for at in range(0, count, 256):
                name = number_path(at // 256) + suffix(count - at)
                found[f"tile/{level}/{name}"] = b"".join(hashes[at : min(at + 256, count)])
        for at in range(0, size, 256):
            name = number_path(at // 256) + suffix(size - at)
            bundle = self.entries[at : min(at + 256, size)]
            lengthy = (len(one).to_bytes(2, "big") + one for one in bundle)
            found[f"tile/entries/{name}"] = b"".join(lengthy)
        return found


def suffix(left: int) -> str:
    """Return the end of the path of a tile over what is left."""
    return "" if left >= 256 else f".p/{left}"


class Files:
    """A source in memory that notes what was asked of it."""

    def __init__(self, files: dict[str, bytes]) -> None:
        """Give these files."""
        self.files = files
        self.asked: list[str] = []

    def read(self, path: str, limit: int) -> bytes:
        """Return a file as a place would."""
        self.asked.append(path)
        if path not in self.files:
            raise Absent("not-published", path)
        if len(self.files[path]) > limit:
            raise StorageError("answer-too-long", path)
        return self.files[path]
