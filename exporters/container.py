"""The only way packages are read and written: a ZIP in our form, or a folder that was one.

    with open_container(Path("C81C22001220006_1291_20260721T101113Z.zip")) as package:
        package.names()                                     ["PIndex.xml", "VERIFICA.txt", ...]
        package.read("bagit.txt", limit_bytes=1024)         bytes, all of it checked
        package.open("data/.../documents/.../content")      a stream, its end checked

    write_zip(Path("package.zip"), [("bagit.txt", 55, open_it), ...], deflate=is_text)

A container that could harm whoever opens it is refused as a whole (`Unopenable`, exit 4) before any
content is read. A member that is not what the container says is `NotVerified` (exit 1) when it is
read; the other members are still good.

Source: design FORMATS sections 6 and 7.
"""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO, Protocol, Self

from exporters.folder_container import FolderContainer
from exporters.members import DEFAULT_LIMITS, Inventory, Limits, malformed
from exporters.zip_container import ZipContainer
from exporters.zip_writer import write_members
from ledger.errors import Unopenable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from types import TracebackType

    from exporters.zip_writer import Source


class Container(Protocol):
    """The members of a package, by name; see `exporters/members.py` for what a name is."""

    def names(self) -> list[str]:
        """Return the names of all members in byte order."""

    def size(self, name: str) -> int:
        """Return the size of a member's content in bytes.

        Raises:
            NotVerified: when there is no such member (`member-missing`).
        """

    def open(self, name: str) -> BinaryIO:
        """Return a stream over a member; the last bytes come only when all of it is right.

        Raises:
            NotVerified: when there is no such member (`member-missing`); from `read`, when it is
                not what the container says (`member-damaged`).
        """

    def read(self, name: str, limit_bytes: int) -> bytes:
        """Return the content of a member.

        Raises:
            NotVerified: when there is no such member (`member-missing`), it is over the limit
                (`member-too-large`), or not what the container says (`member-damaged`).
        """

    def close(self) -> None:
        """Close what is open; streams are not read after that."""

    def __enter__(self) -> Self:
        """Return the container itself."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Close the container."""


def open_container(path: Path, limits: Limits = DEFAULT_LIMITS) -> Container:
    """Return the package at a path, its whole structure checked.

    Raises:
        Unopenable: when nothing can be read there (`container-unreadable`), it is neither a folder
            nor a ZIP in our form (`container-malformed`), or it claims names, kinds of files or
            sizes that are not safe to open (`container-unsafe`).
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return FolderContainer(path, limits)
        if stat.S_ISREG(mode):
            return ZipContainer(path.open("rb"), limits)
    except OSError as error:
        raise Unopenable(
            "container-unreadable",
            f"Nulla si può leggere in {path} ({error.strerror}): controllare percorso e permessi.",
        ) from error
    raise malformed("non è un file né una cartella")


def write_zip(
    path: Path,
    sources: Iterable[Source],
    deflate: Callable[[str], bool],
    limits: Limits = DEFAULT_LIMITS,
) -> None:
    """Write a package; under its path it appears whole, or not at all.

    Args:
        path: where; what was there is replaced. A hidden file beside it is used while writing.
        sources: (name, size in bytes, how to open the content), in any order; each may be opened
            more than once, and is closed.
        deflate: tells by name which members are worth compressing.
        limits: those of whoever will read the package.

    Raises:
        Unopenable: when nobody could open the package, because of a name or the limits
            (`container-unsafe`); nothing is written.
        StorageError: when a member has another size than it says (`member-size-changed`).
    """
    ordered = sorted(sources, key=lambda source: source[0])
    inventory = Inventory(limits)
    for name, size_bytes, _ in ordered:
        inventory.admit(name, size_bytes)
    beside = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with beside.open("xb") as file:
            write_members(file, ordered, deflate, limits.ratio)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            beside.unlink()
        raise
