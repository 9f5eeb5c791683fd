"""HTTP/1.1 for strangers: who opens a connection and does not ask is not waited for.

uvicorn waits for ever for the head of a request: a few hundred silent connections, which cost their
owner nothing, would keep everybody else out. Here the head must be whole within some seconds from
the connection, or from its first byte after an answer; the body has its own limit (limits.py). So
many connections at once are answered 503. TLS and names are the business of a proxy in front, whose
`X-Forwarded-For` is believed when it asks from this machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import uvicorn
from typing_extensions import override
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio

    from fastapi import FastAPI

HEAD_SECONDS: Final = 10.0
HEAD_BYTES: Final = 16 * 1024
CONNECTIONS: Final = 128


class TimedProtocol(H11Protocol):
    """One connection whose requests must begin in time."""

    head_seconds = HEAD_SECONDS
    _timer: asyncio.TimerHandle | None = None

    @override
    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._wait()

    @override
    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_waiting():
            self._wait()
        else:
            self._stop()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    def _is_waiting(self) -> bool:
        """Tell whether no request is under way: the head of the next one is not whole."""
        cycle = getattr(self, "cycle", None)
        return cycle is None or cycle.response_complete

    def _wait(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(self.head_seconds, self._expire)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expire(self) -> None:
        self._timer = None
        if self._is_waiting():
            self.transport.close()


def config_for_strangers(app: FastAPI, host: str, port: int) -> uvicorn.Config:
    """Return how a server that strangers may ask is run."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=TimedProtocol,
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=CONNECTIONS,
        h11_max_incomplete_event_size=HEAD_BYTES,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=5,
    )
