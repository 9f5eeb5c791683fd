"""A folder in which something is made, and which is nobody's while nobody makes it.

    with claimed(Path("copies/lecce.incomplete")) as folder:
        ...                                 whatever is in it is left from work that was cut off

The folder itself is locked (flock), so a second program is told to wait, and what a program that was
killed left behind is known to be dead. Whoever is done renames or removes the folder.

Source: flock(2); POSIX.1-2017 rename().
"""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ledger.errors import Busy
from ledger.vault.durable import FOLDER_MODE, sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def claimed(path: Path) -> Iterator[Path]:
    """Make the folder, or take over one that was left, and hold it alone while the block runs.

    The folder above it is there already.

    Raises:
        Busy: when another program holds it (`work-busy`).
        OSError: when it cannot be made.
    """
    descriptor = _locked(path)
    try:
        yield path
    finally:
        os.close(descriptor)


def clear(folder: Path) -> None:
    """Remove all that is in a folder."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def sync_all(folder: Path) -> None:
    """Wait until the disk has the names in a folder and in all folders below it."""
    for path in (folder, *folder.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            sync_folder(path)


def _locked(path: Path) -> int:
    """Return the descriptor of the locked folder; one that was renamed meanwhile is not it."""
    while True:
        path.mkdir(mode=FOLDER_MODE, exist_ok=True)
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_still(path, descriptor):
                return descriptor
        except BlockingIOError as error:
            os.close(descriptor)
            raise Busy(
                "work-busy",
                f"Un altro programma sta lavorando in {path}: attendere che finisca, o indicare"
                " un'altra cartella.",
            ) from error
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _is_still(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
