"""Sound Ed25519 keys: those of RFC 8032 pass; small orders, mixed orders, other encodings do not."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.signing.algorithms import ed25519_public
from ledger.signing.edwards25519 import L, P, Point, add, decompress, is_sound_key, multiply

BASE = (4 * pow(5, -1, P) % P).to_bytes(32, "little")


def compress(point: Point) -> bytes:
    """Return the 32 bytes of a point (RFC 8032 5.1.2)."""
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


RFC_8032_KEYS = (
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
)
# The eight points of small order, and the encodings with y >= p that mean one of them.
SMALL_ORDER = (
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
)
NOT_CANONICAL = (
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
)


@pytest.mark.parametrize("text", RFC_8032_KEYS)
def test_the_keys_of_rfc_8032_are_sound(text: str) -> None:
    assert is_sound_key(bytes.fromhex(text))


@pytest.mark.parametrize("text", SMALL_ORDER)
def test_a_point_of_small_order_is_on_the_curve_and_no_key(text: str) -> None:
    point = decompress(bytes.fromhex(text))
    assert point is not None
    assert compress(multiply(8, point)) == bytes.fromhex(SMALL_ORDER[0])
    assert not is_sound_key(bytes.fromhex(text))


@pytest.mark.parametrize("text", NOT_CANONICAL)
def test_an_encoding_that_is_not_canonical_is_no_point(text: str) -> None:
    assert decompress(bytes.fromhex(text)) is None
    assert not is_sound_key(bytes.fromhex(text))


def test_a_sum_with_a_point_of_small_order_is_no_key() -> None:
    key, torsion = decompress(bytes.fromhex(RFC_8032_KEYS[0])), decompress(bytes(32))
    assert key is not None
    assert torsion is not None
    assert not is_sound_key(compress(add(key, torsion)))


def test_openssl_accepts_what_the_check_is_there_to_refuse() -> None:
    neutral = bytes.fromhex(SMALL_ORDER[0])
    Ed25519PublicKey.from_public_bytes(neutral).verify(neutral + bytes(32), b"any message")


def test_a_y_without_x_is_no_point() -> None:
    assert decompress((2).to_bytes(32, "little")) is None


@pytest.mark.parametrize("length", [0, 31, 33])
def test_another_length_is_no_key(length: int) -> None:
    assert not is_sound_key(bytes(length))


def test_the_base_point_has_order_l() -> None:
    point = decompress(BASE)
    assert point is not None
    assert compress(multiply(L + 1, point)) == BASE


@given(st.binary(min_size=32, max_size=32))
@settings(max_examples=15, deadline=None)
def test_every_key_that_the_library_makes_is_sound(seed: bytes) -> None:
    public = ed25519_public(seed)
    point = decompress(public)
    assert point is not None
    assert compress(point) == public
    assert is_sound_key(public)
