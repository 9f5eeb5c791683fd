"""The raw rows of every table: in order, in pages, whatever is in them; the same on every store."""

from __future__ import annotations

import pickle
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from ledger.errors import Absent, StorageError
from ledger.journal.address import PostgresDatabase, SQLiteFile
from ledger.journal.opening import open_recorder
from ledger.journal.opening_tables import tables_of
from ledger.journal.schema import ledger_id
from ledger.journal.store import TILE_BYTES, KeyedEvent, Tile
from ledger.journal.tables import (
    EVENT,
    LEDGER_HEAD,
    LEDGER_ID,
    PAGE,
    STREAM,
    STREAM_EVENT,
    TABLES,
    TILE,
    every_row,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ledger.journal.address import Address
    from ledger.journal.tables import TableReader

ORIGIN = "pnrr.comune.lecce.it/c_e506"
OTHER = "altro.example/c_e506"
ROWS = PAGE + 100


@pytest.fixture(params=["sqlite", "postgres"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Address:
    """A store with two ledgers: one of many rows, one of none."""
    made: Address = (
        SQLiteFile(tmp_path / "ledger.sqlite")
        if request.param == "sqlite"
        else PostgresDatabase(request.getfixturevalue("postgres_url"))
    )
    with closing(open_recorder(made, ORIGIN, create=True)) as recorder:
        rows = [KeyedEvent("x/1", b"data", ["a", f"s{n % 7}"], f"key {n}") for n in range(ROWS)]
        recorder.append(rows[:-1], tiles=[Tile(0, 0, bytes(TILE_BYTES)), Tile(0, 1, bytes(8192))])
        recorder.append([*rows[-1:], KeyedEvent("heads", b"\0")])
    open_recorder(made, OTHER, create=True).close()
    return made


@pytest.fixture
def reader(address: Address) -> Iterator[TableReader]:
    """The rows of the first ledger."""
    with closing(tables_of(address, ORIGIN).open(snapshot=True)) as opened:
        yield opened


def test_every_row_comes_once_in_the_order_of_its_key(reader: TableReader) -> None:
    for table in TABLES:
        rows = list(every_row(reader, table))
        assert [table.key_of(row) for row in rows] == sorted({table.key_of(row) for row in rows})
        assert len(rows) == reader.count(table)
    counts = {table.name: reader.count(table) for table in TABLES}
    places = 2 * ROWS
    expected = {"ledger_head": 1, "event": ROWS + 1, "stream": 8, "stream_event": places, "tile": 2}
    assert counts == expected


def test_a_page_begins_after_a_key(reader: TableReader) -> None:
    assert [row[0] for row in reader.page(EVENT, (PAGE,), 3)] == [PAGE + 1, PAGE + 2, PAGE + 3]
    assert reader.page(EVENT, (ROWS + 1,), 3) == []
    assert reader.page(STREAM_EVENT, (1, 0), 1)[0][:2] == (1, 1)
    assert reader.page(TILE, (0, 0), 5) == [(0, 1, bytes(TILE_BYTES))]
    assert reader.page(LEDGER_HEAD, None, 5) == [(ORIGIN, ROWS + 1, 8)]


def test_rows_are_raw(reader: TableReader) -> None:
    first, last = reader.page(EVENT, None, 1)[0], reader.page(EVENT, (ROWS,), 1)[0]
    assert first == (1, "x/1", "key 0", "0,1", b"data")
    assert last == (ROWS + 1, "heads", None, "", b"\0")
    assert EVENT.named(first) == "position 1"
    assert STREAM_EVENT.named((3, 17, 9)) == "ordinal 3, seq 17"


def test_rows_are_found_by_a_value(reader: TableReader) -> None:
    assert [row[:2] for row in reader.matching(STREAM_EVENT, "position", 1, 9)] == [(0, 0), (1, 0)]
    assert reader.matching(STREAM, "ordinal", 99, 9) == []
    assert reader.greatest(EVENT, "position") == ROWS + 1
    assert reader.repeated(STREAM_EVENT, "seq", 2) != []
    assert reader.repeated(EVENT, "key", 2) == []


def test_every_ledger_of_the_store_is_told(reader: TableReader) -> None:
    both = sorted([ledger_id(ORIGIN), ledger_id(OTHER)])
    assert [head[0] for head in reader.heads()] == both
    assert list(reader.ledgers(LEDGER_HEAD)) == both
    assert list(reader.ledgers(EVENT)) == [ledger_id(ORIGIN)]
    assert reader.page(LEDGER_HEAD, None, 2, ledger=ledger_id(OTHER)) == [(OTHER, 0, 0)]


def test_the_catalogue_is_that_of_the_store(reader: TableReader) -> None:
    columns = reader.columns()
    for table in TABLES:
        assert sorted(columns[table.name]) == sorted((LEDGER_ID, *table.columns))
    assert [one for one in reader.properties() if one.stored != one.expected] == []
    assert list(reader.unknown()) == []
    assert list(reader.damage()) == []


def test_a_snapshot_stays_as_it_was(address: Address, reader: TableReader) -> None:
    before = reader.count(EVENT)
    with closing(open_recorder(address, ORIGIN)) as recorder:
        recorder.append([KeyedEvent("x/1", b"data", ["a"], "later")])
    assert reader.count(EVENT) == before
    assert reader.page(LEDGER_HEAD, None, 1) == [(ORIGIN, before, 8)]
    with closing(tables_of(address, ORIGIN).open(snapshot=False)) as after:
        assert after.count(EVENT) == before + 1


def test_the_name_of_a_store_goes_to_other_processes(address: Address) -> None:
    sent = pickle.dumps(tables_of(address, ORIGIN))
    source = pickle.loads(sent)  # noqa: S301  our own bytes
    assert source.ledger_id == ledger_id(ORIGIN)
    with closing(source.open(snapshot=False)) as opened:
        assert opened.count(EVENT) == ROWS + 1


def test_what_fails_is_told_and_the_next_question_answered(
    address: Address, reader: TableReader
) -> None:
    del address
    with pytest.raises(StorageError) as failure:
        reader.matching(EVENT, "no_such_column", 1, 1)
    assert failure.value.code == "store-damaged"
    assert reader.count(EVENT) == ROWS + 1


def test_the_name_of_a_server_shows_no_password() -> None:
    source = tables_of(PostgresDatabase("postgresql://a:secret@db/x", "secret"), ORIGIN)
    assert "secret" not in repr(source)


def test_no_file_is_no_ledger_and_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "none.sqlite"
    with pytest.raises(Absent):
        tables_of(SQLiteFile(path), ORIGIN).open(snapshot=True)
    assert not path.exists()


def test_text_that_is_no_utf_8_is_shown_by_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with closing(open_recorder(SQLiteFile(path), ORIGIN, create=True)) as recorder:
        recorder.append([KeyedEvent("x/1", b"data", ["a"], "key")])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE event SET type = CAST(x'78ff31' AS TEXT)")
        connection.commit()
    with closing(tables_of(SQLiteFile(path), ORIGIN).open(snapshot=True)) as reader:
        assert reader.page(EVENT, None, 1)[0][1] == "x\\xff1"
        assert list(reader.damage()) == []
