"""The raw rows of a ledger in a PostgreSQL database, see tables.py.

    source = PostgresTables("postgresql://db.comune.lecce.it/pista", "pnrr.comune.lecce.it/c_e506")
    with closing(source.open(snapshot=True)) as reader:
        reader.page(EVENT, None, 512)

A snapshot is one read-only transaction at REPEATABLE READ; it takes no lock that a writer waits for.
The server examines its own pages (data checksums, amcheck), so nothing is asked of them here.

Source: https://www.postgresql.org/docs/18/transaction-iso.html, catalogs.html.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from eventsourcing.persistence import OperationalError, PersistenceError
from typing_extensions import override

from ledger.errors import Busy, StorageError
from ledger.journal import postgres_catalogue
from ledger.journal.migrations import newest
from ledger.journal.postgres_failures import translated
from ledger.journal.postgres_link import Database
from ledger.journal.postgres_schema import JOURNAL, MIGRATIONS, read_version
from ledger.journal.queried_tables import QueriedTables
from ledger.journal.schema import ledger_id
from ledger.journal.store import BusyError
from ledger.journal.tables import DAMAGED, TABLES, Property

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ledger.journal.postgres_link import Connection

_NAMES: Final = [table.name for table in TABLES]
_SNAPSHOT: Final = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_MAY_WAIT: Final = b"SELECT set_config('idle_in_transaction_session_timeout', '0', false)"
_COLUMNS: Final = """SELECT name, attname::text FROM unnest(%s::text[]) AS named (name)
    JOIN pg_attribute ON attrelid = to_regclass(name)
    WHERE attnum > 0 AND NOT attisdropped ORDER BY 1, attnum"""


@dataclass(frozen=True, slots=True)
class PostgresTables:
    """A database and the ledger in it; see `tables.TableSource`."""

    url: str = field(repr=False)
    origin: str
    password: str = field(default="", repr=False)
    busy_seconds: float = 5.0

    @property
    def ledger_id(self) -> int:
        """The number of the ledger."""
        return ledger_id(self.origin)

    def open(self, *, snapshot: bool) -> PostgresTableReader:
        """Connect to the database; see `tables.TableSource`."""
        database = Database(self.url, self.busy_seconds, self.password)
        with ExitStack() as stack, _told(database.place):
            connection = stack.enter_context(database.connected())
            connection.execute(_MAY_WAIT)
            reader = PostgresTableReader(
                connection, database.place, self.ledger_id, stack.pop_all(), snapshot=snapshot
            )
            reader.begin()
        return reader


class PostgresTableReader(QueriedTables):
    """Reads over one connection; see `tables.TableReader`."""

    mark = "%s"

    def __init__(
        self,
        connection: Connection,
        place: str,
        ledger: int,
        stack: ExitStack,
        *,
        snapshot: bool,
    ) -> None:
        """Read this ledger; the stack closes the connection."""
        self._connection = connection
        self._place = place
        self._ledger = ledger
        self._stack = stack
        self._snapshot = snapshot

    def begin(self) -> None:
        """Begin the snapshot, when there is to be one."""
        if self._snapshot:
            self._connection.execute(_SNAPSHOT)
            self._connection.execute(b"SELECT 1")

    def properties(self) -> Sequence[Property]:
        """Return the version of the tables, and each part of their shape."""
        version = Property("schema_version", self._version(), newest(MIGRATIONS))
        return [version, *postgres_catalogue.properties(self._all)]

    def _version(self) -> int | None:
        """Return the version of the tables, None when what is there says none."""
        try:
            with self._noting():
                return read_version(self._connection, JOURNAL)
        except StorageError as error:
            if error.code != DAMAGED:
                raise
            return None

    def columns(self) -> Mapping[str, Sequence[str]]:
        """Return the columns of every table, as the database itself reports them."""
        found: dict[str, list[str]] = {}
        for table, column in self._all(_COLUMNS, _NAMES):
            found.setdefault(table, []).append(column)
        return found

    def unknown(self) -> Sequence[str]:
        """Return indexes, triggers and the like on the tables that are none of the program's."""
        return postgres_catalogue.unknown(self._all)

    def damage(self) -> Sequence[str]:
        """Return nothing: the server examines itself."""
        return []

    def close(self) -> None:
        """Close the connection."""
        with _told(self._place):
            self._stack.close()

    @override
    def _all(self, query: str, *arguments: object) -> list[tuple[Any, ...]]:
        """Return all rows of a bounded query."""
        with self._noting():
            return self._connection.execute(query.encode(), arguments, binary=True).fetchall()

    @contextmanager
    def _noting(self) -> Iterator[None]:
        """Raise our errors; a transaction that failed gives way to a new one."""
        with _told(self._place):
            try:
                with translated(self._place):
                    yield
            except PersistenceError:
                if self._snapshot and not self._connection.closed:
                    self._connection.rollback()
                    self.begin()
                raise


@contextmanager
def _told(place: str) -> Iterator[None]:
    """Raise our errors in place of those of the eventsourcing library."""
    try:
        yield
    except BusyError as error:
        raise Busy(
            "ledger-busy", "Un altro programma tiene occupato il registro: riprovare tra poco."
        ) from error
    except OperationalError as error:
        raise StorageError(
            "store-failed",
            f"{place} non risponde più: {error}. Controllare server e rete, poi ripetere.",
        ) from error
    except PersistenceError as error:
        raise StorageError(
            DAMAGED, f"{place} non si può leggere: {error}. Rimettere la copia più recente."
        ) from error
