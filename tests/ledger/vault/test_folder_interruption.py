"""The vault folder: an interruption leaves nothing behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.errors import StorageError
from ledger.vault.folder import FolderVault
from ledger.vault.layout import Layout
from ledger.vault.objects import CHUNK_BYTES
from tests.ledger.vault.vault_cases import (
    CONTENT,
    KEY,
    PDF,
    Zeros,
    files,
    opened,
    read,
    stored,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("size", [0, 10, CHUNK_BYTES, 3 * CHUNK_BYTES])
@pytest.mark.parametrize("error", [ConnectionResetError(), KeyboardInterrupt()])
def test_a_put_that_breaks_off_leaves_nothing(
    vault: FolderVault, root: Path, size: int, error: BaseException
) -> None:
    with pytest.raises(type(error)):
        vault.put(Zeros(size, error), PDF)
    assert files(root) == {}


def test_a_crash_at_any_step_of_a_put_leaves_nothing_once_opened_again(root: Path) -> None:
    vault = opened(root)
    put = stored(vault)
    layout = Layout(root)
    ciphertext, record = layout.object_path(put.id), layout.record_path(put.commit)
    tmp = root / "tmp"
    crashes = {
        "while the ciphertext is written": [(tmp / put.id, ciphertext.read_bytes()[:40])],
        "before the moves": [
            (tmp / put.id, ciphertext.read_bytes()),
            (tmp / f"{put.id}.json", record.read_bytes()),
        ],
        "between the moves": [
            (ciphertext, ciphertext.read_bytes()),
            (tmp / f"{put.id}.json", record.read_bytes()),
        ],
    }
    vault.erase(put.commit)
    for name, left in crashes.items():
        for path, data in left:
            path.write_bytes(data)
        opened(root)
        assert files(root) == {}, name


def test_an_erasure_that_broke_off_is_finished_when_opened_again(root: Path) -> None:
    put = stored(opened(root))
    record = Layout(root).record_path(put.commit)
    record.replace(root / "tmp" / f"{put.id}.json")
    opened(root)
    assert files(root) == {}


def test_a_vault_opened_while_another_puts_leaves_its_work_alone(root: Path) -> None:
    vault = opened(root)

    class OpensTheVault(Zeros):
        def read(self, size: int, /) -> bytes:
            opened(root)
            return super().read(size)

    put = vault.put(OpensTheVault(10), PDF)
    assert read(vault, put.commit) == bytes(10)


def test_an_id_given_twice_does_not_overwrite_an_object(root: Path) -> None:
    vault = FolderVault(root, KEY, random=lambda size: b"r" * size)
    put = stored(vault)
    with pytest.raises(StorageError, match="object-id-taken"):
        stored(vault, b"another")
    assert read(vault, put.commit) == CONTENT
