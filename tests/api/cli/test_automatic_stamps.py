"""Stamps that are taken by themselves: after recording, before an export, while pages are served."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from api.app import open_reading
from api.automatic_stamps import AutomaticStamps, Outcome, stamp_beside
from api.stamping import Stamped, newest_stamp, stamps_of
from ledger.errors import PistaError
from tests.api.client.raw_server import answer
from tests.api.home_kit import CUP, Ran, enter, key, run, size_of, written
from tests.api.tsa_server import TSAServer, changed
from tests.time_authority import authority, ec_key

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from api.home import Home

TOWN = authority(ec_key(1))
NOTE = {
    "command": "record-note/1",
    "cup": CUP,
    "role": "rup",
    "occurred_on": "2023-03-01",
    "data": {"text": "nota"},
}


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    """The certificate of the authority, in a file."""
    path = tmp_path / "ca.pem"
    path.write_bytes(TOWN.trust_pem())
    return path


def naming(server: TSAServer, ca: Path) -> dict[str, str]:
    """Return the environment that names an authority and the certificates that are trusted."""
    return {"PISTA_TSA_URL": server.url, "PISTA_TSA_CA": str(ca)}


def record(home: Home, file: Path, said: dict[str, str], *more: str) -> Ran:
    """Record a file with the RUP's key, in this environment."""
    by = ("--key", key(home, "rup"))
    return run(home, "--json", "record", str(file), *by, *more, environment=said)


def refusing(connection: socket.socket, _: bytes) -> None:
    connection.sendall(answer(500, b""))


# ------------------------------------------------------------------------------ after recording


def test_recording_has_the_head_stamped_afterwards(home: Home, tmp_path: Path, ca: Path) -> None:
    with TSAServer(TOWN) as server:
        said = naming(server, ca)
        ran = record(home, written(tmp_path / "a.ndjson", enter()), said)
        assert len(server.requests) == 1
    assert ran.exit_code == 0
    assert ran.lines[-1]["recorded"] == 1
    assert "marcato" in ran.stderr
    newest = newest_stamp(stamps_of(home))
    assert newest is not None
    assert newest[0] == size_of(home)


def test_a_note_after_a_stamp_asks_for_none_and_a_phase_does(
    home: Home, tmp_path: Path, ca: Path
) -> None:
    with TSAServer(TOWN) as server:
        said = naming(server, ca)
        record(home, written(tmp_path / "a.ndjson", NOTE), said)
        record(home, written(tmp_path / "b.ndjson", {**NOTE, "data": {"text": "altra"}}), said)
        assert len(server.requests) == 1
        record(home, written(tmp_path / "c.ndjson", enter()), said)
        assert len(server.requests) == 2


BAD = {
    "that fails": refusing,
    "that says nothing of use": lambda connection, _: connection.sendall(answer(200, b"ciao")),
    "that hangs up": lambda connection, _: connection.close(),
}


@pytest.mark.parametrize("what", BAD)
def test_recording_does_not_fail_beside_an_authority(
    home: Home, tmp_path: Path, ca: Path, what: str
) -> None:
    before = size_of(home)
    with TSAServer(TOWN, serve=BAD[what]) as server:
        said = naming(server, ca)
        ran = record(home, written(tmp_path / "a.ndjson", enter()), said)
        again = record(home, written(tmp_path / "b.ndjson", NOTE), said)
        assert len(server.requests) <= 2
    assert (ran.exit_code, again.exit_code) == (0, 0)
    assert "ciò che è registrato resta registrato" in ran.stderr
    assert "senza marca" not in again.stderr
    assert size_of(home) > before


@pytest.mark.parametrize("setting", ["PISTA_TSA_URL", "PISTA_TSA_CA", "PISTA_TSA_PASSWORD_FILE"])
def test_recording_does_not_fail_with_a_setting_that_is_wrong(
    home: Home, tmp_path: Path, setting: str
) -> None:
    said = {"PISTA_TSA_URL": "http://127.0.0.1:9", setting: "nulla"}
    ran = record(home, written(tmp_path / "a.ndjson", enter()), said)
    assert (ran.exit_code, ran.lines[-1]["recorded"]) == (0, 1)
    assert "senza marca temporale" in ran.stderr


def test_a_trial_asks_nobody(home: Home, tmp_path: Path, ca: Path) -> None:
    with TSAServer(TOWN) as server:
        said = naming(server, ca)
        record(home, written(tmp_path / "a.ndjson", enter()), said, "--dry-run")
        assert server.requests == []


# ------------------------------------------------------------------------------ before an export


def test_an_export_has_its_head_stamped_and_carries_the_stamp(home: Home, ca: Path) -> None:
    with TSAServer(TOWN) as server:
        said = naming(server, ca)
        ran = run(home, "--json", "export", CUP, "--key", key(home, "rup"), environment=said)
    assert ran.exit_code == 0, ran.stderr
    path = ran.lines[0]["path"]
    checked = run(home, "verify", path, "--trust", str(home.policy), "--tsa-ca", str(ca))
    assert checked.exit_code == 0, checked.stdout
    assert "una marca temporale" in checked.stdout
    assert "provate entro una data" in checked.stdout
    assert run(home, "verify", path, "--trust", str(home.policy)).exit_code == 3


def test_an_export_goes_on_without_a_stamp_and_says_so(home: Home, ca: Path) -> None:
    with TSAServer(TOWN, serve=refusing) as server:
        said = naming(server, ca)
        ran = run(home, "--json", "export", CUP, "--no-record", environment=said)
        told = run(home, "export", CUP, "--no-record", environment=said)
    assert (ran.exit_code, ran.lines[-1]["exit"]) == (3, 3)
    assert "risponde 500" in ran.lines[0]["stamp_lacks"]
    assert "senza marca temporale" in told.stderr
    checked = run(home, "verify", ran.lines[0]["path"], "--trust", str(home.policy))
    assert (checked.exit_code, "not time-stamped" in checked.stdout) == (0, True)


def test_an_export_of_an_earlier_head_asks_for_no_stamp(home: Home, ca: Path) -> None:
    with open_reading(home) as reading:
        earlier = next(
            size
            for size in range(reading.evidence.last_head() - 1, 0, -1)
            if reading.journal.envelope(size - 1) == b""
        )
    with TSAServer(TOWN) as server:
        said = naming(server, ca)
        ran = run(
            home, "--json", "export", CUP, "--no-record", "--at", str(earlier), environment=said
        )
        assert server.requests == []
    assert ran.exit_code == 0, ran.stderr


def test_a_wrong_clock_is_told_at_an_export(home: Home, ca: Path) -> None:
    with TSAServer(TOWN, changed(at="20200304102030Z")) as server:
        said = naming(server, ca)
        ran = run(home, "export", CUP, "--no-record", environment=said)
    assert (ran.exit_code, "questa macchina" in ran.stderr) == (3, True)
    assert stamps_of(home).sizes() == []


# -------------------------------------------------------------------------- while pages are served


def test_a_thread_has_the_head_stamped_while_a_ledger_is_open(home: Home, ca: Path) -> None:
    seen: list[Outcome] = []
    came = threading.Event()

    def told(outcome: Outcome) -> None:
        seen.append(outcome)
        came.set()

    with TSAServer(TOWN) as server, open_reading(home) as reading:
        said = {"PISTA_TSA_URL": server.url, "PISTA_TSA_CA": str(ca)}
        with AutomaticStamps(reading, said, 0.05, told):
            assert came.wait(30)
        assert len(server.requests) == 1
    (outcome,) = seen
    assert isinstance(outcome, Stamped)
    assert outcome.stamp.is_trusted


def test_the_thread_goes_on_after_a_failure_and_ends_with_the_block(home: Home) -> None:
    with TSAServer(TOWN, serve=refusing) as server, open_reading(home) as reading:
        said = {"PISTA_TSA_URL": server.url}
        with AutomaticStamps(reading, said, 0.01) as stamps:
            thread = stamps._thread
            assert thread.is_alive()
        assert not thread.is_alive()
        assert isinstance(stamp_beside(reading, {"PISTA_TSA_URL": "nulla"}), PistaError)


def test_nobody_is_asked_when_no_authority_is_named(home: Home) -> None:
    with open_reading(home) as reading:
        assert stamp_beside(reading, {}) is None
