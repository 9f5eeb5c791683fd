"""Backups while another process registers acts at full speed, and killed at any moment."""

from __future__ import annotations

import base64
import shutil
import time
from typing import TYPE_CHECKING

import pytest

from api.app import open_reading
from api.home import Home
from ledger.signing.envelope import parse
from tests.api.cli.backup_kit import backed_up, pista, with_keys, writer_at
from tests.api.home_kit import run

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

MOMENTS = (0.4, 0.55, 0.65, 0.75, 0.85, 0.95)  # of the time that the command takes unharmed
SECONDS = 60


def names(folder: Path) -> list[str]:
    """Return what is in a folder."""
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def assert_holds(home: Home, acknowledged: list[tuple[int, str]]) -> None:
    """Everything acknowledged is in the ledger, with its document, and nothing is half there."""
    with open_reading(home) as reading:
        size = reading.evidence.last_head()
        assert size == reading.journal.size
        for index, commit in acknowledged:
            envelope = parse(reading.journal.envelope(index))
            assert [ref.commit for ref in envelope.objects] == [base64.b64decode(commit)]
        for _, leaf, raw in reading.journal.entries(0, size):
            del leaf
            for ref in parse(raw).objects if raw else ():
                assert sum(map(len, reading.vault.open(ref.commit))) == ref.size_bytes


def test_what_was_acknowledged_before_a_backup_began_is_in_it(home: Home, tmp_path: Path) -> None:
    backups = []
    with writer_at(home, tmp_path / "heard") as writer:
        while len(writer.acknowledged()) < 5:
            time.sleep(0.02)
        for number in range(3):
            acknowledged = writer.acknowledged()
            process = pista(home, "--json", "backup", "--to", str(tmp_path / f"copies{number}"))
            said, told = process.communicate(timeout=SECONDS)
            assert process.returncode == 0, told
            assert said
            (folder,) = (tmp_path / f"copies{number}").iterdir()
            backups.append((folder, acknowledged))
            ran = run(home, "--json", "restore", str(folder), "--prove")
            assert ran.exit_code == 0, ran.stderr
            assert ran.lines[0]["behind"] > 0
        assert len(writer.acknowledged()) > len(acknowledged)
    for number, (folder, acknowledged) in enumerate(backups):
        new = Home(tmp_path / f"new{number}")
        assert run(new, "restore", str(folder)).exit_code == 3
        with_keys(home, new)
        assert_holds(new, acknowledged)


def test_a_backup_that_is_killed_leaves_nothing_that_looks_whole(
    home: Home, tmp_path: Path
) -> None:
    copies = tmp_path / "copies"
    with writer_at(home, tmp_path / "heard"):
        time.sleep(0.5)
        full = _duration(pista(home, "backup", "--to", str(tmp_path / "timed")))
        for moment in MOMENTS:
            process = pista(home, "backup", "--to", str(copies))
            time.sleep(moment * full)
            process.kill()
            process.communicate(timeout=SECONDS)
            for name in names(copies):
                if not name.endswith(".incomplete"):
                    assert run(home, "restore", str(copies / name), "--prove").exit_code == 0
    whole = [name for name in names(copies) if not name.endswith(".incomplete")]
    _, folder = backed_up(home, copies)
    assert names(copies) == sorted({*whole, folder.name})
    assert run(home, "restore", str(folder), "--prove").exit_code == 0


@pytest.fixture
def backup(home: Home, tmp_path: Path) -> Path:
    """A backup with keys of a ledger with some acts."""
    with writer_at(home, tmp_path / "heard") as writer:
        while len(writer.acknowledged()) < 20:
            time.sleep(0.02)
    return backed_up(home, tmp_path / "copies", "--with-keys")[1]


def test_a_restore_that_is_killed_leaves_a_ledger_or_none(
    backup: Path, home: Home, tmp_path: Path
) -> None:
    full = _duration(pista(Home(tmp_path / "timed"), "restore", str(backup)))
    with open_reading(home) as reading:
        expected = list(reading.journal.entries(0, reading.journal.size))
    for number, moment in enumerate(MOMENTS):
        new = Home(tmp_path / f"new{number}")
        new.path.mkdir()
        shutil.copy(home.anchor, new.anchor)
        process = pista(new, "restore", str(backup))
        time.sleep(moment * full)
        process.kill()
        process.communicate(timeout=SECONDS)
        if not new.settings_file.exists():
            assert run(new, "history", "C81C22001220006").exit_code == 10
            assert run(new, "restore", str(backup)).exit_code == 0
            assert "restore.tmp" not in names(new.path)
        with open_reading(new) as reading:
            assert list(reading.journal.entries(0, reading.journal.size)) == expected
            assert reading.runner.health.behind == 0


def _duration(process: subprocess.Popen[bytes]) -> float:
    """Return how long a command takes that nobody kills."""
    began = time.monotonic()
    _, told = process.communicate(timeout=SECONDS)
    assert process.returncode in {0, 3}, told
    return time.monotonic() - began
