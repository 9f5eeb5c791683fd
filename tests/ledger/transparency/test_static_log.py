"""The published folder: what it holds, that it grows and goes on, and what it refuses to stand for."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from ledger.errors import Busy, Frozen, NotVerified, StorageError
from ledger.journal.checkpoint import Checkpoint, sign_checkpoint
from ledger.journal.journal import Journal
from ledger.journal.memory import MemoryRecorder
from ledger.journal.note import Ed25519NoteSigner
from ledger.transparency.public_files import folder_locked, write_files
from ledger.transparency.source import FolderSource
from ledger.transparency.static_log import StaticLog
from ledger.transparency.tile_reader import open_tiles
from tests.ledger.journal.copy_kit import long_log, write_log
from tests.ledger.journal.sequencer_kit import LOG_KEY, ORIGIN, SIGNER
from tests.ledger.transparency.tiled_log import TiledLog

if TYPE_CHECKING:
    from pathlib import Path

POLICY = b"quorum none\n"


@pytest.fixture(scope="module")
def journal() -> Journal:
    """A log of 1,100 leaves; its first leaves are a log too."""
    return Journal(long_log(1100))


def head(journal: Journal, size: int) -> Checkpoint:
    """Return a head of the log."""
    return Checkpoint(ORIGIN, size, journal.root_at(size))


def note(journal: Journal, size: int) -> bytes:
    """Return a head as the log signs it."""
    return sign_checkpoint(head(journal, size), SIGNER)


def files(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 512, 1100])
def test_the_folder_holds_what_the_standard_says(
    journal: Journal, tmp_path: Path, size: int
) -> None:
    leaves = [leaf for _, leaf, _ in journal.entries(0, size)]
    written = StaticLog(tmp_path).write_tiles(journal, head(journal, size))
    assert files(tmp_path) == TiledLog(ORIGIN, leaves).files(size)
    assert written == len(files(tmp_path))


def test_a_folder_that_grew_step_by_step_is_the_one_written_at_once(
    journal: Journal, tmp_path: Path
) -> None:
    static = StaticLog(tmp_path / "steps")
    for size in (1, 2, 255, 256, 300, 511, 900, 1100):
        static.write_tiles(journal, head(journal, size))
        static.write_checkpoint(note(journal, size), POLICY)
        for older in (1, 2, 255, 256, 300, 511, 900, 1100):
            if older <= size:
                tiles = open_tiles(static.source, head(journal, older))
                assert sum(1 for _ in tiles.entries(0, older)) == older
        static.remove_partial(size)
    once = StaticLog(tmp_path / "once")
    once.write_tiles(journal, head(journal, 1100))
    once.write_checkpoint(note(journal, 1100), POLICY)
    # Of the partial tiles of older heads only those stay that are not full yet.
    assert files(tmp_path / "once").items() <= files(tmp_path / "steps").items()
    left = files(tmp_path / "steps").keys() - files(tmp_path / "once").keys()
    assert left == {"tile/1/000.p/1", "tile/1/000.p/3"}


def test_older_heads_are_read_from_full_tiles_once_partial_ones_are_removed(
    journal: Journal, tmp_path: Path
) -> None:
    static = StaticLog(tmp_path)
    static.write_tiles(journal, head(journal, 300))
    static.write_tiles(journal, head(journal, 1100))
    assert static.remove_partial(1100) == 2
    assert not (tmp_path / "tile/0/001.p").exists()
    tiles = open_tiles(static.source, head(journal, 300))
    assert [leaf for _, leaf in tiles.entries(0, 300)] == [
        leaf for _, leaf, _ in journal.entries(0, 300)
    ]


def test_writing_again_writes_nothing(journal: Journal, tmp_path: Path) -> None:
    static = StaticLog(tmp_path)
    assert static.write_tiles(journal, head(journal, 700)) > 0
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert static.write_tiles(journal, head(journal, 700)) == 0
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_what_was_interrupted_goes_on(tmp_path: Path) -> None:
    journal = Journal(long_log(17_000))
    static = StaticLog(tmp_path)

    class Killed(Exception):
        pass

    def kill(done: int, of: int) -> None:
        del of
        if done >= 64:
            raise Killed

    with pytest.raises(Killed):
        static.write_tiles(journal, head(journal, 17_000), kill)
    so_far = len(files(tmp_path))
    assert so_far == 64
    left = tmp_path / "tile/0/.draft-003"
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"half")
    told: list[tuple[int, int]] = []
    count = static.write_tiles(
        journal, head(journal, 17_000), lambda done, of: told.append((done, of))
    )
    assert told[-1] == (count, count)
    assert not left.exists()
    assert len(files(tmp_path)) == so_far + count
    assert open_tiles(static.source, head(journal, 17_000)).size == 17_000


def test_a_file_that_was_deleted_comes_back(journal: Journal, tmp_path: Path) -> None:
    static = StaticLog(tmp_path)
    static.write_tiles(journal, head(journal, 1100))
    whole = files(tmp_path)
    (tmp_path / "tile/entries/002").unlink()
    (tmp_path / "tile/0/000").unlink()
    assert static.write_tiles(journal, head(journal, 1100)) == 2
    assert files(tmp_path) == whole


def test_partial_tiles_of_older_heads_come_back_as_long_as_they_are_needed(
    journal: Journal, tmp_path: Path
) -> None:
    static = StaticLog(tmp_path)
    sizes = (3, 255, 700, 768, 1025, 1030)
    static.write_tiles(journal, head(journal, 1100), older=sizes)
    for level, kept in (("0", ["1", "6", "76"]), ("entries", ["1", "6", "76"])):
        assert sorted(path.name for path in (tmp_path / f"tile/{level}/004.p").iterdir()) == kept
    assert sorted(path.name for path in (tmp_path / "tile/1/000.p").iterdir()) == ["2", "3", "4"]
    for size in sizes:
        tiles = open_tiles(static.source, head(journal, size))
        assert sum(1 for _ in tiles.entries(0, size)) == size
    assert static.write_tiles(journal, head(journal, 1100), older=sizes) == 0
    partial = tmp_path / "tile/entries/004.p/6"
    partial.unlink()
    assert static.write_tiles(journal, head(journal, 1100), older=sizes) == 1
    assert (
        partial.read_bytes()
        == TiledLog(ORIGIN, [leaf for _, leaf, _ in journal.entries(0, 1030)]).files(1030)[
            "tile/entries/004.p/6"
        ]
    )


DAMAGED = {
    "the edge of another log": ("tile/0/004.p/76", b"x" * 76 * 32),
    "a tile above what is written": ("tile/1/000.p/4", bytes(4 * 32)),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_head_that_the_files_do_not_lead_to_is_not_stood_for(
    journal: Journal, tmp_path: Path, name: str
) -> None:
    path, data = DAMAGED[name]
    write_files(tmp_path, {path: data})
    with pytest.raises(NotVerified, match="head-not-proven"):
        StaticLog(tmp_path).write_tiles(journal, head(journal, 1100))


def test_the_published_head_is_replaced_and_nothing_pends_any_more(tmp_path: Path) -> None:
    static = StaticLog(tmp_path)
    assert (static.checkpoint(), static.pending()) == (None, None)
    static.write_pending(b"pending")
    assert static.pending() == b"pending"
    static.write_checkpoint(b"first", POLICY)
    static.write_checkpoint(b"second", POLICY)
    static.remove_pending()
    assert (static.checkpoint(), static.pending()) == (b"second", None)
    assert files(tmp_path)["policy.txt"] == POLICY


def test_everyone_may_read_what_is_published_whatever_the_mask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write_files(tmp_path / "log", {"tile/0/000": b"x"})
    finally:
        os.umask(before)
    modes = [path.stat().st_mode & 0o777 for path in sorted((tmp_path / "log").rglob("*"))]
    assert modes == [0o755, 0o755, 0o644]


def test_a_store_that_was_published_beyond_is_frozen(journal: Journal, tmp_path: Path) -> None:
    static = StaticLog(tmp_path)
    static.check_follows(journal)
    static.write_checkpoint(note(journal, 700), POLICY)
    static.check_follows(journal)
    with pytest.raises(Frozen, match=r"published-ahead.*700 foglie.*ne ha 600"):
        static.check_follows(Journal(long_log(600)))


def test_a_store_with_other_leaves_than_were_published_is_frozen(
    journal: Journal, tmp_path: Path
) -> None:
    static = StaticLog(tmp_path)
    static.write_checkpoint(note(journal, 700), POLICY)
    other = MemoryRecorder(ORIGIN)
    write_log(other, 800)
    with pytest.raises(Frozen, match="published-forked"):
        static.check_follows(Journal(other))


def test_the_folder_of_another_ledger_is_not_taken(journal: Journal, tmp_path: Path) -> None:
    signer = Ed25519NoteSigner("altro", LOG_KEY.sign, LOG_KEY.public_key().public_bytes_raw())
    static = StaticLog(tmp_path)
    for size in (300, 3000):
        other = Checkpoint("altro", size, bytes(32))
        static.write_checkpoint(sign_checkpoint(other, signer), POLICY)
        with pytest.raises(Frozen, match=r"published-forked.*PISTA_PUBLIC_LOG"):
            static.check_follows(journal)


def test_a_published_head_that_was_damaged_is_named(journal: Journal, tmp_path: Path) -> None:
    static = StaticLog(tmp_path)
    static.write_checkpoint(note(journal, 300)[:-9], POLICY)
    with pytest.raises(StorageError, match=rf"published-unreadable.*{tmp_path}/checkpoint"):
        static.check_follows(journal)


def test_a_folder_that_cannot_be_written_is_named_and_nothing_is_half_there(
    journal: Journal, tmp_path: Path
) -> None:
    (tmp_path / "tile").mkdir()
    (tmp_path / "tile/entries").write_bytes(b"a file in the place of a folder")
    with pytest.raises(StorageError, match=r"publication-failed.*tile/entries"):
        StaticLog(tmp_path).write_tiles(journal, head(journal, 300))
    assert list(tmp_path.rglob(".draft-*")) == []
    with pytest.raises(StorageError, match="publication-failed"):
        StaticLog(tmp_path / "tile/entries").write_pending(b"")


def test_one_program_publishes_at_a_time(tmp_path: Path) -> None:
    with (
        folder_locked(tmp_path / "new", seconds=0),
        pytest.raises(Busy, match="publication-busy"),
        folder_locked(tmp_path / "new", seconds=0.1),
    ):
        pass
    with folder_locked(tmp_path / "new", seconds=0):
        pass


def test_who_waits_long_enough_has_its_turn(tmp_path: Path) -> None:
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with folder_locked(tmp_path, seconds=0):
            held.set()
            release.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    threading.Timer(0.2, release.set).start()
    with folder_locked(tmp_path, seconds=10):
        assert release.is_set()
    thread.join(10)


def test_a_published_folder_is_read_from_anywhere_it_was_copied_to(
    journal: Journal, tmp_path: Path
) -> None:
    StaticLog(tmp_path / "log").write_tiles(journal, head(journal, 257))
    (tmp_path / "log").rename(tmp_path / "mirror")
    tiles = open_tiles(FolderSource(tmp_path / "mirror"), head(journal, 257))
    assert tiles.inclusion(256) == journal.inclusion(256, 257)
