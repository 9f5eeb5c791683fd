"""Copying a log row for row: the same bytes in every table, wherever it comes from."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from ledger.errors import Conflict, StorageError
from ledger.journal.anchor import AnchorState, MemoryAnchor
from ledger.journal.copying import copy_rows
from ledger.journal.journal import Journal
from ledger.journal.memory import MemoryRecorder
from ledger.journal.sqlite import SQLiteRecorder
from ledger.journal.store import Head
from tests.ledger.journal.copy_kit import long_log, tables, write_log
from tests.ledger.journal.recorder_suite import keyed
from tests.ledger.journal.sequencer_kit import ORIGIN, Client, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EVENTS = 900  # with their heads leaves four full tiles


@pytest.fixture
def written(tmp_path: Path) -> Iterator[SQLiteRecorder]:
    """A log in SQLite as the sequencer wrote it."""
    with closing(SQLiteRecorder(tmp_path / "written.sqlite", ORIGIN, create=True)) as recorder:
        write_log(recorder, EVENTS)
        yield recorder


@pytest.fixture
def target(tmp_path: Path) -> Iterator[SQLiteRecorder]:
    """A store with nothing in it."""
    with closing(SQLiteRecorder(tmp_path / "target.sqlite", ORIGIN, create=True)) as recorder:
        yield recorder


def test_a_copy_has_the_same_bytes_in_every_table(
    written: SQLiteRecorder, target: SQLiteRecorder
) -> None:
    told: list[tuple[int, int]] = []
    size = written.head().position
    copy_rows(written, target, size, lambda done, all_: told.append((done, all_)))
    assert tables(target.address.path) == tables(written.address.path)
    assert len(tables(target.address.path)["tile"]) == size // 256
    assert told[-1] == (size, size)


def test_a_copy_through_memory_and_back_is_the_same(
    written: SQLiteRecorder, target: SQLiteRecorder
) -> None:
    size = written.head().position
    between = MemoryRecorder(ORIGIN)
    copy_rows(written, between, size)
    copy_rows(between, target, size)
    assert tables(target.address.path) == tables(written.address.path)


def test_tiles_of_higher_levels_are_copied(target: SQLiteRecorder) -> None:
    size = 256 * 256 + 300
    source = long_log(size)
    copy_rows(source, target, size)
    assert target.read_tile(1, 0) == source.read_tile(1, 0) is not None
    assert Journal(target).root_at(size) == Journal(source).root_at(size)


def test_a_copy_can_be_written_on_by_a_sequencer(
    written: SQLiteRecorder, target: SQLiteRecorder
) -> None:
    size = written.head().position
    copy_rows(written, target, size)
    anchor = MemoryAnchor(AnchorState(size, Journal(written).root_at(size)))
    sequencer, client = opened(target, anchor), Client("later")
    client.learn(sequencer)
    assert sequencer.submit(client.make("cup/1", "act/new")).first


@pytest.mark.parametrize("done", [0, 1, 255, 256, 700])
def test_a_copy_that_broke_off_goes_on(
    written: SQLiteRecorder, target: SQLiteRecorder, done: int
) -> None:
    copy_rows(written, target, done)
    assert target.head().position == done
    copy_rows(written, target, written.head().position)
    assert tables(target.address.path) == tables(written.address.path)


def test_a_copy_that_is_there_already_is_left_as_it_is(
    written: SQLiteRecorder, target: SQLiteRecorder
) -> None:
    size = written.head().position
    copy_rows(written, target, size)
    copy_rows(written, target, size)
    assert tables(target.address.path) == tables(written.address.path)


def test_only_the_rows_asked_for_are_copied(
    written: SQLiteRecorder, target: SQLiteRecorder
) -> None:
    copy_rows(written, target, 8)
    assert target.head() == Head(8, len(target.streams()))
    assert [stream.last_position <= 8 for stream in target.streams()] == [True] * 12


def test_a_target_that_holds_something_else_is_left_alone(
    written: SQLiteRecorder, target: SQLiteRecorder
) -> None:
    write_log(target, 10, batch=3)
    before = tables(target.address.path)
    with pytest.raises(Conflict, match="copy-differs"):
        copy_rows(written, target, written.head().position)
    assert tables(target.address.path) == before


def test_a_target_that_holds_more_is_left_alone(
    written: SQLiteRecorder, target: SQLiteRecorder
) -> None:
    copy_rows(written, target, 20)
    with pytest.raises(Conflict, match="copy-differs"):
        copy_rows(written, target, 10)
    assert target.head().position == 20


DAMAGES = {
    "a tile that is gone": ("DELETE FROM tile WHERE number = 1", "tile-missing"),
    "a tile with another hash": (
        "UPDATE tile SET hashes = zeroblob(8192) WHERE number = 1",
        "tile-missing",
    ),
    "a row that is gone": ("DELETE FROM event WHERE position = 301", "row-missing"),
}


@pytest.mark.parametrize(("sql", "code"), DAMAGES.values(), ids=DAMAGES.keys())
def test_a_source_that_contradicts_itself_is_not_copied(
    written: SQLiteRecorder, target: SQLiteRecorder, sql: str, code: str
) -> None:
    with closing(sqlite3.connect(written.address.path)) as connection, connection:
        connection.execute(sql)
    with pytest.raises(StorageError, match=code):
        copy_rows(written, target, written.head().position)


def test_a_copy_asked_beyond_the_end_says_so(target: SQLiteRecorder) -> None:
    source = MemoryRecorder(ORIGIN)
    source.append([keyed("k", data=b"\x00\x01lenvelope")])
    with pytest.raises(StorageError, match="row-missing"):
        copy_rows(source, target, 2)
