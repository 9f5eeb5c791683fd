"""Logs to copy, and a look at every table of a SQLite file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from ledger.journal.growth import LeafTree
from ledger.journal.leaf import HeadsLeaf, format_leaf
from ledger.journal.memory import MemoryRecorder
from ledger.journal.merkle import EMPTY_ROOT, Frontier, leaf_hash
from ledger.journal.row import pack
from ledger.journal.store import KeyedEvent
from tests.ledger.journal.sequencer_kit import ORIGIN, Client, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ledger.journal.anchor import Anchor
    from ledger.journal.recorder import JournalRecorder

TABLES = ("ledger_head", "event", "stream", "stream_event", "tile")


def tables(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, with all columns, in the order of the keys."""
    with closing(sqlite3.connect(path)) as connection:
        return {
            name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr)  # noqa: S608
            for name in TABLES
        }


def write_log(
    recorder: JournalRecorder, events: int, batch: int = 7, anchor: Anchor | None = None
) -> None:
    """Record events of some streams, several a batch, through a sequencer."""
    sequencer, client = opened(recorder, anchor), Client()
    made = [client.make(f"cup/{n % 5}", f"act/{n}") for n in range(events)]
    for at in range(0, events, batch):
        sequencer.submit_many(made[at : at + batch])


def long_log(size: int) -> MemoryRecorder:
    """Return a log of many bare leaves with all its tiles: `size` rows, no streams, no heads."""
    recorder, tree = MemoryRecorder(ORIGIN), LeafTree(Frontier(), [])
    for page in _pages(size):
        leaves = [format_leaf(HeadsLeaf(n, EMPTY_ROOT, 0, EMPTY_ROOT)) for n in page]
        tiles = [tile for leaf in leaves for tile in tree.append(leaf_hash(leaf))]
        rows = [KeyedEvent("heads", pack(leaf, b"")) for leaf in leaves]
        recorder.append(rows, tiles=tiles)
    return recorder


def _pages(size: int) -> Iterator[range]:
    for start in range(0, size, 5000):
        yield range(start, min(start + 5000, size))
