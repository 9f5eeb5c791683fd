"""Octets as text: one text for each value."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import Unreadable
from ledger.signing.grammar import is_digest, is_nonce, is_thumbprint
from ledger.signing.octets import (
    format_base64,
    format_base64url,
    parse_base64,
    parse_base64url,
)


@given(st.binary(max_size=70))
@settings(max_examples=60, deadline=None)
def test_what_is_formatted_is_parsed_back(octets: bytes) -> None:
    assert parse_base64(format_base64(octets), len(octets)) == octets
    assert parse_base64url(format_base64url(octets), len(octets)) == octets


BAD_BASE64URL = {
    "padding": "YQ==",
    "unused bits": "YR",
    "a length that cannot be": "YWJjZ",
    "the other alphabet": "+/+/",
    "a blank": "YW Jj",
    "a newline at the end": "YWJj\n",
    "a letter beyond ASCII": "YWJè",
}
BAD_BASE64 = {
    "no padding": "YQ",
    "unused bits": "YR==",
    "the other alphabet": "-_-_",
    "a newline inside": "YW\nJj",
    "padding too long": "YQ===",
    "a letter beyond ASCII": "YWJè",
}


@pytest.mark.parametrize("name", BAD_BASE64URL)
def test_other_base64url_is_refused(name: str) -> None:
    with pytest.raises(Unreadable, match="base64url-not-canonical"):
        parse_base64url(BAD_BASE64URL[name])


@pytest.mark.parametrize("name", BAD_BASE64)
def test_other_base64_is_refused(name: str) -> None:
    with pytest.raises(Unreadable, match="base64-not-canonical"):
        parse_base64(BAD_BASE64[name])


def test_another_length_is_refused() -> None:
    with pytest.raises(Unreadable, match="wrong-length"):
        parse_base64("YQ==", 2)
    with pytest.raises(Unreadable, match="wrong-length"):
        parse_base64url("YQ", 2)


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=16, max_size=16))
def test_the_grammar_of_texts_says_what_decoding_says(digest: bytes, nonce: bytes) -> None:
    """The predicates look at the text alone; the one text of the octets passes, no other does."""
    texts = [
        (is_digest, format_base64(digest), parse_base64, 32),
        (is_thumbprint, format_base64url(digest), parse_base64url, 32),
        (is_nonce, format_base64url(nonce), parse_base64url, 16),
    ]
    for is_text, text, parse, length in texts:
        assert is_text(text)
        for last in string.ascii_letters + string.digits + "+/-_=é\n":
            for changed in (text[:-1] + last, text + last, text[:-2] + last + text[-1]):
                try:
                    parse(changed, length)
                except Unreadable:
                    assert not is_text(changed)
                else:
                    assert is_text(changed)
