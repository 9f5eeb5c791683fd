"""The views in a SQLite file of their own, which may be deleted: it is made and filled again.

A file that is not there or holds nothing is made when it is opened, unlike the journal; tables of
another version are left alone.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from threading import RLock
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from typing_extensions import override

from ledger.journal.migrations import newest, pending
from ledger.views.store import ViewStore
from ledger.views.tables import SQLITE_MIGRATIONS, check_views_version

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from ledger.journal.migrations import Migration
    from ledger.views.store import Writer

BUSY_SECONDS = 10.0


class SQLiteViewStore(ViewStore):
    """The views of one ledger in a SQLite file; `:memory:` for a throw-away."""

    def __init__(self, path: Path | str, ledger: str, *, access: str = "") -> None:
        """Open or create the file; `access` is that of `ledger.journal.schema.connect`.

        Raises:
            StorageError: `views-newer`, when a newer version of the program wrote it;
                `schema-older`, when its tables are to be migrated.
            sqlite3.Error: when the file cannot be used; see failures.py.
        """
        super().__init__(ledger)
        self._lock = RLock()
        self._connection = connect(path, access)
        try:
            present = read_version(self._connection)
            if present == 0:
                self._connection.execute("PRAGMA journal_mode = WAL")
                migrate(self._connection, SQLITE_MIGRATIONS)
            check_views_version(read_version(self._connection), SQLITE_MIGRATIONS, str(path))
        except BaseException:
            self._connection.close()
            raise

    @override
    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @override
    def _writing(self) -> AbstractContextManager[Writer]:
        return self._transaction()

    @contextmanager
    def _transaction(self) -> Iterator[_SQLiteWriter]:
        with self._lock, immediate(self._connection):
            yield _SQLiteWriter(self._connection)

    @override
    def _read(self, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        with self._lock, closing(self._connection.execute(statement, tuple(values))) as cursor:
            return cursor.fetchall()


class _SQLiteWriter:
    """A write transaction over one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def write(self, statement: str, values: Sequence[object]) -> int:
        return self._connection.execute(statement, tuple(values)).rowcount

    def write_all(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        self._connection.executemany(statement, rows)


def connect(path: Path | str, access: str = "") -> sqlite3.Connection:
    """Return a connection in autocommit mode to a file, `:memory:` or with `access` a URI."""
    named = f"file:{quote(str(path))}?{access}" if access else str(path)
    return sqlite3.connect(
        named,
        check_same_thread=False,
        isolation_level=None,
        timeout=BUSY_SECONDS,
        uri=bool(access),
    )


def read_version(connection: sqlite3.Connection) -> int:
    """Return the version of the tables, 0 for a file that holds nothing."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def migrate(connection: sqlite3.Connection, migrations: Sequence[Migration]) -> None:
    """Bring the tables to the newest version, in one transaction."""
    with immediate(connection):
        present = read_version(connection)
        if present < newest(migrations):
            for statement in pending(migrations, present):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {newest(migrations)}")


@contextmanager
def immediate(connection: sqlite3.Connection) -> Iterator[None]:
    """Hold a write transaction that commits at the end and rolls back on an exception."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
