"""`pista restore --prove` examines a backup as `pista fsck` does: what hashes alone do not tell."""

from __future__ import annotations

import hashlib
import sqlite3
from typing import TYPE_CHECKING

import pytest

from tests.api.cli.backup_kit import backed_up, with_document
from tests.api.home_kit import run

if TYPE_CHECKING:
    from pathlib import Path

    from api.home import Home

EDITS = {
    "event.type": "UPDATE event SET type = 'phase-left/1' WHERE position = 1",
    "event.key": "UPDATE event SET key = 'ffffffff' WHERE position = 1",
    "tile.number": "INSERT INTO tile SELECT ledger_id, 0, 0, zeroblob(8192) FROM ledger_head",
}


def edited(folder: Path, statement: str) -> None:
    """Edit the log of a backup, and make its manifest fit, as who covers a trace would."""
    log, manifest = folder / "ledger.sqlite", folder / "manifest-sha256.txt"
    before = hashlib.sha256(log.read_bytes()).hexdigest()
    connection = sqlite3.connect(log, isolation_level=None)
    connection.execute(statement)
    connection.close()
    after = hashlib.sha256(log.read_bytes()).hexdigest()
    text = manifest.read_text(encoding="ascii")
    assert text.count(before) == 1
    manifest.write_text(text.replace(before, after), encoding="ascii")


def test_a_backup_tells_how_many_signatures_were_verified(home: Home, tmp_path: Path) -> None:
    with_document(home, tmp_path)
    _, folder = backed_up(home, tmp_path / "copies")
    ran = run(home, "restore", str(folder), "--prove")
    assert ran.exit_code == 0, ran.stderr
    told = run(home, "fsck").stdout
    signatures = next(line for line in ran.stdout.splitlines() if line.startswith("firme: "))
    assert f"{signatures.split()[1]} firme di {signatures.split()[1]} registrazioni" in told


@pytest.mark.parametrize("column", EDITS)
def test_a_column_that_was_edited_is_named(home: Home, tmp_path: Path, column: str) -> None:
    _, folder = backed_up(home, tmp_path / "copies")
    edited(folder, EDITS[column])
    ran = run(home, "restore", str(folder), "--prove")
    assert ran.exit_code == 1
    assert "backup-not-right" in ran.stderr
    assert column in ran.stderr
