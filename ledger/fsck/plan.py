"""Which ranges of the log are looked at together.

    ranges(0, 100_000, kept=24_576, ends={24_576, 90_001})

Up to the kept size, 8,192 leaves each, aligned, so that a range gives roots of whole tiles; beyond
it, 1,024. A range ends wherever a root is wanted, for the anchor and for the kept checkpoint; what
does not begin and end with whole tiles is a range of its own.

Source: design PERFORMANCE, "chunks of 8,192 leaves aligned to subtrees".
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from ledger.fsck.skim import Ask
from ledger.journal.store import TILE_HASHES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

OLD: Final = 8192
NEW: Final = 1024


def ranges(size: int, *, kept: int, ends: Collection[int], x: int) -> Iterator[Ask]:
    """Yield the ranges of a log of so many leaves, in order."""
    wanted = sorted({end for end in (*ends, kept) if 0 < end < size})
    first = 0
    while first < size:
        step = NEW if first >= kept else OLD
        stop = min(first + step - first % step, size)
        stop = next((end for end in wanted if first < end < stop), stop)
        for start, end in pairwise(_cuts(first, stop, is_new=first >= kept)):
            is_new = start >= kept
            is_whole = not (is_new or start % TILE_HASHES or end % TILE_HASHES)
            yield Ask(start, end, x, is_whole, is_new)
        first = stop


def _cuts(first: int, stop: int, *, is_new: bool) -> list[int]:
    """Return the ends of the parts of a range: what comes before, in, and after whole tiles."""
    if is_new:
        return [first, stop]
    tiles = (-(-first // TILE_HASHES) * TILE_HASHES, stop // TILE_HASHES * TILE_HASHES)
    return sorted({first, *(tile for tile in tiles if first < tile < stop), stop})
