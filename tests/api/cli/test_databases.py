"""The whole command line over a ledger in PostgreSQL, and the ways to say where a ledger is."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import httpx
import pytest

from api.app import open_ledger, open_reading
from api.cli import exits
from api.home import Home
from api.http.server import make_app
from tests.api.home_kit import (
    BODY,
    CUP,
    ORIGIN,
    enter,
    key,
    make_told_home,
    run,
    size_of,
    written,
)
from tests.postgres import ask, execute, started_server

if TYPE_CHECKING:
    from pathlib import Path

    from api.app import Reading
    from tests.postgres import PostgresServer

SECRET = "una-password"  # noqa: S105  the one that must not be shown


@pytest.fixture
def at_server(postgres_url: str, tmp_path: Path) -> Home:
    """A told ledger whose stores are in PostgreSQL."""
    home = Home(tmp_path / "home")
    make_told_home(home, postgres_url)
    assert not home.database.exists()
    assert not home.views.exists()
    return home


def test_nothing_is_written_on_tables_that_a_crash_empties(
    at_server: Home, postgres_url: str, tmp_path: Path
) -> None:
    execute(postgres_url, "ALTER TABLE event SET UNLOGGED")
    requests = written(tmp_path / "requests.ndjson", enter())
    ran = run(at_server, "record", str(requests), "--key", key(at_server, "rup"))
    assert ran.exit_code != exits.OK
    assert "store-not-durable" in ran.stderr
    ran = run(at_server, "fsck")
    assert ran.exit_code == exits.FAILED
    assert "table event: conservato 'UNLOGGED" in ran.stdout


def test_every_command_works_on_a_ledger_in_a_server(at_server: Home, tmp_path: Path) -> None:
    requests = written(tmp_path / "requests.ndjson", enter())
    recorded = run(at_server, "record", str(requests), "--key", key(at_server, "rup"))
    assert recorded.exit_code == 0, recorded.stderr
    again = run(at_server, "record", str(requests), "--key", key(at_server, "rup"))
    assert again.exit_code == 0, again.stderr
    assert "affidamento" in run(at_server, "history", CUP).stdout
    assert run(at_server, "--json", "replay", CUP, "--as-of", "2023-03-01").exit_code == 0
    assert CUP in run(at_server, "intervention", "list").stdout
    assert run(at_server, "key", "list").exit_code == 0
    assert run(at_server, "checkpoint", "show").stdout.startswith(ORIGIN)
    exported = run(at_server, "--json", "export", CUP, "--key", key(at_server, "rup"))
    assert exported.exit_code == 0, exported.stderr
    package = exported.lines[0]["path"]
    verified = run(at_server, "verify", package, "--trust", str(at_server.policy))
    assert verified.exit_code == 0, verified.stdout


def test_the_pages_show_a_ledger_in_a_server(at_server: Home) -> None:
    async def ask(reading: Reading, path: str) -> httpx.Response:
        transport = httpx.ASGITransport(make_app(reading))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get(path)

    with open_reading(at_server) as reading:
        assert CUP in asyncio.run(ask(reading, "/interventi")).text
        assert asyncio.run(ask(reading, f"/interventi/{CUP}")).status_code == 200


def test_doctor_names_the_server_and_how_durable_it_is(at_server: Home, postgres_url: str) -> None:
    url = f"{postgres_url}&password={SECRET}"
    ran = run(at_server, "doctor", environment={"PISTA_DATABASE_URL": url})
    assert ran.exit_code == 3
    assert "PostgreSQL 1" in ran.stdout
    assert "fsync=on synchronous_commit=on full_page_writes=on" in ran.stdout
    assert "password=***" in ran.stdout
    assert SECRET not in ran.stdout + ran.stderr


def test_doctor_names_sqlite_and_how_durable_it_is(home: Home) -> None:
    ran = run(home, "doctor")
    assert "SQLite 3." in ran.stdout
    assert "journal_mode=wal synchronous=full" in ran.stdout


def test_a_ledger_that_may_only_be_read_is_shown_and_not_written(
    at_server: Home, postgres_url: str, tmp_path: Path
) -> None:
    url = f"{postgres_url}%20-cdefault_transaction_read_only%3Don"
    reading = {"PISTA_DATABASE_URL": url}
    for command in (["history", CUP], ["replay", CUP], ["intervention", "list"], ["key", "list"]):
        assert run(at_server, *command, environment=reading).exit_code == 0
    requests = written(tmp_path / "requests.ndjson", enter())
    size = size_of(at_server)
    ran = run(
        at_server, "record", str(requests), "--key", key(at_server, "rup"), environment=reading
    )
    assert ran.exit_code == 11
    assert "store-read-only" in ran.stderr
    assert size_of(at_server) == size


def test_a_ledger_that_a_crash_would_empty_is_shown_and_not_written(
    at_server: Home, postgres_url: str, tmp_path: Path
) -> None:
    execute(postgres_url, "ALTER TABLE event SET UNLOGGED")
    requests = written(tmp_path / "requests.ndjson", enter())
    rows = ask(postgres_url, "SELECT count(*) FROM event")
    for command in (["history", CUP], ["replay", CUP], ["checkpoint", "show"]):
        ran = run(at_server, *command)
        assert ran.exit_code == 0, ran.stderr
    assert run(at_server, "backup", "--to", str(tmp_path / "copies")).exit_code == 0
    ran = run(at_server, "record", str(requests), "--key", key(at_server, "rup"))
    assert ran.exit_code == 5
    assert ran.stderr.startswith("store-not-durable: ")
    assert "`ALTER TABLE event SET LOGGED`" in ran.stderr
    assert ask(postgres_url, "SELECT count(*) FROM event") == rows
    told = run(at_server, "doctor")
    assert told.exit_code == 1
    assert "durata               fsync=on synchronous_commit=on" in told.stdout
    assert "non va      registro             store-not-durable: " in told.stdout
    execute(postgres_url, "ALTER TABLE event SET LOGGED")
    ran = run(at_server, "record", str(requests), "--key", key(at_server, "rup"))
    assert ran.exit_code == 0, ran.stderr


def test_a_ledger_is_not_founded_where_a_crash_loses_it(tmp_path: Path) -> None:
    with started_server(fsync="off") as server:
        home, url = Home(tmp_path / "home"), server.new_schema()
        founding = ("init", "--ente", BODY, "--origin", ORIGIN, "--database", url)
        ran = run(home, *founding)
        assert ran.exit_code == 5
        assert "store-not-durable" in ran.stderr
        assert not home.settings_file.exists()
        server.stop()
        server.settings["fsync"] = "on"
        server.start()
        assert run(home, *founding).exit_code == 0


def test_two_ledgers_are_founded_in_one_database(postgres_url: str, tmp_path: Path) -> None:
    for number in range(2):
        home = Home(tmp_path / f"home-{number}")
        origin = f"prova-{number}.it/{BODY}"
        ran = run(home, "init", "--ente", BODY, "--origin", origin, "--database", postgres_url)
        assert ran.exit_code == 0, ran.stderr
        assert size_of(home) == 2


def test_a_ledger_is_not_founded_twice_in_one_database(
    at_server: Home, postgres_url: str, tmp_path: Path
) -> None:
    size = size_of(at_server)
    other = Home(tmp_path / "another")
    ran = run(other, "init", "--ente", BODY, "--origin", ORIGIN, "--database", postgres_url)
    assert ran.exit_code == 14
    assert "already-there" in ran.stderr
    assert not other.settings_file.exists()
    assert size_of(at_server) == size


def test_a_database_that_does_not_answer_leaves_no_settings(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    url = "postgresql://pista@127.0.0.1:1/registro"
    ran = run(home, "init", "--ente", BODY, "--origin", ORIGIN, "--database", url)
    assert ran.exit_code == 11
    assert "database-unreachable" in ran.stderr
    assert not home.settings_file.exists()
    ran = run(home, "init", "--ente", BODY, "--origin", ORIGIN)
    assert ran.exit_code == 0, ran.stderr


def test_a_password_is_not_kept_in_the_settings(home: Home, tmp_path: Path) -> None:
    url = f"postgresql://pista:{SECRET}@127.0.0.1:1/registro"
    new = Home(tmp_path / "new")
    ran = run(new, "init", "--ente", BODY, "--origin", ORIGIN, "--database", url)
    assert ran.exit_code == 2
    assert "database-password-stored" in ran.stderr
    assert not new.settings_file.exists()
    settings = json.loads(home.settings_file.read_text(encoding="utf-8"))
    home.settings_file.write_text(json.dumps({**settings, "database": url}), encoding="utf-8")
    ran = run(home, "history", CUP)
    assert ran.exit_code == 2
    assert SECRET not in ran.stdout + ran.stderr


def test_the_environment_says_otherwise_than_the_settings(
    at_server: Home, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    empty = {"PISTA_DATABASE_URL": postgres_server.new_schema()}
    ran = run(at_server, "history", CUP, environment=empty)
    assert (ran.exit_code, "no-ledger" in ran.stderr) == (10, True)
    ran = run(at_server, "history", CUP, environment={"PISTA_DATABASE_URL": "mysql://db/x"})
    assert (ran.exit_code, "database-url-malformed" in ran.stderr) == (2, True)
    absent = {"PISTA_DATABASE_PASSWORD_FILE": str(tmp_path / "absent")}
    ran = run(at_server, "history", CUP, environment=absent)
    assert (ran.exit_code, "password-file-unreadable" in ran.stderr) == (4, True)


def test_a_password_comes_from_a_file(at_server: Home, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f"{SECRET}\n", encoding="utf-8")
    home = Home(at_server.path, password_file=str(file))
    address = home.journal_address(home.read_settings())
    assert getattr(address, "password", None) == SECRET
    with open_reading(home) as reading:
        assert reading.journal.size > 0


def test_the_anchor_is_where_it_is_said_to_be(home: Home, tmp_path: Path) -> None:
    place = tmp_path / "altrove" / "àncora 1"
    place.parent.mkdir()
    home.anchor.rename(place)
    size = size_of(Home(home.path, anchor_url=str(place)))
    for url in (str(place), f"file:{place}", f"file://{place}".replace(" ", "%20")):
        with open_ledger(Home(home.path, anchor_url=url)) as opened:
            assert opened.journal.size == size
    for url in ("https://ancora.it/1", "file:", "s3://ancora/1"):
        ran = run(home, "doctor", environment={"PISTA_ANCHOR_URL": url})
        assert "anchor-url-malformed" in ran.stdout
    assert not home.anchor.exists()


def test_migrate_tells_that_nothing_is_to_be_done(home: Home) -> None:
    ran = run(home, "migrate", "--plan")
    assert ran.exit_code == 0
    assert ran.stdout.count("versione 1, niente da fare") == 2
    assert run(home, "--json", "migrate").lines[-1]["migrated"] == 0


def test_migrate_makes_what_is_missing_after_its_plan_was_shown(
    at_server: Home, postgres_url: str
) -> None:
    for table in ("intervention", "timeline", "act", "tracking"):
        execute(postgres_url, f"DROP TABLE {table}")
    execute(postgres_url, "DELETE FROM schema_version WHERE part = 'views'")
    ran = run(at_server, "history", CUP)
    assert (ran.exit_code, "schema-older" in ran.stderr) == (5, True)
    plan = run(at_server, "migrate", "--plan")
    assert "viste: tabelle da portare dalla versione 0 alla 1" in plan.stdout
    assert "CREATE TABLE intervention" in plan.stdout
    assert ask(postgres_url, "SELECT to_regclass('intervention')") == [(None,)]
    listed = run(at_server, "--json", "migrate", "--plan").lines
    assert [line.get("present") for line in listed] == [1, 0, None]
    assert "viste: tabelle portate dalla versione 0 alla 1" in run(at_server, "migrate").stdout
    assert CUP in run(at_server, "intervention", "list").stdout


def test_tables_of_a_newer_program_are_left_alone(at_server: Home, postgres_url: str) -> None:
    execute(postgres_url, "UPDATE schema_version SET version = 9 WHERE part = 'journal'")
    for command in (["history", CUP], ["migrate"], ["doctor"]):
        ran = run(at_server, *command)
        assert "schema-newer" in ran.stdout + ran.stderr
    assert run(at_server, "history", CUP).exit_code == 5
