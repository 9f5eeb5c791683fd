"""What SQLite says when it fails, in the words of the eventsourcing library and ours.

with translated(): ...        sqlite3.IntegrityError -> eventsourcing.persistence.IntegrityError
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from eventsourcing import persistence

from ledger.journal.store import BusyError, read_only

if TYPE_CHECKING:
    from collections.abc import Iterator

_BUSY_CODES: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})

# From the most special class to the root, as sqlite3 derives them.
_TRANSLATIONS: Final[tuple[tuple[type[sqlite3.Error], type[Exception]], ...]] = (
    (sqlite3.DataError, persistence.DataError),
    (sqlite3.OperationalError, persistence.OperationalError),
    (sqlite3.IntegrityError, persistence.IntegrityError),
    (sqlite3.InternalError, persistence.InternalError),
    (sqlite3.ProgrammingError, persistence.ProgrammingError),
    (sqlite3.NotSupportedError, persistence.NotSupportedError),
    (sqlite3.DatabaseError, persistence.DatabaseError),
    (sqlite3.InterfaceError, persistence.InterfaceError),
    (sqlite3.Error, persistence.PersistenceError),
)


def is_busy(error: sqlite3.Error) -> bool:
    """Tell whether another connection held the lock for too long."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _BUSY_CODES


def is_read_only(error: sqlite3.Error) -> bool:
    """Tell whether the file can only be read."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_READONLY


@contextmanager
def translated() -> Iterator[None]:
    """Raise the library's errors in place of those of sqlite3."""
    try:
        yield
    except sqlite3.Error as error:
        if is_busy(error):
            raise BusyError(str(error)) from error
        if is_read_only(error):
            raise read_only(str(error)) from error
        translation = next(ours for theirs, ours in _TRANSLATIONS if isinstance(error, theirs))
        raise translation(str(error)) from error
