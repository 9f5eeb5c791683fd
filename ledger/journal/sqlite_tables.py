"""The raw rows of a ledger in an SQLite file, see tables.py.

    source = SQLiteTables(Path("ledger.sqlite"), "pnrr.comune.lecce.it/c_e506")
    with closing(source.open(snapshot=True)) as reader:
        reader.page(EVENT, None, 512)

The connection is read-only. With a snapshot it holds one read transaction until it is closed, which
in WAL mode keeps no writer out. The file need not be one that the program would open for work: no
version, origin or table is required; what is wrong with them is for the reader to say.

Source: https://www.sqlite.org/wal.html, pragma.html (integrity_check), rowvalue.html.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from ledger.errors import Absent, Busy, StorageError
from ledger.journal import schema
from ledger.journal.migrations import pending
from ledger.journal.queried_tables import QueriedTables
from ledger.journal.sqlite_failures import is_busy
from ledger.journal.tables import DAMAGED, Property

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path


_OBJECTS: Final = "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name"
_MOST_COMPLAINTS: Final = 100
_TOLERANT: Final = partial(str, encoding="utf-8", errors="backslashreplace")


@dataclass(frozen=True, slots=True)
class SQLiteTables:
    """A file and the ledger in it; see `tables.TableSource`.

    `access` is that of `schema.connect`.
    """

    path: Path
    origin: str
    access: str = ""
    busy_seconds: float = 5.0

    @property
    def ledger_id(self) -> int:
        """The number of the ledger."""
        return schema.ledger_id(self.origin)

    def open(self, *, snapshot: bool) -> SQLiteTableReader:
        """Open the file; see `tables.TableSource`."""
        if not self.path.is_file():
            raise Absent(
                "no-ledger",
                f"Il file {self.path} non c'è: controllare il percorso, o rimetterlo da una copia.",
            )
        with _translated(self.path):
            connection = schema.connect(
                self.path, self.busy_seconds, is_writer=False, access=self.access
            )
            try:
                if snapshot:
                    connection.execute("BEGIN")
                connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            except BaseException:
                connection.close()
                raise
        return SQLiteTableReader(connection, self.path, self.ledger_id)


class SQLiteTableReader(QueriedTables):
    """Reads over one connection; see `tables.TableReader`."""

    mark = "?"

    def __init__(self, connection: sqlite3.Connection, path: Path, ledger: int) -> None:
        """Read this ledger."""
        self._connection = connection
        self._path = path
        self._ledger = ledger

    def properties(self) -> Sequence[Property]:
        """Return version and kind of the file, and the statement of each table and index."""
        expected = {
            "user_version": schema.SCHEMA_VERSION,
            "application_id": schema.APPLICATION_ID,
        }
        numbers = [
            Property(name, self._all(f"PRAGMA {name}")[0][0], value)
            for name, value in expected.items()
        ]
        stored = {(kind, name): statement for kind, name, statement in self._all(_OBJECTS)}
        return numbers + [
            Property(" ".join(named), stored.get(named), statement)
            for named, statement in _expected_objects().items()
        ]

    def columns(self) -> Mapping[str, Sequence[str]]:
        """Return the columns of every table, as the file itself reports them."""
        tables = self._all("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        return {
            name: [row[0] for row in self._all("SELECT name FROM pragma_table_info(?)", name)]
            for (name,) in tables
        }

    def unknown(self) -> Sequence[str]:
        """Return tables, indexes, triggers and views that are none of the program's."""
        known = _expected_objects()
        return [
            f"{kind} {name}" for kind, name, _ in self._all(_OBJECTS) if (kind, name) not in known
        ]

    def damage(self) -> Sequence[str]:
        """Return what SQLite finds in the pages and indexes of the file."""
        said = self._all(f"PRAGMA integrity_check({_MOST_COMPLAINTS})")
        return [line for (text,) in said if text != "ok" for line in text.splitlines()]

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @override
    def _all(self, query: str, *arguments: object) -> list[tuple[Any, ...]]:
        """Return all rows of a bounded query; text that is no UTF-8 is shown by its bytes."""
        with _translated(self._path):
            try:
                return self._fetched(query, arguments)
            except sqlite3.OperationalError as error:
                if getattr(error, "sqlite_errorcode", None) is not None:
                    raise
                self._connection.text_factory = _TOLERANT
                return self._fetched(query, arguments)

    def _fetched(self, query: str, arguments: tuple[object, ...]) -> list[tuple[Any, ...]]:
        with closing(self._connection.execute(query, arguments)) as cursor:
            return cursor.fetchall()


@cache
def _expected_objects() -> Mapping[tuple[str, str], str | None]:
    """Return the statement of each object that the migrations of the program make."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in pending(schema.MIGRATIONS, 0):
            connection.execute(statement)
        rows = connection.execute(_OBJECTS).fetchall()
    return {(kind, name): statement for kind, name, statement in rows}


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Raise our errors in place of those of sqlite3."""
    try:
        yield
    except sqlite3.Error as error:
        if is_busy(error):
            raise Busy(
                "ledger-busy",
                "Un altro programma tiene occupato il registro: riprovare tra poco.",
            ) from error
        raise StorageError(
            DAMAGED,
            f"L'archivio {path} non si può leggere: {error}. Rimettere la copia più recente.",
        ) from error
