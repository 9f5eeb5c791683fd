"""Failures of the stores, told as ours at the door where a ledger is opened.

    with store_failures():
        reading.journal.size          sqlite3.DatabaseError -> StorageError `store-failed`

Journal and views raise the errors of sqlite3 and of the eventsourcing library where they read; no
door may let them through. Those of psycopg were translated to the library's where a connection is
lent (ledger/journal/postgres_link.py). What a store says of itself (a path, a server, a table)
holds no value of the record and no password.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from eventsourcing.persistence import PersistenceError

from ledger.errors import Busy, StorageError
from ledger.journal.sqlite_failures import is_busy, is_full, is_read_only
from ledger.journal.store import BusyError, DiskFullError, disk_full, read_only

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def store_failures() -> Iterator[None]:
    """Raise our errors in place of those of journal and views.

    Raises:
        Busy: `ledger-busy`, when another process kept a store for too long.
        StorageError: `store-failed`, when the journal, or `views-failed`, when the views could not
            be read or written; `store-read-only`, when they could only be read; `disk-full`, when
            there was no space left for them.
    """
    try:
        yield
    except BusyError as error:
        raise _busy() from error
    except DiskFullError as error:
        raise disk_full(str(error)) from error
    except PersistenceError as error:
        raise StorageError(
            "store-failed",
            f"L'archivio del registro non si può leggere o scrivere: {error}. Controllare"
            " server e rete, o disco, spazio e permessi, poi ripetere; se il file è rovinato,"
            " rimettere la copia più recente.",
        ) from error
    except sqlite3.Error as error:
        if is_busy(error):
            raise _busy() from error
        if is_read_only(error):
            raise read_only(str(error)) from error
        if is_full(error):
            raise disk_full(f"le viste: {error}") from error
        raise StorageError(
            "views-failed",
            f"Le viste non si possono leggere o scrivere: {error}. Controllare disco, spazio e"
            " permessi; se il file è rovinato, cancellare views.sqlite: si ricostruisce da sé.",
        ) from error


def _busy() -> Busy:
    return Busy(
        "ledger-busy",
        "Un altro programma tiene occupato il registro: riprovare tra poco; nulla è andato perso.",
    )
