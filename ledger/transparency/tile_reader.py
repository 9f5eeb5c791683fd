"""Reading a log from its tiles, each verified by the root of a checkpoint that is believed.

    tiles = open_tiles(source, checkpoint)      the right edge is read, and gives the root
    tiles.inclusion(1288)                       proofs, in this tree and in every smaller one
    tiles.verify_beginning(old)                 an older checkpoint is of the same log
    for index, entry in tiles.entries(0, 1291): ...

It serves every log of C2SP tlog-tiles: entries are bytes, and nothing is asked of them. The partial
tiles of a tree hold exactly the hashes that its root is made of, so they are verified together; a
full tile is verified by its own hash one level above, and so on up to the edge. A bundle of entries
is verified by that hash too, so that who reads all entries needs no tile of level 0. A partial tile
that the place no longer has is the beginning of the full one.

Source: C2SP tlog-tiles, "Merkle Tree", "Partial Tiles", "Log entries"; RFC 6962 section 2.1.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from ledger.errors import Absent, NotVerified, Unreadable
from ledger.journal import merkle
from ledger.journal.leaf import HASH_BYTES, MAX_LEAF_BYTES
from ledger.journal.merkle import EMPTY_ROOT, Frontier, leaf_hash
from ledger.journal.tiles import (
    FULL_WIDTH,
    TILE_HEIGHT,
    edge_of,
    entries_path,
    fold_hashes,
    parse_bundle,
    tile_path,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.journal.checkpoint import Checkpoint
    from ledger.transparency.source import Source

_KEPT_TILES: Final = 256
_ENTRY_BYTES: Final = 2 + MAX_LEAF_BYTES


def open_tiles(source: Source, checkpoint: Checkpoint) -> TileReader:
    """Read the right edge of the tree and verify that it gives the root of the checkpoint.

    Raises:
        Absent: when a tile is not there, nor the full one (`not-published`).
        Unreadable: when one has another size than its width says (`tile-unreadable`).
        NotVerified: when they give another root (`head-not-proven`).
        StorageError: as `Source`.
    """
    size, edge = checkpoint.size, dict[int, bytes]()
    hashes: list[bytes] = []
    for level, number, width in edge_of(size):
        edge[level] = _read_tile(source, level, number, width)
        hashes[:0] = _complete_subtrees(edge[level])
    root = Frontier(size, hashes).root() if size else EMPTY_ROOT
    if root != checkpoint.root:
        raise NotVerified(
            "head-not-proven",
            f"I blocchi al margine destro dell'albero di {size} foglie di {checkpoint.origin!r} non"
            " danno la radice del punto di controllo: almeno uno è di un altro registro, o è stato"
            " cambiato. Prenderli di nuovo, poi confrontare il punto di controllo con un testimone.",
        )
    return TileReader(source, checkpoint, edge)


class TileReader:
    """A `merkle.HashReader` over verified tiles of the tree of one checkpoint; safe for threads."""

    def __init__(self, source: Source, checkpoint: Checkpoint, edge: dict[int, bytes]) -> None:
        """Take partial tiles that were verified, by level; see `open_tiles`."""
        self.checkpoint = checkpoint
        self._source = source
        self._edge = edge
        self._full_tile = lru_cache(maxsize=_KEPT_TILES)(self._load_tile)

    @property
    def size(self) -> int:
        """The number of leaves."""
        return self.checkpoint.size

    def subtree(self, level: int, index: int) -> bytes:
        """Return the 32-byte root over leaves [index << level, (index + 1) << level).

        Raises:
            IndexError: when the tree does not have all of these leaves.
            Absent, NotVerified, StorageError: as `tile`.
        """
        if (index + 1) << level > self.size:
            raise IndexError(f"the tree has {self.size} leaves, not {(index + 1) << level}")
        tile_level, depth = divmod(level, TILE_HEIGHT)
        first = index << depth
        start = first % FULL_WIDTH * HASH_BYTES
        tile = self.tile(tile_level, first // FULL_WIDTH)
        return fold_hashes(tile[start : start + (HASH_BYTES << depth)])

    def tile(self, level: int, number: int) -> bytes:
        """Return a tile as it is in this tree, full or partial, verified.

        Raises:
            IndexError: when the tree has no such tile.
            Absent: when the source does not have it (`not-published`).
            Unreadable: when it has another size than its width says (`tile-unreadable`).
            NotVerified: when it gives another hash than the tile above says (`tile-differs`).
            StorageError: as `Source`.
        """
        full, partial = divmod(self.size >> TILE_HEIGHT * level, FULL_WIDTH)
        if number < full:
            return self._full_tile(level, number)
        if number > full or not partial:
            raise IndexError(f"the tree of {self.size} leaves has no tile {number} of {level}")
        return self._edge[level]

    def entries(self, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
        """Yield (index, entry) from `start` to before `stop`, or the end of the tree, verified.

        Raises:
            Absent: when a bundle is not there (`not-published`).
            Unreadable: when it is no bundle, or has fewer entries (`bundle-unreadable`).
            NotVerified: when an entry is not the one that the tree has (`entry-differs`).
            StorageError: as `Source`.
        """
        stop = min(stop, self.size)
        while start < stop:
            number, first = divmod(start, FULL_WIDTH)
            for entry in self._bundle(number)[first : stop - number * FULL_WIDTH]:
                yield start, entry
                start += 1

    def root_at(self, size: int) -> bytes:
        """Return the root of the first `size` leaves; raises as `subtree`."""
        return merkle.root(self, size)

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """Return the audit path of a leaf in a tree of this log; raises as `subtree`."""
        return merkle.inclusion_proof(self, index, self.size if size is None else size)

    def consistency(self, old_size: int, new_size: int | None = None) -> list[bytes]:
        """Return the proof that one tree begins another; raises as `subtree`."""
        return merkle.consistency_proof(self, old_size, self.size if new_size is None else new_size)

    def verify_beginning(self, older: Checkpoint) -> None:
        """Verify that the tree of another checkpoint is a beginning of this one.

        Raises:
            NotVerified: when it is of another origin or is larger (`not-an-older-head`), or its
                leaves are others (`log-forked`).
            Absent, StorageError: as `tile`.
        """
        if older.origin != self.checkpoint.origin or older.size > self.size:
            raise NotVerified(
                "not-an-older-head",
                f"Il punto di controllo di {older.size} foglie di {older.origin!r} non è precedente a"
                f" quello di {self.size} di {self.checkpoint.origin!r}: confrontarli al contrario.",
            )
        if self.root_at(older.size) != older.root:
            raise NotVerified(
                "log-forked",
                f"A {older.size} foglie il registro {older.origin!r} ha ora un'altra radice: è stato"
                " riscritto, o sono due. Conservare i due punti di controllo, che lo provano.",
            )

    def _load_tile(self, level: int, number: int) -> bytes:
        data = _read_tile(self._source, level, number, FULL_WIDTH)
        if fold_hashes(data) != self._hash_above(level, number):
            raise NotVerified(
                "tile-differs",
                f"Il blocco {tile_path(level, number)} di {self.checkpoint.origin!r} non è quello"
                " dell'albero del punto di controllo: prenderlo di nuovo; se resta, dirlo a chi"
                " gestisce il registro.",
            )
        return data

    def _hash_above(self, level: int, number: int) -> bytes:
        """Return the hash of a full tile, which stands in the level above."""
        above, place = divmod(number, FULL_WIDTH)
        return self.tile(level + 1, above)[place * HASH_BYTES : (place + 1) * HASH_BYTES]

    def _bundle(self, number: int) -> list[bytes]:
        width = min(FULL_WIDTH, self.size - number * FULL_WIDTH)
        leaves = _read_bundle(self._source, number, width)
        hashes = b"".join(map(leaf_hash, leaves))
        if width == FULL_WIDTH:
            is_same = fold_hashes(hashes) == self._hash_above(0, number)
        else:
            is_same = hashes == self._edge[0]
        if not is_same:
            raise self._differs(number, hashes)
        return leaves

    def _differs(self, number: int, hashes: bytes) -> NotVerified:
        """Return the error that names the first entry of a bundle that is not in the tree."""
        tile = self.tile(0, number)
        places = range(0, len(tile), HASH_BYTES)
        wrong = next(at for at in places if tile[at : at + HASH_BYTES] != hashes[at:][:HASH_BYTES])
        index = number * FULL_WIDTH + wrong // HASH_BYTES
        return NotVerified(
            "entry-differs",
            f"La voce {index} di {self.checkpoint.origin!r}, in {entries_path(number)}, non è quella"
            " dell'albero del punto di controllo: prenderla di nuovo; se resta, dirlo a chi gestisce"
            " il registro.",
        )


def _read_tile(source: Source, level: int, number: int, width: int) -> bytes:
    """Return the bytes of a tile, cut from the full one when the partial one is gone."""
    data = _read_or_full(
        source,
        tile_path(level, number, width),
        tile_path(level, number),
        (width * HASH_BYTES, FULL_WIDTH * HASH_BYTES),
    )
    if len(data) not in {width * HASH_BYTES, FULL_WIDTH * HASH_BYTES}:
        raise Unreadable(
            "tile-unreadable",
            f"Il blocco {tile_path(level, number, width)} ha {len(data)} byte, non"
            f" {width * HASH_BYTES}: prenderlo di nuovo dal registro.",
        )
    return data[: width * HASH_BYTES]


def _read_bundle(source: Source, number: int, width: int) -> list[bytes]:
    """Return the first entries of a bundle, from the full one when the partial one is gone."""
    path = entries_path(number, width)
    limits = (width * _ENTRY_BYTES, FULL_WIDTH * _ENTRY_BYTES)
    leaves = parse_bundle(_read_or_full(source, path, entries_path(number), limits))
    if len(leaves) not in {width, FULL_WIDTH}:
        raise Unreadable(
            "bundle-unreadable",
            f"La raccolta {path} ha {len(leaves)} voci, non {width}: prenderla di nuovo dal"
            " registro.",
        )
    return leaves[:width]


def _read_or_full(source: Source, path: str, full: str, limits: tuple[int, int]) -> bytes:
    """Return what is at a path, else what is at that of the full tile.

    Raises:
        Absent: when neither is there; it names the first.
    """
    try:
        return source.read(path, limits[0])
    except Absent as absent:
        if path == full:
            raise
        try:
            return source.read(full, limits[1])
        except Absent:
            raise absent from None


def _complete_subtrees(tile: bytes) -> list[bytes]:
    """Return the roots of the largest complete subtrees that a partial tile falls into."""
    roots, width = [], len(tile) // HASH_BYTES
    start = 0
    for bit in reversed(range(TILE_HEIGHT)):
        if width >> bit & 1:
            stop = start + (HASH_BYTES << bit)
            roots.append(fold_hashes(tile[start:stop]))
            start = stop
    return roots
