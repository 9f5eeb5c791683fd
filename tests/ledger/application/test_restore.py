"""Restore: the ledger of a backup in a home that has none; the anchor is only looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.errors import Frozen
from ledger.journal.anchor import AnchorState, FileAnchor
from ledger.journal.sqlite import SQLiteRecorder
from ledger.vault.folder import FolderVault
from tests.ledger.application.backup_kit import (
    FILES,
    KEYS,
    VAULT_KEY,
    SmallLedger,
    restored,
)
from tests.ledger.journal.copy_kit import tables
from tests.ledger.journal.sequencer_kit import ORIGIN
from tests.ledger.vault.vault_cases import files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ledger.application.backup import Made


@pytest.fixture
def small(tmp_path: Path) -> Iterator[SmallLedger]:
    """A ledger with two documents and an outbox."""
    with SmallLedger.make(tmp_path / "home") as made:
        made.put(b"determina 1")
        made.put(b"determina 2")
        (made.home / "outbox").mkdir()
        (made.home / "outbox" / "a.jws").write_bytes(b"envelope")
        yield made


@pytest.fixture
def made(small: SmallLedger, tmp_path: Path) -> Made:
    """A backup of it without keys."""
    return small.backup(tmp_path / "copies")


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """A home that is not there yet."""
    return tmp_path / "new"


def test_what_was_backed_up_comes_back_byte_for_byte(
    small: SmallLedger, made: Made, new: Path
) -> None:
    found = restored(made.folder, new)
    assert tables(new / "ledger.sqlite") == tables(small.home / "ledger.sqlite")
    assert files(new / "vault") == files(small.home / "vault")
    assert {name: (new / name).read_bytes() for name in FILES} == FILES
    assert (new / "outbox" / "a.jws").read_bytes() == b"envelope"
    assert (found.description, found.absent, found.erased) == (made.description, (), 0)


def test_a_restored_home_holds_nothing_else(made: Made, new: Path) -> None:
    restored(made.folder, new)
    top = sorted(path.name for path in new.iterdir())
    assert top == ["keys", "ledger.json", "ledger.sqlite", "outbox", "policy.txt", "vault"]


def test_keys_that_are_not_in_the_backup_are_named(made: Made, new: Path) -> None:
    assert restored(made.folder, new).secrets == ("keys/log.pem", "keys/ca.pem", "vault.key")


def test_keys_that_are_in_the_backup_come_back_for_their_owner_alone(
    small: SmallLedger, tmp_path: Path, new: Path
) -> None:
    found = restored(small.backup(tmp_path / "copies", FILES | KEYS).folder, new)
    assert found.secrets == ()
    for name, data in KEYS.items():
        assert (new / name).read_bytes() == data
        assert (new / name).stat().st_mode & 0o777 == 0o600


def test_a_restored_ledger_goes_on_under_its_anchor(
    small: SmallLedger, made: Made, new: Path
) -> None:
    new.mkdir()
    (new / "anchor").write_bytes((small.home / "anchor").read_bytes())
    assert restored(made.folder, new, FileAnchor(new / "anchor").read()).lost == 0
    recorder = SQLiteRecorder(new / "ledger.sqlite", ORIGIN)
    with SmallLedger.make(new, recorder) as again:
        commit = again.put(b"determina 3")
        assert b"".join(FolderVault(new / "vault", VAULT_KEY).open(commit)) == b"determina 3"


def test_the_anchor_is_never_made_or_changed(small: SmallLedger, made: Made, new: Path) -> None:
    restored(made.folder, new)
    assert not (new / "anchor").exists()
    other = new.with_name("other")
    other.mkdir()
    (other / "anchor").write_bytes((small.home / "anchor").read_bytes())
    before = (other / "anchor").read_bytes()
    restored(made.folder, other, FileAnchor(other / "anchor").read())
    assert (other / "anchor").read_bytes() == before


def test_an_anchor_that_is_ahead_tells_what_is_lost(
    small: SmallLedger, made: Made, new: Path
) -> None:
    small.record()
    small.record()
    assert restored(made.folder, new, small.anchor.read()).lost == 4


def test_an_anchor_that_is_behind_is_well(small: SmallLedger, made: Made, new: Path) -> None:
    anchor = AnchorState(4, small.sequencer.journal.root_at(4))
    assert restored(made.folder, new, anchor).lost == 0


def test_without_an_anchor_nobody_knows_what_is_lost(made: Made, new: Path) -> None:
    assert restored(made.folder, new).lost is None


@pytest.mark.parametrize("size", [1, 4, 6])
def test_an_anchor_that_contradicts_the_backup_puts_nothing_in_place(
    made: Made, new: Path, size: int
) -> None:
    with pytest.raises(Frozen, match="store-forked"):
        restored(made.folder, new, AnchorState(size, bytes(32)))
    assert not new.exists()
