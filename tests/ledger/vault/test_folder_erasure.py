"""The vault folder: what is erased is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.errors import Absent
from ledger.vault.layout import Layout
from tests.ledger.vault.vault_cases import (
    files,
    holds,
    read,
    stored,
)

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.vault.folder import FolderVault


def test_erasure_leaves_no_trace_of_key_salt_or_digest_in_any_file(
    vault: FolderVault, root: Path
) -> None:
    kept, erased = stored(vault, b"kept"), stored(vault)
    record = Layout(root).read_record(erased.commit)
    ciphertext = Layout(root).object_path(erased.id).read_bytes()
    vault.erase(erased.commit)
    for secret in (record.key, record.salt, record.sha256, ciphertext[32:], erased.salt):
        assert not any(holds(data, secret) for data in files(root).values())
    assert not any(erased.id in name for name in files(root))
    assert read(vault, kept.commit) == b"kept"


def test_erasure_overwrites_before_it_unlinks(vault: FolderVault, root: Path) -> None:
    put = stored(vault)
    layout = Layout(root)
    for number, path in enumerate((layout.object_path(put.id), layout.record_path(put.commit))):
        (root.parent / f"link{number}").hardlink_to(path)
    vault.erase(put.commit)
    assert set((root.parent / "link0").read_bytes()) == {0}
    assert set((root.parent / "link1").read_bytes()) == {0}


def test_what_is_erased_is_gone_for_every_question(vault: FolderVault) -> None:
    put = stored(vault)
    vault.erase(put.commit)
    assert not vault.exists(put.commit)
    assert vault.find_sha256(put.sha256) is None
    assert list(vault.list()) == []
    for ask in (vault.open, vault.salt, vault.erase):
        with pytest.raises(Absent, match="object-absent"):
            ask(put.commit)


def test_a_damaged_record_can_be_erased(vault: FolderVault, root: Path) -> None:
    put = stored(vault)
    Layout(root).record_path(put.commit).write_bytes(b"damaged")
    vault.erase(put.commit)
    assert not vault.exists(put.commit)


def test_the_keys_are_destroyed_even_when_the_ciphertext_cannot_be(
    vault: FolderVault, root: Path
) -> None:
    put = stored(vault)
    ciphertext = Layout(root).object_path(put.id)
    ciphertext.unlink()
    ciphertext.mkdir()
    with pytest.raises(IsADirectoryError):
        vault.erase(put.commit)
    assert not vault.exists(put.commit)
    assert [set(data) for data in files(root).values()] == [{0}]
