"""Copying a vault folder: encrypted as it is, opened to prove it, while others put and erase."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from ledger.errors import StorageError
from ledger.vault import durable
from ledger.vault.copying import close_copy, copy_objects, files_of, lacking, unreadable
from ledger.vault.layout import Layout
from ledger.vault.objects import CHUNK_BYTES
from tests.ledger.vault.vault_cases import KEY, NEW_KEY, files, holds, opened, read, stored

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ledger.vault.folder import FolderVault
    from ledger.vault.vault import StoredObject


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "copy"


def test_every_file_of_every_object_is_copied_byte_for_byte(
    vault: FolderVault, root: Path, copy: Path
) -> None:
    for content in (b"", b"a", b"b" * (CHUNK_BYTES + 1)):
        stored(vault, content)
    told: list[tuple[int, int]] = []
    failed = copy_objects(root, copy, KEY, (), lambda done, all_: told.append((done, all_)))
    assert (failed, files(copy)) == ({}, files(root))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_closed_copy_holds_objects_records_and_marker_alone(
    vault: FolderVault, root: Path, copy: Path
) -> None:
    put = stored(vault)
    copy_objects(root, copy, KEY, ())
    close_copy(copy)
    assert sorted(path.name for path in copy.iterdir()) == ["keys", "objects", "vault"]
    assert (copy / "vault").read_bytes() == (root / "vault").read_bytes()
    assert sorted(files(copy)) == sorted(files_of(copy, put.commit))


def test_a_copy_is_a_vault(vault: FolderVault, root: Path, copy: Path) -> None:
    put = stored(vault)
    copy_objects(root, copy, KEY, ())
    close_copy(copy)
    assert read(opened(copy), put.commit) == read(vault, put.commit)


def test_objects_that_are_there_are_not_copied_again(
    vault: FolderVault, root: Path, copy: Path
) -> None:
    first = stored(vault)
    copy_objects(root, copy, KEY, ())
    path = Layout(copy).object_path(first.id)
    before = path.stat().st_ino
    second = stored(vault, b"second")
    copy_objects(root, copy, KEY, ())
    assert path.stat().st_ino == before
    assert read(opened(copy), second.commit) == b"second"


def test_what_was_erased_is_destroyed_in_the_copy_and_not_copied(
    vault: FolderVault, root: Path, copy: Path
) -> None:
    early, late = stored(vault, b"early"), stored(vault, b"late")
    records = [Layout(root).read_record(one.commit) for one in (early, late)]
    copy_objects(root, copy, KEY, (late.commit,))
    copy_objects(root, copy, KEY, (early.commit, late.commit))
    assert files(copy) == {}
    for record in records:
        ciphertext = Layout(root).object_path(record.id).read_bytes()[32:]
        for secret in (record.key, record.salt, record.sha256, ciphertext):
            assert not any(holds(data, secret) for data in files(copy).values())


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def _other_content(layout: Layout, put: StoredObject) -> None:
    """Give an object a record that wraps another salt: the record is sound, the content is not."""
    record = layout.record_path(put.commit)
    wrapped = layout.read_record(put.commit)
    text = record.read_text(encoding="ascii")
    record.write_text(text.replace(_base64(wrapped.salt), _base64(wrapped.sha256)), "ascii")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


DAMAGES: dict[str, tuple[Callable[[Layout, StoredObject], object], str]] = {
    "a changed byte": (lambda at, put: _flip(at.object_path(put.id)), "object-damaged"),
    "a ciphertext cut": (
        lambda at, put: at.object_path(put.id).write_bytes(
            at.object_path(put.id).read_bytes()[:40]
        ),
        "object-damaged",
    ),
    "an empty ciphertext": (
        lambda at, put: at.object_path(put.id).write_bytes(b""),
        "object-header-wrong",
    ),
    "no ciphertext": (lambda at, put: at.object_path(put.id).unlink(), "object-content-absent"),
    "a folder for a ciphertext": (
        lambda at, put: (at.object_path(put.id).unlink(), at.object_path(put.id).mkdir()),
        "object-damaged",
    ),
    "a record that is none": (
        lambda at, put: at.record_path(put.commit).write_bytes(b"{}"),
        "key-record-unreadable",
    ),
    "a record with another salt": (_other_content, "object-not-committed"),
}


@pytest.mark.parametrize(("damage", "code"), DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_object_is_named_and_the_others_are_copied(
    vault: FolderVault,
    root: Path,
    copy: Path,
    damage: Callable[[Layout, StoredObject], object],
    code: str,
) -> None:
    put, other = stored(vault), stored(vault, b"other")
    damage(Layout(root), put)
    assert copy_objects(root, copy, KEY, ()) == {put.commit: code}
    assert sorted(files(copy)) == sorted(files_of(copy, other.commit))
    assert [commit for commit, _ in lacking(copy, [put.commit, other.commit])] == [put.commit]


class Meanwhile:
    """A word of progress during which something is done, once."""

    def __init__(self, action: Callable[[], object]) -> None:
        """Do this."""
        self.actions = [action]

    def __call__(self, _done: int, _total: int) -> None:
        if self.actions:
            self.actions.pop()()


def test_what_is_erased_meanwhile_is_left_out_without_ado(
    vault: FolderVault, root: Path, copy: Path
) -> None:
    puts = sorted((stored(vault, bytes([n])) for n in range(5)), key=lambda put: put.commit)
    erase = Meanwhile(lambda: opened(root).erase(puts[3].commit))
    assert copy_objects(root, copy, KEY, (), erase) == {}
    assert files_of(copy, puts[3].commit) == []
    assert list(lacking(copy, [put.commit for put in puts])) == [(puts[3].commit, "object-absent")]


def test_what_is_put_meanwhile_is_harmless(vault: FolderVault, root: Path, copy: Path) -> None:
    put = stored(vault)
    assert copy_objects(root, copy, KEY, (), Meanwhile(lambda: stored(vault, b"new"))) == {}
    assert list(unreadable(opened(copy), [put.commit])) == []


def test_the_vault_key_is_not_rotated_under_a_copy(
    vault: FolderVault, root: Path, copy: Path
) -> None:
    stored(vault)
    held: list[str] = []

    def rotate(_done: int, _total: int) -> None:
        try:
            opened(root).rotate(NEW_KEY)
        except StorageError as error:
            held.append(error.code)

    copy_objects(root, copy, KEY, (), rotate)
    assert held == ["vault-busy"]


def test_another_vault_key_copies_nothing(vault: FolderVault, root: Path, copy: Path) -> None:
    stored(vault)
    with pytest.raises(StorageError, match="vault-key-other"):
        copy_objects(root, copy, NEW_KEY, ())
    assert files(copy) == {}


def test_what_an_interruption_left_in_the_vault_is_not_copied(
    vault: FolderVault, root: Path, copy: Path
) -> None:
    put = stored(vault)
    with durable.locked(root / "lock", alone=False):
        (root / "tmp" / ("a" * 32)).write_bytes(b"half")
        assert copy_objects(root, copy, KEY, ()) == {}
    assert sorted(files(copy)) == sorted(files_of(copy, put.commit))


def test_objects_that_cannot_be_read_are_told(vault: FolderVault, root: Path) -> None:
    good, bad = stored(vault), stored(vault, b"bad")
    _flip(Layout(root).object_path(bad.id))
    assert list(unreadable(vault, [good.commit, bad.commit, bytes(32)])) == [
        (bad.commit, "object-damaged"),
        (bytes(32), "object-absent"),
    ]


def test_files_of_a_vault_are_named_without_changing_it(vault: FolderVault, root: Path) -> None:
    put, damaged = stored(vault), stored(vault, b"damaged")
    Layout(root).record_path(damaged.commit).write_bytes(b"x")
    before = sorted(root.rglob("*"))
    assert [(root / name).is_file() for name in files_of(root, put.commit)] == [True, True]
    assert len(files_of(root, damaged.commit)) == 1
    assert files_of(root, bytes(32)) == []
    assert sorted(root.rglob("*")) == before
