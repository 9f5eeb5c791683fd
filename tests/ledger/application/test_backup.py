"""A backup: what is in it, what is not, and that nothing half-made is taken for one."""

from __future__ import annotations

import hashlib
import io
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from ledger.application.backup import make_backup
from ledger.application.backup_form import parse_description
from ledger.application.work_folder import claimed
from ledger.errors import Absent, Busy, Conflict, Frozen, PistaError, StorageError
from ledger.journal.anchor import AnchorState, FileAnchor
from ledger.journal.checkpoint import open_checkpoint
from ledger.journal.memory import MemoryRecorder
from ledger.journal.snapshot import open_snapshot
from ledger.vault.folder import FolderVault
from ledger.vault.layout import Layout
from tests.ledger.application.backup_kit import (
    FILES,
    KEYS,
    NOW,
    VAULT_KEY,
    SmallLedger,
    contents,
)
from tests.ledger.journal.copy_kit import tables
from tests.ledger.journal.sequencer_kit import ORIGIN, SIGNER
from tests.ledger.vault.vault_cases import files

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
def copies(tmp_path: Path) -> Path:
    """A folder for backups, which is not there yet."""
    return tmp_path / "copies"


def test_a_backup_is_named_by_ledger_size_and_time(small: SmallLedger, copies: Path) -> None:
    made = small.backup(copies)
    assert made.folder == copies / "pnrr.comune.lecce.it_c_e506_6_20260921T130000Z"
    assert [path.name for path in copies.iterdir()] == [made.folder.name]


def test_a_backup_holds_the_ledger_byte_for_byte(small: SmallLedger, copies: Path) -> None:
    (small.home / "outbox").mkdir()
    (small.home / "outbox" / "a.jws").write_bytes(b"envelope")
    made = small.backup(copies)
    found = contents(made.folder)
    assert tables(made.folder / "ledger.sqlite") == tables(small.home / "ledger.sqlite")
    assert files(made.folder / "vault") == files(small.home / "vault")
    assert {name: found[name] for name in FILES} == FILES
    assert found["outbox/a.jws"] == b"envelope"


def test_what_must_not_come_back_is_not_in_a_backup(small: SmallLedger, copies: Path) -> None:
    for name in ("views.sqlite", "fsck.kept", "clock", "backup.proven"):
        (small.home / name).write_bytes(b"x")
    (small.home / "keys").mkdir()
    (small.home / "keys" / "rup.pem").write_bytes(b"the key of a person")
    found = contents(small.backup(copies, FILES | KEYS).folder)
    top = {name.split("/", 1)[0] for name in found}
    beside = {"backup.json", "manifest-sha256.txt"}
    assert (
        top == {"ledger.sqlite", "ledger.json", "policy.txt", "keys", "vault", "vault.key"} | beside
    )
    assert {name for name in found if name.startswith("keys/")} == {
        "keys/ca.crt",
        "keys/ca.pem",
        "keys/log.pem",
    }


def test_the_description_is_signed_by_the_log(small: SmallLedger, copies: Path) -> None:
    made = small.backup(copies)
    said = parse_description((made.folder / "backup.json").read_bytes())
    assert said == made.description
    head = open_checkpoint(said.checkpoint, SIGNER.key).checkpoint
    journal = small.sequencer.journal
    assert (head.origin, head.size, head.root) == (ORIGIN, 6, journal.root_at(6))
    assert (said.size, said.root, said.made_at) == (6, head.root, NOW.replace(microsecond=0))
    listed = contents(made.folder)
    del listed["backup.json"], listed["manifest-sha256.txt"]
    assert (said.files, said.size_bytes) == (len(listed), sum(map(len, listed.values())))


def test_a_stock_tool_checks_the_manifest(small: SmallLedger, copies: Path) -> None:
    folder = small.backup(copies).folder
    command = ["sha256sum", "--strict", "--quiet", "-c", "manifest-sha256.txt"]
    assert subprocess.run(command, cwd=folder, check=False).returncode == 0
    lines = (folder / "manifest-sha256.txt").read_text(encoding="ascii").splitlines()
    listed = {line.split("  ")[1] for line in lines}
    assert listed == contents(folder).keys() - {"manifest-sha256.txt"}
    (folder / "policy.txt").write_bytes(b"x")
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    assert "policy.txt" in done.stdout + done.stderr
    assert done.returncode == 1


def test_files_and_folders_are_for_their_owner_alone(small: SmallLedger, copies: Path) -> None:
    folder = small.backup(copies, FILES | KEYS).folder
    for path in (folder, *folder.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_a_backup_of_another_store_is_the_same_backup(tmp_path: Path) -> None:
    with SmallLedger.make(tmp_path / "home", MemoryRecorder(ORIGIN)) as small:
        small.put(b"determina")
        made = small.backup(tmp_path / "copies")
        with closing(open_snapshot(made.folder / "ledger.sqlite", ORIGIN)) as recorder:
            assert recorder.rows(0, 100) == small.recorder.rows(0, 100)


def test_an_object_named_by_no_event_yet_is_kept_too(small: SmallLedger, copies: Path) -> None:
    stored = small.vault.put(io.BytesIO(b"for a later event"), "application/pdf")
    made = small.backup(copies)
    assert made.description.absent == ()
    assert Layout(made.folder / "vault").record_path(stored.commit).exists()


def test_the_anchor_stands_at_a_backup_before_it_is_signed(tmp_path: Path) -> None:
    with SmallLedger.make(tmp_path / "home") as small:
        anchor = FileAnchor(tmp_path / "elsewhere")
        anchor.advance(0, hashlib.sha256(b"").digest(), seen=None)
        source = replace(small.source(), anchor=anchor)
        behind = make_backup(source, tmp_path / "copies", NOW)
        said = behind.description
        assert anchor.read() == AnchorState(said.size, said.root)


def test_a_ledger_that_contradicts_its_anchor_has_no_new_backup(
    small: SmallLedger, copies: Path
) -> None:
    (small.home / "anchor").unlink()
    with pytest.raises(Frozen, match="anchor-absent"):
        small.backup(copies)
    small.anchor.advance(900, bytes(32), seen=None)
    with pytest.raises(Frozen, match="store-shorter"):
        small.backup(copies)
    assert list(copies.iterdir()) == []


def test_an_empty_ledger_has_no_backup(small: SmallLedger, copies: Path) -> None:
    empty = replace(small.source(), recorder=MemoryRecorder(ORIGIN))
    with pytest.raises(Absent, match="no-checkpoint"):
        make_backup(empty, copies, NOW)
    assert not copies.exists()


def test_a_damaged_ledger_has_no_new_backup(small: SmallLedger, copies: Path) -> None:
    with closing(sqlite3.connect(small.home / "ledger.sqlite")) as connection, connection:
        connection.execute("UPDATE stream SET count = count + 1")
    with pytest.raises(PistaError, match="tree-differs"):
        small.backup(copies)
    assert list(copies.iterdir()) == []


def test_an_object_that_the_vault_lost_is_named_and_the_rest_is_saved(
    small: SmallLedger, copies: Path
) -> None:
    lost, rotten = small.put(b"lost"), small.put(b"rotten")
    layout = Layout(small.home / "vault")
    layout.object_path(layout.read_record(rotten).id).write_bytes(b"x" * 60)
    layout.record_path(lost).unlink()
    made = small.backup(copies)
    assert dict(made.description.absent) == {lost: "object-absent", rotten: "object-header-wrong"}
    assert len(list((made.folder / "vault/keys").rglob("*.json"))) == 2


def test_a_second_backup_of_the_same_name_is_refused(small: SmallLedger, copies: Path) -> None:
    made = small.backup(copies)
    before = contents(made.folder)
    with pytest.raises(Conflict, match="backup-exists"):
        small.backup(copies)
    assert contents(copies) == {f"{made.folder.name}/{name}": before[name] for name in before}
    assert small.backup(copies, now=NOW + timedelta(seconds=1)).folder != made.folder


def test_two_backups_at_once_into_one_folder_do_not_mix(small: SmallLedger, copies: Path) -> None:
    copies.mkdir()
    name = "pnrr.comune.lecce.it_c_e506.incomplete"
    with claimed(copies / name), pytest.raises(Busy, match="work-busy"):
        small.backup(copies)
    assert small.backup(copies).folder.exists()


def test_what_a_killed_backup_left_is_cleared_away(small: SmallLedger, copies: Path) -> None:
    left = copies / "pnrr.comune.lecce.it_c_e506.incomplete" / "vault" / "keys"
    left.mkdir(parents=True)
    (left / "x.json").write_bytes(b"half")
    made = small.backup(copies)
    assert [path.name for path in copies.iterdir()] == [made.folder.name]
    assert "vault/keys/x.json" not in contents(made.folder)


def test_files_of_the_outbox_that_are_being_written_are_left_out(
    small: SmallLedger, copies: Path
) -> None:
    outbox = small.home / "outbox"
    outbox.mkdir()
    for name in ("a.jws", "a.receipt.tmp", "a b.jws", "b.jws"):
        (outbox / name).write_bytes(b"x")
    (outbox / "b.jws").unlink()
    (outbox / "b.jws").symlink_to(outbox / "gone")
    found = contents(small.backup(copies).folder)
    assert [name for name in found if name.startswith("outbox/")] == ["outbox/a.jws"]


UNWRITABLE = ("a file in the place of the folder", "a folder that is not there")


@pytest.mark.parametrize("what", UNWRITABLE)
def test_a_target_that_cannot_be_written_is_named(
    small: SmallLedger, tmp_path: Path, what: str
) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    target = tmp_path / ("file" if what == UNWRITABLE[0] else "no/such")
    with pytest.raises(StorageError, match="backup-not-written") as caught:
        small.backup(target)
    assert str(target) in caught.value.sentence
    assert (tmp_path / "file").read_bytes() == b"mine"
    assert not (tmp_path / "no").exists()


def test_the_vault_key_opens_what_is_in_a_backup(small: SmallLedger, copies: Path) -> None:
    commit = small.put(b"determina 3")
    folder = small.backup(copies).folder
    assert b"".join(FolderVault(folder / "vault", VAULT_KEY).open(commit)) == b"determina 3"
