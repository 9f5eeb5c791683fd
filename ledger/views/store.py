"""The views database: rows that can be deleted and rebuilt, and the position they have reached.

    intervention   one row a CUP: what lists show, and the state as canonical JSON
    timeline       one row an event and stream: when, what, who, in a sentence
    act            one row an act: what the register of acts shows
    tracking       the last position of each upstream, written in the same transaction

It is a TrackingRecorder of the eventsourcing library on a SQLite connection of its own.
Source: ARCHITECTURE D2 and D3.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from threading import RLock
from typing import TYPE_CHECKING

from eventsourcing.persistence import IntegrityError, Tracking, TrackingRecorder

from ledger.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

VERSION = 1
TABLES = """
CREATE TABLE IF NOT EXISTS tracking (
    upstream TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS intervention (
    ledger TEXT NOT NULL, cup TEXT NOT NULL, title TEXT NOT NULL, measure TEXT NOT NULL,
    phase TEXT, national TEXT, funding INTEGER NOT NULL, registrations INTEGER NOT NULL,
    last_index INTEGER NOT NULL, state BLOB NOT NULL,
    PRIMARY KEY (ledger, cup)) STRICT;
CREATE TABLE IF NOT EXISTS timeline (
    ledger TEXT NOT NULL, stream TEXT NOT NULL, place INTEGER NOT NULL, event TEXT NOT NULL,
    type TEXT NOT NULL, received_at TEXT NOT NULL, occurred_on TEXT, actor TEXT NOT NULL,
    role TEXT, sentence TEXT NOT NULL,
    PRIMARY KEY (ledger, stream, place)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS act (
    ledger TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL, adopted_on TEXT NOT NULL,
    subject TEXT NOT NULL, cups TEXT NOT NULL, last_index INTEGER NOT NULL,
    PRIMARY KEY (ledger, key)) STRICT, WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class InterventionRow:
    """One CUP as lists show it; `funding` in cents; `state` canonical JSON."""

    cup: str
    title: str
    measure: str
    phase: str | None
    national: str | None
    funding: int
    registrations: int
    last_index: int
    state: bytes


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One event in one stream, in a sentence."""

    stream: str
    index: int
    event: str
    type: str
    received_at: str
    occurred_on: str | None
    actor: str
    role: str | None
    sentence: str


@dataclass(frozen=True, slots=True)
class ActRow:
    """One act of the register; `cups` separated by blanks."""

    key: str
    kind: str
    adopted_on: str
    subject: str
    cups: str
    last_index: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What a batch of events changes in the views; withdrawn rows stood before a correction."""

    interventions: Sequence[InterventionRow] = ()
    timeline: Sequence[TimelineRow] = ()
    acts: Sequence[ActRow] = ()
    withdrawn_cups: Sequence[str] = ()
    withdrawn_acts: Sequence[str] = ()


class ViewStore(TrackingRecorder):
    """The views of one ledger in a SQLite file; `:memory:` for a throw-away."""

    def __init__(self, path: Path | str, ledger: str) -> None:
        """Open or create the file.

        Raises:
            StorageError: `views-newer`, when a newer version of the program wrote it.
            sqlite3.Error: when the file cannot be used; see failures.py.
        """
        self.ledger = ledger
        self._lock = RLock()
        self._connection = sqlite3.connect(
            str(path), check_same_thread=False, isolation_level=None, timeout=10
        )
        try:
            self._prepare(path)
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self, path: Path | str) -> None:
        """Check the version of the file and make the tables that are missing."""
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise StorageError(
                "views-newer",
                f"Le viste {path} sono di una versione più recente del programma: aggiornarlo.",
            )
        if version < VERSION:
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.executescript(TABLES)
            self._connection.execute(f"PRAGMA user_version={VERSION}")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def insert_tracking(self, tracking: Tracking) -> None:
        """Record a position that is greater than the last one; IntegrityError otherwise."""
        with self._transaction() as connection:
            self._advance(connection, tracking)

    def _advance(self, connection: sqlite3.Connection, tracking: Tracking) -> None:
        last = self.max_tracking_id(tracking.application_name)
        if last is not None and tracking.notification_id <= last:
            raise IntegrityError(f"position {tracking.notification_id} is not after {last}")
        connection.execute(
            "INSERT INTO tracking VALUES (?, ?)"
            " ON CONFLICT (upstream) DO UPDATE SET position = excluded.position",
            (tracking.application_name, tracking.notification_id),
        )

    def max_tracking_id(self, application_name: str) -> int | None:
        """Return the position reached in an upstream, None before the first."""
        with self._lock:
            row = self._connection.execute(
                "SELECT position FROM tracking WHERE upstream = ?", (application_name,)
            ).fetchone()
        return None if row is None else int(row[0])

    def apply(self, changes: Changes, tracking: Tracking) -> None:
        """Write the changes of a batch and its last position in one transaction.

        Raises:
            eventsourcing.persistence.IntegrityError: when the position is not after the last one;
                nothing was written.
        """
        with self._transaction() as connection:
            self._advance(connection, tracking)
            for table, column, gone in (
                ("intervention", "cup", changes.withdrawn_cups),
                ("act", "key", changes.withdrawn_acts),
            ):
                connection.executemany(
                    f"DELETE FROM {table} WHERE ledger = ? AND {column} = ?",  # noqa: S608  our names
                    [(self.ledger, key) for key in gone],
                )
            for table, rows in (
                ("intervention", changes.interventions),
                ("timeline", changes.timeline),
                ("act", changes.acts),
            ):
                self._put(connection, table, rows)

    def _put(
        self,
        connection: sqlite3.Connection,
        table: str,
        rows: Sequence[InterventionRow] | Sequence[TimelineRow] | Sequence[ActRow],
    ) -> None:
        """Write rows whose fields are the columns of the table after `ledger`, in their order."""
        values = [(self.ledger, *astuple(row)) for row in rows]
        if values:
            places = ", ".join("?" * len(values[0]))
            connection.executemany(
                f"INSERT OR REPLACE INTO {table} VALUES ({places})",  # noqa: S608  our names
                values,
            )

    def clear(self) -> None:
        """Delete everything, so that it is rebuilt from the journal."""
        with self._transaction() as connection:
            for table in ("tracking", "intervention", "timeline", "act"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608  names of our own tables

    def interventions(
        self, *, measure: str | None = None, phase: str | None = None, text: str | None = None
    ) -> list[InterventionRow]:
        """Return the interventions, by CUP; filtered by measure, phase, words of the title or CUP."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT cup, title, measure, phase, national, funding, registrations, last_index,"
                " state FROM intervention WHERE ledger = ?"
                " AND (? IS NULL OR measure = ?) AND (? IS NULL OR phase = ?)"
                " AND (? IS NULL OR instr(lower(title || ' ' || cup), lower(?)) > 0) ORDER BY cup",
                (self.ledger, measure, measure, phase, phase, text, text),
            ).fetchall()
        return [InterventionRow(*row) for row in rows]

    def intervention(self, cup: str) -> InterventionRow | None:
        """Return one intervention, None when the views have none of that CUP."""
        with self._lock:
            row = self._connection.execute(
                "SELECT cup, title, measure, phase, national, funding, registrations, last_index,"
                " state FROM intervention WHERE ledger = ? AND cup = ?",
                (self.ledger, cup),
            ).fetchone()
        return None if row is None else InterventionRow(*row)

    def timeline(self, stream: str, *, after: int = -1, limit: int = 500) -> list[TimelineRow]:
        """Return the events of a stream after a leaf index, in order of the log."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT stream, place, event, type, received_at, occurred_on, actor, role, sentence"
                " FROM timeline WHERE ledger = ? AND stream = ? AND place > ? ORDER BY place LIMIT ?",
                (self.ledger, stream, after, limit),
            ).fetchall()
        return [TimelineRow(*row) for row in rows]

    def acts(self, cup: str | None = None) -> list[ActRow]:
        """Return the register of acts, newest adoption first; of one CUP when given."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT key, kind, adopted_on, subject, cups, last_index FROM act WHERE ledger = ?"
                " AND (? IS NULL OR instr(' ' || cups || ' ', ' ' || ? || ' ') > 0)"
                " ORDER BY adopted_on DESC, key",
                (self.ledger, cup, cup),
            ).fetchall()
        return [ActRow(*row) for row in rows]
