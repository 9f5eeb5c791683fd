"""A time-stamping authority over HTTP, as RFC 3161 section 3.4 has it.

    with Exchange(seconds=10) as exchange:
        answer = HTTPAuthority(exchange, "https://tsa.example/tsr").ask(question)

    POST, Content-Type: application/timestamp-query      the TimeStampReq, DER
    200                                                  the TimeStampResp, whatever it calls itself

Those who sell stamps ask for a name and a password (HTTP Basic, RFC 7617), which are sent to the
named host alone, since redirects are not followed. What comes back is verified by who asked.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final, Protocol

from ledger.errors import StorageError
from ledger.signing.timestamp_token import MAX_TOKEN_BYTES

if TYPE_CHECKING:
    from api.client.exchange import Exchange

_OK: Final = 200
_NOT_ALLOWED: Final = frozenset({401, 402, 403, 407})
_QUERY: Final = "application/timestamp-query"


class Authority(Protocol):
    """Whoever answers a TimeStampReq."""

    def ask(self, question: bytes) -> bytes:
        """Return the answer to a question; nothing in it is verified."""


class HTTPAuthority:
    """The authority at a URL."""

    def __init__(self, exchange: Exchange, url: str, user: str = "", password: str = "") -> None:
        """Ask there, with a name and a password when there is a name."""
        self._exchange = exchange
        self._url = url
        self._headers = {"Content-Type": _QUERY}
        if user:
            pair = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
            self._headers["Authorization"] = f"Basic {pair}"

    def ask(self, question: bytes) -> bytes:
        """Return the answer to a question.

        Raises:
            StorageError: `tsa-not-allowed`, when it wants a name and password, or others; `tsa-failed`
                for every other answer that is none; as `Exchange.post`.
            ShapeError: `url-malformed`.
        """
        answer = self._exchange.post(
            self._url, question, limit=MAX_TOKEN_BYTES, headers=self._headers
        )
        if answer.status in _NOT_ALLOWED:
            raise StorageError(
                "tsa-not-allowed",
                f"L'autorità di marcatura {self._url} non ci fa entrare ({answer.status}): controllare"
                " il nome utente, PISTA_TSA_PASSWORD_FILE e quante marche restano.",
            )
        if answer.status != _OK:
            raise StorageError(
                "tsa-failed",
                f"L'autorità di marcatura {self._url} risponde {answer.status}: riprovare più tardi; se"
                " resta, dirlo a chi la gestisce.",
            )
        return answer.body
