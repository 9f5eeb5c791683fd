"""Copying a log from one store into another, row for row: the same bytes in every table.

    copy_rows(source, target, 1291, told)       PostgreSQL -> SQLite, memory -> SQLite, and back

Rows, keys and streams follow each other as they did, so positions, places and ordinals come out the
same; full tiles are computed from the leaves and compared with those of the source. Every page is
one append at the head that was seen. A copy that broke off goes on from where it was, provided that
what it holds is a beginning of the source; a target that holds anything else is left as it is.

Source: design ARCHITECTURE D2, D4; FORMATS section 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventsourcing.dcb.api import DCBAppendCondition, DCBQuery

from ledger.errors import Conflict, StorageError
from ledger.journal.growth import LeafTree
from ledger.journal.journal import Journal
from ledger.journal.merkle import leaf_hash
from ledger.journal.missing import row_missing
from ledger.journal.row import unpack_leaf

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eventsourcing.dcb.api import DCBSequencedEvent

    from ledger.journal.recorder import JournalRecorder
    from ledger.journal.store import Tile

    Told = Callable[[int, int], None]  # how much of how much is done

_PAGE: Final = 500


def copy_rows(
    source: JournalRecorder, target: JournalRecorder, size: int, told: Told | None = None
) -> None:
    """Make the target hold the first `size` rows of the source, and nothing else.

    Raises:
        Conflict: when the target holds other rows, or more of them (`copy-differs`).
        StorageError: when a row (`row-missing`) or a tile (`tile-missing`) of the source is not
            what its leaves say.
        eventsourcing.persistence.PersistenceError: when a store fails, and for the loser of two
            copies into one target.
    """
    done = target.head().position
    tree = LeafTree.read(Journal(source).hashes, _checked(done, size, target))
    if Journal(target).root_at(done) != tree.root():
        raise _differs(target.origin, f"le sue prime {done} righe sono altre")
    while done < size:
        rows = source.rows(done, min(_PAGE, size - done))
        tiles = _grown(tree, source, rows, done)
        condition = DCBAppendCondition(DCBQuery(), after=done)
        done = target.append([row.event for row in rows], condition, tiles=tiles)
        if told is not None:
            told(done, size)


def _checked(done: int, size: int, target: JournalRecorder) -> int:
    if done > size:
        raise _differs(target.origin, f"ha {done} righe, più delle {size} da copiare")
    return done


def _grown(
    tree: LeafTree, source: JournalRecorder, rows: Sequence[DCBSequencedEvent], done: int
) -> list[Tile]:
    """Add the leaves of a page to the tree and return the tiles that it fills."""
    tiles: list[Tile] = []
    for index, row in enumerate(rows, start=done):
        if row.position != index + 1:
            raise row_missing(index)
        tiles += tree.append(leaf_hash(unpack_leaf(row.event.data)))
    if not rows:
        raise row_missing(done)
    for tile in tiles:
        if source.read_tile(tile.level, tile.number) != tile.hashes:
            raise StorageError(
                "tile-missing",
                f"Il blocco {tile.number} del livello {tile.level} manca o non è quello delle sue"
                " foglie: eseguire `pista fsck` e rimettere l'archivio da una copia di riserva.",
            )
    return tiles


def _differs(origin: str, why: str) -> Conflict:
    return Conflict(
        "copy-differs",
        f"L'archivio di destinazione del registro {origin} contiene già altro: {why}. Non è stato"
        " toccato: indicare un archivio vuoto.",
    )
