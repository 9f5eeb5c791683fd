"""A tree told by the hashes of a few complete subtrees, side by side from its first leaf on.

    before = span_hashes(tiles, 0, 3)        leaves 0 and 1 together, leaf 2
    after = span_hashes(tiles, 3, 8)         leaf 3, leaves 4 to 7 together
    tree = extended(Frontier(), 3, before)   the tree of the first three
    extended(tree, 8, after).root()          the root of all eight

The leaves [start, stop) fall into the largest complete subtrees that begin and end within them, at most
126. Hashes that cover the leaves [0, m) and then [m, n) lead to the root of the first m leaves and of all
n: who signed the second root has said what the first one is. Source: RFC 6962 section 2.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.errors import Unreadable
from ledger.journal.merkle import Frontier, node_hash

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ledger.journal.merkle import HashReader


def spans_of(start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Yield (level, index) of the complete subtrees that leaves [start, stop) fall into, in order."""
    while start < stop:
        room = (stop - start).bit_length() - 1
        level = min(room, (start & -start).bit_length() - 1) if start else room
        yield level, start >> level
        start += 1 << level


def span_hashes(reader: HashReader, start: int, stop: int) -> list[bytes]:
    """Return the hashes of those subtrees; raises as the reader."""
    return [reader.subtree(level, index) for level, index in spans_of(start, stop)]


def extended(tree: Frontier, stop: int, hashes: Sequence[bytes]) -> Frontier:
    """Return the tree of `stop` leaves that these hashes make of a smaller one.

    Raises:
        Unreadable: when they are not as many as the leaves fall into (`spans-unreadable`).
    """
    levels = [level for level, _ in spans_of(tree.size, stop)]
    if len(levels) != len(hashes) or stop < tree.size:
        raise Unreadable(
            "spans-unreadable",
            f"Da {tree.size} a {stop} foglie servono {len(levels)} impronte, non {len(hashes)}:"
            " chiedere di nuovo la prova a chi l'ha fatta.",
        )
    size, nodes = tree.size, list(tree.hashes)
    for level, value in zip(levels, hashes, strict=True):
        nodes.append(value)
        size += 1 << level
        while len(nodes) > size.bit_count():
            nodes[-2:] = [node_hash(*nodes[-2:])]
    return Frontier(size, nodes)
