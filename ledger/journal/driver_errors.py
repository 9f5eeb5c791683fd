"""Errors of a database driver, in the classes of the eventsourcing library.

    translation(sqlite3, error)      sqlite3.IntegrityError -> persistence.IntegrityError

Drivers name their errors alike, and so does the library.

Source: PEP 249 (DB-API 2.0), Exceptions; eventsourcing 9.5, eventsourcing.persistence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventsourcing import persistence

if TYPE_CHECKING:
    from types import ModuleType

# From the most special class to the root, as PEP 249 derives them.
_NAMES: Final = (
    "DataError",
    "OperationalError",
    "IntegrityError",
    "InternalError",
    "ProgrammingError",
    "NotSupportedError",
    "DatabaseError",
    "InterfaceError",
)


def translation(driver: ModuleType, error: Exception) -> type[persistence.PersistenceError]:
    """Return the class of the library that an error of a driver has there."""
    for name in _NAMES:
        if isinstance(error, getattr(driver, name)):
            found: type[persistence.PersistenceError] = getattr(persistence, name)
            return found
    return persistence.PersistenceError
