"""Tables of an older version are brought to the newest, all or none, in each kind of database."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
import pytest
from eventsourcing.persistence import PersistenceError

from ledger.errors import Absent, StorageError
from ledger.journal.address import Address, PostgresDatabase, SQLiteFile
from ledger.journal.migrations import Migration
from ledger.journal.opening import open_recorder
from ledger.journal.store import KeyedEvent
from ledger.views.migrating import Migrations, Plan, migrate, migrations_of
from ledger.views.opening import open_views
from tests.ledger.application.door_kit import ORIGIN
from tests.postgres import ask

if TYPE_CHECKING:
    from pathlib import Path

# What the next versions could be: a new table, then one more column in it, and one in a view.
SECOND = Migration(2, ("CREATE TABLE note (a INTEGER)", "INSERT INTO note VALUES (7)"))
THIRD = Migration(3, ("ALTER TABLE note ADD COLUMN b INTEGER", "UPDATE note SET b = 8"))
MORE = Migration(2, ("ALTER TABLE act ADD COLUMN finding TEXT",))
BROKEN = Migration(3, ("UPDATE note SET a = 9", "UPDATE nothing SET a = 1"))


@dataclass(frozen=True)
class Place:
    """A ledger of version 1 with a row, and its views."""

    journal: Address
    views: Address

    def later(self, *steps: Migration) -> Migrations:
        """Return the migrations of a program that is ahead of ours by these steps of the journal."""
        known = migrations_of(self.journal)
        return Migrations((*known.journal, *steps), (*known.views, MORE))

    def ask(self, statement: str, *, views: bool = False) -> list[tuple[object, ...]]:
        """Return what the store answers, past our code."""
        address = self.views if views else self.journal
        if isinstance(address, PostgresDatabase):
            return ask(address.url, statement)
        with closing(sqlite3.connect(address.path, isolation_level=None)) as connection:
            return connection.execute(statement).fetchall()

    def versions(self) -> tuple[object, object]:
        """Return the versions of journal and views as they are stored."""
        if isinstance(self.journal, SQLiteFile):
            asked = [self.ask("PRAGMA user_version", views=views) for views in (False, True)]
            return asked[0][0][0], asked[1][0][0]
        found = dict(self.ask("SELECT part, version FROM schema_version"))  # type: ignore[arg-type]
        return found["journal"], found["views"]


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A place of each kind."""
    made = Place(SQLiteFile(tmp_path / "l.sqlite"), SQLiteFile(tmp_path / "v.sqlite"))
    if request.param == "postgres":
        database = PostgresDatabase(request.getfixturevalue("postgres_url"))
        made = Place(database, database)
    with closing(open_recorder(made.journal, ORIGIN, create=True)) as recorder:
        recorder.append([KeyedEvent("type/1", b"data", ["a"], "k1")])
    open_views(made.views, ORIGIN, create=True).close()
    return made


def versions_of(plans: list[Plan]) -> list[tuple[str, int, int, int]]:
    return [(one.part, one.present, one.wanted, len(one.statements)) for one in plans]


def test_the_newest_version_needs_nothing(place: Place) -> None:
    assert versions_of(migrate(place.journal, place.views)) == [
        ("journal", 1, 1, 0),
        ("views", 1, 1, 0),
    ]
    assert place.versions() == (1, 1)


def test_a_plan_tells_the_statements_and_changes_nothing(place: Place) -> None:
    later = place.later(SECOND, THIRD)
    plans = migrate(place.journal, place.views, later, is_rehearsal=True)
    assert versions_of(plans) == [("journal", 1, 3, 4), ("views", 1, 2, 1)]
    assert plans[0].statements == (*SECOND.statements, *THIRD.statements)
    assert place.versions() == (1, 1)


def test_the_tables_go_through_every_version_to_the_newest(place: Place) -> None:
    done = migrate(place.journal, place.views, place.later(SECOND, THIRD))
    assert versions_of(done) == [("journal", 1, 3, 4), ("views", 1, 2, 1)]
    assert place.versions() == (3, 2)
    assert place.ask("SELECT a, b FROM note") == [(7, 8)]
    assert place.ask("SELECT count(finding) FROM act", views=True) == [(0,)]
    assert place.ask("SELECT position FROM ledger_head") == [(1,)]
    again = migrate(place.journal, place.views, place.later(SECOND, THIRD))
    assert versions_of(again) == [("journal", 3, 3, 0), ("views", 2, 2, 0)]


def test_a_step_that_fails_leaves_the_tables_as_they_were(place: Place) -> None:
    with pytest.raises((PersistenceError, sqlite3.Error)):
        migrate(place.journal, place.views, place.later(SECOND, BROKEN))
    assert place.versions() == (1, 1)
    with pytest.raises((psycopg.Error, sqlite3.Error)):
        place.ask("SELECT * FROM note")


def test_a_program_of_an_older_version_does_not_touch_newer_tables(place: Place) -> None:
    migrate(place.journal, place.views, place.later(SECOND))
    with pytest.raises(StorageError) as refused:
        migrate(place.journal, place.views)
    assert refused.value.code == "schema-newer"
    with pytest.raises(StorageError) as refused:
        open_recorder(place.journal, ORIGIN)
    assert refused.value.code == "schema-newer"
    with pytest.raises(StorageError) as refused:
        open_views(place.views, ORIGIN)
    assert refused.value.code == "views-newer"
    assert place.versions() == (2, 2)


def test_a_store_without_tables_is_not_migrated(tmp_path: Path, postgres_url: str) -> None:
    for address in (SQLiteFile(tmp_path / "absent.sqlite"), PostgresDatabase(postgres_url)):
        with pytest.raises(Absent) as refused:
            migrate(address, address)
        assert refused.value.code == "no-ledger"
        assert "`pista init`" in refused.value.sentence
    assert not list(tmp_path.iterdir())


def test_programs_that_migrate_at_once_do_it_once(place: Place) -> None:
    ready = threading.Barrier(4)
    failed: list[Exception] = []

    def run() -> None:
        ready.wait()
        try:
            migrate(place.journal, place.views, place.later(SECOND))
        except Exception as error:  # noqa: BLE001  the test tells it
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == []
    assert place.versions() == (2, 2)
    assert place.ask("SELECT a FROM note") == [(7,)]


def test_views_that_are_missing_in_a_server_are_made(postgres_url: str) -> None:
    address = PostgresDatabase(postgres_url)
    open_recorder(address, ORIGIN, create=True).close()
    with pytest.raises(StorageError) as refused:
        open_views(address, ORIGIN)
    assert refused.value.code == "schema-older"
    assert [(one.part, one.present) for one in migrate(address, address)] == [
        ("journal", 1),
        ("views", 0),
    ]
    open_views(address, ORIGIN).close()
