"""The tables of the views, their migrations for both databases, and the statements over them.

    intervention   one row a CUP: what lists show, and the state as canonical JSON
    timeline       one row an event and stream: when, what, who, in a sentence
    act            one row an act: what the register of acts shows
    tracking       the last position of each upstream, written in the same transaction

The ledger is in every key; `upstream` is its name as well. A statement is written once, with `?`
for a value: `for_postgres` spells it for the other database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.errors import StorageError
from ledger.journal.migrations import Migration, check_version, newest

if TYPE_CHECKING:
    from collections.abc import Sequence

SQLITE_MIGRATIONS: Final = (
    Migration(
        1,
        (
            """CREATE TABLE tracking (
    upstream TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
            """CREATE TABLE intervention (
    ledger TEXT NOT NULL, cup TEXT NOT NULL, title TEXT NOT NULL, measure TEXT NOT NULL,
    phase TEXT, national TEXT, funding INTEGER NOT NULL, registrations INTEGER NOT NULL,
    last_index INTEGER NOT NULL, state BLOB NOT NULL,
    PRIMARY KEY (ledger, cup)) STRICT""",
            """CREATE TABLE timeline (
    ledger TEXT NOT NULL, stream TEXT NOT NULL, place INTEGER NOT NULL, event TEXT NOT NULL,
    type TEXT NOT NULL, received_at TEXT NOT NULL, occurred_on TEXT, actor TEXT NOT NULL,
    role TEXT, sentence TEXT NOT NULL,
    PRIMARY KEY (ledger, stream, place)) STRICT, WITHOUT ROWID""",
            """CREATE TABLE act (
    ledger TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL, adopted_on TEXT NOT NULL,
    subject TEXT NOT NULL, cups TEXT NOT NULL, last_index INTEGER NOT NULL,
    PRIMARY KEY (ledger, key)) STRICT, WITHOUT ROWID""",
        ),
    ),
)

POSTGRES_MIGRATIONS: Final = tuple(
    Migration(
        migration.version,
        tuple(
            statement.replace(" STRICT, WITHOUT ROWID", "")
            .replace(" STRICT", "")
            .replace(" TEXT", ' text COLLATE "C"')
            .replace(" INTEGER", " bigint")
            .replace(" BLOB", " bytea")
            for statement in migration.statements
        ),
    )
    for migration in SQLITE_MIGRATIONS
)

# Per table its columns, those of the key first; they are the fields of its row after the ledger.
COLUMNS: Final = {
    "intervention": (
        ("ledger", "cup"),
        (
            "title",
            "measure",
            "phase",
            "national",
            "funding",
            "registrations",
            "last_index",
            "state",
        ),
    ),
    "timeline": (
        ("ledger", "stream", "place"),
        ("event", "type", "received_at", "occurred_on", "actor", "role", "sentence"),
    ),
    "act": (("ledger", "key"), ("kind", "adopted_on", "subject", "cups", "last_index")),
}

ADVANCE: Final = """INSERT INTO tracking (upstream, position) VALUES (?, ?)
    ON CONFLICT (upstream) DO UPDATE SET position = excluded.position
    WHERE tracking.position < excluded.position"""
TRACKED: Final = "SELECT position FROM tracking WHERE upstream = ?"
CLEAR: Final = (
    "DELETE FROM tracking WHERE upstream = ?",
    "DELETE FROM intervention WHERE ledger = ?",
    "DELETE FROM timeline WHERE ledger = ?",
    "DELETE FROM act WHERE ledger = ?",
)
WITHDRAW_CUP: Final = "DELETE FROM intervention WHERE ledger = ? AND cup = ?"
WITHDRAW_ACT: Final = "DELETE FROM act WHERE ledger = ? AND key = ?"

INTERVENTION: Final = """SELECT cup, title, measure, phase, national, funding, registrations,
    last_index, state FROM intervention WHERE ledger = ? AND cup = ?"""
INTERVENTIONS: Final = """SELECT cup, title, measure, phase, national, funding, registrations,
    last_index, state FROM intervention WHERE ledger = ?
    AND (CAST(? AS TEXT) IS NULL OR instr(' ' || measure || ' ', ' ' || ? || ' ') > 0)
    AND (CAST(? AS TEXT) IS NULL OR instr(' ' || phase || ' ', ' ' || ? || ' ') > 0)
    AND (CAST(? AS TEXT) IS NULL OR instr(lower(title || ' ' || cup), lower(?)) > 0)
    ORDER BY cup"""
TIMELINE: Final = """SELECT stream, place, event, type, received_at, occurred_on, actor, role,
    sentence FROM timeline WHERE ledger = ? AND stream = ? AND place > ? ORDER BY place LIMIT ?"""
ACTS: Final = """SELECT key, kind, adopted_on, subject, cups, last_index FROM act WHERE ledger = ?
    AND (CAST(? AS TEXT) IS NULL OR instr(' ' || cups || ' ', ' ' || ? || ' ') > 0)
    ORDER BY adopted_on DESC, key"""


def put(table: str) -> str:
    """Return the statement that writes a row of a table, in place of one with the same key."""
    keys, others = COLUMNS[table]
    columns = (*keys, *others)
    changes = ", ".join(f"{name} = excluded.{name}" for name in others)
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608  names of our own
        f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {changes}"
    )


def page(table: str, *, is_first: bool) -> str:
    """Return the statement of a page of rows, all columns after the ledger, in order of the key.

    Its values: the ledger, the key after which (unless first), the limit.
    """
    (ledger, *keys), others = COLUMNS[table]
    key = ", ".join(keys)
    after = "" if is_first else f" AND ({key}) > ({', '.join('?' * len(keys))})"
    return (
        f"SELECT {', '.join((*keys, *others))} FROM {table} WHERE {ledger} = ?{after}"  # noqa: S608  names of our own
        f" ORDER BY {key} LIMIT ?"
    )


def check_views_version(present: int, migrations: Sequence[Migration], place: str) -> None:
    """Return when the views are those that the program works with.

    Raises:
        StorageError: `views-newer` or `schema-older`.
    """
    if present > newest(migrations):
        raise StorageError(
            "views-newer",
            f"Le viste {place} sono di una versione più recente del programma: aggiornarlo.",
        )
    check_version(present, migrations, place)


def for_postgres(statement: str) -> str:
    """Return a statement as PostgreSQL and psycopg spell it."""
    return statement.replace("?", "%s").replace("instr(", "strpos(")
