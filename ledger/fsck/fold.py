"""The ranges of a log put together, in order: what no range can know alone.

    fold.take(skimmed)        the next range
    fold.tree.root()          the root of the leaves so far
    fold.keys                 the keys, folded from the events of actors and of the ledger

Streams go on where they ended, times do not go back, ledger events are admissible, and for leaves
that are new to the kept checkpoint every heads leaf is computed from what lies before it. Whatever
does not fit is a `Doubt`.

Source: design FORMATS sections 2, 4 and 5.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.errors import PistaError
from ledger.fsck.rows_tree import RowsTree
from ledger.fsck.skim import Doubt
from ledger.fsck.streams import Streams, row_hash
from ledger.fsck.tree import LogTree
from ledger.journal.leaf import HeadsLeaf, format_leaf
from ledger.journal.merkle import EMPTY_ROOT
from ledger.journal.store import TILE_HASHES
from ledger.signing.envelope import parse
from ledger.signing.keys import KeyDirectory

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger.fsck.skim import HeadsSeen, Skimmed

_ROOTS_KEPT: Final = 65_536


@dataclass(frozen=True, slots=True)
class Before:
    """What a range found when it came: digests (base64) of its streams, bases of its keys."""

    digests: dict[str, bytes | None]
    newest_basis: dict[str, int]


class Fold:
    """The log so far."""

    def __init__(self, x: int, compare_tile: Callable[[int, bytes], bool]) -> None:
        """Begin with nothing; `compare_tile` tells whether a tile of level 0 is stored so."""
        self.streams = Streams(x)
        self.tree = LogTree()
        self.keys = KeyDirectory()
        self.newest_basis: dict[str, int] = {}
        self.roots: OrderedDict[int, bytes] = OrderedDict({0: EMPTY_ROOT})
        self.last_heads = -1
        self._compare_tile = compare_tile
        self._rows: RowsTree | None = None
        self._changed: dict[int, bytes] = {}
        self._last_time = b""

    def take(self, skimmed: Skimmed) -> Before:
        """Add the next range, and return what it found.

        Raises:
            Doubt: when it does not fit.
        """
        if skimmed.first_time and skimmed.first_time < self._last_time:
            raise Doubt
        self._last_time = skimmed.last_time or self._last_time
        if skimmed.ask.is_new and self._rows is None:
            self._rows = RowsTree()
            self._rows.put(self.streams.row_hashes())
        before = self._before(skimmed)
        ordinals = self.streams.take(skimmed.runs)
        self._take_key_events(skimmed)
        self._take_leaves(skimmed, ordinals)
        self.newest_basis.update(skimmed.newest_basis)
        self.last_heads = max(self.last_heads, skimmed.last_heads)
        return before

    def _before(self, skimmed: Skimmed) -> Before:
        if not skimmed.ask.is_new:
            return Before({}, {})
        known = {name: self.streams.ordinals.get(name) for name in skimmed.runs.names}
        return Before(
            {n: None if o is None else self.streams.digest(o) for n, o in known.items()},
            {kid: self.newest_basis.get(kid, 0) for kid in skimmed.newest_basis},
        )

    def _take_key_events(self, skimmed: Skimmed) -> None:
        for index, raw in skimmed.key_events:
            try:
                self.keys.apply(index, parse(raw))
            except PistaError as error:
                raise Doubt from error

    def _take_leaves(self, skimmed: Skimmed, ordinals: list[int]) -> None:
        if skimmed.ask.is_whole:
            self.tree.append_blocks(skimmed.blocks)
            return
        heads = {one.index: one for one in skimmed.heads}
        for index, value in enumerate(skimmed.hashes, start=skimmed.ask.first):
            if index in heads:
                self._close(heads[index], skimmed, ordinals)
            tile = self.tree.append(value)
            if index in heads:
                self._publish(index + 1)
            if tile is not None and not self._compare_tile(index // TILE_HASHES, tile):
                raise Doubt
        self._change(skimmed.changed, skimmed, ordinals)

    def _close(self, seen: HeadsSeen, skimmed: Skimmed, ordinals: list[int]) -> None:
        """Compare a heads leaf with what lies before it."""
        self._change(seen.changed, skimmed, ordinals)
        rows = self._rows
        if rows is None:
            raise Doubt
        rows.put(self._changed)
        self._changed = {}
        computed = HeadsLeaf(seen.index, self.tree.root(), rows.size, rows.root())
        if format_leaf(computed) != seen.leaf:
            raise Doubt

    def _change(
        self, changed: list[tuple[int, int, int, bytes]], skimmed: Skimmed, ordinals: list[int]
    ) -> None:
        for run, count, last, digest in changed:
            name = skimmed.runs.names[run]
            self._changed[ordinals[run]] = row_hash(name, count, last, digest)

    def _publish(self, size: int) -> None:
        """Remember the root of a tree that a heads leaf closes."""
        self.roots[size] = self.tree.root()
        while len(self.roots) > _ROOTS_KEPT:
            self.roots.popitem(last=False)
