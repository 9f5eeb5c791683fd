"""A proxy before a PostgreSQL server that cuts the connection at a moment of one's choice.

    with CuttingProxy(server.socket) as proxy:
        recorder = PostgresRecorder(proxy.url(schema_url), ORIGIN)
        proxy.cut_at("before the answer to COMMIT")

It listens on 127.0.0.1, and cuts once each time it is told to. What it looks for in the bytes is the
text COMMIT of the statement, and that of the answer of the server.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qs, urlencode, urlsplit

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

Moment = Literal[
    "before the batch reached the server",
    "when half of the batch reached the server",
    "before COMMIT reached the server",
    "before the answer to COMMIT",
]
_COMMITTED = b"COMMIT\0"
_COMMIT = b"COMMIT"


class CuttingProxy:
    """Hands bytes through in threads of its own; they end with the connections."""

    def __init__(self, target: str) -> None:
        """Stand before the server that listens on this Unix socket."""
        self.cuts = 0
        self._target = target
        self._moment: Moment | None = None
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []

    def url(self, url: str) -> str:
        """Return the URL of a database of the server, by way of the proxy."""
        asked = {k: v[0] for k, v in parse_qs(urlsplit(url).query).items() if k != "host"}
        host, port = self._listener.getsockname()
        return f"postgresql://postgres@{host}:{port}/postgres?{urlencode(asked)}"

    def cut_at(self, moment: Moment) -> None:
        """Cut the next connection that comes to this moment."""
        with self._lock:
            self._moment = moment

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._start(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening, cut what is open, and wait for the threads."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in list(self._open):
            _shut(end)
        for thread in self._threads:
            thread.join(timeout=10)

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._target)
            self._open |= {client, server}
            self._start(self._forward, client, server)
            self._start(self._back, client, server)

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        """Hand on what the client says; cut before, in the midst of, or at the end of a batch."""
        while data := _receive(client):
            moment = self._reached(data)
            if moment == "before the batch reached the server":
                break
            if moment == "when half of the batch reached the server":
                data = data[: data.index(_COMMIT) // 2]
            elif moment == "before COMMIT reached the server":
                data = data[: data.index(_COMMIT)]
            if not _send(server, data) or moment is not None:
                break
        _shut(client)
        _shut(server)

    def _back(self, client: socket.socket, server: socket.socket) -> None:
        """Hand on what the server says; cut when it says that it has committed."""
        while data := _receive(server):
            if _COMMITTED in data and self._take("before the answer to COMMIT"):
                break
            if not _send(client, data):
                break
        _shut(client)
        _shut(server)

    def _reached(self, data: bytes) -> Moment | None:
        """Return the moment to which the client came with these bytes, and for which it is cut."""
        with self._lock:
            moment = self._moment
        if _COMMIT not in data or moment in {None, "before the answer to COMMIT"}:
            return None
        return moment if moment and self._take(moment) else None

    def _take(self, moment: Moment) -> bool:
        with self._lock:
            if self._moment != moment:
                return False
            self._moment = None
            self.cuts += 1
            return True


def _receive(end: socket.socket) -> bytes:
    try:
        return end.recv(1 << 20)
    except OSError:
        return b""


def _send(end: socket.socket, data: bytes) -> bool:
    try:
        end.sendall(data)
    except OSError:
        return False
    return True


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
