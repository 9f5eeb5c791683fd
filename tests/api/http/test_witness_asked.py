"""The log and the witness over HTTP: what one asks the other answers, to the published head."""

from __future__ import annotations

import functools
import http.server
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from api.client.exchange import Exchange
from api.client.witnesses import HTTPWitnesses
from api.http.limits import Limits
from api.http.strangers import config_for_strangers
from api.http.witness import make_witness_app
from api.witnessing import source_of
from ledger.journal.checkpoint import Checkpoint, sign_checkpoint
from ledger.journal.journal import Journal
from ledger.journal.memory import MemoryRecorder
from ledger.journal.policy import parse_policy
from ledger.transparency.disk import FileDisk
from ledger.transparency.kept_checkpoints import KeptCheckpoints
from ledger.transparency.protocol import MAX_REQUEST_BYTES
from ledger.transparency.publication import Outcome, Parts, publish
from ledger.transparency.static_log import StaticLog
from ledger.transparency.visiting import cosign_shown, newest_note, note_to_rescan, rescan_shown
from ledger.transparency.witness import Witness
from ledger.transparency.witness_folder import WitnessFolder
from ledger.transparency.witnessed_log import LogEntry
from tests.api.http.server_kit import serving
from tests.ledger.journal.sequencer_kit import ORIGIN, SIGNER, Client, opened
from tests.ledger.transparency.witness_kit import NAME, NOON, HandClock, cosigner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RESCANNER = f"{NAME}/rescan"
SECONDS = int(NOON.timestamp())


class Ledger:
    """A ledger that publishes in a folder, asking one server."""

    def __init__(self, folder: Path, port: int, *, quorum: str) -> None:
        """Begin with some events."""
        self.recorder = MemoryRecorder(ORIGIN)
        self.sequencer, self.client = opened(self.recorder), Client()
        self.folder = folder
        url = f"http://127.0.0.1:{port}/"
        first, second = cosigner().vkey, cosigner(RESCANNER, 3).vkey
        self.policy = (
            f"log {SIGNER.vkey}\nwitness {NAME} {first} {url}\nwitness {RESCANNER} {second} {url}\n"
            f"group both all {NAME} {RESCANNER}\nquorum {quorum}\n"
        ).encode()
        self.grow()

    @property
    def journal(self) -> Journal:
        return Journal(self.recorder)

    def grow(self, stream: str = "cup/one") -> None:
        self.sequencer.submit_many([self.client.make(stream) for _ in range(9)])

    def sign(self, size: int) -> bytes:
        return sign_checkpoint(Checkpoint(ORIGIN, size, self.journal.root_at(size)), SIGNER)

    def publish(self) -> Outcome:
        with Exchange(10, trust_environment=False) as exchange:
            parts = Parts(
                journal=self.journal,
                static=StaticLog(self.folder),
                kept=KeptCheckpoints(self.folder),
                policy=self.policy,
                sign=self.sign,
                now=lambda: SECONDS,
            )
            return publish(parts, HTTPWitnesses(exchange), seconds=20)


@pytest.fixture
def folder(tmp_path: Path) -> WitnessFolder:
    made = WitnessFolder(tmp_path / "w1", FileDisk())
    made.set_log(LogEntry(ORIGIN, (SIGNER.key,)))
    return made


@pytest.fixture
def witness(folder: WitnessFolder) -> Witness:
    return Witness(cosigner(), folder.find, HandClock(), cosigner(RESCANNER, 3))


@pytest.fixture
def port(witness: Witness, folder: WitnessFolder) -> Iterator[int]:
    limits = Limits(MAX_REQUEST_BYTES, per_second=1e6, burst=10**6)
    config = config_for_strangers(make_witness_app(witness, folder, limits), "127.0.0.1", 0)
    with serving(config) as found:
        yield found


def states(outcome: Outcome) -> dict[str, str]:
    return {one.witness: one.state for one in outcome.said}


def test_a_head_is_published_with_the_cosignature_of_a_served_witness(
    port: int, tmp_path: Path
) -> None:
    ledger = Ledger(tmp_path / "log", port, quorum=NAME)
    for _ in range(3):
        outcome = ledger.publish()
        assert (outcome.is_published, states(outcome)[NAME]) == (True, "cosigned")
        note = (tmp_path / "log" / "checkpoint").read_bytes()
        verified = parse_policy(ledger.policy).verify_checkpoint(note)
        assert (verified.checkpoint.size, len(verified.cosigners)) == (ledger.journal.size, 1)
        ledger.grow()


def test_a_quorum_that_asks_for_a_rescan_waits_for_it(
    port: int, witness: Witness, tmp_path: Path
) -> None:
    ledger = Ledger(tmp_path / "log", port, quorum="both")
    waiting = ledger.publish()
    assert (waiting.is_published, states(waiting)[NAME]) == (False, "cosigned")
    with source_of(str(tmp_path / "log")) as source:
        rescan_shown(source, witness, note_to_rescan(source, witness))
    outcome = ledger.publish()
    assert (outcome.is_published, set(states(outcome).values())) == (True, {"cosigned"})
    verified = parse_policy(ledger.policy).verify_checkpoint(outcome.note)
    assert [one.name for one in verified.cosigners] == [NAME, RESCANNER]


def test_a_ledger_that_lost_its_tail_is_told_by_the_witness(port: int, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "log", port, quorum=NAME)
    ledger.grow()
    ledger.publish()
    older = Ledger(tmp_path / "older", port, quorum=NAME)
    outcome = older.publish()
    (said,) = [one for one in outcome.said if one.witness == NAME]
    assert (outcome.is_published, said.state, said.is_alarm) == (False, "ahead", True)
    assert said.proof.startswith(f"{ORIGIN}\n{ledger.journal.size}\n".encode())


def test_a_ledger_with_another_history_is_told_by_the_witness(
    port: int, folder: WitnessFolder, tmp_path: Path
) -> None:
    ledger = Ledger(tmp_path / "log", port, quorum=NAME)
    ledger.publish()
    other = Ledger(tmp_path / "other", port, quorum=NAME)
    other.recorder = MemoryRecorder(ORIGIN)
    other.sequencer, other.client = opened(other.recorder), Client("another")
    other.grow()
    outcome = other.publish()
    (said,) = [one for one in outcome.said if one.witness == NAME]
    assert (outcome.is_published, said.state, said.is_alarm) == (False, "other-root", True)
    assert said.proof
    kept = folder.find(ORIGIN)
    assert kept is not None
    assert [path.read_bytes() for path in kept.forks()] == [other.sign(other.journal.size)]
    assert ledger.publish().is_published


@contextmanager
def web_server(folder: Path) -> Iterator[str]:
    """Serve a folder as any web server does."""
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Tells nobody what it was asked for."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_witness_without_a_server_visits_a_web_server_and_its_note_is_published(
    port: int, witness: Witness, tmp_path: Path
) -> None:
    ledger = Ledger(tmp_path / "log", port, quorum=NAME)
    ledger.policy = ledger.policy.replace(f" http://127.0.0.1:{port}/".encode(), b"")
    assert not ledger.publish().is_published
    with web_server(tmp_path / "log") as url, source_of(url) as source:
        note = cosign_shown(source, witness, newest_note(source, witness))
        note = rescan_shown(source, witness, note)
    (tmp_path / "log" / "checkpoint.pending").write_bytes(note)
    outcome = ledger.publish()
    assert outcome.is_published
    verified = parse_policy(ledger.policy).verify_checkpoint(outcome.note)
    assert [one.name for one in verified.cosigners] == [NAME, RESCANNER]
