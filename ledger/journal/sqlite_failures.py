"""What SQLite says when it fails, in the words of the eventsourcing library and ours.

with translated(path): ...        sqlite3.IntegrityError -> eventsourcing.persistence.IntegrityError
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from ledger.journal.driver_errors import translation
from ledger.journal.store import BusyError, DiskFullError, read_only

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BUSY_CODES: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


def is_busy(error: sqlite3.Error) -> bool:
    """Tell whether another connection held the lock for too long."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _BUSY_CODES


def is_read_only(error: sqlite3.Error) -> bool:
    """Tell whether the file can only be read."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_READONLY


def is_full(error: sqlite3.Error) -> bool:
    """Tell whether there was no space left for the file."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise the library's errors in place of those of sqlite3, with the file that failed."""
    try:
        yield
    except sqlite3.Error as error:
        if is_busy(error):
            raise BusyError(str(error)) from error
        if is_read_only(error):
            raise read_only(f"{path}: {error}") from error
        if is_full(error):
            raise DiskFullError(f"{path}: {error}") from error
        raise translation(sqlite3, error)(f"{path}: {error}") from error
