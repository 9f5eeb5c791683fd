"""A time-stamping authority on the loopback, right or wrong in one way.

    with TSAServer(TOWN) as server:
        server.url, server.questions

It answers each question with its own imprint, nonce and policy, at the time of its clock; `change`
alters the recipe of the answer, `serve` replaces the whole exchange.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from asn1crypto import tsp

from tests.api.client.raw_server import RawServer, answer
from tests.time_authority import POLICY, Authority, Recipe
from tests.time_authority import answer as stamped

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from tests.api.client.raw_server import Serve

MEDIA = "Content-Type: application/timestamp-reply"


class TSAServer(RawServer):
    """An authority that listens; `change` is given the recipe of each answer."""

    def __init__(
        self,
        by: Authority,
        change: Callable[[Recipe], Recipe] = lambda recipe: recipe,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        serve: Serve | None = None,
    ) -> None:
        """Answer for an authority."""
        super().__init__(serve or self._answer)
        self._by = by
        self._change = change
        self._clock = clock

    @property
    def questions(self) -> list[tsp.TimeStampReq]:
        """Return what was asked."""
        return [tsp.TimeStampReq.load(body(request), strict=True) for request in self.requests]

    def _answer(self, connection: socket.socket, request: bytes) -> None:
        given = reply(self._by, request, self._change, self._clock())
        connection.sendall(answer(200, given, MEDIA))


def reply(
    by: Authority,
    request: bytes,
    change: Callable[[Recipe], Recipe] = lambda recipe: recipe,
    at: datetime | None = None,
) -> bytes:
    """Return the TimeStampResp to a request."""
    asked = tsp.TimeStampReq.load(body(request), strict=True)
    wanted = asked["req_policy"]
    how = Recipe(
        at=(at or datetime.now(UTC)).replace(microsecond=0),
        nonce=asked["nonce"].native,
        policy=POLICY if wanted.native is None else wanted.dotted,
        imprint=bytes(asked["message_imprint"]["hashed_message"]),
    )
    return stamped(by, b"", change(how))


def changed(**fields: Any) -> Callable[[Recipe], Recipe]:  # noqa: ANN401  any field of a recipe
    """Return what alters these fields of a recipe."""
    return lambda recipe: replace(recipe, **fields)


def body(request: bytes) -> bytes:
    """Return the body of a request."""
    return request.partition(b"\r\n\r\n")[2]
