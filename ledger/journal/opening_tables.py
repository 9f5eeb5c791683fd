"""Naming the raw rows of a ledger by the address of its store; see tables.py and opening.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.journal.address import SQLiteFile

if TYPE_CHECKING:
    from ledger.journal.address import Address
    from ledger.journal.tables import TableSource


def tables_of(address: Address, origin: str, busy_seconds: float = 5.0) -> TableSource:
    """Return the tables of this ledger; nothing is opened yet."""
    if isinstance(address, SQLiteFile):
        from ledger.journal.sqlite_tables import SQLiteTables  # noqa: PLC0415  only what is used

        return SQLiteTables(address.path, origin, address.access, busy_seconds)
    from ledger.journal.postgres_tables import PostgresTables  # noqa: PLC0415  only what is used

    return PostgresTables(address.url, origin, address.password, busy_seconds)
