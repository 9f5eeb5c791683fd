"""Files for everyone to read, each there whole or not at all, and there to stay.

    write_files(folder, {"tile/0/000": b"...", "tile/entries/000": b"..."})
    with folder_locked(folder, seconds=30): ...          one writer at a time, in all processes

Each file is written beside its place, synced, and renamed; then the folders are synced. A program
that is killed leaves at most a file whose name begins with a point, which nobody asks for and the
next writer removes. Files and folders are readable by all (0644, 0755), whatever the mask of the
process, since a web server of another user serves them.

Source: POSIX.1-2017 rename(), fsync(); flock(2).
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ledger.errors import Busy, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LOCK_NAME: Final = ".lock"
DRAFT_PREFIX: Final = ".draft-"

_FILE_MODE: Final = 0o644
_FOLDER_MODE: Final = 0o755
_WAIT_SECONDS: Final = 0.05


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files by their path below a folder, replacing what is there; durable on return.

    All drafts are written before any has its name, so that the disk is waited for once.

    Raises:
        StorageError: when the disk fails (`publication-failed`); no file is half-written.
    """
    drafts: dict[Path, Path] = {}
    try:
        for path, data in files.items():
            target = folder / path
            _make_folder(target.parent)
            draft = target.with_name(f"{DRAFT_PREFIX}{target.name}")
            drafts[target] = draft
            _write(draft, data)
        for draft in drafts.values():
            _sync(draft)
        for target, draft in drafts.items():
            draft.replace(target)
        for parent in {target.parent for target in drafts}:
            _sync(parent)
    except OSError as error:
        for draft in drafts.values():
            with suppress(OSError):
                draft.unlink()
        raise _failed(folder, error) from error


def remove_files(paths: list[Path]) -> None:
    """Remove files and then empty folders, in this order; what is not there is passed over.

    Raises:
        StorageError: when the disk fails (`publication-failed`).
    """
    for path in paths:
        try:
            if path.is_dir():
                path.rmdir()
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise _failed(path, error) from error


@contextmanager
def folder_locked(folder: Path, seconds: float) -> Iterator[None]:
    """Hold the lock of a folder, which is made when it is not there; wait for it so long.

    Raises:
        Busy: when another program keeps it for longer (`publication-busy`).
        StorageError: when the folder cannot be used (`publication-failed`).
    """
    try:
        _make_folder(folder)
        descriptor = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _FILE_MODE)
    except OSError as error:
        raise _failed(folder, error) from error
    try:
        _wait_for(descriptor, folder, seconds)
        yield
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, folder: Path, seconds: float) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise Busy(
                    "publication-busy",
                    f"Un altro programma sta pubblicando in {folder}: riprovare quando ha finito.",
                ) from None
            time.sleep(_WAIT_SECONDS)
        else:
            return


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        _make_folder(folder.parent)
        with suppress(FileExistsError):
            folder.mkdir()
            folder.chmod(_FOLDER_MODE)
        _sync(folder.parent)


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, _FILE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, _FILE_MODE)
        file.write(data)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _failed(place: Path, error: OSError) -> StorageError:
    where = Path(error.filename) if isinstance(error.filename, str) else place
    return StorageError(
        "publication-failed",
        f"La cartella pubblica non si può scrivere ({where}: {error.strerror}). Ciò che è registrato"
        " resta registrato: controllare spazio e permessi, poi ripetere `pista checkpoint publish`.",
    )
