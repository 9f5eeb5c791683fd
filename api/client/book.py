"""A small file of lines that grows, read again after whatever stopped the program.

    append_line(path, "0198... 3f2a...")      durable when it returns
    read_whole_lines(path)                    without the line that was being written

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
    """Add a line; it is on the disk on return."""
    with path.open("a", encoding="utf-8", newline="\n") as stream:
        stream.write(line + "\n")
        stream.flush()
        os.fsync(stream.fileno())
