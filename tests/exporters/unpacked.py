"""Reading an unpacked package in tests, with nothing but the file system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.records import load_law

if TYPE_CHECKING:
    from pathlib import Path

LAW = load_law()


def files_of(path: Path) -> dict[str, bytes]:
    """Return the files below a folder."""
    return {
        one.relative_to(path).as_posix(): one.read_bytes()
        for one in path.rglob("*")
        if one.is_file()
    }
