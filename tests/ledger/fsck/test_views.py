"""The views against a fresh projection: every column of every table is named, and rebuilt on demand."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from ledger.fsck.views_check import Views, check_views, repair_views
from ledger.journal.journal import Journal
from ledger.views.postgres import PostgresViewStore
from ledger.views.runner import Runner
from ledger.views.sqlite import SQLiteViewStore
from ledger.views.tables import COLUMNS
from tests.ledger.fsck.ledgers import LAW, places
from tests.ledger.fsck.stores import TYPES, Column, SQLiteStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.ledger.fsck.conftest import Copy
    from tests.ledger.fsck.ledgers import Made

BESIDE = {"tracking"}


def unheard(_try: int, _of: int) -> None:
    """Hear of a try."""


def store_of(made: Made) -> SQLiteStore:
    """Return the file of the views."""
    return SQLiteStore(made.folder / "views.sqlite")


def edits_of(column: Column, value: Any) -> Iterator[object]:  # noqa: ANN401  any value
    """Yield other values of a column."""
    kind = TYPES[column.kind]
    if kind == "number":
        yield from (value + 1, value + 2**40)
    elif kind == "text":
        yield from (f"{value or ''}x", f"Z{(value or '')[1:]}")
    else:
        yield from (value[:-1], bytes([value[0] ^ 1]) + value[1:])
    if column.may_be_null and value is not None:
        yield None


def keys_of(table: str) -> tuple[str, ...]:
    return COLUMNS[table][0]


def test_honest_views_are_in_order(told: Made, copy: Copy) -> None:
    assert list(copy(told).examine(with_views=True).findings) == []


@pytest.mark.parametrize("table", COLUMNS)
def test_every_edited_column_is_named(table: str, told_file: Made, copy: Copy) -> None:
    reported = store_of(told_file).columns()
    assert set(reported) == {*COLUMNS, *BESIDE}
    names = [column.name for column in reported[table]]
    rows = store_of(told_file).execute((f"SELECT * FROM {table}", ()))  # noqa: S608
    row = dict(zip(names, rows[len(rows) // 2], strict=True))
    where = " AND ".join(f"{name} = ?" for name in keys_of(table))
    keys = tuple(row[name] for name in keys_of(table))
    for column in reported[table]:
        for value in edits_of(column, row[column.name]):
            twin = copy(told_file)
            query = f"UPDATE {table} SET {column.name} = ? WHERE {where}"  # noqa: S608
            store_of(twin).execute((query, (value, *keys)))
            found = list(twin.examine(with_views=True).findings)
            assert [one.table for one in found] == [f"views.{table}"], places(found)
            wanted = keys_of(table)[-1] if column.name == "ledger" else column.name
            assert found[0].column == wanted, places(found)
            assert found[0].is_fault


@pytest.mark.parametrize("table", COLUMNS)
def test_rows_too_few_and_too_many_are_named(table: str, told_file: Made, copy: Copy) -> None:
    twin = copy(told_file)
    query = f"DELETE FROM {table} WHERE rowid = (SELECT min(rowid) FROM {table})"  # noqa: S608
    if table != "intervention":
        last = keys_of(table)[-1]
        query = f"DELETE FROM {table} WHERE {last} = (SELECT min({last}) FROM {table})"  # noqa: S608
    store_of(twin).execute((query, ()))
    found = list(twin.examine(with_views=True).findings)
    assert {(one.code, one.table) for one in found} == {("row-missing", f"views.{table}")}
    names = [column.name for column in store_of(told_file).columns()[table]]
    keys, others = keys_of(table), [name for name in names if name not in keys_of(table)]
    new = [name if name != keys[1] else f"'Z' || {name}" for name in (*keys, *others)]
    columns = ", ".join((*keys, *others))
    twin = copy(told_file)
    insert = f"INSERT INTO {table} ({columns}) SELECT {', '.join(new)} FROM {table} LIMIT 1"  # noqa: S608
    store_of(twin).execute((insert, ()))
    found = list(twin.examine(with_views=True).findings)
    assert places(found)[0].startswith(f"row-surplus views.{table}.")


def test_findings_show_no_content(told_file: Made, copy: Copy) -> None:
    twin = copy(told_file)
    store_of(twin).execute(("UPDATE intervention SET title = title || ' segreto'", ()))
    for one in twin.examine(with_views=True).findings:
        assert "caratteri" in one.stored
        assert "segreto" not in f"{one}"


def test_views_that_are_behind_are_caught_up(told_file: Made, copy: Copy) -> None:
    twin = copy(told_file)
    store_of(twin).execute(("DELETE FROM tracking", ()), ("DELETE FROM timeline", ()))
    assert list(twin.examine(with_views=True).findings) == []


def test_views_that_say_to_be_ahead_are_named(told_file: Made, copy: Copy) -> None:
    twin = copy(told_file)
    store_of(twin).execute(("UPDATE tracking SET position = position + 1", ()))
    found = list(twin.examine(with_views=True).findings)
    assert [(one.table, one.column) for one in found] == [("views.tracking", "position")]


def test_what_was_edited_is_rebuilt_on_demand(told_file: Made, copy: Copy) -> None:
    twin = copy(told_file)
    before = store_of(twin).execute(("SELECT * FROM timeline", ()))
    store_of(twin).execute(
        ("UPDATE timeline SET sentence = 'x'", ()),
        ("DELETE FROM act", ()),
        ("UPDATE tracking SET position = position + 9", ()),
    )
    assert twin.examine(with_views=True).findings.faults
    assert list(twin.examine(with_views=True, repair=True).findings) == []
    assert store_of(twin).execute(("SELECT * FROM timeline", ())) == before
    assert list(twin.examine(with_views=True).findings) == []


def test_a_file_that_is_no_database_is_a_finding(told_file: Made, copy: Copy) -> None:
    twin = copy(told_file)
    for path in twin.folder.glob("views.sqlite*"):
        path.write_bytes(b"x" * 4096)
    found = list(twin.examine(with_views=True).findings)
    assert [(one.code, one.is_fault) for one in found] == [("views-failed", True)]


def test_views_are_not_compared_with_a_log_that_is_wrong(told_file: Made, copy: Copy) -> None:
    twin = copy(told_file)
    twin.execute("UPDATE event SET key = NULL WHERE position = 21")
    found = list(twin.examine(with_views=True).findings)
    assert [one.code for one in found] == ["column-differs", "views-not-compared"]
    assert not found[1].is_fault


def test_views_in_a_server_are_compared_and_rebuilt(told_file: Made, postgres_url: str) -> None:
    with (
        closing(told_file.store.recorder(told_file.origin)) as recorder,
        closing(PostgresViewStore(postgres_url, told_file.origin, create=True)) as store,
    ):
        views = Views(store, Journal(recorder), LAW)
        assert check_views(views, unheard) == []
        with store._writing() as writer:
            writer.write("UPDATE timeline SET sentence = ? WHERE place = 2", ("x",))
            writer.write("DELETE FROM act WHERE ledger = ?", (told_file.origin,))
        found = check_views(views, unheard)
        assert {one.table for one in found} == {"views.timeline", "views.act"}
        repair_views(views)
        assert check_views(views, unheard) == []


def test_a_ledger_that_others_write_to_gives_no_false_alarm(told_file: Made, copy: Copy) -> None:
    """Both sides move while they are compared: here the views are brought on by another program."""
    twin = copy(told_file)
    store_of(twin).execute(("DELETE FROM tracking", ()), ("DELETE FROM intervention", ()))
    with twin.views() as views:

        def meanwhile(_what: int, _of: int) -> None:
            with closing(SQLiteViewStore(twin.folder / "views.sqlite", twin.origin)) as other:
                Runner(views.journal, other, LAW).catch_up()

        assert check_views(views, meanwhile) == []


def test_the_file_of_the_views_is_left_as_it_was(told_file: Made, copy: Copy) -> None:
    twin = copy(told_file)
    before = store_of(twin).execute(("SELECT * FROM intervention", ()))
    twin.examine(with_views=True)
    with closing(sqlite3.connect(twin.folder / "views.sqlite")) as connection:
        assert connection.execute("SELECT * FROM intervention").fetchall() == before
