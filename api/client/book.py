"""Small files of the desk that outlive whatever stops the program.

    append_lines(path, ["0198... 3f2a..."])   durable when it returns
    read_whole_lines(path)                    without the line that was being written
    write_whole(path, b"...")                 the old bytes or the new ones, never a part

The last line may be cut where the program or the machine stopped: it was never acted upon, since
whoever writes a line waits until it is durable. It is taken out of the file, so that the next line
does not go on from it.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

UNFINISHED: Final = ".tmp"
_UNFINISHED_SECONDS: Final = 3600


def read_whole_lines(path: Path) -> list[str]:
    """Return the lines of a book, without their ends; none when there is no such file."""
    if not path.exists():
        return []
    whole, end, cut = path.read_bytes().rpartition(b"\n")
    if cut:
        with path.open("r+b") as stream:
            stream.truncate(len(whole) + len(end))
    return whole.decode("utf-8", "replace").split("\n") if end else []


def lock_book(path: Path) -> int:
    """Lock a book, made when it is not there, for one program; the lock ends with the descriptor.

    Raises:
        BlockingIOError: when another program holds it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Let an error of the system say which file it is about."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise


def append_lines(path: Path, lines: Iterable[str]) -> None:
    """Add lines; they are on the disk on return, and so is the name of a new file."""
    with _named(path), path.open("a", encoding="utf-8", newline="\n") as stream:
        is_new = stream.tell() == 0
        stream.writelines(f"{line}\n" for line in lines)
        stream.flush()
        os.fsync(stream.fileno())
    if is_new:
        sync_folder(path.parent)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole and durably: a reader sees the old bytes or the new ones.

    What a program that was stopped left half-written has the number of that program in its name,
    so that two that write the same file do not meet there; `remove_unfinished` takes it away.
    """
    temporary = path.with_name(f"{path.name}.{os.getpid()}{UNFINISHED}")
    try:
        with _named(path), temporary.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def remove_unfinished(folder: Path) -> None:
    """Remove what programs left half-written in a folder, an hour ago or earlier."""
    with os.scandir(folder) as entries:
        found = [folder / entry.name for entry in entries if entry.name.endswith(UNFINISHED)]
    for path in found:
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > _UNFINISHED_SECONDS:
                path.unlink()


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
