"""What PostgreSQL says when it fails, in the words of the eventsourcing library and ours.

    with translated(place): ...      psycopg.OperationalError -> persistence.OperationalError
    not_connected(place, error)      database-absent, -refused, -not-trusted or -unreachable

No sentence holds a password: libpq never repeats one.
"""

from __future__ import annotations

import logging
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import psycopg
from psycopg import errors

from ledger.errors import Absent, StorageError
from ledger.journal.driver_errors import translation
from ledger.journal.store import BusyError, DiskFullError, read_only

if TYPE_CHECKING:
    from collections.abc import Iterator

# What libpq and servers say when a connection is refused, in English or Italian.
_ABSENT: Final = re.compile(r"database .* (does not exist|non esiste)")
_UNTRUSTED: Final = re.compile(r"certificate|\bSSL\b|\bTLS\b")
_REFUSED: Final = re.compile(
    r"authentication|password|pg_hba\.conf|role .* (does not exist|is not permitted)"
    r"|permission denied|autenticazione|ruolo .* non"
)

_BUSY: Final = (errors.LockNotAvailable, errors.SerializationFailure, errors.DeadlockDetected)


# Failures are told by our errors; the driver is not to write on the terminal as well.
logging.getLogger("psycopg").addHandler(logging.NullHandler())


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Raise the library's errors in place of those of psycopg, with the database that failed."""
    try:
        yield
    except _BUSY as error:
        raise BusyError(_told(error)) from error
    except errors.ReadOnlySqlTransaction as error:
        raise read_only(f"{place}: {_told(error)}") from error
    except errors.DiskFull as error:
        raise DiskFullError(f"{place}: {_told(error)}") from error
    except psycopg.Error as error:
        raise translation(psycopg, error)(f"{place}: {_told(error)}") from error


def not_connected(place: str, error: psycopg.OperationalError) -> StorageError:
    """Return what a refused connection means, by what libpq or the server says of it."""
    told = _told(error)
    reason = told.rpartition("failed: ")[2]
    if _ABSENT.search(reason):
        return Absent(
            "database-absent",
            f"{place} non c'è ({told}): crearla con `createdb`, o correggere l'indirizzo.",
        )
    if _UNTRUSTED.search(reason):
        return StorageError(
            "database-not-trusted",
            f"Il server non dimostra di essere quello cercato ({told}): correggere il nome del"
            " server o sslrootcert nell'indirizzo; non togliere sslmode=verify-full.",
        )
    if _REFUSED.search(reason):
        return StorageError(
            "database-refused",
            f"{place} non ammette questo utente ({told}): controllare utente e password (PGPASSWORD,"
            " ~/.pgpass o PISTA_DATABASE_PASSWORD_FILE) e pg_hba.conf del server.",
        )
    return StorageError(
        "database-unreachable",
        f"{place} non risponde ({told}): controllare indirizzo, rete e server, poi riprovare; nulla"
        " è stato scritto.",
    )


def _told(error: psycopg.Error) -> str:
    """Return what the driver says, in one line."""
    return " ".join(str(error).split())
