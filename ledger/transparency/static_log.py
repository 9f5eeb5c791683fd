"""A log as static files, for any web server: tiles, bundles of entries, checkpoint, policy.

    log/
      tile/0/000  tile/1/000.p/5  tile/entries/000.p/17      never changed; partial ones are removed
      checkpoint                                             once the full one is there
      checkpoint.pending          a head that has not all the signatures that the policy asks for
      checkpoints/1291            every head that was published, see kept_checkpoints.py
      waiting/1294                every head that waits, as long as none so large is published
      policy.txt                  a copy for reading

    static = StaticLog(Path("var/log"))
    static.write_tiles(journal, checkpoint)      what is lacking is written, read back and verified

The whole folder follows from the journal but for the signatures of the witnesses. What is there is
not written again, so that an interrupted run goes on; a head is only named in `checkpoint` once all
its tiles are there and lead to its root.

Source: C2SP tlog-tiles; design FORMATS section 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.errors import Absent, Frozen, NotVerified, StorageError, Unreadable
from ledger.journal.checkpoint import parse_checkpoint
from ledger.journal.leaf import HASH_BYTES
from ledger.journal.note import MAX_NOTE_BYTES, parse_note
from ledger.journal.row import unpack_leaf
from ledger.journal.tiles import (
    FULL_WIDTH,
    TILE_HEIGHT,
    TilePlace,
    bundles_of,
    edge_of,
    encode_bundle,
    path_of,
    tiles_of,
)
from ledger.transparency.public_files import remove_files, write_files
from ledger.transparency.source import CHECKPOINT_PATH, FolderSource
from ledger.transparency.tile_reader import open_tiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from ledger.journal.checkpoint import Checkpoint
    from ledger.journal.journal import Journal
    from ledger.transparency.tile_reader import TileReader

    Told = Callable[[int, int], None]

PENDING_PATH: Final = "checkpoint.pending"
POLICY_PATH: Final = "policy.txt"

_CHUNK: Final = 64  # tiles written before the disk is waited for


class StaticLog:
    """The published files of one log; whoever writes holds the lock of the folder."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; nothing is made yet."""
        self.folder = folder
        self.source = FolderSource(folder)

    def checkpoint(self) -> bytes | None:
        """Return the note of the published head, None when there is none; unverified.

        Raises:
            StorageError: when it cannot be read, or is too long to be one.
        """
        return self._read(CHECKPOINT_PATH)

    def pending(self) -> bytes | None:
        """Return the note of the head that waits for signatures, None when none does; unverified.

        Raises:
            StorageError: as `checkpoint`.
        """
        return self._read(PENDING_PATH)

    def check_follows(self, journal: Journal) -> None:
        """Return when the published head is one that the journal has.

        Raises:
            Frozen: as `check_is_of`.
            StorageError: when the file is no checkpoint (`published-unreadable`), or as `checkpoint`.
        """
        note = self.checkpoint()
        if note is not None:
            check_is_of(journal, note, self.folder / CHECKPOINT_PATH)

    def write_tiles(
        self,
        journal: Journal,
        checkpoint: Checkpoint,
        told: Told | None = None,
        older: Iterable[int] = (),
    ) -> int:
        """Write the tiles and bundles of a tree that are not there; return how many files.

        `older` are the sizes of heads that were published before: their partial tiles are written
        too, as long as the full ones are not there to stand for them. What was written is read back
        and verified under the checkpoint before this returns.

        Raises:
            NotVerified: when what is in the folder does not lead to the root of the checkpoint.
            StorageError: when the journal or the disk fails.
        """
        lacking = [place for place in _places(checkpoint.size) if not self._has(place)]
        before = [place for place in partial_tiles(checkpoint.size, older) if not self._has(place)]
        every = [*lacking, *before]
        for at in range(0, len(every), _CHUNK):
            chunk = every[at : at + _CHUNK]
            write_files(self.folder, {path_of(one): content_of(journal, one) for one in chunk})
            if told is not None:
                told(at + len(chunk), len(every))
        self._verify(checkpoint, lacking, before)
        return len(every)

    def write_checkpoint(self, note: bytes, policy: bytes) -> None:
        """Publish a head whose tiles are there, and the policy that it satisfies.

        Raises:
            StorageError: when the disk fails.
        """
        write_files(self.folder, {POLICY_PATH: policy, CHECKPOINT_PATH: note})

    def write_pending(self, note: bytes) -> None:
        """Keep a head that waits for signatures; it is nothing that a reader may rely on."""
        write_files(self.folder, {PENDING_PATH: note})

    def remove_pending(self) -> None:
        """Let no head wait any more; raises StorageError when the disk fails."""
        remove_files([self.folder / PENDING_PATH])

    def remove_partial(self, size: int) -> int:
        """Remove partial tiles of places that are full in the tree of `size`; return how many.

        Readers of an older head take the beginning of the full tile.

        Raises:
            StorageError: when the disk fails.
        """
        removed = 0
        for place in _full_places(size):
            partial = self.folder / f"{path_of(place)}.p"
            if partial.is_dir():
                files = sorted(partial.iterdir())
                remove_files([*files, partial])
                removed += len(files)
        return removed

    def _has(self, place: TilePlace) -> bool:
        return (self.folder / path_of(place)).is_file()

    def _verify(
        self, checkpoint: Checkpoint, written: Sequence[TilePlace], older: Sequence[TilePlace]
    ) -> None:
        """Read what was written, and compare it with the root; older tiles with those of the tree.

        Raises:
            NotVerified: when something is not what was to be written.
        """
        tiles = open_tiles(self.source, checkpoint)
        for place in written:
            if place.level is not None:
                tiles.tile(place.level, place.index)
            else:
                _bundle_in(tiles, place)
        for place in older:
            if place.level is None:
                expected = _bundle_in(tiles, place)
            else:
                expected = tiles.tile(place.level, place.index)[: place.width * HASH_BYTES]
            if self.source.read(path_of(place), len(expected)) != expected:
                raise NotVerified(
                    "tile-differs",
                    f"Il blocco {self.folder / path_of(place)}, riletto, non è ciò che vi è stato"
                    " scritto: controllare il disco, poi ripetere.",
                )

    def _read(self, path: str) -> bytes | None:
        try:
            return self.source.read(path, MAX_NOTE_BYTES)
        except Absent:
            return None


def check_is_of(journal: Journal, note: bytes, path: Path) -> None:
    """Return when the journal has the tree of a note that was published, in the file `path`.

    Raises:
        Frozen: when it is of another log (`published-forked`), has more leaves than the journal
            (`published-ahead`), or others (`published-forked`).
        StorageError: when it is no checkpoint (`published-unreadable`).
    """
    try:
        checkpoint = parse_checkpoint(parse_note(note).text)
    except Unreadable as error:
        raise StorageError(
            "published-unreadable",
            f"Il file {path} non è più il punto di controllo che fu pubblicato ({error.sentence})"
            " Rimetterlo da una copia; senza copia metterlo da parte, e pubblicare di nuovo.",
        ) from error
    if checkpoint.origin == journal.origin and checkpoint.size > journal.size:
        raise Frozen(
            "published-ahead",
            f"È già pubblicato un punto di controllo di {checkpoint.size} foglie, e l'archivio ne ha"
            f" {journal.size}: l'archivio è una copia più vecchia. Non pubblico: fermare chi scrive"
            " e ritrovare la copia completa.",
        )
    is_other = checkpoint.origin != journal.origin
    if is_other or journal.root_at(checkpoint.size) != checkpoint.root:
        raise Frozen(
            "published-forked",
            f"Il punto di controllo già pubblicato, {checkpoint.size} foglie di"
            f" {checkpoint.origin!r}, non è di questo registro: non pubblico. Se la cartella è di un"
            " altro registro, indicarne una propria in PISTA_PUBLIC_LOG; altrimenti fermare chi"
            " scrive, e una persona stabilisce quale copia è quella vera.",
        )


def content_of(journal: Journal, place: TilePlace) -> bytes:
    """Return the bytes of a tile or bundle, as they follow from the journal.

    Raises:
        IndexError: when the journal has fewer leaves.
        StorageError: when the journal fails.
    """
    first = place.index * FULL_WIDTH
    if place.level is None:
        rows = journal.rows(first, first + place.width)
        return encode_bundle([unpack_leaf(data) for _, data in rows])
    level = TILE_HEIGHT * place.level
    return b"".join(journal.subtree(level, first + at) for at in range(place.width))


def _bundle_in(tiles: TileReader, place: TilePlace) -> bytes:
    """Return a bundle as it follows from verified entries."""
    first = place.index * FULL_WIDTH
    return encode_bundle([entry for _, entry in tiles.entries(first, first + place.width)])


def partial_tiles(size: int, older: Iterable[int]) -> list[TilePlace]:
    """Return the partial tiles and bundles of older trees that are not full in that of `size`."""
    found: set[TilePlace] = set()
    for one in older:
        places = [TilePlace(*place) for place in edge_of(one)]
        if one % FULL_WIDTH:
            places.append(TilePlace(None, one // FULL_WIDTH, one % FULL_WIDTH))
        found.update(place for place in places if not _is_full(place, size))
    return sorted(found, key=path_of)


def _is_full(place: TilePlace, size: int) -> bool:
    """Tell whether the full tile is there in the tree of `size`."""
    return (place.index + 1) << TILE_HEIGHT * ((place.level or 0) + 1) <= size


def _places(size: int) -> Iterable[TilePlace]:
    """Yield the bundles and tiles of a tree."""
    yield from bundles_of(size)
    yield from tiles_of(size)


def _full_places(size: int) -> Iterator[TilePlace]:
    return (place for place in _places(size) if place.width == FULL_WIDTH)
