"""The server processes of PostgreSQL killed while `pista record` uses them, and the server with them.

SIGKILL to one server process makes the whole server end all others and recover from its log, as
after a loss of power; `pg_terminate_backend` ends one connection in good order. A run may ride
through, or end with a message; the same file given again goes on.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.endurance.many_requests import write_requests
from tests.endurance.places import found_place
from tests.endurance.programs import started
from tests.endurance.recorded import Confirmed, check_recorded
from tests.postgres import started_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.endurance.conftest import Proof
    from tests.endurance.programs import Program
    from tests.postgres import OwnServer

OURS = """SELECT pid FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND application_name = 'pista' AND pid <> pg_backend_pid()"""
END = f"SELECT pg_terminate_backend(pid) FROM ({OURS}) AS ours"  # noqa: S608  no input
LINE_SECONDS = 0.03
RIDES, STORE, BUSY = 0, 5, 11


@pytest.fixture
def own_server() -> Iterator[OwnServer]:
    """A server that no other test uses."""
    with started_server() as server:
        yield server


def test_server_processes_are_killed_while_it_is_recorded(
    tmp_path: Path, own_server: OwnServer, proof: Proof
) -> None:
    place, size, chance = found_place(tmp_path, own_server.new_schema()), proof.size, proof.chance
    file = write_requests(place.requests, size.requests, proof.seed)
    confirmed, codes = Confirmed(place), list[str]()
    begun, before = time.monotonic(), place.size()
    kills, share = 0, max(size.requests // (2 * size.kills + 2), 1)
    while not codes or codes[-1] != str(RIDES):
        with started(place, "--json", "record", str(file)) as program:
            while kills < size.kills and program.wait_for(program.new + chance.randint(1, share)):
                time.sleep(chance.uniform(0, LINE_SECONDS))
                kills += struck(own_server, is_crash=chance.random() < 0.5)
            program.end()
            confirmed.take(program)
            codes.append(check_told(program))
    proof.tell(
        f"{kills} kills of server processes, {len(codes)} runs with exits {' '.join(codes)},"
        f" {size.requests} registrations, {time.monotonic() - begun:.1f} s"
    )
    assert kills == size.kills
    check_recorded(place, file, confirmed, size.requests, before)


def struck(server: OwnServer, *, is_crash: bool) -> int:
    """Kill the server processes of our connections, or let the server end them; return 1 if any."""
    with suppress(psycopg.OperationalError):  # the server may still be recovering
        if not is_crash:
            return int(bool(server.execute(END)))
        for (pid,) in server.execute(OURS)[:1]:
            os.kill(int(str(pid)), signal.SIGKILL)
            return 1
    return 0


def check_told(program: Program) -> str:
    """A run that ended early has said so as every error is said; return its exit and its code."""
    code = program.end()
    assert code in {RIDES, STORE, BUSY}, program.stderr
    assert "Traceback" not in program.stderr
    if code == RIDES:
        return str(code)
    *_, warning, summary = program.lines
    assert (summary["kind"], summary["exit"]) == ("summary", code)
    assert warning["code"] in {"store-failed", "ledger-busy", "database-unreachable"}
    assert warning["sentence"]
    return f"{code} ({warning['code']})"
