"""A snapshot of a log in one plain SQLite file, taken while others write.

    take_snapshot(recorder, Path("ledger.sqlite"), told)     the log as it was at one moment
    open_snapshot(Path("ledger.sqlite"), origin)             and as it is read again

A ledger that has a SQLite file to itself is copied page by page with SQLite's online backup. The
reading transaction that is opened first pins the snapshot: writers go on and their rows stay
outside. Without it every commit of another connection would start the copy anew, under a steady
writer for ever. From any other store the rows are copied (copying.py).

The file is left without write-ahead log (`journal_mode=DELETE`), so that it is one file, can be read
from a medium that cannot be written, and has one SHA-256; `allow_writers` turns it back to WAL.

Source: https://www.sqlite.org/backup.html, https://www.sqlite.org/c3ref/backup_finish.html
("if the source database is modified ... the backup will be automatically restarted"), wal.html.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final

from eventsourcing.persistence import PersistenceError

from ledger.errors import Absent, NotVerified, StorageError
from ledger.journal.copying import copy_rows
from ledger.journal.journal import Journal
from ledger.journal.migrations import newest
from ledger.journal.schema import MIGRATIONS, connect, migrate, read_version
from ledger.journal.sqlite import SQLiteRecorder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ledger.journal.copying import Told
    from ledger.journal.migrations import Migration
    from ledger.journal.recorder import JournalRecorder

_OWNER_ONLY: Final = 0o600
_WAIT: Final = 5.0
_PAGES: Final = 1024  # copied between two words of progress: 8 MiB


def take_snapshot(recorder: JournalRecorder, path: Path, told: Told | None = None) -> None:
    """Write the log, as far as it goes now, to a new file; it ends with a heads leaf.

    Raises:
        Absent: when a log in another store than SQLite does not end with a heads leaf
            (`no-such-head`).
        StorageError: when the file cannot be written, or the store cannot be read or is found
            damaged (`snapshot-failed`), and as `copy_rows`.
        OSError: when the file is there already, or cannot be made.
    """
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _OWNER_ONLY))
    with _translated(path):
        if not (isinstance(recorder, SQLiteRecorder) and _copy_file(recorder, path, told)):
            _copy_log(recorder, path, told)
        _close_file(path)


def open_snapshot(path: Path, origin: str) -> SQLiteRecorder:
    """Return the log in the file of a snapshot.

    Raises:
        NotVerified: when the file is no log, or one of another origin (`snapshot-other`).
        StorageError: when its tables are of another version (`schema-newer`).
    """
    try:
        return SQLiteRecorder(path, origin)
    except Absent as error:
        raise _other(path, origin, error.sentence) from error
    except PersistenceError as error:
        raise _other(path, origin, str(error)) from error


def bring_up_to_date(path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Give the log of an older program, in the file of a snapshot, the tables of this one.

    Raises:
        NotVerified: when the file is no database (`snapshot-other`).
        StorageError: when it is the database of something else (`not-a-ledger`).
    """
    try:
        with closing(connect(path, _WAIT, is_writer=True)) as connection:
            if 0 < read_version(connection, path) < newest(migrations):
                migrate(connection, path, migrations)
    except sqlite3.Error as error:
        raise _other(path, "", str(error)) from error


def allow_writers(path: Path) -> None:
    """Let the file of a snapshot be written by several at once: WAL, as a ledger has it.

    Raises:
        StorageError: when the file cannot be changed (`snapshot-failed`).
    """
    with _translated(path), closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")


def _copy_file(recorder: SQLiteRecorder, target: Path, told: Told | None) -> bool:
    """Copy the file of a ledger that has it to itself; return whether it does."""

    def progress(_status: int, remaining: int, total: int) -> None:
        if told is not None:
            told(total - remaining, total)

    source = recorder.address
    with (
        closing(connect(source.path, _WAIT, is_writer=False, access=source.access)) as reader,
        closing(sqlite3.connect(target, isolation_level=None)) as copy,
    ):
        reader.execute("BEGIN")
        (ledgers,) = reader.execute("SELECT count(*) FROM ledger_head").fetchone()
        if ledgers == 1:
            reader.backup(copy, pages=_PAGES, progress=progress)
        reader.execute("ROLLBACK")
    return bool(ledgers == 1)


def _copy_log(source: JournalRecorder, path: Path, told: Told | None) -> None:
    size = Journal(source).last_heads_size()
    target = SQLiteRecorder(path, source.origin, create=True)
    try:
        copy_rows(source, target, size, told)
    finally:
        target.close()


def _close_file(path: Path) -> None:
    """Leave one file behind, whose tables and indexes agree."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        found = [text for (text,) in connection.execute("PRAGMA integrity_check(5)")]
    if found != ["ok"]:
        raise _failed(path, "l'archivio è danneggiato, " + "; ".join(found)[:300])


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise _failed(path, str(error)) from error


def _other(path: Path, origin: str, why: str) -> NotVerified:
    return NotVerified(
        "snapshot-other",
        f"{path.name} non contiene il registro {origin or 'della copia'} ({why}): usare un'altra"
        " copia.",
    )


def _failed(path: Path, why: str) -> StorageError:
    return StorageError(
        "snapshot-failed",
        f"Il registro non si può copiare in {path}: {why}. Controllare spazio e permessi della"
        " destinazione, e con `pista fsck` il registro, poi ripetere.",
    )
