"""What a server that strangers may ask allows each of them: bytes, seconds, requests.

    limits = Limits()
    buckets = Buckets(limits.per_second, limits.burst, time.monotonic)
    buckets.take("192.0.2.7")               False: too many requests, try again later
    await read_body(request, limits)        TooLong, TooSlow

Addresses are counted one by one, those of IPv6 by their network of 64 bits, which one client has to
himself; all together may ask ten times as often as one.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from starlette.requests import ClientDisconnect

from ledger.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import Request

_EVERYBODY: Final = "everybody"
_TIMES_ONE: Final = 10
_REMEMBERED: Final = 4096
_IPV6_NETWORK: Final = 64


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of a body; seconds to send it, and to answer; requests a second, and at once."""

    body_bytes: int
    body_seconds: float = 10.0
    answer_seconds: float = 20.0
    per_second: float = 10.0
    burst: int = 30


class TooLong(Refused):
    """A body that has more bytes than any request."""


class TooSlow(Refused):
    """A body that did not come in time."""


class Buckets:
    """Tokens of each address and of all together; used in one thread."""

    def __init__(self, per_second: float, burst: int, clock: Callable[[], float]) -> None:
        """Fill every bucket; `clock` gives seconds that never go back."""
        self._per_second = per_second
        self._burst = burst
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._all = (float(burst * _TIMES_ONE), clock())

    def take(self, address: str) -> bool:
        """Take a token of an address and one of all; tell whether both were there."""
        now, key = self._clock(), network_of(address)
        ours = self._filled(self._buckets.pop(key, (float(self._burst), now)), now, 1)
        every = self._filled(self._all, now, _TIMES_ONE)
        is_there = ours[0] >= 1 and every[0] >= 1
        self._buckets[key] = (ours[0] - is_there, now)
        self._all = (every[0] - is_there, now)
        while len(self._buckets) > _REMEMBERED:
            self._buckets.popitem(last=False)
        return is_there

    def _filled(self, bucket: tuple[float, float], now: float, times: int) -> tuple[float, float]:
        tokens, since = bucket
        grown = tokens + (now - since) * self._per_second * times
        return min(grown, float(self._burst * times)), now


def network_of(address: str) -> str:
    """Return what one client has: an address of IPv4, a network of 64 bits of IPv6, any name."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed), _IPV6_NETWORK), strict=False))


async def read_body(request: Request, limits: Limits) -> bytes:
    """Return the body of a request.

    Raises:
        TooLong: `request-too-long`, before it is read when it says so itself.
        TooSlow: `request-too-slow`, also when the client goes away.
    """
    most = limits.body_bytes
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared[:20]) > most:
        raise _too_long(most)
    body = bytearray()
    try:
        async with asyncio.timeout(limits.body_seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    raise _too_long(most)
    except (TimeoutError, ClientDisconnect) as error:
        raise TooSlow(
            "request-too-slow",
            f"La richiesta non è arrivata intera in {limits.body_seconds:g} secondi: ripeterla.",
        ) from error
    return bytes(body)


def _too_long(most: int) -> TooLong:
    return TooLong("request-too-long", f"Una richiesta ha al più {most} byte, questa di più.")
