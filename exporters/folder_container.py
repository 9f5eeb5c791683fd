"""Reading a package that was unpacked into a folder.

The folder is walked once without following anything: a symbolic link, a device, a pipe, an empty
folder, or a name that no package has refuses the whole. A file is read only when it is still the
same file (device, inode, size) that the walk saw. Content is not judged here: the manifests and the
PIndex seal do that.

Source: design FORMATS section 6 ("also usable unpacked"); POSIX.1-2017 open(), lstat().
"""

from __future__ import annotations

import io
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Self

from exporters.members import (
    PIECE_BYTES,
    Inventory,
    PieceStream,
    damaged,
    missing,
    read_limited,
    unsafe,
    verified_pieces,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from exporters.members import Limits

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
)
_MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class _File:
    """A file as the walk saw it."""

    device: int
    inode: int
    size_bytes: int


class FolderContainer:
    """The members of a folder; may be read from many threads."""

    def __init__(self, root: Path, limits: Limits) -> None:
        """Walk the folder.

        Raises:
            Unopenable: when it holds anything but regular files with names of packages, an empty
                folder, or more than the limits (`container-unsafe`).
        """
        self._root = root
        inventory = Inventory(limits)
        found: dict[str, _File] = {}
        for name, status in _walk(root, "", 1):
            inventory.admit(name, status.st_size)
            found[name] = _file(status)
        self._files = dict(sorted(found.items()))

    def names(self) -> list[str]:
        """Return the names of all members in byte order."""
        return list(self._files)

    def size(self, name: str) -> int:
        """Return the size of a member in bytes.

        Raises:
            NotVerified: when there is no such member (`member-missing`).
        """
        return self._seen(name).size_bytes

    def open(self, name: str) -> BinaryIO:
        """Return a stream over a member.

        Raises:
            NotVerified: when there is no such member (`member-missing`); from `read`, when it is
                not the file any more that was there at first (`member-damaged`).
        """
        return io.BufferedReader(PieceStream(self._pieces(name, self._seen(name))), PIECE_BYTES)

    def read(self, name: str, limit_bytes: int) -> bytes:
        """Return the content of a member.

        Raises:
            NotVerified: when there is no such member (`member-missing`), it is over the limit
                (`member-too-large`), or not the file any more that was there (`member-damaged`).
        """
        seen = self._seen(name)
        return read_limited(name, self._pieces(name, seen), seen.size_bytes, limit_bytes)

    def close(self) -> None:
        """Do nothing: no file stays open."""

    def __enter__(self) -> Self:
        """Return the container itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Do nothing."""

    def _seen(self, name: str) -> _File:
        """Return what the walk saw of a member that must be there."""
        try:
            return self._files[name]
        except KeyError as error:
            raise missing(name) from error

    def _pieces(self, name: str, seen: _File) -> Iterator[bytes]:
        """Yield the content of a member, the last piece only when its size is right."""
        return verified_pieces(name, self._raw(name, seen), seen.size_bytes, None)

    def _raw(self, name: str, seen: _File) -> Iterator[bytes]:
        """Yield the pieces of a file that is still the one that was seen."""
        try:
            descriptor = os.open(self._root / name, _FLAGS)
        except OSError as error:
            raise damaged(name, "non si può più aprire") from error
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or _file(status) != seen:
                raise damaged(name, "è stato sostituito durante la lettura del pacchetto")
            while piece := file.read(PIECE_BYTES):
                yield piece


def _walk(folder: Path, prefix: str, depth: int) -> Iterator[tuple[str, os.stat_result]]:
    """Yield every file below a folder with its name from the root, in no order."""
    empty = True
    with os.scandir(folder) as items:
        for item in items:
            empty = False
            name = prefix + item.name
            status = item.stat(follow_symlinks=False)
            if stat.S_ISREG(status.st_mode):
                yield name, status
            elif stat.S_ISDIR(status.st_mode) and depth < _MAX_DEPTH:
                yield from _walk(folder / item.name, f"{name}/", depth + 1)
            else:
                raise unsafe(
                    f"{name!a} è un collegamento o un dispositivo, o sta troppo in profondità"
                )
    if empty:
        raise unsafe(f"la cartella {prefix!a} è vuota")


def _file(status: os.stat_result) -> _File:
    """Return what identifies a file."""
    return _File(status.st_dev, status.st_ino, status.st_size)
