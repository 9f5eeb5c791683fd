"""From PostgreSQL to SQLite and back: the same rows, by backup and restore."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from api.app import open_reading
from api.backups import Beside, backup_source, prove_backup, restore_home
from api.home import Home
from api.machine import now
from ledger.application.backup import make_backup
from ledger.errors import Conflict
from ledger.journal.address import parse_address
from ledger.journal.copying import copy_rows
from ledger.journal.opening import open_recorder
from ledger.journal.snapshot import open_snapshot
from tests.api.cli.backup_kit import backed_up, head_of, with_document
from tests.api.home_kit import CUP, ORIGIN, enter, key, run, written

if TYPE_CHECKING:
    from pathlib import Path

    from tests.postgres import PostgresServer


def silent(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""


@pytest.fixture
def documented(home: Home, tmp_path: Path) -> Home:
    """A home in SQLite, with documents."""
    with_document(home, tmp_path)
    return home


def anchored(home: Home, path: Path) -> Home:
    """Return a home that is not there yet, but for the anchor of another."""
    path.mkdir()
    shutil.copy(home.anchor, path / "anchor")
    return Home(path)


def rows(home: Home) -> list[object]:
    """Return every row of the journal of a home."""
    with open_reading(home) as reading:
        recorder = reading.journal._recorder
        return [*recorder.rows(0, 10_000), *recorder.streams(limit=10_000)]


def test_a_ledger_moves_to_postgres_and_back(
    documented: Home, tmp_path: Path, postgres_url: str
) -> None:
    _, folder = backed_up(documented, tmp_path / "copies", "--with-keys")
    server = anchored(documented, tmp_path / "server")
    ran = run(server, "restore", str(folder), "--database", postgres_url)
    assert ran.exit_code == 0, ran.stderr
    assert json.loads(server.settings_file.read_text())["database"] == postgres_url
    assert not server.database.exists()
    assert not server.views.exists()
    assert rows(server) == rows(documented)
    file = str(written(tmp_path / "r.ndjson", enter()))
    assert run(server, "record", file, "--key", key(documented, "rup")).exit_code == 0
    shown = run(server, "history", CUP, "--raw").stdout

    _, folder = backed_up(server, tmp_path / "again", "--with-keys")
    assert run(server, "restore", str(folder), "--prove").exit_code == 0
    back = anchored(server, tmp_path / "back")
    assert run(back, "restore", str(folder)).exit_code == 0
    assert "database" not in json.loads(back.settings_file.read_text())
    assert rows(back) == rows(server)
    assert head_of(back) == head_of(server)
    assert run(back, "history", CUP, "--raw").stdout == shown


def test_the_environment_says_where_a_ledger_is_restored_and_backed_up(
    documented: Home, tmp_path: Path, postgres_url: str
) -> None:
    _, folder = backed_up(documented, tmp_path / "copies", "--with-keys")
    server = replace(anchored(documented, tmp_path / "server"), database_url=postgres_url)
    restored, amiss = restore_home(folder, server, Beside(), silent)
    assert (restored.lost, amiss) == (0, [])
    assert "database" not in json.loads(server.settings_file.read_text())
    assert rows(server) == rows(documented)
    with backup_source(server, with_keys=False) as source:
        made = make_backup(source, tmp_path / "again", now())
    proven, amiss = prove_backup(made.folder, server, silent)
    assert (proven.is_whole, proven.behind, amiss) == (True, 0, [])


def test_a_database_with_other_registrations_is_not_touched(
    documented: Home, tmp_path: Path, postgres_url: str
) -> None:
    _, older = backed_up(documented, tmp_path / "older", "--with-keys")
    with_document(documented, tmp_path, "101")
    _, newer = backed_up(documented, tmp_path / "newer", "--with-keys")
    server = anchored(documented, tmp_path / "server")
    assert run(server, "restore", str(newer), "--database", postgres_url).exit_code == 0
    before = rows(server)
    other = Home(tmp_path / "other")
    with pytest.raises(Conflict, match="copy-differs"):
        restore_home(older, other, Beside(database=postgres_url), silent)
    assert not other.path.exists()
    assert rows(server) == before


def test_a_restore_into_a_database_that_broke_off_goes_on(
    documented: Home, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    url = postgres_server.new_schema()
    _, folder = backed_up(documented, tmp_path / "copies", "--with-keys")
    with (
        closing(open_snapshot(folder / "ledger.sqlite", ORIGIN)) as source,
        closing(open_recorder(parse_address(url), ORIGIN, create=True)) as target,
    ):
        copy_rows(source, target, 7)
    server = anchored(documented, tmp_path / "server")
    assert run(server, "restore", str(folder), "--database", url).exit_code == 0
    assert rows(server) == rows(documented)
