"""A vault is looked at without being touched: every file has its meaning, every object is verified."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from ledger.errors import Absent, StorageError
from ledger.vault import durable
from ledger.vault.commitment import format_commit
from ledger.vault.folder import FolderVault
from ledger.vault.inspection import Inspection
from ledger.vault.vaultkey import VaultKey

if TYPE_CHECKING:
    from pathlib import Path

KEY = VaultKey(bytes(range(32)))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A vault with one object."""
    FolderVault(tmp_path / "vault", KEY).put(io.BytesIO(b"determina"), "text/plain")
    return tmp_path / "vault"


def test_every_file_has_its_meaning(root: Path) -> None:
    files = {one.meaning: one for one in Inspection(root, KEY).files()}
    assert set(files) == {"marker", "lock", "object", "record"}
    commit = files["record"].commit
    assert files["record"].path == f"keys/{commit[:1].hex()}/{format_commit(commit)}.json"
    id_ = files["object"].id
    assert files["object"].path == f"objects/{id_[:2]}/{id_}"
    assert Inspection(root, KEY).object_of(commit) == id_
    assert Inspection(root, KEY).file_of(commit) == files["record"]


STRANGERS = {
    "note": "unknown",
    "tmp/x": "leftover",
    "tmp/deep/x": "leftover",
    "objects/x": "unknown",
    "objects/00/" + "a" * 32: "unknown",
    "objects/aa/" + "A" * 32: "unknown",
    "objects/aa/" + "a" * 32: "object",
    "keys/00/x.json": "unknown",
    "keys/00/" + "A" * 43: "unknown",
    "keys/01/" + "A" * 43 + ".json": "unknown",
    "keys/00/" + "A" * 43 + ".json": "record",
}


@pytest.mark.parametrize("name", STRANGERS)
def test_a_file_where_it_does_not_belong_is_unknown(name: str, root: Path) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes(b"x")
    found = {one.path: one.meaning for one in Inspection(root, KEY).files()}
    assert found[name] == STRANGERS[name]


def test_a_link_has_no_meaning(root: Path) -> None:
    (root / "objects" / "link").symlink_to(root / "vault")
    found = {one.path: one.meaning for one in Inspection(root, KEY).files()}
    assert found["objects/link"] == "unknown"


def test_nothing_is_made_or_removed(root: Path, tmp_path: Path) -> None:
    (root / "tmp" / ("0" * 32)).write_bytes(b"half of it")
    before = sorted(str(path) for path in root.rglob("*"))
    inspection = Inspection(root, KEY)
    commits = [one.commit for one in inspection.files() if one.meaning == "record"]
    assert [inspection.verify(commit).size_bytes for commit in commits] == [9]
    assert sorted(str(path) for path in root.rglob("*")) == before
    with pytest.raises(FileNotFoundError):
        list(Inspection(tmp_path / "none", KEY).files())
    assert not (tmp_path / "none").exists()


def test_who_is_at_work_is_noticed(root: Path) -> None:
    inspection = Inspection(root, KEY)
    assert not inspection.is_at_work()
    with durable.locked(root / "lock", alone=False):
        assert inspection.is_at_work()
    (root / "lock").unlink()
    assert not inspection.is_at_work()
    assert not (root / "lock").exists()


def test_marker_and_lock_are_as_they_must_be(root: Path) -> None:
    inspection = Inspection(root, KEY)
    inspection.verify_marker()
    inspection.verify_lock()
    with pytest.raises(StorageError, match="vault-key-other"):
        Inspection(root, VaultKey(bytes(32))).verify_marker()
    (root / "lock").write_bytes(b"x")
    with pytest.raises(StorageError, match="vault-lock-written"):
        inspection.verify_lock()
    (root / "lock").unlink()
    with pytest.raises(Absent, match="vault-file-absent"):
        inspection.verify_lock()


def test_an_object_that_is_not_there_is_absent(root: Path) -> None:
    with pytest.raises(Absent, match="object-absent"):
        Inspection(root, KEY).verify(bytes(32))
