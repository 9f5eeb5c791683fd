"""Commitments, judged by openssl."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Unreadable
from ledger.vault.commitment import Measure, commit, format_commit, parse_commit

SALT = bytes(range(32))

MALFORMED = {
    "empty": "",
    "padded": format_commit(bytes(32)) + "=",
    "the other base64": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
    "one character short": "A" * 42,
    "bits beyond the 32 bytes": "A" * 42 + "B",
    "hex": "00" * 32,
    "newline at the end": "A" * 42 + "\n",
    "not ASCII": "è" + "A" * 42,
}


def test_openssl_reproduces_a_commitment() -> None:
    content = b"Determina n. 1 del 2023\n"
    judged = subprocess.run(
        ["openssl", "dgst", "-sha256", "-binary"],
        input=SALT + content,
        capture_output=True,
        check=True,
    )
    assert commit(SALT, [content]) == judged.stdout


@given(st.lists(st.binary(max_size=50), max_size=5))
def test_a_commitment_does_not_depend_on_how_content_is_cut(chunks: list[bytes]) -> None:
    assert commit(SALT, chunks) == commit(SALT, [b"".join(chunks)])


@given(st.binary(min_size=32, max_size=32))
def test_format_then_parse_of_a_commitment_gives_the_same(value: bytes) -> None:
    assert parse_commit(format_commit(value)) == value


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_commitment_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="commit-malformed"):
        parse_commit(text)


def test_another_salt_gives_another_commitment() -> None:
    assert commit(SALT, [b"same"]) != commit(bytes(32), [b"same"])


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_salt_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="a salt has 32 bytes"):
        Measure(bytes(size))


def test_a_measure_passes_content_on_unchanged_and_counts_it() -> None:
    measure = Measure(SALT)
    assert list(measure.over([b"ab", b"", b"c"])) == [b"ab", b"", b"c"]
    assert measure.size_bytes == 3
    assert measure.sha256.hex() == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-4, "abc"
    )
