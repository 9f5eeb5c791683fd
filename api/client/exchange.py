"""One request and one answer over HTTP, bounded in time and in bytes whatever the other side does.

    exchange = Exchange(seconds=10)
    answer = exchange.get("https://pnrr.comune.lecce.it/c_e506/checkpoint", limit=65_536)
    answer = exchange.post("https://w1.example/add-checkpoint", request, limit=65_536)
    answer.status, answer.body

Redirects are told and not followed: who is asked is who was named. The time is that of the whole
exchange, name resolution and an answer that comes drop by drop included, so each runs in a thread
of its own that is left behind when its time is over. A compressed answer is unpacked no further than
its limit. Proxies and certificates are those of the environment (HTTPS_PROXY, SSL_CERT_FILE).

Source: RFC 9110; the only place of the program that asks others over the network.
"""

from __future__ import annotations

import queue
import threading
import time
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self, TypeAlias

import httpx

from ledger.errors import ShapeError, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

CONNECTIONS: Final = 8

_REDIRECTS: Final = range(300, 400)
_GZIP_WINDOW: Final = 31  # zlib: a window of 32 KiB, in the format of gzip


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, body (unpacked), media type without parameters, lower case."""

    status: int
    body: bytes
    media_type: str


_Outcome: TypeAlias = "Answer | BaseException"


class Exchange:
    """Asks over HTTP; safe for threads, and to be closed."""

    def __init__(self, seconds: float = 10.0, *, trust_environment: bool = True) -> None:
        """Give each exchange so many seconds, from its beginning to the last byte."""
        self._seconds = seconds
        self._client = httpx.Client(
            timeout=httpx.Timeout(seconds),
            follow_redirects=False,
            trust_env=trust_environment,
            limits=httpx.Limits(max_connections=CONNECTIONS, keepalive_expiry=30),
            headers={"User-Agent": "pista", "Accept-Encoding": "gzip, identity"},
        )

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def __enter__(self) -> Self:
        """Lend it for a block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def get(self, url: str, *, limit: int) -> Answer:
        """Return the answer to a GET, with a body of at most `limit` bytes.

        Raises:
            ShapeError: when the URL is none of http or https (`url-malformed`).
            StorageError: when nobody answers (`host-unreachable`), not in time (`host-slow`), with
                a certificate that nobody vouches for (`host-not-trusted`), by sending elsewhere
                (`host-redirects`), with too much (`answer-too-long`) or with what is no HTTP
                (`answer-garbled`).
        """
        return self._bounded(self._request("GET", url), limit)

    def post(
        self, url: str, content: bytes, *, limit: int, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Return the answer to a POST; raises as `get`."""
        return self._bounded(self._request("POST", url, content, headers), limit)

    def _request(
        self,
        method: str,
        url: str,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Request:
        try:
            parsed = httpx.URL(url)
        except (httpx.InvalidURL, UnicodeError) as error:
            raise _malformed(url) from error
        if parsed.scheme not in {"http", "https"} or not parsed.host or parsed.userinfo:
            raise _malformed(url)
        return self._client.build_request(method, parsed, content=content, headers=headers)

    def _bounded(self, request: httpx.Request, limit: int) -> Answer:
        """Run an exchange in a thread, and wait for it no longer than it may take."""
        done: queue.SimpleQueue[_Outcome] = queue.SimpleQueue()
        threading.Thread(target=self._into, args=(done, request, limit), daemon=True).start()
        try:
            outcome = done.get(timeout=self._seconds)
        except queue.Empty:
            raise self._slow(request) from None
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def _into(self, done: queue.SimpleQueue[_Outcome], request: httpx.Request, limit: int) -> None:
        try:
            done.put(self._exchange(request, limit))
        except BaseException as error:  # noqa: BLE001  handed to the thread that waits, and raised there
            done.put(error)

    def _exchange(self, request: httpx.Request, limit: int) -> Answer:
        where = f"{request.url.scheme}://{request.url.netloc.decode('ascii')}"
        try:
            response = self._client.send(request, stream=True)
            try:
                if response.status_code in _REDIRECTS:
                    raise _redirects(request, response)
                body = b"".join(_unpacked(self._in_time(response), response, limit))
            finally:
                response.close()
        except httpx.TimeoutException as error:
            raise self._slow(request) from error
        except httpx.ConnectError as error:
            if "CERTIFICATE" in str(error).upper():
                raise _not_trusted(where, error) from error
            raise _unreachable(where, error) from error
        except (httpx.RemoteProtocolError, httpx.DecodingError, zlib.error) as error:
            raise _garbled(where, str(error)) from error
        except httpx.TransportError as error:
            raise _unreachable(where, error) from error
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        return Answer(response.status_code, body, media_type)

    def _in_time(self, response: httpx.Response) -> Iterator[bytes]:
        """Yield the body as it comes, and no longer than anyone waits for it."""
        until = time.monotonic() + self._seconds
        for raw in response.iter_raw():
            if time.monotonic() > until:
                raise self._slow(response.request)
            yield raw

    def _slow(self, request: httpx.Request) -> StorageError:
        return StorageError(
            "host-slow",
            f"{request.url.host} non ha dato una risposta intera in {self._seconds:g} secondi:"
            " riprovare più tardi.",
        )


def _unpacked(body: Iterable[bytes], response: httpx.Response, limit: int) -> Iterator[bytes]:
    """Yield the body, unpacked when it is compressed, up to the limit.

    Raises:
        StorageError: `answer-too-long`, `answer-garbled`.
    """
    url = str(response.request.url)
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip"}:
        raise _garbled(url, f"compressione {encoding!r} non chiesta")
    inflate = zlib.decompressobj(_GZIP_WINDOW) if encoding == "gzip" else None
    left = limit
    for raw in body:
        chunk = raw if inflate is None else inflate.decompress(raw, left + 1)
        left -= len(chunk)
        if left < 0:
            raise StorageError(
                "answer-too-long",
                f"{url} risponde con più di {limit} byte, che non è ciò che è chiesto: nulla ne è"
                " stato usato. Controllare l'indirizzo, o dirlo a chi lo gestisce.",
            )
        yield chunk
    if inflate is not None and (not inflate.eof or inflate.unused_data):
        raise _garbled(url, "i dati compressi non finiscono dove devono")


def _malformed(url: str) -> ShapeError:
    return ShapeError(
        "url-malformed",
        f"{url[:200]!r} non è un indirizzo http o https senza nome utente: correggerlo.",
    )


def _redirects(request: httpx.Request, response: httpx.Response) -> StorageError:
    target = response.headers.get("location", "")[:200]
    return StorageError(
        "host-redirects",
        f"{request.url} rimanda a {target!r}, che non è chi è stato nominato: se è giusto, scrivere"
        " quell'indirizzo.",
    )


def _unreachable(where: str, error: Exception) -> StorageError:
    return StorageError(
        "host-unreachable",
        f"{where} non si raggiunge ({error}): controllare indirizzo, rete e proxy, poi riprovare.",
    )


def _not_trusted(where: str, error: Exception) -> StorageError:
    return StorageError(
        "host-not-trusted",
        f"Il certificato di {where} non è di un'autorità riconosciuta qui ({error}): se è quello"
        " giusto, indicare la sua autorità in SSL_CERT_FILE.",
    )


def _garbled(where: str, why: str) -> StorageError:
    return StorageError(
        "answer-garbled",
        f"{where} risponde in un modo che non si può leggere ({why[:200]}): controllare l'indirizzo,"
        " o dirlo a chi lo gestisce.",
    )
