"""Putting back a lost anchor: a person's decision, from a checkpoint kept elsewhere.

    adopt(anchor, head, root_at)        head: a verified checkpoint of a witness, receipt or package

An absent anchor freezes the ledger, since without it nobody notices that the store is an older copy.
Who holds a checkpoint that the log signed can tell how far the store must reach at the least: the
store must have that tree as its beginning. What the store holds beyond it is then taken on its own
word, so the newest checkpoint that can be found is the right one.

Source: design FORMATS section 5 step 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.errors import Conflict, Frozen
from ledger.journal.anchor import AnchorState

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger.journal.anchor import Anchor
    from ledger.journal.checkpoint import Checkpoint


def check_adoptable(anchor: Anchor, head: Checkpoint, root_at: Callable[[int], bytes]) -> None:
    """Accept a checkpoint at which the anchor could be created.

    `root_at` gives the root of the store's first n leaves and raises IndexError when it has fewer.

    Raises:
        Conflict: when the anchor is there (`anchor-present`).
        Frozen: when the store is shorter than the checkpoint (`store-shorter`) or has another tree
            (`store-forked`).
        StorageError: when the anchor cannot be read.
    """
    found = anchor.read()
    if found is not None:
        raise Conflict(
            "anchor-present",
            f"L'ancora c'è già, a {found.size} foglie, e non si sostituisce. Se non si legge più,"
            " metterla da parte prima di adottarne un'altra.",
        )
    try:
        ours = root_at(head.size)
    except IndexError:
        raise Frozen(
            "store-shorter",
            f"Il punto di controllo ha {head.size} foglie, l'archivio ne ha meno: gli mancano"
            " registrazioni già firmate. L'ancora non è stata scritta: ritrovare la copia completa.",
        ) from None
    if ours != head.root:
        raise Frozen(
            "store-forked",
            f"Le prime {head.size} foglie dell'archivio non sono quelle del punto di controllo."
            " L'ancora non è stata scritta: stabilire quale copia è quella vera.",
        )


def adopt(anchor: Anchor, head: Checkpoint, root_at: Callable[[int], bytes]) -> AnchorState:
    """Create the anchor at a checkpoint that was verified, and return where it stands.

    Raises:
        Conflict, Frozen: as `check_adoptable`; the anchor is not created.
        StorageError: when the anchor cannot be read or written.
    """
    check_adoptable(anchor, head, root_at)
    anchor.advance(head.size, head.root, seen=None)
    return AnchorState(head.size, head.root)
