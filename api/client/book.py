"""Small files of the desk that outlive whatever stops the program.

    append_line(path, "0198... 3f2a...")      durable when it returns
    read_whole_lines(path)                    without the line that was being written
    write_whole(path, b"...")                 the old bytes or the new ones, never a part

The last line may be cut where the program or the machine stopped: it was never acted upon, since
whoever writes a line waits until it is durable. It is taken out of the file, so that the next line
does not go on from it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def read_whole_lines(path: Path) -> list[str]:
    """Return the lines of a book, without their ends; none when there is no such file."""
    if not path.exists():
        return []
    whole, end, cut = path.read_bytes().rpartition(b"\n")
    if cut:
        with path.open("r+b") as stream:
            stream.truncate(len(whole) + len(end))
    return whole.decode("utf-8", "replace").split("\n") if end else []


def append_line(path: Path, line: str) -> None:
    """Add a line; it is on the disk on return, and so is the name of a new file."""
    is_new = not path.exists()
    with path.open("a", encoding="utf-8", newline="\n") as stream:
        stream.write(line + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    if is_new:
        sync_folder(path.parent)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole and durably: a reader sees the old bytes or the new ones."""
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
