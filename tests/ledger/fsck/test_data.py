"""Any changed byte of a row of the log is named with its position, and few things beside it.

PISTA_EXHAUSTIVE=1 changes every byte of these rows.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.ledger.fsck.ledgers import places

if TYPE_CHECKING:
    from tests.ledger.fsck.conftest import Copy
    from tests.ledger.fsck.ledgers import Made

STEP = 1 if os.environ.get("PISTA_EXHAUSTIVE") else 61
MOST_FINDINGS = 4
ROWS = {
    "the founding": 1,
    "a heads leaf": 22,
    "an approval": 21,
    "the rotation of a key": 59,
    "an event with a document": 47,
    "the last event": -1,
    "the last heads leaf": 0,
}


def change(made: Made, position: int, at: int, bit: int) -> None:
    """Change one bit of the data of a row."""
    ((data,),) = made.execute("SELECT data FROM event WHERE position = ?", position)
    spoiled = bytearray(data)
    spoiled[at] ^= 1 << bit
    made.execute("UPDATE event SET data = ? WHERE position = ?", bytes(spoiled), position)


def size_of(made: Made) -> int:
    """Return the number of leaves."""
    return int(made.execute("SELECT max(position) FROM event")[0][0])


@pytest.mark.parametrize("row", ROWS)
def test_a_changed_byte_is_named_with_its_position(row: str, told_file: Made, copy: Copy) -> None:
    position = ROWS[row] if ROWS[row] > 0 else size_of(told_file) + ROWS[row]
    assert changed(told_file, copy, position) == []


@pytest.mark.parametrize("position", [301, 302])
def test_a_changed_byte_is_named_where_tiles_are_full(
    position: int, tiled_file: Made, copy: Copy
) -> None:
    assert changed(tiled_file, copy, position) == []


def changed(made: Made, copy: Copy, position: int) -> list[str]:
    """Return what is not as it should be when bytes of a row are changed, one at a time."""
    query = "SELECT length(data) FROM event WHERE position = ?"
    length = made.execute(query, position)[0][0]
    every = sorted({0, 1, 2, 20, 22, 47, 48, 92, 93, length - 1, *range(0, length, STEP)})
    faults = []
    for at in every:
        twin = copy(made)
        change(twin, position, at, at % 8)
        found = [one for one in twin.examine().findings if one.is_fault]
        first, _, last = found[0].key.removeprefix("position ").partition("-") if found else "000"
        is_named = bool(found) and (found[0].table, found[0].column) == ("event", "data")
        is_there = is_named and int(first) <= position <= int(last or first)
        if not is_there or len(found) > MOST_FINDINGS:
            faults.append(f"byte {at} of {position}: {places(found)}")
    return faults
