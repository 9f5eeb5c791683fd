"""Tiles: the tree and its leaves as static files that never change once they are full.

    tile/0/x001/x234/067            256 leaf hashes, 8,192 bytes: tile 1234067 of level 0
    tile/1/000.p/5                  the first 5 hashes of tile 0 of level 1, each over 256 leaves
    tile/entries/000.p/112          leaves 0 to 111, each after its length in 2 bytes big-endian

A hash of level l is the root over 256**l leaves. A tile on the right edge is *partial* and says
its width; empty tiles do not exist. The number is written in groups of three digits, all but the
last with an `x` before, so that no file has the name of a folder.

Source: C2SP tlog-tiles, https://c2sp.org/tlog-tiles.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.errors import Unreadable
from ledger.journal.leaf import HASH_BYTES, MAX_LEAF_BYTES
from ledger.journal.merkle import node_hash

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TILE_HEIGHT: Final = 8
FULL_WIDTH: Final = 1 << TILE_HEIGHT
MAX_LEVEL: Final = 63
MAX_INDEX: Final = 2**63 - 1

_LENGTH_BYTES: Final = 2
_GROUP: Final = 1000
_PATH: Final = re.compile(
    r"tile/(?:entries|(?P<level>[0-9]{1,2}))"
    r"/(?P<number>(?:x[0-9]{3}/)*[0-9]{3})(?:\.p/(?P<width>[0-9]{1,3}))?"
)


@dataclass(frozen=True, slots=True)
class TilePlace:
    """A tile: level (None for a bundle of entries), number in its level, width from 1 to 256."""

    level: int | None
    index: int
    width: int = FULL_WIDTH


def tile_path(level: int, index: int, width: int = FULL_WIDTH) -> str:
    """Return the path of a tile of hashes, relative to the prefix of the log.

    Raises:
        Unreadable: when level, index or width is out of range (`tile-path-unreadable`).
    """
    if not 0 <= level <= MAX_LEVEL:
        raise _path_unreadable(f"livello {level}")
    return f"tile/{level}/{_format_index(index, width)}"


def entries_path(index: int, width: int = FULL_WIDTH) -> str:
    """Return the path of a bundle of entries, relative to the prefix of the log.

    Raises:
        Unreadable: when index or width is out of range (`tile-path-unreadable`).
    """
    return f"tile/entries/{_format_index(index, width)}"


def path_of(place: TilePlace) -> str:
    """Return the path of a tile or bundle; raises as `tile_path`."""
    if place.level is None:
        return entries_path(place.index, place.width)
    return tile_path(place.level, place.index, place.width)


def parse_tile_path(path: str) -> TilePlace:
    """Return the tile that a path names; `tile_path` or `entries_path` gives the same path.

    Raises:
        Unreadable: when the path is not exactly that of a tile (`tile-path-unreadable`).
    """
    match = _PATH.fullmatch(path)
    if match is None:
        raise _path_unreadable(path)
    level = None if match["level"] is None else int(match["level"])
    index = int(match["number"].replace("x", "").replace("/", ""))
    width = FULL_WIDTH if match["width"] is None else int(match["width"])
    place = TilePlace(level, index, width)
    if path_of(place) != path:
        raise _path_unreadable(path)
    return place


def fold_hashes(hashes: bytes) -> bytes:
    """Return the root over hashes of 32 bytes, a power of two of them, side by side."""
    nodes = [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]
    while len(nodes) > 1:
        nodes = [node_hash(*nodes[at : at + 2]) for at in range(0, len(nodes), 2)]
    return nodes[0]


def tiles_of(size: int) -> Iterator[TilePlace]:
    """Return every tile of hashes of a tree of `size` leaves, level by level, partial ones last."""
    level = 0
    while size:
        full, partial = divmod(size, FULL_WIDTH)
        yield from (TilePlace(level, index) for index in range(full))
        if partial:
            yield TilePlace(level, full, partial)
        size, level = full, level + 1


def edge_of(size: int) -> Iterator[tuple[int, int, int]]:
    """Yield (level, index, width) of the partial tiles of hashes of a tree, the lowest level first."""
    level = 0
    while size:
        full, partial = divmod(size, FULL_WIDTH)
        if partial:
            yield level, full, partial
        size, level = full, level + 1


def bundles_of(size: int) -> Iterator[TilePlace]:
    """Return every bundle of entries of a tree of `size` leaves, in order."""
    full, partial = divmod(size, FULL_WIDTH)
    yield from (TilePlace(None, index) for index in range(full))
    if partial:
        yield TilePlace(None, full, partial)


def encode_bundle(leaves: Sequence[bytes]) -> bytes:
    """Return 1 to 256 leaves as a bundle of entries.

    Raises:
        Unreadable: when there are none or more, or one is over 65,535 bytes
            (`bundle-unreadable`).
    """
    if not 1 <= len(leaves) <= FULL_WIDTH or any(len(leaf) > MAX_LEAF_BYTES for leaf in leaves):
        raise _bundle_unreadable(f"{len(leaves)} foglie, o una troppo lunga")
    return b"".join(len(leaf).to_bytes(_LENGTH_BYTES, "big") + leaf for leaf in leaves)


def parse_bundle(data: bytes) -> list[bytes]:
    """Return the 1 to 256 leaves of a bundle of entries.

    Raises:
        Unreadable: when the bundle is empty, ends within a leaf, or holds more than 256
            (`bundle-unreadable`).
    """
    leaves, start = [], 0
    while start < len(data):
        begin = start + _LENGTH_BYTES
        start = begin + int.from_bytes(data[begin - _LENGTH_BYTES : begin], "big")
        leaves.append(data[begin:start])
        if start > len(data) or begin > len(data):
            raise _bundle_unreadable(f"finisce a metà della foglia {len(leaves) - 1}")
    if not 1 <= len(leaves) <= FULL_WIDTH:
        raise _bundle_unreadable(f"{len(leaves)} foglie")
    return leaves


def _format_index(index: int, width: int) -> str:
    if not 0 <= index <= MAX_INDEX or not 1 <= width <= FULL_WIDTH:
        raise _path_unreadable(f"indice {index}, ampiezza {width}")
    path = f"{index % _GROUP:03}"
    while index >= _GROUP:
        index //= _GROUP
        path = f"x{index % _GROUP:03}/{path}"
    return path if width == FULL_WIDTH else f"{path}.p/{width}"


def _path_unreadable(what: str) -> Unreadable:
    return Unreadable(
        "tile-path-unreadable",
        f"{what[:120]!r} non è il posto di un blocco del registro: correggerlo secondo C2SP"
        " tlog-tiles.",
    )


def _bundle_unreadable(what: str) -> Unreadable:
    return Unreadable(
        "bundle-unreadable",
        f"Una raccolta ha da 1 a {FULL_WIDTH} foglie intere, questa no: {what}. Prenderla di nuovo"
        " dal registro.",
    )
