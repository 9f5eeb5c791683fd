"""A store, or an anchor, that finds no space: told with its place, and whole afterwards."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from ledger.errors import StorageError
from ledger.journal.anchor import AnchorState, FileAnchor
from ledger.journal.postgres_failures import translated
from ledger.journal.sqlite import SQLiteRecorder
from ledger.journal.store import DiskFullError, KeyedEvent
from tests.ledger.journal.sequencer_kit import ORIGIN, Client, assert_log_is_whole, opened

ROOT = Path(__file__).resolve().parents[3]
A, B = b"\x0a" * 32, b"\x0b" * 32


def limit(recorder: SQLiteRecorder, more_pages: int) -> None:
    """Let the file grow by so many pages and no more."""
    (count,) = recorder._writer.execute("PRAGMA page_count").fetchone()
    recorder._writer.execute(f"PRAGMA max_page_count = {count + more_pages}")


def test_a_file_that_cannot_grow_is_a_full_disk_with_its_path(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with closing(SQLiteRecorder(path, ORIGIN, create=True)) as recorder:
        limit(recorder, 2)
        with pytest.raises(DiskFullError, match=str(path)):
            recorder.append([KeyedEvent("x", bytes(100_000), ["s"])])
        assert recorder.head().position == 0
        limit(recorder, 1000)
        assert recorder.append([KeyedEvent("x", bytes(100_000), ["s"])]) == 1


def test_a_batch_without_room_is_recorded_when_there_is_some(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with closing(SQLiteRecorder(path, ORIGIN, create=True)) as recorder:
        sequencer, client = opened(recorder), Client()
        sequencer.submit(client.make("cup/one"))
        large = client.make("cup/one", text="x" * 100_000)
        limit(recorder, 2)
        with pytest.raises(StorageError) as caught:
            sequencer.submit(large)
        assert caught.value.code == "disk-full"
        assert str(path) in caught.value.sentence
        assert len(assert_log_is_whole(sequencer)) == 2
        limit(recorder, 1000)
        assert sequencer.submit(large).first
        assert len(assert_log_is_whole(sequencer)) == 4


def test_a_server_without_room_is_a_full_disk_with_its_name() -> None:
    place = "La base dati pista su db"
    with pytest.raises(DiskFullError, match=place), translated(place):
        raise psycopg.errors.DiskFull("could not extend file")


SHORT_WRITE = """
import resource, sys
from pathlib import Path
from ledger.errors import StorageError
from ledger.journal.anchor import AnchorState, FileAnchor
resource.setrlimit(resource.RLIMIT_FSIZE, (40, 40))
anchor = FileAnchor(Path(sys.argv[1]))
try:
    anchor.advance(2, b"\\x0b" * 32, seen=anchor.read())
except StorageError as error:
    sys.exit(error.code)
"""


@pytest.mark.parametrize("state", [None, AnchorState(1, A)], ids=["new", "there"])
def test_an_anchor_of_which_the_disk_takes_a_part_only_is_as_it_was(
    tmp_path: Path, state: AnchorState | None
) -> None:
    path = tmp_path / "anchor"
    anchor = FileAnchor(path)
    if state is not None:
        anchor.advance(state.size, state.root, seen=None)
    ran = subprocess.run(
        [sys.executable, "-c", SHORT_WRITE, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (1, "anchor-failed\n")
    assert anchor.read() == state
    assert [one.name for one in tmp_path.iterdir()] == (["anchor"] if state else [])
    anchor.advance(2, B, seen=state)
    assert anchor.read() == AnchorState(2, B)
