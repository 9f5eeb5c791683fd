"""Proving a backup: restored aside, every document opened, compared with the ledger at work."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from ledger.application.proof_of_restore import AtWork, Proven, prove
from ledger.errors import PistaError
from ledger.journal.anchor import AnchorState
from ledger.journal.sqlite import SQLiteRecorder
from ledger.vault.layout import Layout
from ledger.vault.vaultkey import VaultKey
from tests.ledger.application.backup_kit import (
    FILES,
    KEYS,
    VAULT_KEY,
    SmallLedger,
    contents,
    restored,
    silent,
    unprepared,
    unsigned,
)
from tests.ledger.journal.sequencer_kit import ORIGIN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def small(tmp_path: Path) -> Iterator[SmallLedger]:
    """A ledger with two documents."""
    with SmallLedger.make(tmp_path / "home") as made:
        made.put(b"determina 1")
        made.put(b"determina 2")
        yield made


@pytest.fixture
def folder(small: SmallLedger, tmp_path: Path) -> Path:
    """A backup of it without keys."""
    return small.backup(tmp_path / "copies").folder


def proven(folder: Path, tmp_path: Path, at_work: AtWork) -> Proven:
    """Prove a backup aside."""
    return prove(folder, tmp_path / "aside", at_work, unprepared, silent, examine=unsigned)


def test_a_backup_of_the_ledger_as_it_is_is_proven(
    small: SmallLedger, folder: Path, tmp_path: Path
) -> None:
    found = proven(folder, tmp_path, AtWork(small.recorder, small.anchor.read(), VAULT_KEY))
    assert (found.opened, found.absent, found.behind) == (2, (), 0)
    assert (found.erased_since, found.lost, found.is_whole) == (0, 0, True)


def test_the_ledger_at_work_is_only_read(small: SmallLedger, folder: Path, tmp_path: Path) -> None:
    before, backup = contents(small.home), contents(folder)
    proven(folder, tmp_path, AtWork(small.recorder, small.anchor.read(), VAULT_KEY))
    assert contents(small.home) == before
    assert contents(folder) == backup


def test_how_far_a_backup_is_behind_is_told(
    small: SmallLedger, folder: Path, tmp_path: Path
) -> None:
    commit = small.put(b"later")
    small.erase(commit)
    found = proven(folder, tmp_path, AtWork(small.recorder, small.anchor.read(), VAULT_KEY))
    assert (found.behind, found.erased_since, found.lost, found.is_whole) == (4, 1, 4, True)


def test_the_keys_of_a_backup_open_it_and_are_not_copied(
    small: SmallLedger, tmp_path: Path
) -> None:
    folder = small.backup(tmp_path / "copies", FILES | KEYS).folder
    assert proven(folder, tmp_path, AtWork()).opened == 2
    copied = contents(tmp_path / "aside")
    assert not copied.keys() & KEYS.keys()
    assert not any(data in copied.values() for data in KEYS.values())


def test_without_a_vault_key_documents_are_not_opened(folder: Path, tmp_path: Path) -> None:
    found = proven(folder, tmp_path, AtWork())
    assert (found.opened, found.behind, found.lost, found.is_whole) == (None, None, None, False)


def test_another_vault_key_opens_nothing(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(PistaError, match="vault-key-other"):
        proven(folder, tmp_path, AtWork(vault_key=VaultKey(b"x" * 32)))


def test_what_a_backup_says_it_lacks_is_told_again(small: SmallLedger, tmp_path: Path) -> None:
    lost = small.put(b"lost")
    Layout(small.home / "vault").record_path(lost).write_bytes(b"rotten")
    folder = small.backup(tmp_path / "copies").folder
    found = proven(folder, tmp_path, AtWork(vault_key=VAULT_KEY))
    assert found.absent == ((lost, "key-record-unreadable"),)
    assert not found.is_whole


def test_the_backup_of_another_ledger_is_named(folder: Path, tmp_path: Path) -> None:
    with (
        SmallLedger.make(tmp_path / "other") as other,
        pytest.raises(PistaError, match="backup-not-of-ledger"),
    ):
        proven(folder, tmp_path, AtWork(other.recorder))


def test_a_ledger_at_work_that_is_shorter_than_its_backup_is_named(
    small: SmallLedger, folder: Path, tmp_path: Path
) -> None:
    restored(folder, tmp_path / "again")
    small.record()
    newer = small.backup(tmp_path / "newer").folder
    with (
        closing(SQLiteRecorder(tmp_path / "again" / "ledger.sqlite", ORIGIN)) as shorter,
        pytest.raises(PistaError, match="backup-not-of-ledger"),
    ):
        proven(newer, tmp_path, AtWork(shorter))


def test_an_anchor_that_contradicts_a_backup_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(PistaError, match="store-forked"):
        proven(folder, tmp_path, AtWork(anchor=AnchorState(4, bytes(32))))
