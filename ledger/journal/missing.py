"""The error of a row that is not where the head of the log says it is.

Positions have no gaps, so a reader that finds one knows that a row was lost or removed, or, where
the answers come from several replicas, that the one asked last is behind.

Source: design ARCHITECTURE D4.
"""

from __future__ import annotations

from ledger.errors import StorageError


def row_missing(index: int) -> StorageError:
    """Return the error of a leaf that is not there though the log goes on (`row-missing`)."""
    return StorageError(
        "row-missing",
        f"La foglia {index} manca nell'archivio, anche se il registro prosegue. Se si legge da una"
        " copia che segue l'originale, riprovare tra poco; altrimenti controllare con `pista fsck`"
        " e rimettere l'archivio da una copia di riserva.",
    )
