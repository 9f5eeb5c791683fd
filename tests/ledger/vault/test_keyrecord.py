"""Key records: one form, nothing told without the vault key."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import NotVerified, ShapeError, StorageError
from ledger.vault.commitment import commit
from ledger.vault.keyrecord import (
    check_media_type,
    format_record,
    open_record,
    parse_record,
    rewrap_record,
    seal_record,
)
from ledger.vault.vault import StoredObject
from ledger.vault.vaultkey import VaultKey

VECTOR = Path(__file__).parents[2] / "vectors" / "vault" / "determina.json"
KEY = VaultKey(bytes(range(32)))
OTHER = VaultKey(bytes(32))
CONTENT_KEY = b"k" * 32
COMMIT = commit(b"s" * 32, [b"determina"])
STORED = StoredObject(
    id="00112233445566778899aabbccddeeff",
    commit=COMMIT,
    salt=b"s" * 32,
    size_bytes=9,
    media_type="application/pdf",
    sha256=b"d" * 32,
)
RECORD = seal_record(KEY, STORED, CONTENT_KEY)
DATA = format_record(RECORD)

DAMAGED = {
    "empty": b"",
    "not JSON": b"pista\n",
    "not an object": b"[]\n",
    "a number": b"7\n",
    "deeply nested": b"[" * 4000,
    "not ASCII": DATA.replace(b"pdf", "pdè".encode()),
    "no final newline": DATA[:-1],
    "a space": DATA.replace(b":", b": ", 1),
    "a key twice": DATA.replace(b'"format"', b'"commit":"x","format"'),
    "an unknown field": DATA.replace(b'"format"', b'"farmat":1,"format"'),
    "a field missing": DATA.replace(b'"size_bytes":9,', b""),
    "another version": DATA.replace(b"/v1", b"/v2"),
    "negative size": DATA.replace(b'"size_bytes":9', b'"size_bytes":-9'),
    "size as text": DATA.replace(b'"size_bytes":9', b'"size_bytes":"9"'),
    "size as truth": DATA.replace(b'"size_bytes":9', b'"size_bytes":true'),
    "size as float": DATA.replace(b'"size_bytes":9', b'"size_bytes":9.0'),
    "id in upper case": DATA.replace(b"aabbccdd", b"AABBCCDD"),
    "id that climbs": DATA.replace(b"00112233", b"../../.."),
    "media type with a quote": DATA.replace(b"application/pdf", b'application/\\"df'),
    "wrapped value cut": DATA.replace(b'"key":"', b'"key":"AAAA'),
    "text where a number was": DATA.replace(b'"vault_key":"', b'"vault_key":7,"x":"'),
}


def test_format_then_parse_of_a_record_gives_the_same() -> None:
    assert parse_record(DATA, COMMIT) == RECORD


def test_the_golden_record_is_as_it_was_written() -> None:
    assert VECTOR.read_bytes() == DATA


def test_a_record_opens_under_its_vault_key() -> None:
    assert open_record(KEY, RECORD) == (STORED, CONTENT_KEY)


def test_a_record_tells_nothing_without_the_vault_key() -> None:
    assert STORED.salt.hex() not in DATA.hex()
    for secret in (STORED.salt, STORED.sha256, CONTENT_KEY):
        assert secret not in DATA


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_record_is_refused(data: bytes) -> None:
    with pytest.raises(NotVerified, match="key-record-unreadable"):
        parse_record(data, COMMIT)


def test_the_record_of_another_object_is_refused() -> None:
    with pytest.raises(NotVerified, match="parla di"):
        parse_record(DATA, bytes(32))


@settings(max_examples=150)
@given(st.integers(min_value=0, max_value=len(DATA) - 1), st.integers(min_value=1, max_value=255))
def test_a_changed_byte_of_a_record_never_yields_other_secrets(place: int, flip: int) -> None:
    changed = bytearray(DATA)
    changed[place] ^= flip
    try:
        stored, key = open_record(KEY, parse_record(bytes(changed), COMMIT))
    except (NotVerified, StorageError):
        return
    assert (stored.salt, stored.sha256, key) == (STORED.salt, STORED.sha256, CONTENT_KEY)


def test_a_record_under_another_vault_key_says_so() -> None:
    with pytest.raises(StorageError, match="vault-key-other"):
        open_record(OTHER, RECORD)


def test_a_rewrapped_record_opens_under_the_new_key_alone() -> None:
    rewrapped = rewrap_record(KEY, OTHER, RECORD)
    assert open_record(OTHER, rewrapped) == (STORED, CONTENT_KEY)
    with pytest.raises(StorageError, match="vault-key-other"):
        open_record(KEY, rewrapped)


@pytest.mark.parametrize("text", ["application/pdf", "application/pkcs7-mime", "image/svg+xml"])
def test_media_types_pass(text: str) -> None:
    assert check_media_type(text) == text


@pytest.mark.parametrize("text", ["", "pdf", "a/b/c", "a/", "/b", "a/b; c=d", "a/b\n", "à/b"])
def test_a_malformed_media_type_is_refused(text: str) -> None:
    with pytest.raises(ShapeError, match="media-type-malformed"):
        check_media_type(text)


def test_salt_and_digest_stay_out_of_repr() -> None:
    assert "salt" not in repr(STORED)
    assert "sha256" not in repr(STORED)
