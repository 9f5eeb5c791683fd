"""Every column of every table, edited in every way that the store lets through, is named.

The tables and columns are those that the database itself reports. A table or a column that is not
known here, or of a type that is not, fails: whoever adds one says how it is edited, and what is found.
PISTA_EXHAUSTIVE=1 edits every row instead of a few.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from ledger.journal.tables import LEDGER_HEAD, LEDGER_ID, TABLES, TILE
from tests.ledger.fsck.ledgers import places
from tests.ledger.fsck.stores import BYTES, NUMBER, REFUSED, TEXT, TYPES, SQLiteStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.fsck.finding import Finding
    from ledger.journal.tables import Table
    from tests.ledger.fsck.conftest import Copy
    from tests.ledger.fsck.ledgers import Made
    from tests.ledger.fsck.stores import Column, Statement

BESIDE = {"schema_version"}  # tables whose one row is a property of the store, not of the ledger
MOST_FINDINGS = 4  # of one edit of one value
BY_NAME = {table.name: table for table in TABLES}

every_table = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
each_but_tile = pytest.mark.parametrize(
    "table", [table for table in TABLES if table is not TILE], ids=lambda table: table.name
)


@dataclass(frozen=True)
class Edit:
    """One way of editing, as statements."""

    name: str
    column: str
    row: dict[str, Any]
    statements: tuple[Statement, ...]


def edits_of(table: Table, column: Column, row: dict[str, Any]) -> Iterator[Edit]:
    """Yield the ways to edit one value."""
    value = row[column.name]
    kind = TYPES.get(column.kind)
    if kind is None:
        pytest.fail(f"{table.name}.{column.name} is of type {column.kind}: say how it is edited")
    changed: dict[str, object] = {}
    if kind == NUMBER:
        changed = {"one more": value + 1, "one less": value - 1, "far away": value + 2**40}
    elif kind == TEXT:
        changed = {"text changed": f"{value or ''}x", "first letter": f"Z{(value or '')[1:]}"}
        changed |= {} if value is None else {"nothing": ""}
    elif kind == BYTES:
        middle = len(value) // 2
        changed = {f"bit of byte {at}": flipped(value, at) for at in (0, middle, len(value) - 1)}
        changed |= {"cut": value[:-1], "longer": value + b"\0", "nothing": b""}
    if column.may_be_null and value is not None:
        changed["null"] = None
    for name, new in changed.items():
        if new != value:
            statement = update(table, column.name, new, row)
            yield Edit(name, column.name, row, (statement,))


def flipped(data: bytes, at: int) -> bytes:
    """Return data with one bit changed."""
    return data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :]


def update(table: Table, column: str, value: object, row: dict[str, Any]) -> Statement:
    """Return the statement that sets a value in one row."""
    where, values = of_row(table, row)
    return f"UPDATE {table.name} SET {column} = ? WHERE {where}", (value, *values)  # noqa: S608


def of_row(table: Table, row: dict[str, Any]) -> tuple[str, tuple[object, ...]]:
    """Return the condition of one row."""
    names = (LEDGER_ID, *table.key)
    return " AND ".join(f"{name} = ?" for name in names), tuple(row[name] for name in names)


def rows_of(made: Made, table: Table) -> list[dict[str, Any]]:
    """Return all rows of a table, in the order of its key."""
    columns = (LEDGER_ID, *table.columns)
    order = ", ".join((LEDGER_ID, *table.key))
    query = f"SELECT {', '.join(columns)} FROM {table.name} ORDER BY {order}"  # noqa: S608
    return [dict(zip(columns, row, strict=True)) for row in made.execute(query)]


def chosen(made: Made, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows that are edited: one where each edit takes a schema of a server."""
    if os.environ.get("PISTA_EXHAUSTIVE"):
        return rows
    ends = {0, len(rows) - 1} if isinstance(made.store, SQLiteStore) else set()
    return [rows[at] for at in sorted({len(rows) // 3, *ends})]


def names_it(found: Finding, table: Table, edit: Edit) -> bool:
    """Tell whether a finding names table, column and row of an edit."""
    if found.table != table.name or edit.column not in {found.column, LEDGER_ID}:
        return False
    if edit.column != "data":
        return True
    first, _, last = found.key.removeprefix("position ").partition("-")
    return int(first) <= edit.row["position"] <= int(last or first)


def fault_of(edit: Edit, table: Table, made: Made) -> str:
    """Return what is wrong with what is found, nothing when it is as it should be."""
    findings = [one for one in made.examine().findings if one.is_fault]
    told = f"{table.name}.{edit.column} {edit.name} {edit.row.get('position')}: {places(findings)}"
    if not findings or not names_it(findings[0], table, edit):
        return f"not named: {told}"
    return f"too many: {told}" if len(findings) > MOST_FINDINGS else ""


def spoiled(made: Made, copy: Copy, *statements: Statement) -> Made | None:
    """Return a copy with an edit, None when the store refuses it."""
    twin = copy(made)
    try:
        twin.store.execute(*statements)
    except REFUSED:
        return None
    return twin


def test_the_catalogue_is_what_the_database_reports(told: Made) -> None:
    reported = told.store.columns()
    assert set(reported) - BESIDE == BY_NAME.keys()
    for table in TABLES:
        names = [column.name for column in reported[table.name]]
        assert sorted(names) == sorted((LEDGER_ID, *table.columns))


@pytest.mark.parametrize(
    "table", [table for table in TABLES if table is not TILE], ids=lambda table: table.name
)
def test_every_edited_column_is_named(table: Table, told: Made, copy: Copy) -> None:
    assert walk(table, told, copy) == []


def test_every_edited_column_of_a_tile_is_named(tiled: Made, copy: Copy) -> None:
    assert walk(TILE, tiled, copy) == []


def walk(table: Table, made: Made, copy: Copy) -> list[str]:
    """Return the faults of all edits of a table; each column must have been edited."""
    faults: list[str] = []
    edited: set[str] = set()
    columns = made.store.columns()[table.name]
    for row in chosen(made, rows_of(made, table)):
        for column in columns:
            for edit in edits_of(table, column, row):
                twin = spoiled(made, copy, *edit.statements)
                if twin is not None:
                    edited.add(column.name)
                    faults.append(fault_of(edit, table, twin))
    assert edited == {column.name for column in columns}
    return [fault for fault in faults if fault]


@pytest.mark.parametrize(
    "table", [table for table in TABLES if table is not TILE], ids=lambda table: table.name
)
def test_a_deleted_row_is_named(table: Table, told: Made, copy: Copy) -> None:
    assert deletions(table, told, copy) == []


def test_a_deleted_tile_is_named(tiled: Made, copy: Copy) -> None:
    assert deletions(TILE, tiled, copy) == []


def deletions(table: Table, made: Made, copy: Copy) -> list[str]:
    """Return the faults of deleting each of the chosen rows."""
    faults = []
    for row in chosen(made, rows_of(made, table)):
        where, values = of_row(table, row)
        query = f"DELETE FROM {table.name} WHERE {where}"  # noqa: S608
        twin = spoiled(made, copy, (query, values))
        assert twin is not None
        edit = Edit("deleted", (table.key or table.columns)[-1 if table.key else 0], row, ())
        faults.append(fault_of(edit, table, twin))
    return [fault for fault in faults if fault]


@every_table
def test_a_row_put_there_is_named(table: Table, tiled: Made, copy: Copy) -> None:
    """A row like another, under a key that nobody has: in this ledger, and in none."""
    columns = (LEDGER_ID, *table.columns)
    marks = ", ".join("?" * len(columns))
    query = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608
    for row in chosen(tiled, rows_of(tiled, table)):
        for column in (LEDGER_ID, *table.key):
            new = {**row, column: row[column] + 2**40}
            new |= {"key": None} if "key" in new else {}
            new |= {"name": f"{row['name']}x"} if "name" in new else {}
            new |= {"origin": f"{row['origin']}x"} if table is LEDGER_HEAD else {}
            twin = spoiled(tiled, copy, (query, tuple(new[name] for name in columns)))
            assert twin is not None
            found = list(twin.examine().findings)
            assert found, (table.name, column)
            assert found[0].table == table.name
            assert found[0].column in {column, table.key[-1] if table.key else LEDGER_ID}


@every_table
def test_two_rows_that_changed_places_are_named(table: Table, tiled: Made, copy: Copy) -> None:
    """The values of each column, exchanged between two rows."""
    rows = rows_of(tiled, table)
    for column in table.columns:
        pair = unlike(table, rows, column)
        if pair is None:
            assert table is LEDGER_HEAD or (table, column) == (TILE, "level")
            continue
        first, second = pair
        moved = {**first, column: aside(first[column])} if column in table.key else first
        twin = spoiled(
            tiled,
            copy,
            update(table, column, aside(first[column]), first),
            update(table, column, first[column], second),
            update(table, column, second[column], moved),
        )
        assert twin is not None, column
        found = [one for one in twin.examine().findings if one.is_fault]
        assert found, column
        assert found[0].table == table.name, (column, places(found))


def unlike(
    table: Table, rows: list[dict[str, Any]], column: str
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return two rows with other values in a column, and no other difference in their keys."""
    others = [name for name in table.key if name != column] if column in table.key else []
    seen: dict[tuple[object, ...], dict[str, Any]] = {}
    for row in rows[len(rows) // 3 :]:
        first = seen.setdefault(tuple(row[name] for name in others), row)
        if first[column] != row[column]:
            return first, row
    return None


def aside(value: object) -> object:
    """Return a value that nobody has."""
    if isinstance(value, int):
        return value + 2**40
    return b"aside" if isinstance(value, bytes) else "aside"
