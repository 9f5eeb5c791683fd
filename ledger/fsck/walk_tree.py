"""Leaves, tiles and heads leaves against each other, as the log is read closely.

A leaf that is not the one of which its tile has the hash, or a heads leaf that is not what the leaves
before it give, leaves guesses open; the next root that fits says which was right (guesses.py).

Source: design FORMATS sections 2 and 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.errors import Busy, StorageError
from ledger.fsck.finding import RESTORE, Finding, differs, of_log
from ledger.fsck.guesses import Guesses
from ledger.journal.leaf import HeadsLeaf, format_leaf
from ledger.journal.merkle import leaf_hash
from ledger.journal.store import TILE_BYTES, TILE_HASHES
from ledger.journal.tables import TILE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ledger.fsck.ends import Ends
    from ledger.fsck.entry import Entry
    from ledger.fsck.guesses import Candidate, Guess
    from ledger.journal.tables import Row, TableReader

_HASH_BYTES: Final = 32
_NOTHING: Final = bytes(_HASH_BYTES)


class WalkedTree:
    """The tree of the leaves so far, as far as it is known."""

    def __init__(
        self, reader: TableReader, ends: Ends, size: int, known: Mapping[int, bytes]
    ) -> None:
        """Begin with no leaf; `ends` are those of the streams, always as far as the leaves.

        `known` are roots that are known from elsewhere, by size.
        """
        self.roots: dict[int, bytes | None] = {}
        self._reader = reader
        self._ends = ends
        self._size = size
        self._known = known
        self._guesses = Guesses()
        self._tile: bytes | None = None
        self._told: set[tuple[str, str, str]] = set()
        self._good = 0  # leaves that a heads leaf has confirmed
        self._closed = 0

    @property
    def is_open(self) -> bool:
        """Tell whether it is not known what the leaves so far were."""
        return self._guesses.is_open

    @property
    def root(self) -> bytes | None:
        """Return the root of the leaves so far, None when it is not known or none closes them."""
        tree = self._guesses.best.tree
        if self._closed != tree.size or self.is_open:
            return None
        return tree.root()

    def take(self, entry: Entry) -> Iterator[Finding]:
        """Add a leaf, and yield what is found by then."""
        yield from self._begin_tile(entry.index)
        if entry.is_heads:
            self._take_heads(entry)
        else:
            self._add(entry, [(leaf_hash(one), ()) for one in entry.candidates])
        self._arbitrate()
        yield from self._blamed()

    def suppose(self, entry: Entry, *, is_heads: bool) -> Iterator[Finding]:
        """Add a leaf that cannot be read, by its tile, or as the heads leaf that should be here."""
        yield from self._begin_tile(entry.index)
        known = self._tile_hash(entry.index)
        if known is not None:
            self._guesses.add([(known, ())])
        elif is_heads:
            self._guesses.branch(
                lambda guess: [(self._expected_hash(guess, None), ())], is_sure=False
            )
        else:
            self._add(entry, [])
        if is_heads:
            self._closed = entry.position
        self._arbitrate()
        yield from self._blamed()

    def finish(self, *, is_cut: bool) -> Iterator[Finding]:
        """Yield what the end of the log leaves open; a log that is cut short is not closed."""
        if self.is_open:
            self._guesses.give_up()
        yield from self._blamed()
        if self._closed != self._size and not is_cut:
            sentence = "il registro non termina con una foglia di chiusura"
            yield of_log("log-not-closed", self._size, sentence)

    def tiles(self) -> Iterator[Row]:
        """Yield what the table of tiles should hold; hashes that were compared are None."""
        for number in range(self._size // TILE_HASHES):
            yield 0, number, None
        for level, number, hashes in self._guesses.best.tree.upper_tiles():
            yield level, number, None if self.is_open else hashes

    def _blamed(self) -> Iterator[Finding]:
        for found in self._guesses.blamed:
            told = found.table, found.key, found.column
            if told not in self._told:
                self._told.add(told)
                yield found
        self._guesses.blamed.clear()

    def _begin_tile(self, index: int) -> Iterator[Finding]:
        """Read the tile that a leaf begins."""
        if index % TILE_HASHES:
            return
        number = index // TILE_HASHES
        is_full = (number + 1) * TILE_HASHES <= self._size
        try:
            rows = self._reader.page(TILE, (0, number - 1), 1) if is_full else []
        except Busy:
            raise
        except StorageError:  # told when the table is compared as a whole
            rows = []
        is_there = bool(rows) and rows[0][:2] == (0, number)
        self._tile = rows[0][2] if is_there else None
        if self._tile is not None and len(self._tile) != TILE_BYTES:
            stored, expected = f"{len(self._tile)} byte", f"{TILE_BYTES} byte"
            yield differs(TILE.name, f"level 0, number {number}", "hashes", stored, expected)
            self._tile = None

    def _tile_hash(self, index: int) -> bytes | None:
        at = index % TILE_HASHES * _HASH_BYTES
        return None if self._tile is None else self._tile[at : at + _HASH_BYTES]

    def _arbitrate(self) -> None:
        """Let a root that is known from elsewhere decide between the guesses."""
        size = self._guesses.best.tree.size
        known = self._known.get(size)
        if known is None:
            return
        self._guesses.judge(lambda guess: guess.tree.root() == known)
        self.roots[size] = None if self.is_open else self._guesses.best.tree.root()

    def _add(self, entry: Entry, plausible: list[Candidate]) -> None:
        """Add a leaf that may have one of these hashes, or that of its tile."""
        candidates = self._candidates(entry, plausible)
        if candidates:
            self._guesses.add(candidates)
        else:
            self._guesses.add([(_NOTHING, ())])
            self._guesses.give_up()

    def _candidates(self, entry: Entry, plausible: list[Candidate]) -> list[Candidate]:
        known = self._tile_hash(entry.index)
        if known is None:
            return plausible
        agreeing = [one for one in plausible if one[0] == known]
        if agreeing:
            return agreeing[:1]
        tile = _other_hash(entry.index, known)
        sentence = "la foglia non è quella di cui il blocco ha l'impronta"
        leaf = [] if entry.findings else [of_log("leaf-differs", entry.position, sentence)]
        return [*((one, (*blames, tile)) for one, blames in plausible), (known, leaf)]

    def _take_heads(self, entry: Entry) -> None:
        """Add a heads leaf, when it is what a guess leads to; else guess who is wrong."""
        stored = entry.leaf if isinstance(entry.leaf, HeadsLeaf) else None
        as_stored: list[Candidate] = [(leaf_hash(entry.stored), ())] if stored else []
        agrees = stored is not None and self._guesses.judge(
            lambda guess: self._expected(guess, stored) == stored
        )
        if agrees:
            self._add(entry, as_stored)
            self._good = entry.position
        elif stored is not None and self._is_hopeless():
            self._add(entry, as_stored)
        else:
            self._guesses.branch(lambda guess: self._either(entry, stored, guess))
        self._closed = entry.position

    def _is_hopeless(self) -> bool:
        """Tell whether nothing fits since a heads leaf before; then the guesses are given up."""
        if not self._guesses.is_lost and any(guess.blames for guess in self._guesses.every):
            self._guesses.give_up()
        return self._guesses.is_lost

    def _either(self, entry: Entry, stored: HeadsLeaf | None, guess: Guess) -> list[Candidate]:
        """Return the heads leaf as it is stored, and as the leaves before it say it."""
        first, last = self._good + 1, entry.position
        either: list[Candidate] = []
        if stored is not None:
            sentence = f"le posizioni da {first} a {last} non danno la radice scritta nella {last}"
            key = f"position {first}-{last}"
            blame = of_log("heads-differ", first, sentence, key=key)
            either.append((leaf_hash(entry.stored), (blame,)))
        sentence = "la foglia di chiusura non dice quello che dicono le foglie prima di essa"
        blames = [] if entry.findings else [of_log("heads-differ", last, sentence)]
        either.append((self._expected_hash(guess, stored), blames))
        return self._candidates(entry, either) if self._tile is not None else either

    def _expected(self, guess: Guess, stored: HeadsLeaf | None) -> HeadsLeaf:
        """Return the heads leaf that a guess leads to; the root of rows as stored when not known."""
        rows = self._ends.rows_root()
        if rows is None:
            rows = stored.rows_root if stored is not None else _NOTHING
        tree = guess.tree
        return HeadsLeaf(tree.size, tree.root(), len(self._ends.every), rows)

    def _expected_hash(self, guess: Guess, stored: HeadsLeaf | None) -> bytes:
        return leaf_hash(format_leaf(self._expected(guess, stored)))


def _other_hash(index: int, stored: bytes) -> Finding:
    """Return the finding of a tile that has another hash than its leaf."""
    number, at = divmod(index, TILE_HASHES)
    sentence = f"l'impronta {at} non è quella della foglia {index}: {RESTORE}"
    named, found = f"level 0, number {number}", stored.hex()[:16]
    return Finding("column-differs", sentence, TILE.name, named, "hashes", stored=found)
