"""A journal row gives back leaf and envelope exactly, whatever they are."""

from __future__ import annotations

import base64
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Unreadable
from ledger.journal.row import (
    join_parts,
    pack,
    unpack,
    unpack_leaf,
    unpack_parts,
    unpack_payload,
)

LEAF: Final = b"pista/leaf/v1\nevent\n"


def encoded(*parts: bytes) -> bytes:
    """Return parts as a JWS has them."""
    return b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)


@given(st.binary(min_size=1, max_size=300), st.binary(max_size=300))
def test_a_journal_row_is_unpacked_as_it_was_packed(leaf: bytes, envelope: bytes) -> None:
    data = pack(leaf, envelope)
    assert data[:2] == len(leaf).to_bytes(2, "big")
    assert unpack(data) == (leaf, envelope)
    assert unpack_leaf(data) == leaf


@given(st.binary(max_size=90), st.binary(max_size=90), st.binary(max_size=90))
def test_three_parts_of_any_length_come_back(header: bytes, payload: bytes, last: bytes) -> None:
    envelope = encoded(header, payload, last)
    data = pack(LEAF, envelope)
    assert unpack(data) == (LEAF, envelope)
    assert unpack_payload(data) == (payload if len(last) % 4 == 0 else None)


@given(st.binary(max_size=90), st.binary(max_size=90), st.binary(max_size=90))
def test_the_parts_of_a_row_are_those_of_its_envelope(
    header: bytes, payload: bytes, last: bytes
) -> None:
    envelope = encoded(header, payload, last)
    assert join_parts(header, payload, last) == envelope
    parts = unpack_parts(pack(LEAF, envelope))
    assert parts == ((LEAF, header, payload, last) if len(last) % 4 == 0 else None)
    assert unpack_parts(pack(LEAF, b"")) is None


@given(st.binary(max_size=200))
def test_parts_end_where_the_row_does(data: bytes) -> None:
    """Whatever the bytes are, both ways of reading a row say the same."""
    try:
        leaf, envelope = unpack(data)
    except Unreadable:
        with pytest.raises(Unreadable):
            unpack_parts(data)
        return
    parts = unpack_parts(data)
    if parts is not None:
        assert (parts[0], join_parts(*parts[1:])) == (leaf, envelope)


def test_a_jws_is_kept_in_three_quarters_of_its_size() -> None:
    parts = b'{"alg":"ES256"}', b'{"v":1,"data":{}}' * 40, bytes(64)
    data = pack(LEAF, encoded(*parts))
    assert len(data) == 2 + len(LEAF) + 4 + sum(map(len, parts))
    assert unpack_payload(data) == parts[1]


AS_THEY_ARE: Final = {
    "two parts": b"e30.e30",
    "four parts": b"e30.e30.AAAA.AAAA",
    "a length that base64 cannot have": b"e30.e30.A",
    "bits after the last byte": b"e31.e30.AAAA",
    "the alphabet with slash": b"e30.e30.//8/",
    "padding": b"e30=.e30.AAAA",
    "a newline": b"e30.e30.AAA\nA",
    "the mark of the decoded form": b"\x01e30.e30.AAAA",
    "the mark of the plain form": b"\x02",
    "a signature over a thousand bytes": encoded(b"{}", b"{}", bytes(1024)),
    "a header over 64 KiB": encoded(bytes(65_536), b"{}", bytes(64)),
}


@pytest.mark.parametrize("name", AS_THEY_ARE)
def test_what_is_no_canonical_jws_is_kept_as_it_is(name: str) -> None:
    data = pack(LEAF, AS_THEY_ARE[name])
    assert data.endswith(AS_THEY_ARE[name])
    assert unpack(data) == (LEAF, AS_THEY_ARE[name])
    assert unpack_payload(data) is None


def test_a_row_without_envelope_has_no_payload() -> None:
    assert unpack(pack(LEAF, b"")) == (LEAF, b"")
    assert unpack_payload(pack(LEAF, b"")) is None


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x00\x00", b"\x00\x00a", b"\x00\x02a"])
def test_a_row_that_ends_before_its_leaf_is_refused(data: bytes) -> None:
    for read in (unpack, unpack_leaf, unpack_payload):
        with pytest.raises(Unreadable, match="row-unreadable"):
            read(data)


def test_a_row_that_ends_before_header_and_signature_do_is_refused() -> None:
    data = pack(LEAF, encoded(b'{"alg":"ES256"}', b"", bytes(64)))
    assert unpack_payload(data) == b""
    for size in range(3 + len(LEAF), len(data)):
        with pytest.raises(Unreadable, match="row-unreadable"):
            unpack(data[:size])


@pytest.mark.parametrize("size", [0, 65536])
def test_a_leaf_without_room_for_its_length_is_not_packed(size: int) -> None:
    with pytest.raises(Unreadable, match="row-unreadable"):
        pack(bytes(size), b"")
