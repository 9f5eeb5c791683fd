"""Versions of tables: numbered migrations as data, what is pending, what opening says of a version.

    MIGRATIONS = (Migration(1, ("CREATE TABLE ...", ...)), Migration(2, ("ALTER TABLE ...",)))

Version 0 is a store without tables. The migration n leads from the tables of version n - 1 to those
of version n; the first one makes them. Opening a store for work never changes its tables: it
compares the versions. `pista init` makes them, `pista migrate` brings them up to date, all pending
migrations in one transaction or none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Migration:
    """The statements that lead to the tables of this version from those of the one before."""

    version: int
    statements: tuple[str, ...]


def newest(migrations: Sequence[Migration]) -> int:
    """Return the version to which the migrations lead."""
    return migrations[-1].version


def pending(migrations: Sequence[Migration], present: int) -> tuple[str, ...]:
    """Return the statements that lead from the present version to the newest, in order."""
    return tuple(
        statement
        for migration in migrations
        if migration.version > present
        for statement in migration.statements
    )


def check_version(present: int, migrations: Sequence[Migration], place: str) -> None:
    """Return when the tables at this place are those that the program works with.

    Raises:
        StorageError: `schema-older`, when they are to be migrated; `schema-newer`, when a newer
            program made them.
    """
    wanted = newest(migrations)
    if present > wanted:
        raise StorageError(
            "schema-newer",
            f"{place} è di una versione più recente del programma (tabelle versione {present},"
            f" questo lavora con la {wanted}): aggiornare il programma.",
        )
    if present < wanted:
        raise StorageError(
            "schema-older",
            f"{place} ha tabelle di una versione precedente ({present}, questo programma lavora con"
            f" la {wanted}): farne una copia di riserva, poi `pista migrate`; `pista migrate --plan`"
            " mostra prima che cosa farebbe.",
        )
