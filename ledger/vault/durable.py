"""Files that are there whole or not at all, and files that are gone.

    write_new       create, write, fsync, fsync of the folder; refuses to overwrite
    replace         write beside, fsync, rename over, fsync of the folder
    shred           overwrite with zeros, fsync, unlink, fsync of the folder
    locked          an advisory lock between processes: many writers, or one alone

A rename is atomic but survives a loss of power only once the folder is synced too, so every
function here ends with that. Overwriting is an effort, not a promise: disks and file systems that
copy on write keep old blocks for a while. What a document's erasure rests on is that its key was
only ever on disk wrapped under the vault key.

Source: POSIX.1-2017 rename(), fsync(); flock(2).
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from ledger.errors import Busy

if TYPE_CHECKING:
    import io
    from collections.abc import Iterable, Iterator
    from pathlib import Path

FILE_MODE: Final = 0o600
FOLDER_MODE: Final = 0o700

_ZEROS: Final = bytes(1024 * 1024)


def make_folder(path: Path) -> None:
    """Make a folder and those above it, mode 0700; one that is there stays as it is."""
    if path.is_dir():
        return
    make_folder(path.parent)
    with suppress(FileExistsError):
        path.mkdir(mode=FOLDER_MODE)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Wait until the disk has the names in a folder."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_new(path: Path, data: bytes) -> None:
    """Write a file that is not there yet, mode 0600.

    Raises:
        FileExistsError: when it is there.
    """
    write_chunks(path, (data,))
    sync_folder(path.parent)


def write_chunks(path: Path, chunks: Iterable[bytes]) -> None:
    """Write chunks to a file that is not there yet, mode 0600; the folder is left unsynced.

    Raises:
        FileExistsError: when it is there.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        for chunk in chunks:
            with _named(path):
                _write_all(file, chunk)
        with _named(path):
            os.fsync(descriptor)


def _write_all(file: io.FileIO, chunk: bytes) -> None:
    left = memoryview(chunk)
    while left:
        left = left[file.write(left) :]


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Let an error of the disk say which file it is about."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def move(source: Path, target: Path) -> None:
    """Rename a file, in the same file system, and wait until the disk has both names right."""
    source.replace(target)
    sync_folder(target.parent)
    sync_folder(source.parent)


def replace(path: Path, data: bytes, beside: Path) -> None:
    """Put data in the place of a file; `beside` is a free name in the same file system."""
    write_new(beside, data)
    move(beside, path)


def shred(path: Path) -> None:
    """Overwrite a file with zeros and remove it; nothing happens when it is not there."""
    blank(path)
    with suppress(FileNotFoundError):
        path.unlink()
        sync_folder(path.parent)


def blank(path: Path) -> None:
    """Overwrite a file in place with zeros; nothing happens when it is not there."""
    with suppress(FileNotFoundError), path.open("r+b", buffering=0) as file:
        left = os.fstat(file.fileno()).st_size
        while left > 0:
            left -= file.write(_ZEROS[:left])
        os.fsync(file.fileno())


@contextmanager
def locked(path: Path, *, alone: bool) -> Iterator[None]:
    """Hold the lock file while the block runs: shared and waiting, or `alone` and at once.

    Raises:
        Busy: when `alone` is asked and another holds it (`vault-busy`).
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, FILE_MODE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB if alone else fcntl.LOCK_SH)
    except BlockingIOError as error:
        os.close(descriptor)
        raise Busy(
            "vault-busy",
            f"Un altro programma sta scrivendo in {path.parent}: riprovare quando ha finito.",
        ) from error
    try:
        yield
    finally:
        os.close(descriptor)
