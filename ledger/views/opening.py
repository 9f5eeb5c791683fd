"""Opening the views by their address: a file of SQLite, or the database of the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.journal.address import SQLiteFile

if TYPE_CHECKING:
    from ledger.journal.address import Address
    from ledger.views.store import ViewStore


def open_views(address: Address, ledger: str, *, create: bool = False) -> ViewStore:
    """Return the views of a ledger; with `create`, make what is missing.

    Raises:
        PistaError: as the constructor of each store.
        eventsourcing.persistence.PersistenceError, sqlite3.Error: when the store fails.
    """
    if isinstance(address, SQLiteFile):
        from ledger.views.sqlite import SQLiteViewStore  # noqa: PLC0415  only what is used

        return SQLiteViewStore(address.path, ledger, access=address.access)
    from ledger.views.postgres import PostgresViewStore  # noqa: PLC0415  only what is used

    return PostgresViewStore(address.url, ledger, create=create, password=address.password)
