"""The group behind Ed25519: which 32 bytes are a sound public key.

    -x**2 + y**2 = 1 + d * x**2 * y**2      over the integers modulo p = 2**255 - 19
    key = y, 255 bits little-endian, with the lowest bit of x on top
    the group has 8 * L points; a sound key is a point of prime order L

OpenSSL accepts points of small order, for which one signature verifies any message, and encodings
with y >= p, which give one key two thumbprints. A holder of such a key could deny every signature,
so enrolment asks this module first. Nothing here is secret: plain integers, no constant time.

A check costs a few milliseconds, once for each key. Points are in extended homogeneous coordinates
(X, Y, Z, T) with x = X/Z, y = Y/Z, x*y = T/Z, added by the complete formulas of RFC 8032.

Source: RFC 8032 sections 5.1.2 to 5.1.4; design FORMATS section 4.
"""

from __future__ import annotations

from typing import Final

P: Final = 2**255 - 19
L: Final = 2**252 + 27742317777372353535851937790883648493

_D: Final = -121665 * pow(121666, -1, P) % P
_SQRT_MINUS_ONE: Final = pow(2, (P - 1) // 4, P)
_BYTES: Final = 32

Point = tuple[int, int, int, int]
_NEUTRAL: Final[Point] = (0, 1, 1, 0)


def is_sound_key(public: bytes) -> bool:
    """Tell whether 32 bytes are the canonical encoding of a point of prime order L."""
    point = decompress(public)
    return point is not None and not _is_neutral(point) and _is_neutral(multiply(L, point))


def decompress(public: bytes) -> Point | None:
    """Return the point of a canonical encoding; None when there is none (RFC 8032 5.1.3)."""
    if len(public) != _BYTES:
        return None
    number = int.from_bytes(public, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    x = _recover_x(y) if y < P else None
    if x is None or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def add(a: Point, b: Point) -> Point:
    """Return the sum of two points (RFC 8032 5.1.4)."""
    low = (a[1] - a[0]) * (b[1] - b[0]) % P
    high = (a[1] + a[0]) * (b[1] + b[0]) % P
    c = 2 * a[3] * b[3] * _D % P
    d = 2 * a[2] * b[2] % P
    e, f, g, h = high - low, d - c, d + c, high + low
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(scalar: int, point: Point) -> Point:
    """Return a point added to itself `scalar` times, by doubling and adding."""
    total = _NEUTRAL
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point = add(point, point)
        scalar >>= 1
    return total


def _recover_x(y: int) -> int | None:
    """Return a square root of (y**2 - 1) / (d * y**2 + 1), None when there is none."""
    square = (y * y - 1) * pow(_D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * _SQRT_MINUS_ONE % P
    return None if (x * x - square) % P else x


def _is_neutral(point: Point) -> bool:
    """Tell whether a point is the neutral element (0, 1)."""
    return point[0] % P == 0 and (point[1] - point[2]) % P == 0
