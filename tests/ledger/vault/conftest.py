"""A new vault folder for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ledger.vault.vault_cases import opened

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.vault.folder import FolderVault


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "vault"


@pytest.fixture
def vault(root: Path) -> FolderVault:
    return opened(root)
