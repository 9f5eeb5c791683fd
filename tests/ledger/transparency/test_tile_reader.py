"""Logs read from tiles: of others and ours, of every size at which the shape changes."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import Absent, NotVerified, StorageError, Unreadable
from ledger.journal.checkpoint import Checkpoint
from ledger.journal.journal import Journal
from ledger.journal.memory import MemoryRecorder
from ledger.journal.merkle import EMPTY_ROOT, leaf_hash, verify_consistency, verify_inclusion
from ledger.journal.tiles import bundles_of, edge_of, entries_path, parse_tile_path, tiles_of
from ledger.transparency.source import FolderSource
from ledger.transparency.tile_reader import TileReader, open_tiles
from tests.ledger.journal.copy_kit import write_log
from tests.ledger.journal.sequencer_kit import ORIGIN
from tests.ledger.transparency.tiled_log import Files, TiledLog, number_path

if TYPE_CHECKING:
    from pathlib import Path

SIZES = (0, 1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 70_000)
SHOWN = (0, 1, 255, 256, 257, 511, 65_535, 65_536, 69_999)


@cache
def foreign() -> TiledLog:
    """Return a log whose entries are not ours: any bytes, of 0 to 65,535 of them."""
    entries = [b"%d;" % n * (n % 7) for n in range(70_000)]
    entries[3] = b""
    entries[5] = bytes(range(256)) * 255 + bytes(255)
    return TiledLog("example.org/a-log-of-others", entries)


@cache
def files_of(size: int) -> dict[str, bytes]:
    """Return all files of the foreign log."""
    return foreign().files(size)


def opened(size: int, **changed: bytes | None) -> tuple[TileReader, Files]:
    """Return the foreign log of a size, with some of its files changed or gone (None)."""
    files = {**files_of(size), **changed}
    source = Files({path: data for path, data in files.items() if data is not None})
    return open_tiles(source, foreign().checkpoint(size)), source


def flipped(data: bytes, at: int = 0) -> bytes:
    """Return the bytes with one bit changed."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize("size", SIZES)
def test_the_hand_made_log_has_the_files_that_the_standard_names(size: int) -> None:
    if size:
        hashes = [
            place for place in map(parse_tile_path, files_of(size)) if place.level is not None
        ]
        bundles = [place for place in map(parse_tile_path, files_of(size)) if place.level is None]
        assert set(hashes) == set(tiles_of(size))
        assert bundles == list(bundles_of(size))
        edge = {(one.level, one.index, one.width) for one in hashes if one.width < 256}
        assert set(edge_of(size)) == edge
    else:
        assert files_of(size) == {}


def test_the_example_of_the_standard_has_its_tiles() -> None:
    """tlog-tiles, "Partial Tiles": 273 full ones and widths 112, 17 and 1 for 70,000 leaves."""
    assert list(edge_of(70_000)) == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]
    assert list(edge_of(256)) == [(1, 0, 1)]
    assert number_path(1_234_067) == "x001/x234/067"


@pytest.mark.parametrize("size", SIZES)
def test_the_right_edge_alone_gives_the_root(size: int) -> None:
    tiles, source = opened(size)
    assert tiles.root_at(size) == foreign().root(size)
    assert len(source.asked) == len(list(edge_of(size)))


@pytest.mark.parametrize("size", SIZES)
def test_every_entry_is_read_and_proven(size: int) -> None:
    tiles, _ = opened(size)
    assert [entry for _, entry in tiles.entries(0, size)] == foreign().entries[:size]
    for index in (one for one in SHOWN if one < size):
        verify_inclusion(
            leaf_hash(foreign().entries[index]),
            index,
            size,
            tiles.inclusion(index),
            tiles.root_at(size),
        )


@pytest.mark.parametrize("size", SIZES)
def test_every_smaller_tree_is_proven_consistent(size: int) -> None:
    tiles, _ = opened(size)
    for old in (one for one in SIZES if one <= size):
        proof = tiles.consistency(old)
        verify_consistency(old, foreign().root(old), size, foreign().root(size), proof)
        tiles.verify_beginning(foreign().checkpoint(old))


@given(size=st.integers(1, 1400), data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_leaf_is_proven_in_any_tree_that_has_it(size: int, data: st.DataObject) -> None:
    tiles, _ = opened(size)
    smaller = data.draw(st.integers(1, size))
    index = data.draw(st.integers(0, smaller - 1))
    leaf = leaf_hash(foreign().entries[index])
    root = foreign().root(smaller)
    verify_inclusion(leaf, index, smaller, tiles.inclusion(index, smaller), root)
    assert [entry for _, entry in tiles.entries(index, smaller)] == (
        foreign().entries[index:smaller]
    )


def test_who_reads_all_entries_asks_for_no_full_tile_of_level_0() -> None:
    tiles, source = opened(70_000)
    assert sum(1 for _ in tiles.entries(0, 70_000)) == 70_000
    assert [path for path in source.asked if path.startswith("tile/0/")] == ["tile/0/273.p/112"]
    assert len(source.asked) == len(set(source.asked)) == 274 + 3 + 1


def test_our_own_log_is_read_like_any_other() -> None:
    recorder = MemoryRecorder(ORIGIN)
    write_log(recorder, 700)
    journal = Journal(recorder)
    leaves = [leaf for _, leaf, _ in journal.entries(0, journal.size)]
    log = TiledLog(ORIGIN, leaves)
    head = Checkpoint(ORIGIN, journal.size, journal.root_at(journal.size))
    tiles = open_tiles(Files(log.files(journal.size)), head)
    assert [leaf for _, leaf in tiles.entries(0, head.size)] == leaves
    assert tiles.inclusion(100) == journal.inclusion(100, head.size)
    assert tiles.consistency(300) == journal.consistency(300, head.size)


@pytest.mark.parametrize("size", [1, 257, 70_000])
def test_a_partial_tile_that_is_gone_is_the_beginning_of_the_full_one(size: int) -> None:
    """The log has grown since, and has deleted its partial tiles."""
    later = {path: data for path, data in files_of(70_000).items() if ".p/" not in path}
    source = Files(later | {path: data for path, data in files_of(size).items() if size == 70_000})
    tiles = open_tiles(source, foreign().checkpoint(size))
    assert [entry for _, entry in tiles.entries(0, size)] == foreign().entries[:size]


def test_a_partial_tile_that_is_gone_with_the_full_one_is_named() -> None:
    files = files_of(257)
    with pytest.raises(Absent, match=r"tile/0/001\.p/1"):
        open_tiles(Files({}), foreign().checkpoint(257))
    tiles, _ = opened(257, **{"tile/entries/001.p/1": None})
    with pytest.raises(Absent, match=r"tile/entries/001\.p/1"):
        list(tiles.entries(256, 257))
    assert "tile/entries/001.p/1" in files


EDGE = {"level 0": "tile/0/273.p/112", "level 1": "tile/1/001.p/17", "level 2": "tile/2/000.p/1"}
FULL = {"level 0": "tile/0/002", "level 1": "tile/1/000"}


@pytest.mark.parametrize("level", EDGE)
def test_a_changed_tile_of_the_right_edge_gives_another_root(level: str) -> None:
    path = EDGE[level]
    for at in (0, 31, len(files_of(70_000)[path]) - 1):
        with pytest.raises(NotVerified, match="head-not-proven"):
            opened(70_000, **{path: flipped(files_of(70_000)[path], at)})


@pytest.mark.parametrize("level", FULL)
def test_a_changed_full_tile_is_named_whatever_is_read_of_it(level: str) -> None:
    path = FULL[level]
    for at in (0, 4095, 8191):
        tiles, _ = opened(70_000, **{path: flipped(files_of(70_000)[path], at)})
        with pytest.raises(NotVerified, match=f"tile-differs.*{path} "):
            tiles.inclusion(2 * 256)


def test_a_tile_in_the_place_of_another_is_found() -> None:
    tiles, _ = opened(70_000, **{"tile/0/002": files_of(70_000)["tile/0/003"]})
    with pytest.raises(NotVerified, match="tile-differs"):
        tiles.subtree(0, 512)


@pytest.mark.parametrize("index", [0, 513, 69_999])
def test_a_changed_entry_is_named(index: int) -> None:
    other = TiledLog(foreign().origin, [*foreign().entries])
    other.entries = [*other.entries[:index], b"another", *other.entries[index + 1 :]]
    path = entries_path(index // 256, min(256, 70_000 - index // 256 * 256))
    tiles, _ = opened(70_000, **{path: other.files(70_000)[path]})
    with pytest.raises(NotVerified, match=rf"entry-differs.*La voce {index} "):
        list(tiles.entries(index - index % 256, 70_000))


BAD_BUNDLES = {
    "an entry too few": lambda data: (
        data[:-2] if data.endswith(b"\0\0") else data[: -2 - len(LAST)]
    ),
    "an entry too many": lambda data: data + b"\0\0",
    "cut within an entry": lambda data: data[:-1],
    "empty": lambda _: b"",
}
LAST = b"299;" * (299 % 7)


@pytest.mark.parametrize("name", BAD_BUNDLES)
def test_a_bundle_of_another_shape_is_refused(name: str) -> None:
    path = "tile/entries/001.p/44"
    data = BAD_BUNDLES[name](files_of(300)[path])
    tiles, _ = opened(300, **{path: data})
    with pytest.raises(Unreadable, match="bundle-unreadable"):
        list(tiles.entries(256, 300))


@pytest.mark.parametrize("data", [b"", b"x" * 31, b"x" * 33])
def test_a_tile_of_another_size_is_refused(data: bytes) -> None:
    with pytest.raises(StorageError if len(data) > 32 else Unreadable):
        opened(1, **{"tile/0/000.p/1": data})


def test_the_root_of_another_log_of_the_same_size_is_refused() -> None:
    other = foreign().checkpoint(300)
    with pytest.raises(NotVerified, match="head-not-proven"):
        open_tiles(Files(files_of(301)), Checkpoint(other.origin, 301, other.root))
    with pytest.raises(NotVerified, match="head-not-proven"):
        open_tiles(Files({}), Checkpoint(other.origin, 0, other.root))
    assert open_tiles(Files({}), Checkpoint(other.origin, 0, EMPTY_ROOT)).size == 0


NOT_OLDER = {
    "a larger one": (
        Checkpoint("example.org/a-log-of-others", 301, bytes(32)),
        "not-an-older-head",
    ),
    "one of another log": (Checkpoint("example.org/other", 3, bytes(32)), "not-an-older-head"),
    "another root": (Checkpoint("example.org/a-log-of-others", 3, bytes(32)), "log-forked"),
    "another root of the same size": (
        Checkpoint("example.org/a-log-of-others", 300, bytes(32)),
        "log-forked",
    ),
}


@pytest.mark.parametrize("name", NOT_OLDER)
def test_a_checkpoint_that_is_no_beginning_is_told(name: str) -> None:
    older, code = NOT_OLDER[name]
    tiles, _ = opened(300)
    with pytest.raises(NotVerified, match=code):
        tiles.verify_beginning(older)


def test_what_the_tree_does_not_have_is_no_answer() -> None:
    tiles, _ = opened(257)
    for level, index in ((0, 257), (1, 128), (8, 1), (9, 0)):
        with pytest.raises(IndexError):
            tiles.subtree(level, index)
    with pytest.raises(IndexError):
        tiles.tile(0, 2)
    with pytest.raises(IndexError):
        opened(256)[0].tile(0, 1)
    assert list(tiles.entries(257, 300)) == []


def test_a_folder_gives_its_files_within_their_limit(tmp_path: Path) -> None:
    (tmp_path / "tile/0/000.p").mkdir(parents=True)
    (tmp_path / "tile/0/000.p/1").write_bytes(b"x" * 32)
    source = FolderSource(tmp_path)
    assert source.read("tile/0/000.p/1", 32) == b"x" * 32
    with pytest.raises(StorageError, match="answer-too-long"):
        source.read("tile/0/000.p/1", 31)
    for path in ("checkpoint", "tile/0/000.p/1/2"):
        with pytest.raises(Absent, match="not-published"):
            source.read(path, 32)
    with pytest.raises(StorageError, match="source-failed"):
        source.read("tile/0", 32)
