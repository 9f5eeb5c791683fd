"""The vault folder: put and open, tampering, erasure, interruption, rotation."""

from __future__ import annotations

import base64
import hashlib
import io
import shutil
import stat
import tracemalloc
from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import Absent, Busy, NotVerified, ShapeError, StorageError
from ledger.vault import durable
from ledger.vault.commitment import commit, format_commit
from ledger.vault.folder import FolderVault
from ledger.vault.layout import Layout
from ledger.vault.objects import CHUNK_BYTES
from ledger.vault.vaultkey import VaultKey

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ledger.vault.vault import StoredObject, Vault

KEY = VaultKey(bytes(range(32)))
NEW_KEY = VaultKey(b"n" * 32)
PDF = "application/pdf"
CONTENT = b"%PDF-1.7 determina n. 1"
MIB = 1024 * 1024


class Zeros:
    """A source of `size` zeros that holds none of them; it may break off with an error."""

    def __init__(self, size: int, error: BaseException | None = None) -> None:
        """Give `size` zeros; with an error, raise it in place of the last of them."""
        self._left = size
        self._error = error

    def read(self, size: int, /) -> bytes:
        given_ = min(size, self._left)
        self._left -= given_
        if self._error and not self._left:
            raise self._error
        return bytes(given_)


def counted() -> Callable[[int], bytes]:
    """Return a source of bytes that are different each time and the same each run."""
    numbers = count()
    return lambda size: hashlib.sha256(f"{next(numbers)}".encode()).digest()[:size]


def opened(path: Path, key: VaultKey = KEY) -> FolderVault:
    return FolderVault(path, key, random=counted())


def stored(vault: Vault, content: bytes = CONTENT) -> StoredObject:
    return vault.put(io.BytesIO(content), PDF)


def files(root: Path) -> dict[str, bytes]:
    """Return every file under a folder but the lock and the marker."""
    paths = sorted(path for path in root.rglob("*") if path.is_file())
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in paths
        if path.name not in {"lock", "vault"}
    }


def read(vault: Vault, commitment: bytes) -> bytes:
    return b"".join(vault.open(commitment))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "vault"


@pytest.fixture
def vault(root: Path) -> FolderVault:
    return opened(root)


def test_what_was_put_comes_back(vault: FolderVault) -> None:
    put = stored(vault)
    assert read(vault, put.commit) == CONTENT
    assert put.commit == commit(put.salt, [CONTENT])
    assert put.sha256 == hashlib.sha256(CONTENT).digest()
    assert (put.size_bytes, put.media_type) == (len(CONTENT), PDF)


@pytest.mark.parametrize("size", [0, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1])
def test_what_was_put_comes_back_around_the_borders_of_chunks(
    vault: FolderVault, size: int
) -> None:
    put = vault.put(Zeros(size), PDF)
    assert read(vault, put.commit) == bytes(size)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.binary(max_size=64), max_size=4))
def test_every_object_put_is_listed_and_comes_back(
    tmp_path_factory: pytest.TempPathFactory, contents: list[bytes]
) -> None:
    vault = opened(tmp_path_factory.mktemp("vault"))
    put = [stored(vault, content) for content in contents]
    assert list(vault.list()) == sorted(put, key=lambda one: one.commit)
    assert [read(vault, one.commit) for one in put] == contents


def test_a_file_is_put_by_its_path(vault: FolderVault, tmp_path: Path) -> None:
    (tmp_path / "determina.pdf").write_bytes(CONTENT)
    put = vault.put(tmp_path / "determina.pdf", PDF)
    assert read(vault, put.commit) == CONTENT


def test_the_same_file_put_twice_is_two_objects_with_nothing_in_common(
    vault: FolderVault, root: Path
) -> None:
    first, second = stored(vault), stored(vault)
    assert first.commit != second.commit
    one, other = (data for name, data in files(root).items() if name.startswith("objects"))
    assert one[32:] != other[32:]


def test_an_object_is_described_without_its_content(vault: FolderVault) -> None:
    put = stored(vault)
    assert vault.describe(put.commit) == put
    assert vault.salt(put.commit) == put.salt
    assert vault.exists(put.commit)


def test_a_file_that_is_here_already_is_found_by_its_digest(vault: FolderVault) -> None:
    stored(vault, b"another")
    put = stored(vault)
    assert vault.find_sha256(hashlib.sha256(CONTENT).digest()) == put
    assert vault.find_sha256(bytes(32)) is None


def test_nothing_of_the_content_or_the_secrets_lies_in_the_folder(
    vault: FolderVault, root: Path
) -> None:
    put = stored(vault)
    for secret in (CONTENT[:12], put.salt, put.sha256, KEY.secret):
        assert not any(name for name, data in files(root).items() if holds(data, secret))


def test_the_files_are_where_the_layout_says_and_their_owners_alone(
    vault: FolderVault, root: Path
) -> None:
    put = stored(vault)
    assert set(files(root)) == {
        f"objects/{put.id[:2]}/{put.id}",
        f"keys/{put.commit[:1].hex()}/{format_commit(put.commit)}.json",
    }
    for path in (root, *root.rglob("*")):
        expected = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == expected, path


def test_what_was_never_put_is_absent(vault: FolderVault) -> None:
    with pytest.raises(Absent, match="object-absent"):
        vault.open(bytes(32))
    with pytest.raises(Absent, match="object-absent"):
        vault.describe(bytes(32))
    with pytest.raises(Absent, match="object-absent"):
        vault.erase(bytes(32))
    assert not vault.exists(bytes(32))


def test_a_commitment_of_another_size_is_a_mistake_of_the_caller(vault: FolderVault) -> None:
    with pytest.raises(ValueError, match="a commitment has 32 bytes"):
        vault.describe(b"short")


def test_a_malformed_media_type_stores_nothing(vault: FolderVault, root: Path) -> None:
    with pytest.raises(ShapeError, match="media-type-malformed"):
        vault.put(io.BytesIO(CONTENT), "pdf")
    assert files(root) == {}


# Tampering.


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


# Memory.


def test_memory_stays_small_for_a_large_object(vault: FolderVault) -> None:
    tracemalloc.start()
    try:
        put = vault.put(Zeros(64 * MIB), PDF)
        total = sum(len(chunk) for chunk in vault.open(put.commit))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert total == 64 * MIB
    assert peak < 8 * MIB


# Erasure.


def holds(data: bytes, secret: bytes) -> bool:
    """Tell whether data holds a secret, as it is or written in one of the usual ways."""
    written = (secret, secret.hex().encode(), base64.b64encode(secret)[:40])
    return any(form in data for form in written)


def test_erasure_leaves_no_trace_of_key_salt_or_digest_in_any_file(
    vault: FolderVault, root: Path
) -> None:
    kept, erased = stored(vault, b"kept"), stored(vault)
    record = Layout(root).read_record(erased.commit)
    ciphertext = Layout(root).object_path(erased.id).read_bytes()
    vault.erase(erased.commit)
    for secret in (record.key, record.salt, record.sha256, ciphertext[32:], erased.salt):
        assert not any(holds(data, secret) for data in files(root).values())
    assert not any(erased.id in name for name in files(root))
    assert read(vault, kept.commit) == b"kept"


def test_erasure_overwrites_before_it_unlinks(vault: FolderVault, root: Path) -> None:
    put = stored(vault)
    layout = Layout(root)
    for number, path in enumerate((layout.object_path(put.id), layout.record_path(put.commit))):
        (root.parent / f"link{number}").hardlink_to(path)
    vault.erase(put.commit)
    assert set((root.parent / "link0").read_bytes()) == {0}
    assert set((root.parent / "link1").read_bytes()) == {0}


def test_what_is_erased_is_gone_for_every_question(vault: FolderVault) -> None:
    put = stored(vault)
    vault.erase(put.commit)
    assert not vault.exists(put.commit)
    assert vault.find_sha256(put.sha256) is None
    assert list(vault.list()) == []
    for ask in (vault.open, vault.salt, vault.erase):
        with pytest.raises(Absent, match="object-absent"):
            ask(put.commit)


def test_a_damaged_record_can_be_erased(vault: FolderVault, root: Path) -> None:
    put = stored(vault)
    Layout(root).record_path(put.commit).write_bytes(b"damaged")
    vault.erase(put.commit)
    assert not vault.exists(put.commit)


# Interruption.


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


# The vault key.


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
    (root / "tmp" / "rotation").write_bytes(b"half")
    again = opened(root)
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
