"""The vault folder under another vault key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.errors import Busy, NotVerified, StorageError
from ledger.vault import durable
from ledger.vault.layout import Layout
from tests.ledger.vault.vault_cases import (
    KEY,
    NEW_KEY,
    files,
    opened,
    read,
    stored,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_a_vault_does_not_open_under_another_key(root: Path) -> None:
    stored(opened(root))
    with pytest.raises(StorageError, match="vault-key-other"):
        opened(root, NEW_KEY)


def test_after_a_rotation_the_new_key_opens_everything_and_the_old_one_nothing(root: Path) -> None:
    vault = opened(root)
    put = [stored(vault, content) for content in (b"one", b"two")]
    before = files(root)
    vault.rotate(NEW_KEY)
    assert [read(vault, one.commit) for one in put] == [b"one", b"two"]
    assert [read(opened(root, NEW_KEY), one.commit) for one in put] == [b"one", b"two"]
    with pytest.raises(StorageError, match="vault-key-other"):
        opened(root)
    after = files(root)
    assert all((after[name] == before[name]) == name.startswith("objects") for name in before)


def test_a_rotation_that_broke_off_is_run_again(root: Path) -> None:
    vault = opened(root)
    put = [stored(vault, content) for content in (b"one", b"two")]
    saved = Layout(root).record_path(put[0].commit).read_bytes()
    vault.rotate(NEW_KEY)
    Layout(root).record_path(put[0].commit).write_bytes(saved)
    Layout(root).mark(KEY)
    again = opened(root)
    (root / "tmp" / "rotation").write_bytes(b"half")
    with pytest.raises(StorageError, match="vault-key-other"):
        again.open(put[1].commit)
    again.rotate(NEW_KEY)
    assert [read(again, one.commit) for one in put] == [b"one", b"two"]


def test_a_rotation_over_a_damaged_record_changes_nothing(root: Path) -> None:
    vault = opened(root)
    put = [stored(vault, content) for content in (b"one", b"two")]
    last = max(put, key=lambda one: one.commit)
    Layout(root).record_path(last.commit).write_bytes(b"damaged")
    before = files(root)
    with pytest.raises(NotVerified, match="key-record-unreadable"):
        vault.rotate(NEW_KEY)
    assert files(root) == before


def test_a_rotation_waits_for_nobody(root: Path) -> None:
    vault = opened(root)
    with durable.locked(root / "lock", alone=False), pytest.raises(Busy, match="vault-busy"):
        vault.rotate(NEW_KEY)


def test_a_process_that_missed_a_rotation_puts_nothing(root: Path) -> None:
    late = opened(root)
    opened(root).rotate(NEW_KEY)
    with pytest.raises(StorageError, match="vault-key-other"):
        stored(late)
    assert files(root) == {}
