"""Tiles: the paths and sizes of the specification, bundles read back as written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import Unreadable
from ledger.journal.tiles import (
    FULL_WIDTH,
    TilePlace,
    bundles_of,
    encode_bundle,
    entries_path,
    parse_bundle,
    parse_tile_path,
    tile_path,
    tiles_of,
)

PATHS = {
    "tile/0/x001/x234/067": TilePlace(0, 1234067),
    "tile/0/000": TilePlace(0, 0),
    "tile/63/999": TilePlace(63, 999),
    "tile/1/x001/000.p/5": TilePlace(1, 1000, 5),
    "tile/2/000.p/255": TilePlace(2, 0, 255),
    "tile/entries/x001/x234/067": TilePlace(None, 1234067),
    "tile/entries/273.p/112": TilePlace(None, 273, 112),
}

NOT_A_PATH = {
    "no text": "",
    "no number": "tile/0/",
    "a leading slash": "/tile/0/000",
    "a slash at the end": "tile/0/000/",
    "a newline at the end": "tile/0/000\n",
    "an unknown level": "tile/data/000",
    "a level with a leading zero": "tile/00/000",
    "a level over 63": "tile/64/000",
    "a number without padding": "tile/0/67",
    "four digits": "tile/0/1234",
    "a first element without x": "tile/0/001/234",
    "a last element with x": "tile/0/x001",
    "an element too many": "tile/0/x000/001",
    "a number over 63 bits": "tile/0/x009/x223/x372/x036/x854/x775/808",
    "a width of 0": "tile/0/000.p/0",
    "a width of 256": "tile/0/000.p/256",
    "a width with a leading zero": "tile/0/000.p/05",
    "no width": "tile/0/000.p/",
    "a way up": "tile/0/../000",
    "other digits": "tile/0/\u0660\u0660\u0660",
}

NOT_A_BUNDLE = {
    "no bytes": b"",
    "half a length": b"\x00",
    "a leaf that is missing": b"\x00\x01",
    "a leaf that is cut": b"\x00\x02a",
    "half a length after a leaf": b"\x00\x01a\x00",
    "over 256 leaves": b"\x00\x01a" * 257,
}


@pytest.mark.parametrize("path", PATHS)
def test_the_path_of_a_tile_is_that_of_the_specification(path: str) -> None:
    place = PATHS[path]
    if place.level is None:
        assert entries_path(place.index, place.width) == path
    else:
        assert tile_path(place.level, place.index, place.width) == path
    assert parse_tile_path(path) == place


@pytest.mark.parametrize("name", NOT_A_PATH)
def test_text_that_names_no_tile_is_refused(name: str) -> None:
    with pytest.raises(Unreadable, match="tile-path-unreadable"):
        parse_tile_path(NOT_A_PATH[name])


@pytest.mark.parametrize(
    ("level", "index", "width"),
    [(-1, 0, 256), (64, 0, 256), (0, -1, 256), (0, 2**63, 256), (0, 0, 0), (0, 0, 257)],
)
def test_a_tile_out_of_range_has_no_path(level: int, index: int, width: int) -> None:
    with pytest.raises(Unreadable, match="tile-path-unreadable"):
        tile_path(level, index, width)


@settings(max_examples=50)
@given(st.integers(0, 63), st.integers(0, 2**63 - 1), st.integers(1, 256))
def test_a_path_is_read_back_as_it_was_written(level: int, index: int, width: int) -> None:
    assert parse_tile_path(tile_path(level, index, width)) == TilePlace(level, index, width)
    assert parse_tile_path(entries_path(index, width)) == TilePlace(None, index, width)


def test_a_tree_of_70000_leaves_has_the_tiles_of_the_specification() -> None:
    tiles = list(tiles_of(70000))
    full = [TilePlace(0, index) for index in range(273)]
    partial = [TilePlace(0, 273, 112), TilePlace(1, 0), TilePlace(1, 1, 17), TilePlace(2, 0, 1)]
    assert tiles == full + partial
    assert list(bundles_of(70000))[-2:] == [TilePlace(None, 272), TilePlace(None, 273, 112)]


def test_a_tree_of_256_leaves_has_the_tiles_of_the_specification() -> None:
    assert list(tiles_of(256)) == [TilePlace(0, 0), TilePlace(1, 0, 1)]
    assert list(bundles_of(256)) == [TilePlace(None, 0)]


def test_an_empty_tree_has_no_tiles() -> None:
    assert list(tiles_of(0)) == list(bundles_of(0)) == []


def test_a_bundle_prefixes_each_leaf_with_its_length() -> None:
    assert encode_bundle([b"ab", b"", b"c" * 256]) == b"\x00\x02ab\x00\x00\x01\x00" + b"c" * 256


@settings(max_examples=50)
@given(st.lists(st.binary(max_size=70), min_size=1, max_size=FULL_WIDTH))
def test_a_bundle_is_read_back_as_it_was_written(leaves: list[bytes]) -> None:
    assert parse_bundle(encode_bundle(leaves)) == leaves


@pytest.mark.parametrize("name", NOT_A_BUNDLE)
def test_bytes_that_break_the_format_are_no_bundle(name: str) -> None:
    with pytest.raises(Unreadable, match="bundle-unreadable"):
        parse_bundle(NOT_A_BUNDLE[name])


@pytest.mark.parametrize("leaves", [[], [b"a"] * 257, [bytes(65536)]])
def test_leaves_that_do_not_fit_are_not_bundled(leaves: list[bytes]) -> None:
    with pytest.raises(Unreadable, match="bundle-unreadable"):
        encode_bundle(leaves)
