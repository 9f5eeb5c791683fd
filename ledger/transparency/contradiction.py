"""What a leaf contradicts, judged from itself and the few leaves before it, or from all of them.

    contradiction_in(tree, leaves, is_last=False)      NotVerified, or None

`tree` holds the leaves before those given. From any place on it shows: a leaf that is none, a time of
receipt that goes back, a heads leaf of another size or root than the tree that it closes, an event where a
published tree must be closed. What streams and rows say shows from the first leaf on alone.

Source: design FORMATS section 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.errors import NotVerified, Unreadable
from ledger.journal.leaf import EventLeaf, HeadsLeaf, parse_leaf
from ledger.journal.merkle import leaf_hash
from ledger.transparency.leaf_scan import LeafScan, contradicts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.journal.merkle import Frontier


def contradiction_in(
    before: Frontier, leaves: Sequence[bytes], *, is_last: bool
) -> NotVerified | None:
    """Return what the last of these leaves contradicts, None when nothing shows.

    `is_last` says that it is the last leaf of a published tree. An earlier leaf that contradicts is
    none of its business: then nothing is shown.
    """
    if before.size == 0:
        return _from_the_first(leaves, is_last=is_last)
    return _from_here(before.copy(), leaves, is_last=is_last)


def _from_the_first(leaves: Sequence[bytes], *, is_last: bool) -> NotVerified | None:
    scan = LeafScan()
    try:
        for leaf in leaves[:-1]:
            scan.add(leaf)
    except NotVerified:
        return None
    try:
        scan.add(leaves[-1])
        if is_last:
            scan.check_closed()
    except NotVerified as error:
        return error
    return None


def _from_here(tree: Frontier, leaves: Sequence[bytes], *, is_last: bool) -> NotVerified | None:
    latest = None
    for data in leaves[:-1]:
        tree.append(leaf_hash(data))
        leaf = _parsed(data)
        if isinstance(leaf, EventLeaf) and (latest is None or leaf.received_at > latest):
            latest = leaf.received_at
    index, leaf = tree.size, _parsed(leaves[-1])
    if isinstance(leaf, Unreadable):
        return contradicts("leaf-not-understood", index, leaf.sentence)
    if isinstance(leaf, HeadsLeaf):
        if (leaf.size, leaf.root) != (index, tree.root()):
            return contradicts(
                "heads-leaf-differs",
                index,
                "chiude il registro con altro da ciò che le foglie dicono.",
            )
        return None
    if latest is not None and leaf.received_at < latest:
        return contradicts("received-at-back", index, "è ricevuta prima di quella precedente.")
    if is_last:
        return contradicts("scan-not-closed", index, "è l'ultima e non chiude il registro.")
    return None


def _parsed(data: bytes) -> EventLeaf | HeadsLeaf | Unreadable:
    try:
        return parse_leaf(data)
    except Unreadable as error:
        return error
