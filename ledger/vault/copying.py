"""Copying the objects of a vault folder, encrypted as they are, while others put and erase.

    failed = copy_objects(Path("vault"), Path("backup/vault"), key, leave_out, told)

Ciphertext and key record of an object are copied as they are; then the copy is opened with the
vault key and compared with its commitment, so that what a backup holds can be read. Objects that
are put meanwhile may or may not be in the copy; one that is erased meanwhile is left out without
ado. An object that cannot be copied because it is damaged is named with the reason, and the rest
goes on: one rotten file must not keep all the others from being saved.

The lock is held shared, so nobody rotates the vault key or recovers the folder under the copy.

Source: design FORMATS section 5; layout.py for the files.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ledger.errors import Absent, NotVerified, StorageError
from ledger.vault import durable
from ledger.vault.folder import FolderVault
from ledger.vault.keyrecord import MAX_RECORD_BYTES, format_record, parse_record
from ledger.vault.layout import Layout, object_name, record_name
from ledger.vault.objects import encrypted_size, read_chunks

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from pathlib import Path

    from ledger.errors import PistaError
    from ledger.vault.keyrecord import KeyRecord
    from ledger.vault.vaultkey import VaultKey

    Told = Callable[[int, int], None]


def copy_objects(
    source: Path,
    target: Path,
    key: VaultKey,
    leave_out: Collection[bytes],
    told: Told | None = None,
) -> dict[bytes, str]:
    """Copy every object that the target lacks; return those that could not be, with the code.

    Objects to leave out, which were erased by law, are destroyed where the target has them.

    Raises:
        StorageError: when the folder is under another vault key (`vault-key-other`).
        OSError: when the target cannot be written.
    """
    here, copy = Layout(source), FolderVault(target, key)
    for commit in leave_out:
        with suppress(Absent):
            copy.erase(commit)
    failed: dict[bytes, str] = {}
    with durable.locked(here.lock, alone=False):
        here.claim(key)
        wanted = [commit for commit in here.commits() if commit not in leave_out]
        for number, commit in enumerate(wanted, start=1):
            if not copy.exists(commit) and (code := _copy(here, Layout(target), copy, commit)):
                failed[commit] = code
            if told is not None:
                told(number, len(wanted))
    return failed


def close_copy(target: Path) -> None:
    """Take out of a copy what belongs to a vault at work: its lock and the folder for drafts."""
    (target / "lock").unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        (target / "tmp").rmdir()


def files_of(root: Path, commit: bytes) -> list[str]:
    """Return the names, within a vault folder, of the files of an object; none without record.

    Nothing in the folder is changed, so it may be on a medium that cannot be written. A record
    that is damaged does not tell the name of its ciphertext.
    """
    record_file = root / record_name(commit)
    try:
        record = parse_record(_read_record(record_file), commit)
    except FileNotFoundError:
        return []
    except NotVerified:
        return [record_name(commit)]
    return [record_name(commit), object_name(record.id)]


def lacking(root: Path, commits: Iterable[bytes]) -> Iterator[tuple[bytes, str]]:
    """Yield those of the objects that a folder lacks or holds only in part, with the code.

    It takes no vault key; what the ciphertext holds is not looked at.
    """
    layout = Layout(root)
    for commit in commits:
        try:
            record = layout.read_record(commit)
            size = layout.object_path(record.id).stat().st_size
        except (Absent, NotVerified) as error:
            yield commit, error.code
        except FileNotFoundError:
            yield commit, "object-content-absent"
        else:
            if size != encrypted_size(record.size_bytes):
                yield commit, "object-damaged"


def unreadable(vault: FolderVault, commits: Iterable[bytes]) -> Iterator[tuple[bytes, str]]:
    """Yield those of the objects that cannot be decrypted to what was committed, with the code."""
    for commit in commits:
        if (error := _error_of(vault, commit)) is not None:
            yield commit, error.code


def _copy(here: Layout, there: Layout, copy: FolderVault, commit: bytes) -> str | None:
    """Copy one object; return the code of what is wrong with it, None when all is well.

    What was erased while it was copied is well too: it is not in the copy.
    """
    try:
        record = here.read_record(commit)
    except Absent:
        return None
    except NotVerified as error:
        return error.code
    try:
        _copy_files(here, there, record)
        failure = _error_of(copy, commit)
    except (Absent, NotVerified) as error:
        failure = error
    if failure is None:
        return None
    durable.shred(there.record_path(commit))
    durable.shred(there.object_path(record.id))
    return failure.code if here.record_path(commit).exists() else None


def _copy_files(here: Layout, there: Layout, record: KeyRecord) -> None:
    path, record_path = there.object_path(record.id), there.record_path(record.commit)
    for folder in (path.parent, record_path.parent):
        durable.make_folder(folder)
    path.unlink(missing_ok=True)
    durable.write_chunks(path, _ciphertext(here.object_path(record.id)))
    durable.write_new(record_path, format_record(record))


def _ciphertext(path: Path) -> Iterator[bytes]:
    """Yield what is in a file; what the disk does not give is damaged."""
    try:
        with path.open("rb") as file:
            yield from read_chunks(file)
    except FileNotFoundError as error:
        raise Absent("object-content-absent", f"Il contenuto cifrato {path.name} manca.") from error
    except OSError as error:
        sentence = f"Il contenuto cifrato {path.name} non si legge ({error.strerror})."
        raise NotVerified("object-damaged", sentence) from error


def _error_of(vault: FolderVault, commit: bytes) -> PistaError | None:
    try:
        for _ in vault.open(commit):
            pass
    except (NotVerified, StorageError) as error:
        return error
    return None


def _read_record(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_RECORD_BYTES + 1)
