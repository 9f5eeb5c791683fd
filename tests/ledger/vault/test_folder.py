"""The vault folder: what is put comes back."""

from __future__ import annotations

import hashlib
import io
import stat
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import Absent, ShapeError
from ledger.vault.commitment import commit, format_commit
from ledger.vault.objects import CHUNK_BYTES
from tests.ledger.vault.vault_cases import (
    CONTENT,
    KEY,
    MIB,
    PDF,
    Zeros,
    files,
    holds,
    opened,
    read,
    stored,
)

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.vault.folder import FolderVault


def test_what_was_put_comes_back(vault: FolderVault) -> None:
    put = stored(vault)
    assert read(vault, put.commit) == CONTENT
    assert put.commit == commit(put.salt, [CONTENT])
    assert put.sha256 == hashlib.sha256(CONTENT).digest()
    assert (put.size_bytes, put.media_type) == (len(CONTENT), PDF)


@pytest.mark.parametrize("size", [0, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1])
def test_what_was_put_comes_back_around_the_borders_of_chunks(
    vault: FolderVault, size: int
) -> None:
    put = vault.put(Zeros(size), PDF)
    assert read(vault, put.commit) == bytes(size)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.binary(max_size=64), max_size=4))
def test_every_object_put_is_listed_and_comes_back(
    tmp_path_factory: pytest.TempPathFactory, contents: list[bytes]
) -> None:
    vault = opened(tmp_path_factory.mktemp("vault"))
    put = [stored(vault, content) for content in contents]
    assert list(vault.list()) == sorted(put, key=lambda one: one.commit)
    assert [read(vault, one.commit) for one in put] == contents


def test_a_file_is_put_by_its_path(vault: FolderVault, tmp_path: Path) -> None:
    (tmp_path / "determina.pdf").write_bytes(CONTENT)
    put = vault.put(tmp_path / "determina.pdf", PDF)
    assert read(vault, put.commit) == CONTENT


def test_the_same_file_put_twice_is_two_objects_with_nothing_in_common(
    vault: FolderVault, root: Path
) -> None:
    first, second = stored(vault), stored(vault)
    assert first.commit != second.commit
    one, other = (data for name, data in files(root).items() if name.startswith("objects"))
    assert one[32:] != other[32:]


def test_an_object_is_described_without_its_content(vault: FolderVault) -> None:
    put = stored(vault)
    assert vault.describe(put.commit) == put
    assert vault.salt(put.commit) == put.salt
    assert vault.exists(put.commit)


def test_a_file_that_is_here_already_is_found_by_its_digest(vault: FolderVault) -> None:
    stored(vault, b"another")
    put = stored(vault)
    assert vault.find_sha256(hashlib.sha256(CONTENT).digest()) == put
    assert vault.find_sha256(bytes(32)) is None


def test_nothing_of_the_content_or_the_secrets_lies_in_the_folder(
    vault: FolderVault, root: Path
) -> None:
    put = stored(vault)
    for secret in (CONTENT[:12], put.salt, put.sha256, KEY.secret):
        assert not any(name for name, data in files(root).items() if holds(data, secret))


def test_the_files_are_where_the_layout_says_and_their_owners_alone(
    vault: FolderVault, root: Path
) -> None:
    put = stored(vault)
    assert set(files(root)) == {
        f"objects/{put.id[:2]}/{put.id}",
        f"keys/{put.commit[:1].hex()}/{format_commit(put.commit)}.json",
    }
    for path in (root, *root.rglob("*")):
        expected = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == expected, path


def test_what_was_never_put_is_absent(vault: FolderVault) -> None:
    with pytest.raises(Absent, match="object-absent"):
        vault.open(bytes(32))
    with pytest.raises(Absent, match="object-absent"):
        vault.describe(bytes(32))
    with pytest.raises(Absent, match="object-absent"):
        vault.erase(bytes(32))
    assert not vault.exists(bytes(32))


def test_a_commitment_of_another_size_is_a_mistake_of_the_caller(vault: FolderVault) -> None:
    with pytest.raises(ValueError, match="a commitment has 32 bytes"):
        vault.describe(b"short")


def test_a_malformed_media_type_stores_nothing(vault: FolderVault, root: Path) -> None:
    with pytest.raises(ShapeError, match="media-type-malformed"):
        vault.put(io.BytesIO(CONTENT), "pdf")
    assert files(root) == {}


def test_memory_stays_small_for_a_large_object(vault: FolderVault) -> None:
    tracemalloc.start()
    try:
        put = vault.put(Zeros(64 * MIB), PDF)
        total = sum(len(chunk) for chunk in vault.open(put.commit))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert total == 64 * MIB
    assert peak < 8 * MIB
