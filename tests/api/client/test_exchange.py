"""Asking over HTTP: what is answered, and that nothing the other side does goes on without end."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from api.client.exchange import Exchange
from api.client.http_source import HTTPSource
from ledger.errors import Absent, ShapeError, StorageError
from ledger.journal.tiles import bundles_of
from ledger.transparency.tile_reader import open_tiles
from tests.api.client.raw_server import RawServer, answer
from tests.ledger.transparency.tiled_log import TiledLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SECONDS = 1.0
LIMIT = 1000


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    """An exchange of a second, that no proxy of the environment stands in the way of."""
    with Exchange(SECONDS, trust_environment=False) as made:
        yield made


def sending(data: bytes) -> Callable[[socket.socket, bytes], None]:
    """Return a server that sends these bytes."""
    return lambda connection, _: connection.sendall(data)


GOOD = {
    "a body": (
        answer(200, b"abc", "Content-Type: Text/Plain; charset=utf-8"),
        (200, b"abc", "text/plain"),
    ),
    "no body": (answer(204, b""), (204, b"", "")),
    "a refusal": (
        answer(409, b"7\n", "Content-Type: text/x.tlog.size"),
        (409, b"7\n", "text/x.tlog.size"),
    ),
    "a failure": (answer(500, b"oh"), (500, b"oh", "")),
    "as much as is allowed": (answer(200, b"x" * LIMIT), (200, b"x" * LIMIT, "")),
    "compressed without being asked": (
        answer(200, gzip.compress(b"y" * LIMIT), "Content-Encoding: gzip"),
        (200, b"y" * LIMIT, ""),
    ),
    "in pieces": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
        (200, b"abcde", ""),
    ),
    "up to the end of the connection": (b"HTTP/1.1 200 OK\r\n\r\nabc", (200, b"abc", "")),
}


@pytest.mark.parametrize("name", GOOD)
def test_an_answer_is_given_back(exchange: Exchange, name: str) -> None:
    data, expected = GOOD[name]
    with RawServer(sending(data)) as server:
        found = exchange.get(f"{server.url}/a/b", limit=LIMIT)
        assert (found.status, found.body, found.media_type) == expected
        assert server.requests[0].startswith(b"GET /a/b HTTP/1.1\r\n")


def test_a_body_is_sent_as_it_is(exchange: Exchange) -> None:
    with RawServer(sending(answer(200, b"ok"))) as server:
        exchange.post(
            server.url, b"old 0\n\n\xe2\x80\x94", limit=9, headers={"Content-Type": "text/plain"}
        )
        head, _, body = server.requests[0].partition(b"\r\n\r\n")
        assert body == b"old 0\n\n\xe2\x80\x94"
        assert b"content-type: text/plain" in head.lower()


def dripping(data: bytes) -> Callable[[socket.socket, bytes], None]:
    """Return a server that sends a byte now and then, always before anyone gives up on it."""

    def drip(connection: socket.socket, _: bytes) -> None:
        for byte in data * 10_000:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    return drip


def endless(connection: socket.socket, _: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65_536)


def silent(connection: socket.socket, _: bytes) -> None:
    connection.recv(1)


def body_dripping(connection: socket.socket, request: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    dripping(b"x")(connection, request)


BAD = {
    "nothing and closes": (sending(b""), "answer-garbled"),
    "what is no HTTP": (sending(b"SSH-2.0-OpenSSH\r\n\r\n"), "answer-garbled"),
    "less than it announced": (
        sending(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"),
        "answer-garbled",
    ),
    "pieces that do not end": (
        sending(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"),
        "answer-garbled",
    ),
    "a byte too many": (sending(answer(200, b"x" * (LIMIT + 1))), "answer-too-long"),
    "without end": (endless, "answer-too-long"),
    "a small bomb": (
        sending(answer(200, gzip.compress(bytes(100_000_000)), "Content-Encoding: gzip")),
        "answer-too-long",
    ),
    "gzip that is cut": (
        sending(answer(200, gzip.compress(b"abc")[:-4], "Content-Encoding: gzip")),
        "answer-garbled",
    ),
    "gzip with more behind it": (
        sending(answer(200, gzip.compress(b"abc") + b"more", "Content-Encoding: gzip")),
        "answer-garbled",
    ),
    "what is no gzip": (sending(answer(200, b"abc", "Content-Encoding: gzip")), "answer-garbled"),
    "a compression that nobody asked for": (
        sending(answer(200, b"abc", "Content-Encoding: br")),
        "answer-garbled",
    ),
    "a redirect": (
        sending(answer(302, b"", "Location: http://elsewhere.example/")),
        "host-redirects",
    ),
    "a redirect to nowhere": (sending(answer(308, b"")), "host-redirects"),
    "nothing": (silent, "host-slow"),
    "a head drop by drop": (dripping(b"X-Name: value\r\n"), "host-slow"),
    "a body drop by drop": (body_dripping, "host-slow"),
    "a head without end": (
        lambda connection, _: connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1_000_000),
        "answer-garbled",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_server_that_sends(exchange: Exchange, name: str) -> None:
    serve, code = BAD[name]
    began = time.monotonic()
    with RawServer(serve) as server, pytest.raises(StorageError, match=f"^{code}: ") as caught:
        exchange.get(server.url, limit=LIMIT)
    assert time.monotonic() - began < 8 * SECONDS
    assert "127.0.0.1" in caught.value.sentence


def test_nobody_there_is_told(exchange: Exchange) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with pytest.raises(StorageError, match="host-unreachable"):
        exchange.get(url, limit=LIMIT)


NO_URL = ("", "ftp://a.example", "//a.example", "https://", "file:///etc", "http://u:p@a.example", "a",
          "http://a.example/\udc80", "http://a.example:port/")  # fmt: skip


@pytest.mark.parametrize("url", NO_URL)
def test_what_is_no_address_is_refused(exchange: Exchange, url: str) -> None:
    with pytest.raises(ShapeError, match="url-malformed"):
        exchange.get(url, limit=LIMIT)


def write_certificate(certificate: Path, key: Path) -> None:
    """Write a certificate of localhost that vouches for itself, and its key."""
    own, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, own.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=True)
        .sign(own, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    certificate.write_bytes(made.public_bytes(pem[0]))
    key.write_bytes(own.private_bytes(*pem, serialization.NoEncryption()))


def test_a_certificate_that_nobody_vouches_for_is_told(tmp_path: Path, exchange: Exchange) -> None:
    write_certificate(tmp_path / "crt", tmp_path / "key")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "crt", tmp_path / "key")

    def serve(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with pytest.raises(ssl.SSLError):
            context.wrap_socket(connection, server_side=True)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,))
        thread.start()
        with pytest.raises(StorageError, match=r"host-not-trusted.*SSL_CERT_FILE"):
            exchange.get(f"https://localhost:{listening.getsockname()[1]}/", limit=LIMIT)
        thread.join(10)


def test_one_slow_server_does_not_hold_up_another(exchange: Exchange) -> None:
    def wait(url: str) -> None:
        with pytest.raises(StorageError, match="host-slow"):
            exchange.get(url, limit=9)

    with RawServer(silent) as slow, RawServer(sending(answer(200, b"ok"))) as fast:
        waiting = threading.Thread(target=wait, args=(slow.url,))
        waiting.start()
        assert exchange.get(fast.url, limit=9).body == b"ok"
        waiting.join(10)


def log_server(files: dict[str, bytes]) -> Callable[[socket.socket, bytes], None]:
    """Return a static server of these files."""

    def serve(connection: socket.socket, request: bytes) -> None:
        path = request.split(b" ")[1].decode().removeprefix("/log/")
        found = files.get(path)
        connection.sendall(answer(404, b"") if found is None else answer(200, found))

    return serve


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_log_is_read_from_a_web_server(exchange: Exchange, slash: str) -> None:
    log = TiledLog("example.org/log", [b"%d" % n for n in range(300)])
    with RawServer(log_server(log.files(300))) as server:
        source = HTTPSource(f"{server.url}/log{slash}", exchange)
        tiles = open_tiles(source, log.checkpoint(300))
        assert [entry for _, entry in tiles.entries(0, 300)] == log.entries
        assert len(server.requests) == 2 + len(list(bundles_of(300)))
        with pytest.raises(Absent, match=r"not-published.*checkpoint"):
            source.read("checkpoint", 9)


@pytest.mark.parametrize("status", [201, 206, 401, 403, 500, 503])
def test_an_answer_that_is_no_file_is_told_with_its_status(exchange: Exchange, status: int) -> None:
    with (
        RawServer(sending(answer(status, b"x"))) as server,
        pytest.raises(StorageError, match=f"source-failed.*risponde {status}") as caught,
    ):
        HTTPSource(server.url, exchange).read("checkpoint", 9)
    assert not isinstance(caught.value, Absent)


def test_a_file_that_is_gone_for_good_is_absent(exchange: Exchange) -> None:
    with RawServer(sending(answer(410, b""))) as server, pytest.raises(Absent):
        HTTPSource(server.url, exchange).read("tile/0/000", 9)
