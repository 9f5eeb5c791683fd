"""The files of the format, found where the program is installed.

schemas/codes/law.json            law as a dated table; further tables beside it, by their names
schemas/codes/law.json            law as a dated table
schemas/codes/settings.json       settings of the body, with their defaults
schemas/events/<name>-<v>.json    JSON Schema 2020-12 of the data of an event type
schemas/state-1.json state-1.xsd  the exported state; history-1.json history-1.xsd the history
"""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

SUFFIXES = (".json", ".xsd")


def read(name: str) -> bytes:
    """Return the bytes of one file, by its path under `schemas/`.

    Raises:
        FileNotFoundError: when there is none.
    """
    found = files("schemas")
    for part in PurePosixPath(name).parts:
        found = found / part
    return found.read_bytes()


def names() -> list[str]:
    """Return the paths of all files of the format, sorted."""
    return sorted(_walk(files("schemas"), ""))


def _walk(folder: Traversable, prefix: str) -> Iterator[str]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(SUFFIXES):
            yield f"{prefix}{entry.name}"


def code_rows(table: str) -> list[dict[str, Any]]:
    """Return the rows of a table of codes, `phase_map` for `codes/phase_map.json`, as written.

    Raises:
        FileNotFoundError: when there is none.
    """
    rows: list[dict[str, Any]] = json.loads(read(f"codes/{table}.json"))
    return rows


def digest(prefix: str = "") -> str:
    """Return the SHA-256, hexadecimal, of all files whose path starts with the prefix.

    It is the digest of `sha256sum` lines in order of path:
    `cd schemas && sha256sum FILES... | sha256sum`.
    """
    lines = (
        f"{hashlib.sha256(read(name)).hexdigest()}  {name}\n"
        for name in names()
        if name.startswith(prefix)
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()
