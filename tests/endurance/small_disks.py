"""A disk of a few megabytes that can be filled: a tmpfs, where mounting is allowed.

with small_disk(tmp_path / "disk", megabytes=8) as disk:
disk.take(place.home.outbox)          the folder lies on it from now on
disk.fill()                           not a byte is left
disk.make_room()
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DETACH = 2  # MNT_DETACH of umount2(2)
_BLOCK = 4096


class SmallDisk:
    """A mounted file system with a file that takes what is left of it."""

    def __init__(self, folder: Path) -> None:
        """Use the file system that is mounted on this folder."""
        self.folder = folder
        self._ballast = folder / "ballast"

    def take(self, path: Path) -> None:
        """Move a file or folder here and leave a link to it."""
        target = self.folder / path.name
        if path.exists():
            shutil.move(path, target)
        else:
            target.mkdir()
        path.symlink_to(target)

    def fill(self) -> None:
        """Take every block that is left."""
        with suppress(OSError), self._ballast.open("ab", buffering=0) as stream:
            while True:
                stream.write(bytes(_BLOCK))

    def make_room(self) -> None:
        """Give back what `fill` took."""
        self._ballast.unlink()


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[SmallDisk]:
    """Mount a disk of this size; skip the test by name where that is not allowed."""
    folder.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    options = f"size={megabytes}m,mode=0777".encode()
    if libc.mount(b"pista", os.fsencode(folder), b"tmpfs", 0, options):
        told = os.strerror(ctypes.get_errno())
        assert ctypes.get_errno() in {errno.EPERM, errno.EACCES}, told
        pytest.skip(f"no small disk: mounting a tmpfs is not allowed here ({told})")
    try:
        yield SmallDisk(folder)
    finally:
        libc.umount2(os.fsencode(folder), _DETACH)
