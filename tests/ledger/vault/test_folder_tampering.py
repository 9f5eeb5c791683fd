"""The vault folder: whatever was changed in it is found."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from ledger.errors import Absent, NotVerified, StorageError
from ledger.vault.commitment import format_commit
from ledger.vault.layout import Layout
from tests.ledger.vault.vault_cases import (
    CONTENT,
    files,
    read,
    stored,
)

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.vault.folder import FolderVault
    from ledger.vault.vault import StoredObject


def test_any_changed_byte_of_any_file_is_found(vault: FolderVault, root: Path) -> None:
    put = stored(vault)
    record = vault.describe(put.commit)
    for name, data in files(root).items():
        for place in range(len(data)):
            changed = bytearray(data)
            changed[place] ^= 0x01
            (root / name).write_bytes(changed)
            found = outcome(vault, put.commit)
            # The media type is vouched for by the signed event, not by the vault.
            assert found is None or found.media_type != record.media_type, (name, place)
        (root / name).write_bytes(data)
    assert read(vault, put.commit) == CONTENT


def outcome(vault: FolderVault, commitment: bytes) -> StoredObject | None:
    """Return what an altered object says it is, or None when the change was found."""
    try:
        read(vault, commitment)
        return vault.describe(commitment)
    except (NotVerified, StorageError):
        return None


def test_the_files_of_two_objects_do_not_change_places(vault: FolderVault, root: Path) -> None:
    first, second = stored(vault, b"first"), stored(vault, b"other")
    layout = Layout(root)
    shutil.copyfile(layout.object_path(first.id), layout.object_path(second.id))
    with pytest.raises(NotVerified, match="object-header-wrong"):
        read(vault, second.commit)
    shutil.copyfile(layout.record_path(first.commit), layout.record_path(second.commit))
    with pytest.raises(NotVerified, match="key-record-unreadable"):
        vault.open(second.commit)


def test_whoever_has_the_vault_key_still_cannot_replace_a_document(
    vault: FolderVault, root: Path
) -> None:
    genuine, forged = stored(vault, b"genuine"), stored(vault, b"forgery")
    layout = Layout(root)
    record = layout.record_path(forged.commit).read_text("ascii")
    layout.record_path(genuine.commit).write_text(
        record.replace(format_commit(forged.commit), format_commit(genuine.commit)), "ascii"
    )
    with pytest.raises(NotVerified, match="object-not-committed"):
        read(vault, genuine.commit)


def test_a_ciphertext_that_is_missing_is_not_taken_for_erased(
    vault: FolderVault, root: Path
) -> None:
    put = stored(vault)
    Layout(root).object_path(put.id).unlink()
    assert not vault.exists(put.commit)
    with pytest.raises(Absent, match="object-content-absent"):
        read(vault, put.commit)


def test_a_ciphertext_of_another_size_does_not_exist(vault: FolderVault, root: Path) -> None:
    put = stored(vault)
    path = Layout(root).object_path(put.id)
    path.write_bytes(path.read_bytes()[:-1])
    assert not vault.exists(put.commit)
