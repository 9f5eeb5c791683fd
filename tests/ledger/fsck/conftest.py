"""Honest ledgers, made once a session for each store; tests spoil copies."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from ledger.journal.anchor import FileAnchor
from tests.bench.grown_ledger import grown
from tests.ledger.fsck.ledgers import Made, copied, make, tell_more
from tests.ledger.fsck.stores import PostgresStore, SQLiteStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.ledger.fsck.stores import Store
    from tests.postgres import PostgresServer

    NewStore = Callable[[Path], Store]
    Copy = Callable[[Made], Made]

STORES = ("sqlite", "postgres")


@pytest.fixture(scope="session", params=STORES)
def new_store(request: pytest.FixtureRequest) -> NewStore:
    """Makes an empty store, in a folder if it is a file: a test with this runs on every store."""
    if request.param == "sqlite":
        return lambda folder: SQLiteStore(folder / "ledger.sqlite")
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return lambda _: PostgresStore(server, server.new_schema())


@pytest.fixture(scope="session")
def told(new_store: NewStore, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A ledger of some sixty leaves, with keys rotated and documents."""
    folder = tmp_path_factory.mktemp("told")
    return make(folder, new_store(folder))


@pytest.fixture(scope="session")
def tiled(new_store: NewStore, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A ledger with two full tiles, in every store."""
    folder = tmp_path_factory.mktemp("tiled")
    return make(folder, new_store(folder), tell_more)


@pytest.fixture(scope="session")
def told_file(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The ledger of `told` in a file of SQLite, for what does not depend on the store."""
    folder = tmp_path_factory.mktemp("told-file")
    return make(folder, SQLiteStore(folder / "ledger.sqlite"))


@pytest.fixture(scope="session")
def tiled_file(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The ledger of `tiled` in a file of SQLite."""
    folder = tmp_path_factory.mktemp("tiled-file")
    return make(folder, SQLiteStore(folder / "ledger.sqlite"), tell_more)


def many(folder: Path, events: int) -> Made:
    """Return a ledger of so many events, in batches of a thousand, without documents or views."""
    made = Made(folder, SQLiteStore(grown(events, folder, lambda _: None)))
    with closing(made.store.recorder(made.origin)) as recorder:
        size = recorder.head().position
    FileAnchor(made.anchor).advance(size, made.root_at(size), seen=None)
    return made


@pytest.fixture(scope="session")
def two_file(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A ledger that is worth more than one process."""
    return many(tmp_path_factory.mktemp("two-file"), 2100)


@pytest.fixture(scope="session")
def long_file(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A ledger of more leaves than are examined before a checkpoint is kept."""
    return many(tmp_path_factory.mktemp("long-file"), 8700)


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """Makes copies of a ledger that may be spoiled."""
    numbers = iter(range(10_000))
    return lambda made: copied(made, tmp_path / f"copy-{next(numbers)}")
