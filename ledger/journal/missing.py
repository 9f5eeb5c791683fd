"""Rows that are not where the head of the log says they are.

Positions have no gaps, so a reader that finds one knows that a row was lost or removed, or, where
the answers come from several replicas, that the one asked last is behind.

Source: design ARCHITECTURE D4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventsourcing.dcb.api import DCBSequencedEvent


def whole(
    rows: Sequence[DCBSequencedEvent], positions: Sequence[int]
) -> Sequence[DCBSequencedEvent]:
    """Return the rows that a store gave for these positions, which ascend, when none is missing.

    Raises:
        StorageError: when one is (`row-missing`).
    """
    if len(rows) < len(positions):
        found = {row.position for row in rows}
        raise row_missing(next(position for position in positions if position not in found) - 1)
    return rows


def row_missing(index: int) -> StorageError:
    """Return the error of a leaf that is not there though the log goes on (`row-missing`)."""
    return StorageError(
        "row-missing",
        f"La foglia {index} manca nell'archivio, anche se il registro prosegue. Se si legge da una"
        " copia che segue l'originale, riprovare tra poco; altrimenti controllare con `pista fsck`"
        " e rimettere l'archivio da una copia di riserva.",
    )
