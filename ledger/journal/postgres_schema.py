"""The tables of a ledger in PostgreSQL: their migrations, their version, and the head of a ledger.

    ledger_head(ledger_id, origin, position, streams)          one row a ledger; what appends lock
    event(ledger_id, position, type, key, streams, data)       streams: ordinals in order, '0,17'
    stream(ledger_id, name, ordinal, count, last_position)
    stream_event(ledger_id, ordinal, seq, position)
    tile(ledger_id, level, number, hashes)                     full tiles, 8,192 bytes
    schema_version(part, version)                              'journal', 1; 'views', 1

They are those of SQLite (schema.py), column by column. Every key begins with `ledger_id`, so that a
cluster can be divided by its hash. Text is compared byte by byte (COLLATE "C"): an index never
changes its order with the C library of the machine. What is updated often leaves room in its page.
There are no foreign keys, unlike in SQLite: PostgreSQL would lock, and so write, each parent row for
each child, which doubles the time of a batch of a thousand; `pista fsck` checks what they would say.

Source: design ARCHITECTURE D2, D4, D5; https://www.postgresql.org/docs/18/ddl.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from psycopg import errors

from ledger.errors import Absent, StorageError
from ledger.journal.migrations import Migration, check_version, newest, pending
from ledger.journal.postgres_durable import check_durable
from ledger.journal.schema import ledger_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.journal.postgres_link import Connection

JOURNAL: Final = "journal"

MIGRATIONS: Final = (
    Migration(
        1,
        (
            """CREATE TABLE ledger_head (
    ledger_id bigint PRIMARY KEY,
    origin text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    streams bigint NOT NULL
) WITH (fillfactor = 20)""",
            """CREATE TABLE event (
    ledger_id bigint NOT NULL,
    position bigint NOT NULL,
    type text COLLATE "C" NOT NULL,
    key text COLLATE "C",
    streams text COLLATE "C" NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (ledger_id, position)
)""",
            "CREATE UNIQUE INDEX event_key ON event (ledger_id, key) WHERE key IS NOT NULL",
            """CREATE TABLE stream (
    ledger_id bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    ordinal bigint NOT NULL,
    count bigint NOT NULL,
    last_position bigint NOT NULL,
    PRIMARY KEY (ledger_id, name),
    UNIQUE (ledger_id, ordinal)
) WITH (fillfactor = 80)""",
            """CREATE TABLE stream_event (
    ledger_id bigint NOT NULL,
    ordinal bigint NOT NULL,
    seq bigint NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (ledger_id, ordinal, seq)
)""",
            """CREATE TABLE tile (
    ledger_id bigint NOT NULL,
    level bigint NOT NULL,
    number bigint NOT NULL,
    hashes bytea NOT NULL,
    PRIMARY KEY (ledger_id, level, number)
)""",
        ),
    ),
)

_VERSIONS: Final = b"""CREATE TABLE IF NOT EXISTS schema_version (
    part text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL
)"""
_LOCK_VERSION: Final = b"SELECT version FROM schema_version WHERE part = %s FOR UPDATE"
_SET_VERSION: Final = b"""INSERT INTO schema_version (part, version) VALUES (%s, %s)
    ON CONFLICT (part) DO UPDATE SET version = excluded.version"""
_ADD_HEAD: Final = b"""INSERT INTO ledger_head (ledger_id, origin, position, streams)
    VALUES (%s, %s, 0, 0) ON CONFLICT DO NOTHING"""
_FASTER: Final = (errors.UniqueViolation, errors.DuplicateTable, errors.SerializationFailure)


def prepare(
    connection: Connection,
    place: str,
    origin: str,
    *,
    create: bool,
    migrations: Sequence[Migration] = MIGRATIONS,
) -> None:
    """Compare the version of the tables, and with `create` make them and the head of this ledger.

    Raises:
        Absent: when there is no such ledger and `create` is False (`no-ledger`).
        StorageError: when the tables are of an older or newer version (`schema-older`,
            `schema-newer`), or the ledger id is that of another origin (`origin-mismatch`); with
            `create`, as `check_durable`, before anything is made.
    """
    if create:
        check_durable(connection, place)
    present = read_version(connection, JOURNAL)
    if present == 0 and create:
        migrate(connection, JOURNAL, migrations)
        present = read_version(connection, JOURNAL)
    if present == 0:
        raise _no_ledger(place, origin, "non ha tabelle")
    check_version(present, migrations, place)
    if create:
        connection.execute(_ADD_HEAD, (ledger_id(origin), origin))
    _check_origin(connection, place, origin)


def read_version(connection: Connection, part: str) -> int:
    """Return the version of a part of the tables, 0 when they are not there."""
    found = connection.execute(b"SELECT to_regclass('schema_version') IS NOT NULL").fetchone()
    if found is None or not found[0]:
        return 0
    row = connection.execute(
        b"SELECT version FROM schema_version WHERE part = %s", (part,)
    ).fetchone()
    return 0 if row is None else int(row[0])


def migrate(connection: Connection, part: str, migrations: Sequence[Migration]) -> None:
    """Bring a part of the tables to the newest version, in one transaction.

    Of two programs that do so at the same time one finds it done.
    """
    try:
        with connection.transaction():
            connection.execute(_VERSIONS)
            row = connection.execute(_LOCK_VERSION, (part,)).fetchone()
            present = 0 if row is None else int(row[0])
            if present < newest(migrations):
                for statement in pending(migrations, present):
                    connection.execute(statement.encode())
                connection.execute(_SET_VERSION, (part, newest(migrations)))
    except _FASTER:
        if read_version(connection, part) < newest(migrations):
            raise


def _check_origin(connection: Connection, place: str, origin: str) -> None:
    found = connection.execute(
        b"SELECT origin FROM ledger_head WHERE ledger_id = %s", (ledger_id(origin),)
    ).fetchone()
    if found is None:
        others = connection.execute(b"SELECT origin FROM ledger_head LIMIT 3").fetchall()
        raise _no_ledger(place, origin, f"contiene {[name for (name,) in others]}")
    if found[0] != origin:
        raise StorageError(
            "origin-mismatch",
            f"{place} contiene il registro {found[0]!r} al posto di {origin!r}: confrontare"
            " l'archivio con una copia prima di scrivere.",
        )


def _no_ledger(place: str, origin: str, reason: str) -> Absent:
    return Absent(
        "no-ledger",
        f"Il registro {origin!r} non è in {place}: {reason}. Controllare indirizzo e origine, o"
        " prima fondare il registro.",
    )
