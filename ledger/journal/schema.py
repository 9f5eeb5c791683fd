"""The tables of a ledger in SQLite, and the opening of its file.

    ledger_head(ledger_id, origin, position, streams)          one row a ledger; what appends lock
    event(ledger_id, position, type, key, streams, data)       streams: ordinals in order, '0,17'
    stream(ledger_id, name, ordinal, count, last_position)
    stream_event(ledger_id, ordinal, seq, position)
    tile(ledger_id, level, number, hashes)                     full tiles, 8,192 bytes

`ledger_id` is in every key: the first 63 bits of the SHA-256 of the origin,

    echo $(( 0x$(printf %s "$ORIGIN" | sha256sum | cut -c1-16) >> 1 & 0x7fffffffffffffff ))

The version of the tables is `PRAGMA user_version`; `application_id` is the ASCII text PIST. Pages
have 8 KiB, so that the tail of a page that no row of usual size fits into stays small.

Source: design ARCHITECTURE D2, D4, D5; https://www.sqlite.org/stricttables.html, pragma.html.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from ledger.errors import Absent, StorageError
from ledger.journal.migrations import Migration, check_version, newest, pending

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

APPLICATION_ID: Final = int.from_bytes(b"PIST", "big")
_WAL_PAUSE_SECONDS: Final = 0.01

MIGRATIONS: Final = (
    Migration(
        1,
        (
            """CREATE TABLE ledger_head (
        ledger_id INTEGER PRIMARY KEY,
        origin TEXT NOT NULL,
        position INTEGER NOT NULL,
        streams INTEGER NOT NULL
    ) STRICT""",
            """CREATE TABLE event (
        ledger_id INTEGER NOT NULL REFERENCES ledger_head (ledger_id),
        position INTEGER NOT NULL,
        type TEXT NOT NULL,
        key TEXT,
        streams TEXT NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (ledger_id, position)
    ) STRICT""",
            "CREATE UNIQUE INDEX event_key ON event (ledger_id, key) WHERE key IS NOT NULL",
            """CREATE TABLE stream (
        ledger_id INTEGER NOT NULL REFERENCES ledger_head (ledger_id),
        name TEXT NOT NULL,
        ordinal INTEGER NOT NULL,
        count INTEGER NOT NULL,
        last_position INTEGER NOT NULL,
        PRIMARY KEY (ledger_id, name),
        UNIQUE (ledger_id, ordinal)
    ) STRICT, WITHOUT ROWID""",
            """CREATE TABLE stream_event (
        ledger_id INTEGER NOT NULL,
        ordinal INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        position INTEGER NOT NULL,
        PRIMARY KEY (ledger_id, ordinal, seq),
        FOREIGN KEY (ledger_id, ordinal) REFERENCES stream (ledger_id, ordinal),
        FOREIGN KEY (ledger_id, position) REFERENCES event (ledger_id, position)
    ) STRICT, WITHOUT ROWID""",
            """CREATE TABLE tile (
        ledger_id INTEGER NOT NULL REFERENCES ledger_head (ledger_id),
        level INTEGER NOT NULL,
        number INTEGER NOT NULL,
        hashes BLOB NOT NULL,
        PRIMARY KEY (ledger_id, level, number)
    ) STRICT, WITHOUT ROWID""",
        ),
    ),
)
SCHEMA_VERSION: Final = newest(MIGRATIONS)


def ledger_id(origin: str) -> int:
    """Return the 63-bit number of a ledger, from the SHA-256 of its origin."""
    return int.from_bytes(hashlib.sha256(origin.encode()).digest()[:8], "big") >> 1


def connect(
    path: Path, busy_seconds: float, *, is_writer: bool, access: str = ""
) -> sqlite3.Connection:
    """Return a connection in autocommit mode: every append says BEGIN IMMEDIATE itself.

    `access` is `mode=ro` or `immutable=1` for a file that is not to be written, or cannot be.
    """
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?{access}" if access else path,
        timeout=busy_seconds,
        isolation_level=None,
        check_same_thread=False,
        uri=bool(access),
    )
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    if not is_writer:
        connection.execute("PRAGMA query_only = ON")
    return connection


def prepare(  # noqa: PLR0913  what opening needs
    connection: sqlite3.Connection,
    path: Path,
    origin: str,
    busy_seconds: float,
    *,
    create: bool,
    migrations: Sequence[Migration] = MIGRATIONS,
) -> None:
    """Check the file, and with `create` make its tables and the head of this ledger.

    Raises:
        Absent: when the file holds no such ledger and `create` is False (`no-ledger`).
        StorageError: when the file is a database of something else (`not-a-ledger`), has tables
            of an older or newer version (`schema-older`, `schema-newer`), or holds another origin
            under the same ledger id (`origin-mismatch`).
    """
    if read_version(connection, path) == 0 and create:
        _set_wal(connection, busy_seconds)
        migrate(connection, path, migrations)
    present = read_version(connection, path)
    if present == 0:
        raise _no_ledger(path, origin, "non ha tabelle")
    check_version(present, migrations, str(path))
    if create:
        connection.execute(
            "INSERT INTO ledger_head VALUES (?, ?, 0, 0) ON CONFLICT DO NOTHING",
            (ledger_id(origin), origin),
        )
    _check_origin(connection, path, origin)


def migrate(connection: sqlite3.Connection, path: Path, migrations: Sequence[Migration]) -> None:
    """Bring the tables to the newest version, in one transaction.

    Of two programs that do so at the same time one waits, and finds it done.

    Raises:
        StorageError: when the file is a database of something else (`not-a-ledger`).
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        present = read_version(connection, path)
        if present < newest(migrations):
            for statement in pending(migrations, present):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {newest(migrations)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def read_version(connection: sqlite3.Connection, path: Path) -> int:
    """Return the version of the tables, 0 for a file that holds nothing.

    Raises:
        StorageError: when the file is a database of something else (`not-a-ledger`).
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (objects,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if application != APPLICATION_ID and (objects or version or application):
        raise StorageError(
            "not-a-ledger", f"{path} è la base dati di un altro programma: indicare un altro file."
        )
    return int(version)


def _set_wal(connection: sqlite3.Connection, busy_seconds: float) -> None:
    """Switch a new file to WAL; SQLite does not wait for a lock here, so the wait is ours."""
    connection.execute("PRAGMA page_size = 8192")
    deadline = time.monotonic() + busy_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_WAL_PAUSE_SECONDS)
        else:
            return


def _check_origin(connection: sqlite3.Connection, path: Path, origin: str) -> None:
    found = connection.execute(
        "SELECT origin FROM ledger_head WHERE ledger_id = ?", (ledger_id(origin),)
    ).fetchone()
    if found is None:
        others = connection.execute("SELECT origin FROM ledger_head LIMIT 3").fetchall()
        raise _no_ledger(path, origin, f"contiene {[name for (name,) in others]}")
    if found[0] != origin:
        raise StorageError(
            "origin-mismatch",
            f"{path} contiene il registro {found[0]!r} al posto di {origin!r}: confrontare il file"
            " con una copia prima di scrivere.",
        )


def _no_ledger(path: Path, origin: str, reason: str) -> Absent:
    return Absent(
        "no-ledger",
        f"Il registro {origin!r} non è in {path}: {reason}. Controllare percorso e origine, o"
        " prima fondare il registro.",
    )
