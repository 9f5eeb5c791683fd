"""Witnesses over HTTP: what is asked where, and that what goes wrong on the way becomes a state."""

from __future__ import annotations

import hashlib
import socket
from typing import TYPE_CHECKING

import pytest

from api.client.exchange import Exchange
from api.client.witnesses import HTTPWitnesses
from ledger.errors import Absent
from ledger.journal.checkpoint import Checkpoint, sign_checkpoint
from ledger.journal.journal import Journal
from ledger.journal.policy import Witness, parse_policy
from ledger.transparency.asking import Question, ask_witness
from ledger.transparency.quorum import gather
from tests.api.client.raw_server import RawServer, answer
from tests.ledger.journal.copy_kit import long_log
from tests.ledger.journal.sequencer_kit import ORIGIN, SIGNER
from tests.ledger.transparency.asked_kit import NOW, HonestWitness, cosigner, policy_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Serve = Callable[[socket.socket, bytes], None]


@pytest.fixture
def ask() -> Iterator[HTTPWitnesses]:
    """Witnesses asked over the loopback, within a second."""
    with Exchange(1.0, trust_environment=False) as exchange:
        yield HTTPWitnesses(exchange)


def honest(witness: HonestWitness) -> Serve:
    """Return the server of a witness."""

    def serve(connection: socket.socket, request: bytes) -> None:
        head, _, body = request.partition(b"\r\n\r\n")
        if head.startswith(b"POST /submit/add-checkpoint "):
            reply = witness.add_checkpoint(body)
            connection.sendall(answer(reply.status, reply.body))
        elif head.startswith(
            f"GET /submit/{hashlib.sha256(ORIGIN.encode()).hexdigest()}/checkpoint ".encode()
        ):
            connection.sendall(answer(200, witness.latest()))
        else:
            connection.sendall(answer(404, b""))

    return serve


def question(*urls: str) -> Question:
    """Return a head of 300 leaves for witnesses W1, W2, ... at these addresses."""
    text = policy_text(*range(1, len(urls) + 1)).decode()
    for number, url in enumerate(urls, start=1):
        text = text.replace(f"http://w{number}.example", url)
    journal = Journal(long_log(300))
    note = sign_checkpoint(Checkpoint(ORIGIN, 300, journal.root_at(300)), SIGNER)
    return Question(note, parse_policy(text.encode()), journal, lambda: NOW)


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_witness_is_asked_below_its_address(ask: HTTPWitnesses, slash: str) -> None:
    witness = HonestWitness(1)
    with RawServer(honest(witness)) as server:
        asked = question(f"{server.url}/submit{slash}")
        (said,) = gather(asked, ask, seconds=10)
        assert said.state == "cosigned"
        assert ask.latest(asked.policy.witnesses[0], ORIGIN) == witness.note
        assert server.requests[0].endswith(b"\r\n\r\nold 0\n\n" + asked.note)
        with pytest.raises(Absent, match="witness-shows-nothing"):
            ask.latest(asked.policy.witnesses[0], "another")


def silent(connection: socket.socket, _: bytes) -> None:
    connection.recv(1)


def endless(connection: socket.socket, _: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall("— w1.example ".encode() * 4096)


BAD: dict[str, tuple[Serve, str]] = {
    "redirects": (
        lambda connection, _: connection.sendall(answer(301, b"", "Location: /elsewhere")),
        "redirects",
    ),
    "says nothing": (silent, "slow"),
    "answers without end": (endless, "answer-too-long"),
    "is no HTTP": (lambda connection, _: connection.sendall(b"hello\r\n\r\n"), "answer-garbled"),
    "is a page of something else": (
        lambda connection, _: connection.sendall(answer(200, b"<html>", "Content-Type: text/html")),
        "note-unreadable",
    ),
    "knows another path": (
        lambda connection, _: connection.sendall(answer(404, b"not here")),
        "refuses",
    ),
    "has an unknown status": (
        lambda connection, _: connection.sendall(answer(299, b"")),
        "failing",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_server_that(ask: HTTPWitnesses, name: str) -> None:
    serve, state = BAD[name]
    with RawServer(serve) as server:
        asked = question(server.url)
        said = ask_witness(asked, asked.policy.witnesses[0], ask)
    assert (said.state, said.line) == (state, None)
    assert said.sentence.startswith("W1")


def test_a_witness_that_is_down_is_told(ask: HTTPWitnesses) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    assert [one.state for one in gather(question(url), ask, seconds=10)] == ["unreachable"]


def test_an_address_that_is_none_is_told(ask: HTTPWitnesses) -> None:
    assert [one.state for one in gather(question("ftp://w1"), ask, seconds=10)] == ["url-malformed"]
    odd = Witness("W1", cosigner(1).key, "http://w1.example/\udc80")
    assert ask_witness(question("http://a"), odd, ask).state == "url-malformed"


def test_a_silent_witness_costs_its_own_limit_and_no_more(ask: HTTPWitnesses) -> None:
    witness = HonestWitness(1)
    with RawServer(honest(witness)) as good, RawServer(silent) as slow:
        said = gather(question(f"{good.url}/submit", slow.url, slow.url), ask, seconds=10)
    assert [one.state for one in said] == ["cosigned", "slow", "slow"]
