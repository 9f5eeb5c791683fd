"""Storing a batch within a turn, being sure of it, and hashing what the store gives back.

A turn can end in three ways: the rows are stored; another process was faster, where a store does
not keep its lock; or nobody knows, because the connection broke at the commit. Then the log is
asked: rows that are there are ours when they are the same bytes. When none is there the batch is
judged again in a new turn, which waits for a commit that is still on its way and then finds the
ids in the log.

Source: design FORMATS section 5, steps 2 and 3; ARCHITECTURE D4.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from eventsourcing.dcb.api import DCBAppendCondition, DCBQuery

from ledger.errors import Frozen
from ledger.journal.merkle import leaf_hash
from ledger.journal.row import unpack, unpack_leaf
from ledger.journal.store import KeyedEvent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.journal.recorder import JournalRecorder
    from ledger.journal.trees import Stage
    from ledger.journal.turn import Turn


def append_rows(turn: Turn, stage: Stage, rows: Sequence[KeyedEvent]) -> None:
    """Store the rows of a stage at the head from which it began.

    Raises:
        eventsourcing.persistence.IntegrityError: when the head is another one.
        eventsourcing.persistence.PersistenceError: as `Turn.append`.
    """
    turn.check(DCBAppendCondition(DCBQuery(), after=stage.first))
    turn.append(rows, stage.tiles, ends=stage.ends_before())


def read_back(recorder: JournalRecorder, stage: Stage, rows: Sequence[KeyedEvent]) -> None:
    """Hash what the store holds, which must be what the trees were built from.

    The heads leaf before the rows stands for all leaves before it: when it is another one, the
    store was replaced under the writer, by a replica or a copy that went another way.

    Raises:
        Frozen: when it is not (`stored-differs`), or the rows lie on another log (`store-forked`).
    """
    before = 1 if stage.first else 0
    found = _rows(recorder, stage.first - before, len(rows) + before)
    if before and (not found or leaf_hash(unpack_leaf(found.pop(0).data)) != stage.leaf_before):
        raise _forked(stage.first)
    parts = [unpack(row.data) for row in found]
    leaves = [leaf_hash(leaf) for leaf, _ in parts]
    envelopes = [hashlib.sha256(envelope).digest() for _, envelope in parts]
    if (found, leaves, envelopes) != (list(rows), stage.leaf_hashes, stage.envelope_digests):
        raise _differs(f"dopo la foglia {stage.first}")
    check_tiles(recorder, stage)


def check_tiles(recorder: JournalRecorder, stage: Stage) -> None:
    """Compare the tiles that the leaves of a stage filled with those in the store.

    Raises:
        Frozen: when one is missing or has other hashes (`stored-differs`).
    """
    for tile in stage.tiles:
        if recorder.read_tile(tile.level, tile.number) != tile.hashes:
            raise _differs(f"nel blocco {tile.number} del livello {tile.level}")


def stored_rows(recorder: JournalRecorder, stage: Stage, count: int) -> list[KeyedEvent]:
    """Return what the store has after the head from which a stage began, at most `count` rows."""
    return _rows(recorder, stage.first, count)


def _rows(recorder: JournalRecorder, after: int, count: int) -> list[KeyedEvent]:
    rows = recorder.rows(after, count)
    return [row.event for row in rows if isinstance(row.event, KeyedEvent)]


def _differs(place: str) -> Frozen:
    return Frozen(
        "stored-differs",
        f"L'archivio ha restituito, {place}, altro da quanto vi è stato scritto. Il registro non"
        " firma: controllare disco e memoria e confrontare l'archivio con una copia.",
    )


def _forked(size: int) -> Frozen:
    return Frozen(
        "store-forked",
        f"Le prime {size} foglie dell'archivio non sono più quelle a cui questo programma ha"
        " aggiunto: l'archivio è stato sostituito mentre si scriveva. Il registro non firma: una"
        " persona deve stabilire quale copia è quella vera.",
    )
