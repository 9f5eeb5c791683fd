"""The heads that events rest on, as they are read closely.

Source: design FORMATS section 1, `basis`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.journal.leaf import format_hash
from ledger.journal.merkle import EMPTY_ROOT

if TYPE_CHECKING:
    from ledger.fsck.entry import Entry


class Rests:
    """The published heads so far, and the newest that each key named."""

    def __init__(self) -> None:
        """Begin with the empty tree."""
        self._roots: dict[int, bytes | None] = {0: EMPTY_ROOT}
        self._newest: dict[str, int] = {}

    def publish(self, size: int, root: bytes | None) -> None:
        """Take a head; its root is None when it is not known."""
        self._roots[size] = root

    def check(self, entry: Entry, kid: str) -> None:
        """Note in an event that it rests on no head, on one ahead of it, or on an older one."""
        said = entry.said
        if said is None:
            return
        size, root = said.basis.size, self._roots.get(said.basis.size)
        if size > entry.index:
            entry.note("basis-ahead", f"si appoggia a {size} foglie, che la comprendono")
        elif size < self._newest.get(kid, 0):
            entry.note("basis-older", f"si appoggia a {size} foglie, meno di prima")
        elif size not in self._roots or (root is not None and format_hash(root) != said.basis.root):
            entry.note("basis-unknown", f"si appoggia a un albero di {size} foglie mai pubblicato")
        self._newest[kid] = max(size, self._newest.get(kid, 0))
