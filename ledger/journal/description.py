"""What a store is and how durable, as it says itself: for people who operate it.

    PostgreSQL 18.4   fsync=on synchronous_commit=on full_page_writes=on    durable
    SQLite 3.45.1     journal_mode=wal synchronous=full                     durable

A store is durable when what it acknowledged is still there after the power failed.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.journal.address import SQLiteFile
from ledger.journal.schema import connect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger.journal.address import Address, PostgresDatabase

_SYNCHRONOUS: Final = ("off", "normal", "full", "extra")
_WAIT_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class StoreDescription:
    """A store by name and version, its place without passwords, its settings."""

    name: str
    place: str
    settings: Mapping[str, str]
    is_durable: bool


def describe_store(address: Address) -> StoreDescription:
    """Ask a store that is there what it is.

    Raises:
        PistaError: when a server cannot be used; see `Database.connected`.
        eventsourcing.persistence.PersistenceError, sqlite3.Error: when the store fails.
    """
    if isinstance(address, SQLiteFile):
        return _describe_sqlite(address)
    return _describe_postgres(address)


def _describe_sqlite(address: SQLiteFile) -> StoreDescription:
    link = connect(address.path, _WAIT_SECONDS, is_writer=False, access=address.access)
    with closing(link) as connection:
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
        (synchronous,) = connection.execute("PRAGMA synchronous").fetchone()
    level = _SYNCHRONOUS[synchronous]
    return StoreDescription(
        name=f"SQLite {sqlite3.sqlite_version}",
        place=str(address),
        settings={"journal_mode": mode, "synchronous": level},
        is_durable=level in {"full", "extra"} and mode not in {"off", "memory"},
    )


def _describe_postgres(address: PostgresDatabase) -> StoreDescription:
    from ledger.journal.postgres_link import Database  # noqa: PLC0415  only what is used

    names = ("server_version", "fsync", "synchronous_commit", "full_page_writes")
    with Database(address.url, _WAIT_SECONDS, address.password).connected() as connection:
        asked = ", ".join(f"current_setting('{name}')" for name in names)
        row = connection.execute(f"SELECT {asked}, pg_is_in_recovery()".encode()).fetchone()
    version, *values, is_replica = row or ("?", "?", "?", "?", False)
    settings = dict(zip(names[1:], values, strict=True))
    return StoreDescription(
        name=f"PostgreSQL {version.split()[0]}{' (replica)' if is_replica else ''}",
        place=str(address),
        settings=settings,
        is_durable=settings["fsync"] == "on"
        and settings["full_page_writes"] == "on"
        and settings["synchronous_commit"] in {"on", "remote_apply"},
    )
