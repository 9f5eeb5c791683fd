r"""A server in a thread on 127.0.0.1, and a client that shows every byte of an answer.

with serving(config) as port:
    raw(port, b"GET /healthz HTTP/1.1\r\n...")
    post(port, "/add-checkpoint", body)
"""

from __future__ import annotations

import re
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 20


@contextmanager
def serving(config: uvicorn.Config) -> Iterator[int]:
    """Run a server while the block runs, on a port that is free."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            until = time.monotonic() + SECONDS
            while not server.started:
                assert thread.is_alive()
                assert time.monotonic() < until, "the server does not start"
                time.sleep(0.01)
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(SECONDS)
            assert not thread.is_alive()


@dataclass(frozen=True)
class Answer:
    """Status, headers by lower-case name, and body."""

    status: int
    headers: dict[str, str]
    body: bytes


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), SECONDS)


def read_answer(connection: socket.socket) -> Answer:
    """Read one answer, as long as it says it is, or else to the end."""
    with connection.makefile("rb") as stream:
        line = stream.readline()
        found = re.fullmatch(rb"HTTP/1\.1 (\d{3}) [^\r\n]*\r\n", line)
        assert found, line
        headers: dict[str, str] = {}
        while (line := stream.readline()) != b"\r\n":
            name, _, value = line.decode("ascii").partition(":")
            headers[name.lower()] = value.strip()
        length = headers.get("content-length", "-1")
        return Answer(int(found[1]), headers, stream.read(int(length)))


def raw(port: int, data: bytes) -> Answer:
    """Send bytes and read one answer."""
    with connect(port) as connection:
        connection.sendall(data)
        return read_answer(connection)


def head(method: str, path: str, *lines: str) -> bytes:
    """Return the head of a request."""
    return "".join(
        f"{line}\r\n" for line in (f"{method} {path} HTTP/1.1", "Host: w", *lines, "")
    ).encode()


def get(port: int, path: str) -> Answer:
    return raw(port, head("GET", path))


def post(port: int, path: str, body: bytes) -> Answer:
    return raw(port, head("POST", path, f"Content-Length: {len(body)}") + body)
