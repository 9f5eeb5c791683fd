"""A log read from a web server: a `Source` of C2SP tlog-tiles over HTTP.

    with Exchange() as exchange:
        source = HTTPSource("https://pnrr.comune.lecce.it/c_e506", exchange)
        open_tiles(source, checkpoint)

What comes back is verified by who reads it. A path that the server does not have (404, 410) is
`Absent`; every other answer but 200 is told with its status.

Source: C2SP tlog-tiles, "APIs".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.errors import StorageError
from ledger.transparency.source import not_published

if TYPE_CHECKING:
    from api.client.exchange import Exchange

_OK: Final = 200
_GONE: Final = {404, 410}


class HTTPSource:
    """The log below a URL; safe for threads."""

    def __init__(self, prefix: str, exchange: Exchange) -> None:
        """Read below a prefix, with or without a slash at its end."""
        self._prefix = prefix.rstrip("/")
        self._exchange = exchange

    def read(self, path: str, limit: int) -> bytes:
        """Return the bytes at a path, at most `limit` of them.

        Raises:
            Absent: when the server does not have it (`not-published`).
            StorageError: when it answers otherwise (`source-failed`), or as `Exchange.get`.
            ShapeError: `url-malformed`.
        """
        url = f"{self._prefix}/{path}"
        answer = self._exchange.get(url, limit=limit)
        if answer.status in _GONE:
            raise not_published(path, self._prefix)
        if answer.status != _OK:
            raise StorageError(
                "source-failed",
                f"{url} risponde {answer.status}: riprovare più tardi; se resta, dirlo a chi gestisce"
                " il registro.",
            )
        return answer.body
