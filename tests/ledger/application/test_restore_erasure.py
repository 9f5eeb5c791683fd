"""Restore: an object that was erased by law does not come back, as far as anybody knows of it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from ledger.errors import NotVerified
from ledger.vault.folder import FolderVault
from tests.ledger.application.backup_kit import VAULT_KEY, SmallLedger, restored
from tests.ledger.application.tamper_kit import seal
from tests.ledger.vault.vault_cases import files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def small(tmp_path: Path) -> Iterator[SmallLedger]:
    """A ledger with a document."""
    with SmallLedger.make(tmp_path / "home") as made:
        made.put(b"determina 1")
        yield made


def test_what_the_log_erased_is_not_restored_though_the_vault_of_a_backup_holds_it(
    small: SmallLedger, tmp_path: Path
) -> None:
    commit = small.put(b"personal data")
    older = small.backup(tmp_path / "older").folder
    small.erase(commit)
    newer = small.backup(tmp_path / "newer").folder
    shutil.copytree(older / "vault", newer / "vault", dirs_exist_ok=True)
    seal(newer)
    found = restored(newer, tmp_path / "new")
    assert (found.erased, found.absent) == (2, ())
    assert files(tmp_path / "new" / "vault") == files(small.home / "vault")


def test_a_backup_from_before_an_erasure_does_not_know_of_it(
    small: SmallLedger, tmp_path: Path
) -> None:
    commit = small.put(b"personal data")
    older = small.backup(tmp_path / "older").folder
    small.erase(commit)
    found = restored(older, tmp_path / "new", small.anchor.read())
    assert (found.lost, found.erased) == (2, 0)
    assert FolderVault(tmp_path / "new" / "vault", VAULT_KEY).exists(commit)


def test_a_later_log_tells_of_erasures_since(small: SmallLedger, tmp_path: Path) -> None:
    commit = small.put(b"personal data")
    older = small.backup(tmp_path / "older").folder
    small.erase(commit)
    found = restored(older, tmp_path / "new", small.anchor.read(), small.recorder)
    assert (found.lost, found.erased, found.absent) == (2, 2, ())
    assert not FolderVault(tmp_path / "new" / "vault", VAULT_KEY).exists(commit)


def test_a_later_log_that_is_no_continuation_is_refused(small: SmallLedger, tmp_path: Path) -> None:
    made = small.backup(tmp_path / "copies")
    with (
        SmallLedger.make(tmp_path / "other") as other,
        pytest.raises(NotVerified, match="later-differs"),
    ):
        restored(made.folder, tmp_path / "new", later=other.recorder)
    assert not (tmp_path / "new").exists()
