"""The disk of a witness, step by step, so that a test may fail, stop or forget at each of them.

    disk.write(beside, data)        durable under a name that nobody reads yet
    disk.rename(beside, path)       seen by all at once
    disk.sync(folder)               durable under its own name

A change that must be durable is these three in this order; what is seen after `rename` alone may be
gone after a loss of power, so nothing rests on it before `sync` came back.

Source: POSIX.1-2017 rename(), fsync(); flock(2).
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol

from ledger.errors import Busy
from ledger.vault.durable import FILE_MODE, make_folder, sync_folder, write_chunks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

MAX_FILE_BYTES: Final = 256 * 1024

_FIRST_NAP: Final = 0.001
_LONGEST_NAP: Final = 0.05


class Disk(Protocol):
    """Where small files are kept; every step raises OSError when it fails."""

    def read(self, path: Path) -> bytes:
        """Return a small file; one byte more than `MAX_FILE_BYTES` of a larger one."""
        ...

    def names(self, folder: Path) -> list[str]:
        """Return the names in a folder, sorted; none when there is no folder."""
        ...

    def make_folder(self, path: Path) -> None:
        """Make a folder and those above it, durably; one that is there stays as it is."""
        ...

    def write(self, path: Path, data: bytes) -> None:
        """Write a file whole, in the place of what had that name; its content is durable."""
        ...

    def rename(self, source: Path, target: Path) -> None:
        """Give a file another name, at once for all who look; not durable yet."""
        ...

    def sync(self, folder: Path) -> None:
        """Wait until the names in a folder are durable."""
        ...

    def lock(self, path: Path, seconds: float) -> AbstractContextManager[None]:
        """Hold a lock against all threads and processes; raises Busy after so many seconds."""
        ...


class FileDisk:
    """The disk of the machine."""

    def read(self, path: Path) -> bytes:
        """Return a small file."""
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)

    def names(self, folder: Path) -> list[str]:
        """Return the names in a folder, sorted; none when there is no folder."""
        return sorted(one.name for one in folder.iterdir()) if folder.is_dir() else []

    def make_folder(self, path: Path) -> None:
        """Make a folder and those above it, mode 0700."""
        make_folder(path)

    def write(self, path: Path, data: bytes) -> None:
        """Write a file whole, mode 0600."""
        path.unlink(missing_ok=True)
        write_chunks(path, (data,))

    def rename(self, source: Path, target: Path) -> None:
        """Give a file another name."""
        source.replace(target)

    def sync(self, folder: Path) -> None:
        """Wait until the names in a folder are durable."""
        sync_folder(folder)

    @contextmanager
    def lock(self, path: Path, seconds: float) -> Iterator[None]:
        """Hold a lock of the open file; the end of a process lets go of it."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
        try:
            _wait(descriptor, path, time.monotonic() + seconds)
            yield
        finally:
            os.close(descriptor)


def replace(disk: Disk, path: Path, data: bytes) -> None:
    """Put data in the place of a file: durable when this returns, whole or not at all if it fails.

    Who calls it holds a lock, since the name beside is one.
    """
    beside = path.with_name(f"{path.name}.new")
    disk.write(beside, data)
    disk.rename(beside, path)
    disk.sync(path.parent)


def _wait(descriptor: int, path: Path, until: float) -> None:
    nap = _FIRST_NAP
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= until:
                raise Busy(
                    "witness-busy",
                    f"Un altro programma tiene {path}: nulla è stato firmato. Riprovare; se dura,"
                    " cercare un programma fermo.",
                ) from error
        else:
            return
        time.sleep(nap)
        nap = min(2 * nap, _LONGEST_NAP)
