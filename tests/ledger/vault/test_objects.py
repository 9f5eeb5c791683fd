"""The ciphertext of objects: round trips, judges, and every way of tampering."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import NotVerified
from ledger.vault.objects import (
    CHUNK_BYTES,
    decrypt_object,
    encrypt_object,
    encrypted_size,
    read_chunks,
    read_whole,
)

VECTOR = Path(__file__).parents[2] / "vectors" / "vault" / "determina.object"
CONTENT = b"Determina n. 1 del 4 maggio 2023\n"
KEY = bytes(range(32))
OBJECT_ID = bytes(range(16))
HEADER = 32
SEALED = CHUNK_BYTES + 16

BORDERS = [0, 1, 15, 16, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES]


class Dribble:
    """A source that gives fewer bytes than asked, as sockets do."""

    def __init__(self, content: bytes, step: int) -> None:
        """Give the content, at most `step` bytes at a time."""
        self._file = io.BytesIO(content)
        self._step = step

    def read(self, size: int, /) -> bytes:
        return self._file.read(min(size, self._step))


def encrypted(content: bytes, key: bytes = KEY, object_id: bytes = OBJECT_ID) -> bytes:
    return b"".join(encrypt_object(key, object_id, read_chunks(io.BytesIO(content))))


def decrypted(ciphertext: bytes, key: bytes = KEY, object_id: bytes = OBJECT_ID) -> bytes:
    return b"".join(decrypt_object(key, object_id, io.BytesIO(ciphertext)))


def refused(ciphertext: bytes, key: bytes = KEY, object_id: bytes = OBJECT_ID) -> str:
    with pytest.raises(NotVerified) as caught:
        decrypted(ciphertext, key, object_id)
    return caught.value.code


@pytest.fixture(scope="module")
def content_of_three_chunks() -> bytes:
    return bytes(range(256)) * 4096 + bytes(CHUNK_BYTES) + b"the end"


@pytest.fixture(scope="module")
def parts(content_of_three_chunks: bytes) -> list[bytes]:
    """Header and three sealed chunks."""
    return list(encrypt_object(KEY, OBJECT_ID, read_chunks(io.BytesIO(content_of_three_chunks))))


@pytest.mark.parametrize("size", BORDERS)
def test_encrypt_then_decrypt_gives_the_same_around_the_borders_of_chunks(size: int) -> None:
    content = (b"0123456789abcdef" * (size // 16 + 1))[:size]
    ciphertext = encrypted(content)
    assert len(ciphertext) == encrypted_size(size)
    assert decrypted(ciphertext) == content


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=500), st.binary(min_size=32, max_size=32))
def test_encrypt_then_decrypt_gives_the_same(content: bytes, key: bytes) -> None:
    assert decrypted(encrypted(content, key), key) == content


def test_the_golden_object_is_as_it_was_written() -> None:
    assert encrypted(CONTENT) == VECTOR.read_bytes()
    assert decrypted(VECTOR.read_bytes()) == CONTENT


def test_openssl_reads_the_golden_object() -> None:
    iv = "000000000000000000000001" + "00000002"
    judged = subprocess.run(
        ["openssl", "enc", "-d", "-aes-256-ctr", "-K", KEY.hex(), "-iv", iv],
        input=VECTOR.read_bytes()[HEADER:-16],
        capture_output=True,
        check=True,
    )
    assert judged.stdout == CONTENT


def test_any_changed_byte_of_a_small_object_is_found() -> None:
    ciphertext = encrypted(CONTENT)
    for place in range(len(ciphertext)):
        changed = bytearray(ciphertext)
        changed[place] ^= 0x01
        assert refused(bytes(changed)) in {"object-damaged", "object-header-wrong"}


def test_a_changed_byte_in_each_region_of_a_large_object_is_found(parts: list[bytes]) -> None:
    ciphertext = b"".join(parts)
    borders = (HEADER, HEADER + SEALED, HEADER + 2 * SEALED, len(ciphertext))
    places = {border + step for border in borders for step in (-16, -1, 0)} - {len(ciphertext)}
    for place in places:
        changed = bytearray(ciphertext)
        changed[place] ^= 0x80
        refused(bytes(changed))


@settings(max_examples=30, deadline=None)
@given(st.integers(min_value=0, max_value=len(CONTENT) + 47))
def test_an_object_cut_anywhere_is_refused(size: int) -> None:
    refused(encrypted(CONTENT)[:size])


def test_whole_chunks_that_are_missing_moved_or_added_are_refused(parts: list[bytes]) -> None:
    header, first, second, last = parts
    arrangements = {
        "the last is missing": (header, first, second),
        "the first is missing": (header, second, last),
        "the middle is missing": (header, first, last),
        "two changed places": (header, second, first, last),
        "one is repeated": (header, first, first, second, last),
        "the last is repeated": (header, first, second, last, last),
        "only the header is left": (header,),
        "a byte is added": (*parts, b"\0"),
        "a tag is added": (*parts, bytes(16)),
    }
    for name, arrangement in arrangements.items():
        assert refused(b"".join(arrangement)) == "object-damaged", name


def test_an_empty_last_chunk_after_a_whole_one_is_refused_even_when_authentic() -> None:
    whole = bytes(CHUNK_BYTES)
    forged = b"".join(encrypt_object(KEY, OBJECT_ID, iter([whole, b""])))
    assert refused(forged) == "object-damaged"


def test_an_object_does_not_open_as_another() -> None:
    other = bytes(16)
    assert refused(encrypted(CONTENT), object_id=other) == "object-header-wrong"
    renamed = encrypted(CONTENT)[:16] + other + encrypted(CONTENT)[HEADER:]
    assert refused(renamed, object_id=other) == "object-damaged"


def test_an_object_does_not_open_under_another_key() -> None:
    assert refused(encrypted(CONTENT), key=bytes(32)) == "object-damaged"


def test_a_chunk_is_given_only_when_it_is_authentic(parts: list[bytes]) -> None:
    changed = parts[2][:-1] + bytes([parts[2][-1] ^ 1])
    chunks = decrypt_object(KEY, OBJECT_ID, io.BytesIO(b"".join([*parts[:2], changed, parts[3]])))
    assert len(next(chunks)) == CHUNK_BYTES
    with pytest.raises(NotVerified):
        next(chunks)


def test_a_source_that_dribbles_is_read_whole() -> None:
    assert read_whole(Dribble(b"abcdefgh", 3), 7) == b"abcdefg"
    assert list(read_chunks(Dribble(b"abcdefgh", 3), 4)) == [b"abcd", b"efgh"]
    assert list(read_chunks(Dribble(b"", 3), 4)) == []


def test_a_short_chunk_in_the_middle_is_refused_before_it_is_encrypted() -> None:
    with pytest.raises(ValueError, match="chunk 0 has 5 bytes"):
        list(encrypt_object(KEY, OBJECT_ID, iter([b"short", b"more"])))


def test_an_id_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="an object id has 16 bytes"):
        list(encrypt_object(KEY, b"short", iter([b""])))
