"""The streams of a log as the ranges tell them: names in order of creation, and where each ends.

Held side by side in arrays, since a log may have as many streams as events: for each stream its
count of events, index and digest (base64) of its last leaf, and the sum of its positions (skim.py).

Source: design FORMATS section 2; DECISIONS D26.
"""

from __future__ import annotations

from array import array
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from ledger.fsck.skim import MODULUS, Doubt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.fsck.skim import Runs

_DIGEST: Final = 44


class Streams:
    """All streams so far; `x` is the secret number of the sums."""

    def __init__(self, x: int) -> None:
        """Begin with none."""
        self._x = x
        self.ordinals: dict[str, int] = {}
        self.counts = array("q")
        self.sums = array("q")
        self._lasts = array("q")
        self._digests = bytearray()

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.counts)

    @property
    def places(self) -> int:
        """Return how many places events take in all of them."""
        return sum(self.counts)

    def digest(self, ordinal: int) -> bytes:
        """Return the digest, in base64, of the last envelope of a stream."""
        return bytes(self._digests[ordinal * _DIGEST : (ordinal + 1) * _DIGEST])

    def take(self, runs: Runs) -> list[int]:
        """Let streams go on as a range says; return the ordinal of each of its runs.

        Raises:
            Doubt: when a run does not begin where its stream ends, or its column names another.
        """
        found = []
        for run, name in enumerate(runs.names):
            ordinal = self.ordinals.get(name)
            if ordinal is None:
                ordinal = self._create(name)
            if self.counts[ordinal] != runs.firsts[run] or runs.ordinals[run] != str(ordinal):
                raise Doubt
            count = runs.counts[run]
            self.counts[ordinal] += count
            self._lasts[ordinal] = runs.lasts[run]
            self._digests[ordinal * _DIGEST : (ordinal + 1) * _DIGEST] = runs.digests[run]
            before = self.sums[ordinal] * pow(self._x, count, MODULUS) if self.sums[ordinal] else 0
            self.sums[ordinal] = (before + runs.sums[run]) % MODULUS
            found.append(ordinal)
        return found

    def rows(self) -> Iterator[tuple[int, str, int, int]]:
        """Yield what the table `stream` should hold: ordinal, name, count, last position."""
        lasts = (last + 1 for last in self._lasts)
        yield from zip(range(len(self)), self.ordinals, self.counts, lasts, strict=True)

    def row_hashes(self) -> dict[int, bytes]:
        """Return the hash of the row of every stream as it ends now."""
        every = zip(self.ordinals, self.counts, self._lasts, strict=True)
        return {
            ordinal: row_hash(name, count, last, self.digest(ordinal))
            for ordinal, (name, count, last) in enumerate(every)
        }

    def _create(self, name: str) -> int:
        ordinal = self.ordinals[name] = len(self.counts)
        for column in (self.counts, self.sums, self._lasts):
            column.append(0)
        self._digests += bytes(_DIGEST)
        return ordinal


def row_hash(name: str, count: int, last_index: int, digest: bytes) -> bytes:
    """Return the leaf hash of a row (journal/heads.py); the digest in base64."""
    line = b"pista/row/v1 %b %d %d %b\n" % (name.encode(), count, last_index, digest)
    return sha256(b"\x00" + line).digest()
