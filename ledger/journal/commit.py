"""Storing a batch: append once, be sure of it, and hash what the store gives back.

An append can end in three ways: the rows are stored; another process was faster; or nobody knows,
because the connection broke at the commit. Then the log is asked: rows that are there are ours
when they are the same bytes, and when none is there the same bytes are sent again.

Source: design FORMATS section 5, steps 2 and 3; ARCHITECTURE D4.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from eventsourcing.dcb.api import DCBAppendCondition, DCBQuery
from eventsourcing.persistence import IntegrityError, PersistenceError

from ledger.errors import Frozen
from ledger.journal.merkle import leaf_hash
from ledger.journal.row import unpack
from ledger.journal.store import BusyError, KeyedEvent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.journal.recorder import JournalRecorder
    from ledger.journal.trees import Stage

_TRIES: Final = 3


def append_rows(recorder: JournalRecorder, stage: Stage, rows: Sequence[KeyedEvent]) -> bool:
    """Store the rows at the head that was seen; return False when another process was faster.

    Raises:
        BusyError: when the lock could not be had in time; nothing was written.
        eventsourcing.persistence.PersistenceError: when the store failed three times and nothing
            was written, or could not be asked what was.
    """
    condition = DCBAppendCondition(DCBQuery(), after=stage.first)
    tries = 0
    while True:
        try:
            recorder.append(rows, condition, tiles=stage.tiles)
        except BusyError:
            raise
        except PersistenceError as error:
            tries += 1
            found = _stored(recorder, stage.first, len(rows))
            if found:
                return found == list(rows)
            if tries == _TRIES or isinstance(error, IntegrityError):
                raise
        else:
            return True


def read_back(recorder: JournalRecorder, stage: Stage, rows: Sequence[KeyedEvent]) -> None:
    """Hash what the store holds, which must be what the trees were built from.

    Raises:
        Frozen: when it is not (`stored-differs`).
    """
    found = _stored(recorder, stage.first, len(rows))
    leaves = [leaf_hash(unpack(row.data)[0]) for row in found]
    envelopes = [hashlib.sha256(unpack(row.data)[1]).digest() for row in found]
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


def _stored(recorder: JournalRecorder, after: int, limit: int) -> list[KeyedEvent]:
    rows = recorder.rows(after, limit)
    return [row.event for row in rows if isinstance(row.event, KeyedEvent)]


def _differs(place: str) -> Frozen:
    return Frozen(
        "stored-differs",
        f"L'archivio ha restituito, {place}, altro da quanto vi è stato scritto. Il registro non"
        " firma: controllare disco e memoria e confrontare l'archivio con una copia.",
    )
