"""The vault key: its file, and wrapping as judged by openssl and RFC 3394."""

from __future__ import annotations

import os
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import Absent, NotVerified, StorageError
from ledger.vault.vaultkey import (
    VaultKey,
    format_vault_key,
    new_vault_key,
    parse_vault_key,
    read_vault_key,
    write_vault_key,
)

if TYPE_CHECKING:
    from pathlib import Path

KEY = VaultKey(bytes(range(32)))
TEXT = b"pista/vault-key/v1\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"

MALFORMED = {
    "empty": b"",
    "no header": TEXT[19:],
    "another version": TEXT.replace(b"/v1", b"/v2"),
    "no final newline": TEXT[:-1],
    "two final newlines": TEXT + b"\n",
    "carriage return": TEXT.replace(b"=\n", b"=\r\n"),
    "31 bytes": b"pista/vault-key/v1\n" + b"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==\n",
    "not base64": TEXT.replace(b"AAEC", b"****"),
    "bits beyond the 32 bytes": TEXT.replace(b"h8=", b"h9="),
    "space before": b" " + TEXT,
}


def test_rfc_3394_section_4_6_is_reproduced() -> None:
    secret = bytes.fromhex("00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F")
    wrapped = bytes.fromhex(
        "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21"
    )
    assert KEY.wrap(secret) == wrapped
    assert KEY.unwrap(wrapped) == secret


def test_openssl_unwraps_what_was_wrapped() -> None:
    judged = subprocess.run(
        ["openssl", "enc", "-d", "-id-aes256-wrap", "-K", KEY.secret.hex(), "-iv", "A6" * 8],
        input=KEY.wrap(b"s" * 32),
        capture_output=True,
        check=True,
    )
    assert judged.stdout == b"s" * 32


@settings(max_examples=50)
@given(st.integers(min_value=0, max_value=40 * 8 - 1))
def test_any_changed_bit_of_a_wrapped_secret_is_found(bit: int) -> None:
    changed = bytearray(KEY.wrap(b"s" * 32))
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(NotVerified, match="key-unwrap-failed"):
        KEY.unwrap(bytes(changed))


@pytest.mark.parametrize("wrapped", [b"", bytes(7), bytes(24), bytes(41)])
def test_a_wrapped_secret_of_another_size_is_refused(wrapped: bytes) -> None:
    with pytest.raises(NotVerified, match="key-unwrap-failed"):
        KEY.unwrap(wrapped)


def test_another_key_does_not_unwrap() -> None:
    with pytest.raises(NotVerified, match="key-unwrap-failed"):
        VaultKey(bytes(32)).unwrap(KEY.wrap(b"s" * 32))


def test_a_secret_of_another_size_is_not_wrapped() -> None:
    with pytest.raises(ValueError, match="32 bytes are wrapped"):
        KEY.wrap(bytes(16))


def test_a_key_is_not_shown() -> None:
    assert KEY.secret.hex()[:16] not in repr(KEY)
    assert "secret" not in repr(KEY)


def test_keys_are_told_apart_by_their_id() -> None:
    assert KEY.id == subprocess.run(
        ["openssl", "dgst", "-sha256", "-r"],
        input=b"pista/vault-key/v1\n" + KEY.secret,
        capture_output=True,
        check=True,
    ).stdout[:16].decode("ascii")


def test_a_fresh_key_takes_its_bytes_from_the_source_it_is_given() -> None:
    assert new_vault_key(lambda size: b"r" * size).secret == b"r" * 32
    assert new_vault_key() != new_vault_key()


def test_format_then_parse_of_a_vault_key_gives_the_same() -> None:
    assert format_vault_key(KEY) == TEXT
    assert parse_vault_key(TEXT) == KEY


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_vault_key_is_refused(data: bytes) -> None:
    with pytest.raises(StorageError, match="vault-key-malformed"):
        parse_vault_key(data)


def test_a_refused_vault_key_is_not_repeated_in_the_sentence() -> None:
    with pytest.raises(StorageError) as caught:
        parse_vault_key(TEXT[:-1])
    assert "AAEC" not in str(caught.value)


def test_a_vault_key_of_another_size_is_refused() -> None:
    with pytest.raises(StorageError, match="vault-key-malformed"):
        VaultKey(bytes(16))


def test_a_vault_key_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "vault.key"
    before = os.umask(0)
    try:
        write_vault_key(path, KEY)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_vault_key(path) == KEY


def test_a_vault_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "vault.key"
    write_vault_key(path, KEY)
    with pytest.raises(StorageError, match="vault-key-exists"):
        write_vault_key(path, VaultKey(bytes(32)))
    assert read_vault_key(path) == KEY


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o610])
def test_a_vault_key_that_others_may_reach_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "vault.key"
    write_vault_key(path, KEY)
    path.chmod(mode)
    with pytest.raises(StorageError, match="vault-key-exposed"):
        read_vault_key(path)


def test_a_vault_key_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Absent, match="vault-key-absent"):
        read_vault_key(tmp_path / "vault.key")


def test_a_vault_key_file_that_goes_on_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "vault.key"
    path.write_bytes(TEXT + b"x" * 100)
    path.chmod(0o600)
    with pytest.raises(StorageError, match="vault-key-malformed"):
        read_vault_key(path)
