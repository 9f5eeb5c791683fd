"""The views in the PostgreSQL database of the journal, made by `pista init` or `pista migrate`.

Errors of psycopg come out as those of eventsourcing.persistence, like those of the journal.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from ledger.journal.postgres_link import Database
from ledger.journal.postgres_schema import migrate, read_version
from ledger.views.store import ViewStore
from ledger.views.tables import POSTGRES_MIGRATIONS, check_views_version, for_postgres

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from ledger.journal.postgres_link import Connection
    from ledger.views.store import Writer

VIEWS: Final = "views"


class PostgresViewStore(ViewStore):
    """The views of one ledger in a PostgreSQL database, beside those of others."""

    def __init__(
        self,
        url: str,
        ledger: str,
        *,
        create: bool = False,
        busy_seconds: float = 10.0,
        password: str = "",
    ) -> None:
        """Open the views; with `create`, make their tables as needed.

        Raises:
            StorageError: `views-newer`, when a newer version of the program wrote them;
                `schema-older`, when their tables are to be made or migrated.
            PistaError: when the server cannot be used; see `Database.open`.
            eventsourcing.persistence.PersistenceError: when the server fails.
        """
        super().__init__(ledger)
        self._database = Database(url, busy_seconds, password)

        def prepare(connection: Connection) -> None:
            if create and read_version(connection, VIEWS) == 0:
                migrate(connection, VIEWS, POSTGRES_MIGRATIONS)
            present = read_version(connection, VIEWS)
            check_views_version(present, POSTGRES_MIGRATIONS, self._database.place)

        self._database.open(prepare)

    @override
    def close(self) -> None:
        """Close all connections; those in use close when they are given back."""
        self._database.close()

    @override
    def _writing(self) -> AbstractContextManager[Writer]:
        return self._transaction()

    @contextmanager
    def _transaction(self) -> Iterator[_PostgresWriter]:
        with self._database.connection() as connection, connection.transaction():
            yield _PostgresWriter(connection)

    @override
    def _read(self, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        with self._database.connection() as connection:
            return connection.execute(for_postgres(statement).encode(), values).fetchall()


class _PostgresWriter:
    """A write transaction over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def write(self, statement: str, values: Sequence[object]) -> int:
        return self._connection.execute(for_postgres(statement).encode(), values).rowcount

    def write_all(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        if rows:
            with self._connection.cursor() as cursor:
                cursor.executemany(for_postgres(statement).encode(), rows)
