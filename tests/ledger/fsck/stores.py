"""The stores whose tables are examined, as one sees them who may change every row by hand.

A store is added by a class with these members and a line in `conftest.py`: make a recorder, name the
tables, copy everything, run statements (with `?` for values), and say what columns there are.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import psycopg

from ledger.journal.postgres import PostgresRecorder
from ledger.journal.postgres_tables import PostgresTables
from ledger.journal.sqlite import SQLiteRecorder
from ledger.journal.sqlite_tables import SQLiteTables

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.journal.recorder import JournalRecorder
    from ledger.journal.tables import TableSource
    from tests.postgres import PostgresServer

NUMBER, TEXT, BYTES = "number", "text", "bytes"
TYPES = {
    "INTEGER": NUMBER,
    "TEXT": TEXT,
    "BLOB": BYTES,
    "bigint": NUMBER,
    "text": TEXT,
    "bytea": BYTES,
}
REFUSED = (sqlite3.IntegrityError, psycopg.IntegrityError)

Statement = tuple[str, tuple[object, ...]]


@dataclass(frozen=True)
class Column:
    """A column as the database reports it; `kind` is the type in its own words."""

    name: str
    kind: str
    may_be_null: bool


class Store(Protocol):
    """What a store of the tests can do."""

    def recorder(self, origin: str) -> JournalRecorder:
        """Return the recorder of a ledger in it, made when it is not there."""
        ...

    def source(self, origin: str) -> TableSource:
        """Return its tables, as they are examined."""
        ...

    def copy(self, folder: Path) -> Store:
        """Return a copy of all rows, in a folder if it is a file."""
        ...

    def execute(self, *statements: Statement) -> list[tuple[Any, ...]]:
        """Run statements, all or none, without any check; return the rows of the last one."""
        ...

    def columns(self) -> dict[str, list[Column]]:
        """Return the columns of every table that there is."""
        ...


@dataclass(frozen=True)
class SQLiteStore:
    """The tables in a file."""

    path: Path

    def recorder(self, origin: str) -> JournalRecorder:
        return SQLiteRecorder(self.path, origin, create=True)

    def source(self, origin: str) -> TableSource:
        return SQLiteTables(self.path, origin)

    def copy(self, folder: Path) -> SQLiteStore:
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(self.path, folder)
        return SQLiteStore(folder / self.path.name)

    def execute(self, *statements: Statement) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        with closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            connection.execute("PRAGMA foreign_keys = OFF")
            connection.execute("BEGIN")
            for statement, values in statements:
                rows = connection.execute(statement, values).fetchall()  # type: ignore[arg-type]
            connection.execute("COMMIT")
        return rows

    def columns(self) -> dict[str, list[Column]]:
        tables = self.execute(("SELECT name FROM sqlite_schema WHERE type = 'table'", ()))
        return {
            table: [
                Column(name, kind, not (is_required or in_key))
                for _, name, kind, is_required, _, in_key in self.execute(
                    (f"PRAGMA table_info({table})", ())
                )
            ]
            for (table,) in tables
        }


@dataclass(frozen=True)
class PostgresStore:
    """The tables in a schema of a server."""

    server: PostgresServer
    url: str

    def recorder(self, origin: str) -> JournalRecorder:
        return PostgresRecorder(self.url, origin, create=True)

    def source(self, origin: str) -> TableSource:
        return PostgresTables(self.url, origin)

    def copy(self, folder: Path) -> PostgresStore:
        del folder
        twin = PostgresStore(self.server, self.server.new_schema())
        twin.recorder("copied.example").close()
        with psycopg.connect(self.url) as source, psycopg.connect(twin.url) as target:
            for table in ("ledger_head", "event", "stream", "stream_event", "tile"):
                target.execute(f"DELETE FROM {table}".encode())  # noqa: S608
                rows = source.execute(f"SELECT * FROM {table}".encode()).fetchall()  # noqa: S608
                if rows:
                    marks = ", ".join(["%s"] * len(rows[0]))
                    query = f"INSERT INTO {table} VALUES ({marks})".encode()  # noqa: S608
                    target.cursor().executemany(query, rows)
        return twin

    def execute(self, *statements: Statement) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        with psycopg.connect(self.url) as connection:
            for statement, values in statements:
                cursor = connection.execute(statement.replace("?", "%s").encode(), values)
                rows = cursor.fetchall() if cursor.description else []
        return rows

    def columns(self) -> dict[str, list[Column]]:
        found: dict[str, list[Column]] = {}
        for table, name, kind, may_be_null in self.execute((_POSTGRES_COLUMNS, ())):
            found.setdefault(table, []).append(Column(name, kind, may_be_null == "YES"))
        return found


_POSTGRES_COLUMNS = """SELECT table_name, column_name, data_type, is_nullable
    FROM information_schema.columns WHERE table_schema = current_schema()
    ORDER BY table_name, ordinal_position"""
