"""Ways to change a backup: by accident, and on purpose with the manifest made to fit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ledger.application.backup_form import (
    DESCRIPTION,
    MANIFEST,
    digest_of,
    files_below,
    format_description,
    format_manifest,
    parse_description,
)

if TYPE_CHECKING:
    from pathlib import Path


def seal(folder: Path, **members: Any) -> None:  # noqa: ANN401  members of a Description
    """Write description and manifest anew over what is there, as a forger would."""
    (folder / MANIFEST).unlink()
    said = replace(parse_description((folder / DESCRIPTION).read_bytes()), **members)
    found = {name: digest_of(folder / name) for name in files_below(folder) if name != DESCRIPTION}
    said = replace(said, files=len(found), size_bytes=sum(size for _, size in found.values()))
    (folder / DESCRIPTION).write_bytes(format_description(said))
    digests = {name: digest for name, (digest, _) in found.items()}
    digests[DESCRIPTION] = digest_of(folder / DESCRIPTION)[0]
    (folder / MANIFEST).write_bytes(format_manifest(digests))


def flip(path: Path, at: int = -1) -> None:
    """Change one bit."""
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def another_digit(path: Path) -> None:
    """Put another hexadecimal digit in the place of the first one."""
    text = path.read_text(encoding="ascii")
    path.write_text(("2" if text[0] == "1" else "1") + text[1:], encoding="ascii")


def cut(path: Path) -> None:
    """Take away the second half of a file."""
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
