r"""A server on the loopback that answers as it is told, byte by byte, whatever HTTP says.

    with RawServer(lambda connection, request: connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")) as server:
        server.url, server.requests

Each connection is served by a thread of its own, which ends with the server.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

    Serve = Callable[[socket.socket, bytes], None]


def answer(status: int, body: bytes, *headers: str) -> bytes:
    """Return a whole answer that closes the connection."""
    lines = [f"HTTP/1.1 {status} X", *headers, f"Content-Length: {len(body)}", "Connection: close"]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


class RawServer:
    """Accepts, reads one request, and hands the connection over."""

    def __init__(self, serve: Serve) -> None:
        """Listen on a free port."""
        self._serve = serve
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._connections: list[socket.socket] = []
        self.requests: list[bytes] = []
        self.stopped = threading.Event()
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of every connection."""
        self.stopped.set()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for connection in self._connections:
            connection.close()
        self._thread.join(10)

    def _accept(self) -> None:
        while not self.stopped.is_set():
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self._connections.append(connection)
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        with suppress(OSError):
            request = read_request(connection)
            self.requests.append(request)
            self._serve(connection, request)
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()


def read_request(connection: socket.socket) -> bytes:
    """Return the bytes of one request, body included."""
    connection.settimeout(10)
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65_536)
        if not more:
            return data
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body
