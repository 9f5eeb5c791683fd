"""A ledger that went further, an older copy of it restored elsewhere, and adopting a checkpoint.

parted = part(home, tmp_path)
ran = adopt(parted.copy, parted.checkpoint, SURE)
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.home import Home
from ledger.journal.checkpoint import parse_checkpoint
from ledger.journal.note import parse_note
from tests.api.cli.backup_kit import backed_up, with_document
from tests.api.home_kit import enter, key, run, written
from tests.api.proof_kit import kept_forms

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.home_kit import Ran

SURE = "--nothing-newer-exists"


def adopt(home: Home, file: Path, *more: str) -> Ran:
    """Adopt the checkpoint in a file."""
    return run(home, "anchor", "adopt", "--checkpoint", str(file), *more)


def as_json(home: Home, file: Path, *more: str) -> Ran:
    """Adopt it, told in JSON lines."""
    return run(home, "--json", "anchor", "adopt", "--checkpoint", str(file), *more)


def record(home: Home, folder: Path, keys: Home, phase: str = "AFFIDAMENTO") -> Ran:
    """Record a phase as the RUP, whose key another home has."""
    file = str(written(folder / f"{phase}.ndjson", enter(phase)))
    return run(home, "record", file, "--key", key(keys, "rup"))


def shown(home: Home, file: Path) -> Path:
    """Write what `pista checkpoint show` says today."""
    file.write_text(run(home, "checkpoint", "show").stdout, encoding="utf-8")
    return file


def files(home: Home) -> dict[Path, bytes]:
    """Return every file of a home with its bytes."""
    return {path: path.read_bytes() for path in home.path.rglob("*") if path.is_file()}


@dataclass(frozen=True)
class Parted:
    """A ledger that went further, and an older copy of it that was restored elsewhere."""

    original: Home
    copy: Home
    checkpoint: Path
    size: int


def part(home: Home, folder: Path) -> Parted:
    """Back a ledger up, let it go further, leave every kind of proof in its home, restore the copy.

    The copy has the checkpoint that the ledger had then, and knows of nothing since.
    """
    with_document(home, folder)
    _, backup = backed_up(home, folder / "copies", "--with-keys")
    description = json.loads((backup / "backup.json").read_bytes())
    checkpoint = folder / "della-copia"
    checkpoint.write_text(description["checkpoint"], encoding="utf-8")
    with_document(home, folder, "101")
    run(home, "fsck", "--jobs", "1")
    backed_up(home, folder / "later")
    kept_forms(home, home.packages)
    copy = Home(folder / "second")
    assert run(copy, "restore", str(backup)).exit_code == 3
    return Parted(home, copy, checkpoint, description["size"])


def receipts_after(home: Home, size: int) -> list[Path]:
    """Return the receipts in the outbox whose trees are larger, the smallest first."""
    found = {}
    for path in home.outbox.glob("*.receipt"):
        note = json.loads(path.read_bytes())["proof"].partition("\n\n")[2]
        found[path] = parse_checkpoint(parse_note(note.encode()).text).size
    return sorted((path for path in found if found[path] > size), key=lambda path: found[path])
