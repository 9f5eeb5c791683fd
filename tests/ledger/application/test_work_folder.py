"""A folder in which something is made: held by one, and nobody's once its holder is dead."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ledger.application.work_folder import claimed, clear
from ledger.errors import Busy

if TYPE_CHECKING:
    from pathlib import Path

HOLDER = """
import sys
from pathlib import Path
from ledger.application.work_folder import claimed
with claimed(Path(sys.argv[1])) as folder:
    (folder / "half").write_bytes(b"half")
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_folder_is_held_by_one(tmp_path: Path) -> None:
    with claimed(tmp_path / "work"):
        with pytest.raises(Busy, match="work-busy"), claimed(tmp_path / "work"):
            pass
        with claimed(tmp_path / "other"):
            pass
    with claimed(tmp_path / "work"):
        pass


def test_what_a_killed_program_held_is_free_again(tmp_path: Path) -> None:
    work = tmp_path / "work"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(work)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(Busy), claimed(work):
            pass
        process.kill()
    with claimed(work) as folder:
        assert [path.name for path in folder.iterdir()] == ["half"]
        clear(folder)
        assert list(folder.iterdir()) == []


def test_a_folder_that_was_renamed_is_no_longer_the_one(tmp_path: Path) -> None:
    with claimed(tmp_path / "work") as folder:
        folder.rename(tmp_path / "done")
        with claimed(tmp_path / "work") as second:
            assert second.is_dir()


def test_clearing_follows_no_link(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_bytes(b"mine")
    with claimed(tmp_path / "work") as folder:
        (folder / "link").symlink_to(tmp_path / "mine")
        (folder / "deep" / "er").mkdir(parents=True)
        clear(folder)
        assert list(folder.iterdir()) == []
    assert (tmp_path / "mine" / "file").read_bytes() == b"mine"


def test_the_folder_above_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), claimed(tmp_path / "no" / "work"):
        pass
    assert list(tmp_path.iterdir()) == []
