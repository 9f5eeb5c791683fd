"""Bringing the tables of journal and views to the version of the program, and what it would take.

    for plan in migrate(journal, views): plan.part, plan.present, plan.wanted, plan.statements

In one transaction or not at all: in PostgreSQL one for journal and views, in SQLite one a file. What
the migrations are is an argument, so that the way from an older version can be walked at any time.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.errors import Absent
from ledger.journal import schema
from ledger.journal.address import SQLiteFile
from ledger.journal.migrations import check_version, newest, pending
from ledger.views import sqlite, tables

if TYPE_CHECKING:
    from ledger.journal.address import Address, PostgresDatabase
    from ledger.journal.migrations import Migration

BUSY_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done for one part: the version that is there, the one wanted, how."""

    part: str
    place: str
    present: int
    wanted: int
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Migrations:
    """The migrations of both parts, for one kind of database."""

    journal: tuple[Migration, ...]
    views: tuple[Migration, ...]


def migrations_of(address: Address) -> Migrations:
    """Return the migrations that the program knows for this kind of database."""
    if isinstance(address, SQLiteFile):
        return Migrations(schema.MIGRATIONS, tables.SQLITE_MIGRATIONS)
    from ledger.journal import postgres_schema  # noqa: PLC0415  only what is used

    return Migrations(postgres_schema.MIGRATIONS, tables.POSTGRES_MIGRATIONS)


def migrate(
    journal: Address,
    views: Address,
    migrations: Migrations | None = None,
    *,
    is_rehearsal: bool = False,
) -> list[Plan]:
    """Bring journal and views to the newest version, and return what was done.

    With `is_rehearsal` nothing is done and the same is returned. Views in a file that is not there
    yet need nothing.

    Raises:
        Absent: `no-ledger`, when the journal has no tables.
        StorageError: `schema-newer` or `views-newer`, when a newer program made them.
        PistaError: when a server cannot be used; see `Database.connected`.
        eventsourcing.persistence.PersistenceError, sqlite3.Error: when the store failed; the
            database that it concerns is as it was.
    """
    wanted = migrations or migrations_of(journal)
    if isinstance(journal, SQLiteFile):
        done = [_migrate_journal_file(journal, wanted.journal, is_rehearsal=is_rehearsal)]
        if isinstance(views, SQLiteFile) and views.path.is_file():
            done.append(_migrate_views_file(views, wanted.views, is_rehearsal=is_rehearsal))
        return done
    return _migrate_database(journal, wanted, is_rehearsal=is_rehearsal)


def _plan(part: str, place: str, present: int, migrations: tuple[Migration, ...]) -> Plan:
    """Return the plan of a part whose tables are at this version.

    Raises:
        Absent, StorageError: as `migrate`.
    """
    if part == "journal" and present == 0:
        raise Absent(
            "no-ledger",
            f"In {place} non ci sono tabelle di un registro: controllare l'indirizzo, o prima"
            " fondare il registro con `pista init`.",
        )
    if present > newest(migrations):
        check = tables.check_views_version if part == "views" else check_version
        check(present, migrations, place)
    return Plan(part, place, present, newest(migrations), pending(migrations, present))


def _migrate_journal_file(
    file: SQLiteFile, migrations: tuple[Migration, ...], *, is_rehearsal: bool
) -> Plan:
    if not file.path.is_file():
        return _plan("journal", str(file), 0, migrations)
    link = schema.connect(file.path, BUSY_SECONDS, is_writer=True, access=file.access)
    with closing(link) as connection:
        present = schema.read_version(connection, file.path)
        plan = _plan("journal", str(file), present, migrations)
        if plan.statements and not is_rehearsal:
            schema.migrate(connection, file.path, migrations)
    return plan


def _migrate_views_file(
    file: SQLiteFile, migrations: tuple[Migration, ...], *, is_rehearsal: bool
) -> Plan:
    with closing(sqlite.connect(file.path, file.access)) as connection:
        plan = _plan("views", str(file), sqlite.read_version(connection), migrations)
        if plan.statements and not is_rehearsal:
            sqlite.migrate(connection, migrations)
    return plan


def _migrate_database(
    address: PostgresDatabase, migrations: Migrations, *, is_rehearsal: bool
) -> list[Plan]:
    from ledger.journal import postgres_schema  # noqa: PLC0415  only what is used
    from ledger.journal.postgres_link import Database  # noqa: PLC0415

    database = Database(address.url, BUSY_SECONDS, address.password)
    parts = (("journal", migrations.journal), ("views", migrations.views))
    with database.connected() as connection:
        found = [
            _plan(part, database.place, postgres_schema.read_version(connection, part), wanted)
            for part, wanted in parts
        ]
        if any(plan.statements for plan in found) and not is_rehearsal:
            with connection.transaction():
                for part, wanted in parts:
                    postgres_schema.migrate(connection, part, wanted)
    return found
