"""The disk full under each part of a ledger while it is recorded: said, nothing lost, resumed."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from api.home import Home
from tests.api.home_kit import run
from tests.endurance.many_requests import write_requests
from tests.endurance.places import BODY, ORIGIN, ROOT, environment_of, found_place
from tests.endurance.programs import started
from tests.endurance.recorded import Confirmed, check_recorded
from tests.endurance.small_disks import small_disk
from tests.postgres import started_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.endurance.conftest import Proof
    from tests.endurance.places import Place
    from tests.endurance.programs import Program
    from tests.endurance.small_disks import SmallDisk
    from tests.postgres import OwnServer

FAILED = 5
CODES = {"disk-full", "store-failed", "database-unreachable"}
MOST = 400  # registrations that fit on the small disk
BEGUN = 5  # registrations confirmed before the disk is full
PARTS: dict[str, tuple[Callable[[Home], Path], str]] = {
    "the journal": (lambda home: home.database, "ledger.sqlite"),
    "the outbox": (lambda home: home.outbox, "outbox"),
    "the vault": (lambda home: home.vault, "vault"),
    "the views": (lambda home: home.views, "viste"),
}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A ledger in files."""
    return found_place(tmp_path)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A disk of a few megabytes."""
    with small_disk(tmp_path / "disk", megabytes=24) as made:
        yield made


@pytest.mark.parametrize("part", PARTS)
def test_a_full_disk_is_told_and_the_file_goes_on_when_there_is_room(
    part: str, place: Place, disk: SmallDisk, proof: Proof
) -> None:
    path_of, where = PARTS[part]
    disk.take(path_of(place.home))
    count = min(proof.size.requests // 2, MOST)
    file = write_requests(place.requests, count, proof.seed)
    before, confirmed = place.size(), Confirmed(place)
    with started(place, "--json", "record", str(file)) as program:
        assert program.wait_for(BEGUN), program.stderr
        disk.fill()
        code = program.end()
        confirmed.take(program)
    check_told(program, code, where)
    is_all = len(confirmed) == count
    assert is_all == (part == "the views"), "only the views may fail after the last registration"
    disk.make_room()
    resume(place, file, confirmed)
    check_recorded(place, file, confirmed, count, before)
    proof.tell(f"{part} full after {program.new} of {count} registrations: exit {code}")


def test_no_room_for_the_ids_of_a_file_is_told_before_anything_is_signed(
    place: Place, disk: SmallDisk, proof: Proof
) -> None:
    disk.take(place.requests)
    count = min(proof.size.requests // 2, MOST)
    file = write_requests(place.requests, count, proof.seed)
    before, confirmed = place.size(), Confirmed(place)
    disk.fill()
    with started(place, "--json", "record", str(file)) as program:
        code = program.end()
    check_told(program, code, f"{file.name}.ids")
    assert (program.confirmed, place.size()) == ([], before)
    disk.make_room()
    resume(place, file, confirmed)
    check_recorded(place, file, confirmed, count, before)


def test_a_full_disk_under_the_anchor_stops_nothing_since_it_is_written_in_place(
    place: Place, disk: SmallDisk, proof: Proof
) -> None:
    disk.take(place.home.anchor)
    disk.fill()
    file = write_requests(place.requests, BEGUN, proof.seed)
    before, confirmed = place.size(), Confirmed(place)
    resume(place, file, confirmed)
    check_recorded(place, file, confirmed, BEGUN, before)


def test_no_ledger_is_founded_on_a_full_disk(tmp_path: Path, disk: SmallDisk) -> None:
    home = Home(disk.folder / "home")
    disk.fill()
    ran = run(home, "init", "--ente", BODY, "--origin", ORIGIN)
    assert ran.exit_code == FAILED
    assert str(disk.folder) in ran.stderr
    disk.make_room()
    assert run(Home(tmp_path / "home"), "init", "--ente", BODY, "--origin", ORIGIN).exit_code == 0


def test_a_limit_on_the_size_of_files_is_told_like_a_full_disk(place: Place, proof: Proof) -> None:
    count = min(proof.size.requests // 2, MOST)
    file = write_requests(place.requests, count, proof.seed)
    before, confirmed = place.size(), Confirmed(place)
    limit = place.home.database.stat().st_size + 64 * 1024
    limited = (
        "import resource, runpy, sys;"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}));"
        "runpy.run_module('api.cli', run_name='__main__')"
    )
    ran = subprocess.run(
        [sys.executable, "-c", limited, "--ledger", str(place.home.path), "record", str(file)],
        cwd=ROOT,
        env=environment_of(place),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == FAILED, ran.stderr
    assert str(place.home.database) in ran.stderr
    assert "spazio" in ran.stderr
    assert "Traceback" not in ran.stderr
    resume(place, file, confirmed)
    check_recorded(place, file, confirmed, count, before)


def test_the_disk_of_a_postgresql_server_is_full(tmp_path: Path, proof: Proof) -> None:
    with server_on_small_disk() as (server, disk):
        place = found_place(tmp_path, server.new_schema())
        count = min(proof.size.requests // 2, MOST)
        file = write_requests(place.requests, count, proof.seed)
        before, confirmed = place.size(), Confirmed(place)
        with started(place, "--json", "record", str(file)) as program:
            assert program.wait_for(BEGUN), program.stderr
            disk.fill()
            code = program.end()
            confirmed.take(program)
        check_told(program, code, "")
        disk.make_room()
        server.stop(signal.SIGINT)  # PostgreSQL ends by itself when its own log has no room
        server.start()
        resume(place, file, confirmed)
        check_recorded(place, file, confirmed, count, before)
        proof.tell(f"PostgreSQL full after {program.new} registrations: exit {code}")


@contextmanager
def server_on_small_disk() -> Iterator[tuple[OwnServer, SmallDisk]]:
    """Lend a server of PostgreSQL whose data lie on a small disk."""
    disks: list[SmallDisk] = []
    with ExitStack() as mounted:

        def prepare(server: OwnServer) -> None:
            disk = mounted.enter_context(small_disk(server.folder / "disk", megabytes=96))
            disk.take(server.data)
            for path in (server.data, *server.data.rglob("*")):
                shutil.chown(path, "nobody")
            disks.append(disk)

        limits = {"min_wal_size": "32MB", "max_wal_size": "32MB"}
        with started_server(prepare, **limits) as server:
            yield server, disks[0]
            server.stop(signal.SIGQUIT)
            mounted.close()


def resume(place: Place, file: Path, confirmed: Confirmed) -> None:
    """Record the whole file, or what is left of it."""
    with started(place, "--json", "record", str(file)) as program:
        assert program.end() == 0, program.stderr
        confirmed.take(program)


def check_told(program: Program, code: int, where: str) -> None:
    """The message says what, where and what to do, and is the last but the summary."""
    assert code == FAILED, program.stderr
    assert "Traceback" not in program.stderr
    *_, warning, summary = program.lines
    assert (warning["kind"], summary["kind"], summary["exit"]) == ("warning", "summary", FAILED)
    assert warning["code"] in CODES
    assert where in warning["sentence"]
    assert any(word in warning["sentence"] for word in ("spazio", "nulla è stato scritto"))
