"""Several edits at once, anywhere: something is always found, and it is always explained.

The quick look may only doubt where the close one finds something, and must doubt wherever it would.
PISTA_EXHAUSTIVE=1 tries 400 times; PISTA_SEED begins elsewhere.
"""

from __future__ import annotations

import os
import random
from contextlib import closing
from typing import TYPE_CHECKING, Any

from ledger.journal.tables import LEDGER_ID, TABLES
from tests.ledger.fsck.ledgers import places
from tests.ledger.fsck.stores import REFUSED

if TYPE_CHECKING:
    from ledger.journal.tables import Table
    from tests.ledger.fsck.conftest import Copy
    from tests.ledger.fsck.ledgers import Made
    from tests.ledger.fsck.stores import Statement

COUNT = 400 if os.environ.get("PISTA_EXHAUSTIVE") else 16
SEED = int(os.environ.get("PISTA_SEED", "20260921"))


def other(value: object, chance: random.Random) -> object:
    """Return another value of the same type."""
    match value:
        case int():
            return value + chance.choice((-1, 1, 5, 2**33))
        case bytes():
            at = chance.randrange(len(value))
            return value[:at] + bytes([value[at] ^ 1 << chance.randrange(8)]) + value[at + 1 :]
        case str():
            return chance.choice((f"{value}0", value[1:] or "x", value.swapcase() + "y"))
    return "x"


def edit(made: Made, table: Table, chance: random.Random) -> Statement:
    """Return a statement that changes or deletes one row."""
    columns = (LEDGER_ID, *table.columns)
    query = f"SELECT {', '.join(columns)} FROM {table.name}"  # noqa: S608
    row: dict[str, Any] = dict(zip(columns, chance.choice(made.execute(query)), strict=True))
    names = (LEDGER_ID, *table.key)
    where, keys = " AND ".join(f"{name} = ?" for name in names), tuple(row[n] for n in names)
    if chance.random() < 0.15:
        return f"DELETE FROM {table.name} WHERE {where}", keys  # noqa: S608
    column = chance.choice(columns)
    value = other(row[column], chance)
    return f"UPDATE {table.name} SET {column} = ? WHERE {where}", (value, *keys)  # noqa: S608


def test_several_edits_are_found_and_explained(
    told_file: Made, tiled_file: Made, copy: Copy
) -> None:
    silent: list[str] = []
    for seed in range(SEED, SEED + COUNT):
        chance = random.Random(seed)  # noqa: S311  a choice of edits, no secret
        twin = copy(chance.choice((told_file, tiled_file)))
        source = twin.store.source(twin.origin)
        with closing(source.open(snapshot=False)) as reader:
            filled = [table for table in TABLES if reader.count(table)]
        edits = [edit(twin, chance.choice(filled), chance) for _ in range(chance.randint(1, 4))]
        done = 0
        for one in edits:
            try:
                twin.store.execute(one)
            except REFUSED:
                continue
            done += 1
        found = [one for one in twin.examine().findings if one.is_fault]
        is_explained = not any(one.code == "unexplained" for one in found)
        if (done and not found) or not is_explained:
            silent.append(f"{seed}: {edits} {places(found)}")
    print(f"{COUNT} times edited, seeds from {SEED}")  # noqa: T201  the numbers are the result
    assert silent == []
