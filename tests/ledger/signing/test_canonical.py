"""Canonical JSON: the official vectors, an independent implementation, and the signed profile."""

from __future__ import annotations

import json
import unicodedata
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import TYPE_CHECKING

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import Unreadable
from ledger.signing.canonical import decode_signed, encode, encode_signed
from ledger.signing.profile import MAX_DEPTH, is_in_profile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

VECTORS = ("arrays", "french", "structures", "unicode", "values", "weird")


class Phase(StrEnum):
    PLANNED = "planned"


class Level(IntEnum):
    HIGH = 3


class Plain(Enum):
    TEXT = "text"


class Name(str):
    __slots__ = ()


def nested(depth: int) -> object:
    """Return a list in a list, `depth` levels with the innermost scalar counted."""
    value: object = 1
    for _ in range(depth - 1):
        value = [value]
    return value


ascii_keys = st.text(st.characters(max_codepoint=127), max_size=8)
normal_texts = st.text(max_size=12).map(lambda text: unicodedata.normalize("NFC", text))
scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | normal_texts
profile_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ascii_keys, inner, max_size=4),
    max_leaves=12,
)
json_values = st.recursive(
    scalars | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("name", VECTORS)
def test_the_official_vectors_are_reproduced(standards: Path, name: str) -> None:
    folder = standards / "jcs" / "testdata"
    value = json.loads((folder / "input" / f"{name}.json").read_bytes())
    assert encode(value) == (folder / "output" / f"{name}.json").read_bytes()


@given(profile_values)
@settings(max_examples=200, deadline=None)
def test_a_value_of_the_profile_has_the_bytes_that_rfc8785_gives_and_comes_back(
    value: object,
) -> None:
    data = encode_signed(value)
    assert data == encode(value) == rfc8785.dumps(value)  # type: ignore[arg-type]
    assert decode_signed(data) == value


@given(json_values)
@settings(max_examples=200, deadline=None)
def test_signing_accepts_a_value_exactly_when_the_rule_of_the_profile_does(value: object) -> None:
    assert encode(value) == rfc8785.dumps(value)  # type: ignore[arg-type]
    if is_in_profile(value):
        assert encode_signed(value) == encode(value)
    else:
        with pytest.raises(Unreadable) as caught:
            encode_signed(value)
        assert caught.value.code == "not-in-signed-profile"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (("a", ("b",)), b'["a",["b"]]'),
        ({"phase": Phase.PLANNED, "level": Level.HIGH}, b'{"level":3,"phase":"planned"}'),
        (
            {"b": '\x7f\u2028/\\"\x1f', "a": "è"},
            '{"a":"è","b":"\x7f\u2028/\\\\\\"\\u001f"}'.encode(),
        ),
        ({"text": "1234567890123456"}, b'{"text":"1234567890123456"}'),
        ([[]] * 70, b"[" + b",".join([b"[]"] * 70) + b"]"),
        (2**53 - 1, b"9007199254740991"),
    ],
)
def test_values_at_the_border_of_the_quick_test_are_signed(value: object, expected: bytes) -> None:
    assert encode_signed(value) == encode(value) == expected


OUTSIDE: dict[str, tuple[object, str]] = {
    "a float": ({"a": [0, {"b": 1.0}]}, "/a/1/b"),
    "an integer of 2**53": ({"a": 2**53}, "/a"),
    "an integer below -(2**53)": ([-(2**53)], "/0"),
    "a lone surrogate": ({"a/b~c": "\ud800"}, "/a~1b~0c"),
    "a string in normal form D": (["e\u0301"], "/0"),
    "a key beyond ASCII": ({"a": {"è": 1}}, "/a"),
    "a key beyond ASCII beside an escaped quote": ({"a": '"', 'è"': 1}, ""),
    "a key that is a number": ({1: "a"}, ""),
    "bytes": ({"a": b"x"}, "/a"),
    "a decimal number": ([Decimal("1.00")], "/0"),
    "an enumeration that is no string": ([Plain.TEXT], "/0"),
    "a class of strings": ([Name("a")], "/0"),
    "a set": ([{1}], "/0"),
    "an object of Python": (object(), ""),
}


@pytest.mark.parametrize("name", OUTSIDE)
def test_what_is_outside_the_profile_is_refused_with_its_pointer(name: str) -> None:
    value, pointer = OUTSIDE[name]
    with pytest.raises(Unreadable) as caught:
        encode_signed(value)
    assert caught.value.code == "not-in-signed-profile"
    assert f"JSON Pointer {pointer!r} " in caught.value.sentence


def test_depth_is_bounded_by_the_profile_and_not_by_the_stack() -> None:
    assert encode_signed(nested(MAX_DEPTH)) == b"[" * (MAX_DEPTH - 1) + b"1" + b"]" * (
        MAX_DEPTH - 1
    )
    for depth in (MAX_DEPTH + 1, 100_000):
        with pytest.raises(Unreadable):
            encode_signed(nested(depth))
        with pytest.raises(Unreadable):
            decode_signed(b"[" * (depth - 1) + b"1" + b"]" * (depth - 1))


WITHOUT_FORM: dict[str, object] = {
    "not a number": float("nan"),
    "infinity": [float("inf")],
    "a big integer": {"a": 2**53},
    "a lone surrogate": "\udfff",
    "a lone surrogate in a key": {"\ud800": 1},
    "a key that is no string": {1: 2},
    "bytes": b"a",
    "nesting without end": nested(100_000),
}


@pytest.mark.parametrize("name", WITHOUT_FORM)
def test_what_has_no_canonical_form_is_refused(name: str) -> None:
    with pytest.raises(Unreadable) as caught:
        encode(WITHOUT_FORM[name])
    assert caught.value.code == "not-canonical"


NOT_CANONICAL: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "json-malformed"),
    "cut": (b'{"a":1', "json-malformed"),
    "not UTF-8": (b'"\xff"', "json-malformed"),
    "not UTF-8 in a key": (b'{"\xff":1}', "json-malformed"),
    "byte order mark": (b"\xef\xbb\xbf1", "json-malformed"),
    "float": (b"1.5", "json-malformed"),
    "whole float": (b"[1.0]", "json-malformed"),
    "exponent": (b"1e2", "json-malformed"),
    "not a number": (b"NaN", "json-malformed"),
    "trailing bytes": (b"1x", "json-malformed"),
    "lone surrogate": (b'"\\ud800"', "json-malformed"),
    "trailing newline": (b"1\n", "json-not-canonical"),
    "blank": (b'{"a": 1}', "json-not-canonical"),
    "duplicate key": (b'{"a":1,"a":1}', "json-not-canonical"),
    "keys out of order": (b'{"b":1,"a":1}', "json-not-canonical"),
    "minus zero": (b"-0", "json-not-canonical"),
    "escaped letter": (b'"\\u0061"', "json-not-canonical"),
    "escaped slash": (b'"\\/"', "json-not-canonical"),
    "upper-case escape": (b'"\\u001F"', "json-not-canonical"),
    "key beyond ASCII": ('{"è":1}'.encode(), "not-in-signed-profile"),
    "normal form D": ('"e\u0301"'.encode(), "not-in-signed-profile"),
    "integer of 2**53": (b"9007199254740992", "not-in-signed-profile"),
    "integer of 30 digits": (b"1" * 30, "not-in-signed-profile"),
}


@pytest.mark.parametrize("name", NOT_CANONICAL)
def test_bytes_that_are_not_canonical_are_refused(name: str) -> None:
    data, code = NOT_CANONICAL[name]
    with pytest.raises(Unreadable) as caught:
        decode_signed(data)
    assert caught.value.code == code


@pytest.mark.parametrize("act", [encode, encode_signed])
def test_an_order_of_keys_by_utf16_is_left_to_the_reference(act: Callable[[object], bytes]) -> None:
    value = {"\U0001f600": 1, "\ufb33": 2}
    if act is encode:
        assert act(value) == '{"\U0001f600":1,"\ufb33":2}'.encode()
    else:
        with pytest.raises(Unreadable):
            act(value)
