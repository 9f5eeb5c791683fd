"""Opening a recorder by its address: a file of SQLite, or a database of PostgreSQL.

    open_recorder(parse_address("postgresql://db/pista"), "pnrr.comune.lecce.it/c_e506")

The driver of PostgreSQL is loaded only where it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.journal.address import SQLiteFile

if TYPE_CHECKING:
    from ledger.journal.address import Address
    from ledger.journal.recorder import JournalRecorder

BUSY_SECONDS = 5.0


def open_recorder(
    address: Address, origin: str, *, create: bool = False, busy_seconds: float = BUSY_SECONDS
) -> JournalRecorder:
    """Return the recorder of this ledger; with `create`, make what is missing.

    Raises:
        PistaError: as the constructor of each recorder.
        eventsourcing.persistence.PersistenceError: when the store fails.
    """
    if isinstance(address, SQLiteFile):
        from ledger.journal.sqlite import SQLiteRecorder  # noqa: PLC0415  only what is used

        return SQLiteRecorder(
            address.path, origin, create=create, busy_seconds=busy_seconds, access=address.access
        )
    from ledger.journal.postgres import PostgresRecorder  # noqa: PLC0415  only what is used

    return PostgresRecorder(
        address.url, origin, create=create, busy_seconds=busy_seconds, password=address.password
    )
