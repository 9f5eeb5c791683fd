"""Leaves: one text for each leaf, bad texts refused, rows packed and unpacked."""

from __future__ import annotations

import base64
import subprocess
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import Unreadable
from ledger.journal.leaf import (
    EventLeaf,
    HeadsLeaf,
    StreamPlace,
    format_leaf,
    parse_base64,
    parse_leaf,
    parse_number,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "journal"
DIGEST = base64.b64encode(bytes(32))
EVENT = b"pista/leaf/v1\nevent\n2026-07-21T10:11:13.123456Z\n" + DIGEST + b"\nact/a 0\ncup/b 17\n"
HEADS = b"pista/leaf/v1\nheads\n1290\n" + DIGEST + b"\n312\n" + DIGEST + b"\n"

NOT_A_LEAF = {
    "no bytes": b"",
    "a missing final newline": EVENT[:-1],
    "an empty line at the end": EVENT + b"\n",
    "carriage returns": EVENT.replace(b"\n", b"\r\n"),
    "another version": EVENT.replace(b"/v1", b"/v2"),
    "another kind": EVENT.replace(b"event", b"erased"),
    "a byte that is not ASCII": EVENT.replace(b"act/a", "act/à".encode()),
    "no streams": EVENT[: EVENT.index(b"act/a")],
    "streams not sorted": EVENT.replace(b"act/a 0\ncup/b 17", b"cup/b 17\nact/a 0"),
    "a stream twice": EVENT.replace(b"cup/b 17", b"act/a 1"),
    "a stream name with a space": EVENT.replace(b"act/a", b"act a"),
    "a stream name over 100 bytes": EVENT.replace(b"act/a", b"a" * 101),
    "an empty stream name": EVENT.replace(b"act/a", b""),
    "two spaces before the sequence number": EVENT.replace(b"act/a 0", b"act/a  0"),
    "a sequence number with a leading zero": EVENT.replace(b" 17", b" 017"),
    "a negative sequence number": EVENT.replace(b" 17", b" -1"),
    "a sequence number over 63 bits": EVENT.replace(b" 17", b" 9223372036854775808"),
    "no sequence number": EVENT.replace(b" 17", b""),
    "over 500 streams": EVENT.replace(
        b"act/a 0\n", b"".join(b"act/a%03d 0\n" % number for number in range(500))
    ),
    "three digits of a second": EVENT.replace(b".123456Z", b".123Z"),
    "no zone": EVENT.replace(b"456Z", b"456"),
    "another zone": EVENT.replace(b"456Z", b"456+02:00"),
    "a day that does not exist": EVENT.replace(b"07-21", b"02-30"),
    "a leap second": EVENT.replace(b"10:11:13", b"23:59:60"),
    "a space in the time": EVENT.replace(b"T10", b" 10"),
    "base64 without padding": EVENT.replace(DIGEST, DIGEST[:-1]),
    "base64 with stray bits": EVENT.replace(b"AAA=", b"AAB="),
    "a hash of 31 bytes": EVENT.replace(DIGEST, base64.b64encode(bytes(31))),
    "base64 of the URL alphabet": EVENT.replace(b"AAAA=", b"A-_A="),
    "heads with a line less": HEADS[: HEADS.rindex(b"\n", 0, -1) + 1],
    "heads with a line more": HEADS + b"act/a 0\n",
    "heads with a size that has a sign": HEADS.replace(b"1290", b"+1290"),
    "heads with other digits": HEADS.replace(b"1290", "١٢".encode()),
    "heads with an underscore in a number": HEADS.replace(b"1290", b"1_290"),
}

names = st.from_regex(r"[A-Za-z0-9._/-]{1,100}", fullmatch=True)
numbers = st.integers(min_value=0, max_value=2**63 - 1)
hashes = st.binary(min_size=32, max_size=32)
event_leaves = st.builds(
    lambda moment, digest, streams: EventLeaf(
        moment, digest, tuple(StreamPlace(name, streams[name]) for name in sorted(streams))
    ),
    st.datetimes(timezones=st.just(UTC)),
    hashes,
    st.dictionaries(names, numbers, min_size=1, max_size=8),
)
heads_leaves = st.builds(HeadsLeaf, numbers, hashes, numbers, hashes)


def sha256_by_openssl(data: bytes) -> bytes:
    command = ["openssl", "dgst", "-sha256", "-binary"]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout


def test_the_golden_event_leaf_has_these_fields() -> None:
    leaf = EventLeaf(
        datetime(2026, 7, 21, 10, 11, 13, 123456, tzinfo=UTC),
        sha256_by_openssl(b"an envelope"),
        (
            StreamPlace("act/c_e506/registro-generale/2023/1234", 0),
            StreamPlace("cup/C81C22001220006", 0),
        ),
    )
    data = (VECTORS / "0.leaf").read_bytes()
    assert parse_leaf(data) == leaf
    assert format_leaf(leaf) == data


def test_the_golden_heads_leaf_has_the_roots_that_openssl_computes() -> None:
    leaf_hash = sha256_by_openssl(b"\x00" + (VECTORS / "0.leaf").read_bytes())
    rows = [sha256_by_openssl(b"\x00" + (VECTORS / f"{i}.row").read_bytes()) for i in (0, 1)]
    leaf = HeadsLeaf(1, leaf_hash, 2, sha256_by_openssl(b"\x01" + rows[0] + rows[1]))
    data = (VECTORS / "1.leaf").read_bytes()
    assert parse_leaf(data) == leaf
    assert format_leaf(leaf) == data


def test_the_texts_that_the_bad_ones_are_made_from_are_good() -> None:
    assert format_leaf(parse_leaf(EVENT)) == EVENT
    assert format_leaf(parse_leaf(HEADS)) == HEADS


@pytest.mark.parametrize("name", NOT_A_LEAF)
def test_bytes_that_break_the_grammar_are_no_leaf(name: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse_leaf(NOT_A_LEAF[name])
    assert caught.value.code == "leaf-unreadable"


@settings(max_examples=50)
@given(st.one_of(event_leaves, heads_leaves))
def test_a_leaf_is_read_back_as_it_was_written(leaf: EventLeaf | HeadsLeaf) -> None:
    assert parse_leaf(format_leaf(leaf)) == leaf


@settings(max_examples=100)
@given(st.sampled_from([EVENT, HEADS]), st.data())
def test_a_changed_byte_gives_another_leaf_or_none(good: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(good) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != good[place]))
    changed = good[:place] + bytes([byte]) + good[place + 1 :]
    try:
        leaf = parse_leaf(changed)
    except Unreadable:
        return
    assert leaf != parse_leaf(good)
    assert format_leaf(leaf) == changed


PLACES = (StreamPlace("cup/a", 0),)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
NOT_WRITABLE: dict[str, EventLeaf | HeadsLeaf] = {
    "a time without zone": EventLeaf(NOW.replace(tzinfo=None), bytes(32), PLACES),
    "a time of another zone": EventLeaf(
        NOW.astimezone(timezone(timedelta(hours=1))), bytes(32), PLACES
    ),
    "a short digest": EventLeaf(NOW, bytes(31), PLACES),
    "no streams": EventLeaf(NOW, bytes(32), ()),
    "a stream twice": EventLeaf(NOW, bytes(32), PLACES + PLACES),
    "a newline in a name": EventLeaf(NOW, bytes(32), (StreamPlace("cup/a 0\ncup/b", 0),)),
    "a negative sequence number": EventLeaf(NOW, bytes(32), (StreamPlace("cup/a", -1),)),
    "a size over 63 bits": HeadsLeaf(2**63, bytes(32), 0, bytes(32)),
    "a long rows root": HeadsLeaf(1, bytes(32), 1, bytes(33)),
}


@pytest.mark.parametrize("name", NOT_WRITABLE)
def test_a_leaf_that_could_not_be_read_back_is_not_written(name: str) -> None:
    with pytest.raises(Unreadable):
        format_leaf(NOT_WRITABLE[name])


def test_the_largest_leaf_fits_the_length_prefix_of_a_bundle() -> None:
    places = tuple(StreamPlace(f"{number:03}".ljust(100, "z"), 2**63 - 1) for number in range(500))
    assert len(format_leaf(EventLeaf(NOW, bytes(32), places))) <= 65535


def test_a_number_goes_up_to_63_bits() -> None:
    assert parse_number("9223372036854775807", "leaf") == 2**63 - 1
    assert parse_number("0", "leaf") == 0


@given(st.binary(max_size=40))
def test_base64_is_that_of_the_standard_library(data: bytes) -> None:
    assert parse_base64(base64.b64encode(data).decode(), "note") == data


@pytest.mark.parametrize("text", ["A", "AA", "AAA", "=", "AA=A", "AA==AA==", "AA\n==", "AB=="])
def test_base64_that_is_not_canonical_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="note-unreadable"):
        parse_base64(text, "note")
