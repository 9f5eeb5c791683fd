"""Hashing a whole log again: whatever was changed in a store is found."""

from __future__ import annotations

import base64
import hashlib
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from ledger.errors import PistaError
from ledger.journal.checkpoint import Checkpoint
from ledger.journal.memory import MemoryRecorder
from ledger.journal.rehash import rehash
from ledger.journal.row import pack, unpack
from ledger.journal.sqlite import SQLiteRecorder
from tests.ledger.journal.copy_kit import write_log
from tests.ledger.journal.sequencer_kit import ORIGIN, naive_root

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def nothing(_index: int, _payload: bytes | None) -> None:
    """Look away."""


def test_the_head_is_that_of_the_leaves() -> None:
    recorder = MemoryRecorder(ORIGIN)
    write_log(recorder, 300)
    rows = recorder.rows(0, 1000)
    leaves = [unpack(row.event.data)[0] for row in rows]
    assert rehash(recorder, nothing) == Checkpoint(ORIGIN, len(rows), naive_root(leaves))


def test_every_payload_is_shown_once_in_order() -> None:
    recorder = MemoryRecorder(ORIGIN)
    write_log(recorder, 20)
    seen: list[int] = []
    rehash(recorder, lambda index, _payload: seen.append(index))
    assert seen == list(range(recorder.head().position))


def test_an_empty_log_has_the_empty_head() -> None:
    head = rehash(MemoryRecorder(ORIGIN), nothing)
    assert head == Checkpoint(ORIGIN, 0, hashlib.sha256(b"").digest())


def other_envelope(leaf: bytes, envelope: bytes) -> tuple[bytes, bytes]:
    return leaf, envelope + b"x"


def other_event(leaf: bytes, _envelope: bytes) -> tuple[bytes, bytes]:
    digest = base64.b64encode(hashlib.sha256(b"other").digest())
    return leaf.replace(leaf.split(b"\n")[3], digest), b"other"


def other_root(leaf: bytes, envelope: bytes) -> tuple[bytes, bytes]:
    return leaf.replace(leaf.split(b"\n")[3], b"A" * 43 + b"="), envelope


def with_envelope(leaf: bytes, _envelope: bytes) -> tuple[bytes, bytes]:
    return leaf, b"hidden"


def no_leaf(_leaf: bytes, envelope: bytes) -> tuple[bytes, bytes]:
    return b"no leaf", envelope


CHANGES: dict[str, tuple[int, Callable[[bytes, bytes], tuple[bytes, bytes]], str]] = {
    "another envelope": (3, other_envelope, "envelope-differs"),
    "another event, leaf and envelope": (4, other_event, "tree-differs"),
    "another root in a heads leaf": (8, other_root, "tree-differs"),
    "an envelope with a heads leaf": (16, with_envelope, "tree-differs"),
    "a leaf that is none": (5, no_leaf, "leaf-unreadable"),
}
DAMAGES: dict[str, tuple[str, str]] = {
    "a row cut short": ("UPDATE event SET data = x'00ff' WHERE position = 3", "row-unreadable"),
    "a row that is gone": ("DELETE FROM event WHERE position = 9", "row-missing"),
    "the last row gone, with the head": (
        "DELETE FROM event WHERE position = 343; UPDATE ledger_head SET position = 342",
        "tree-differs",
    ),
    "a tile with another hash": ("UPDATE tile SET hashes = zeroblob(8192)", "tree-differs"),
    "a tile that is gone": ("DELETE FROM tile", "tile-missing"),
    "a stream that counts one more": (
        "UPDATE stream SET count = count + 1 WHERE ordinal = 3",
        "tree-differs",
    ),
    "a stream under another name": (
        "UPDATE stream SET name = 'cup/x' WHERE ordinal = 3",
        "tree-differs",
    ),
}


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """The file of a log of 300 events and 43 heads."""
    path = tmp_path / "ledger.sqlite"
    with closing(SQLiteRecorder(path, ORIGIN, create=True)) as recorder:
        write_log(recorder, 300)
        assert recorder.head().position == 343
    return path


def code_of(path: Path) -> str:
    """Return the code with which a log is refused."""
    with closing(SQLiteRecorder(path, ORIGIN)) as recorder, pytest.raises(PistaError) as caught:
        rehash(recorder, nothing)
    return caught.value.code


@pytest.mark.parametrize(("sql", "code"), DAMAGES.values(), ids=DAMAGES.keys())
def test_a_change_in_a_table_is_found(written: Path, sql: str, code: str) -> None:
    with closing(sqlite3.connect(written)) as connection, connection:
        connection.executescript(sql)
    assert code_of(written) == code


@pytest.mark.parametrize(("position", "change", "code"), CHANGES.values(), ids=CHANGES.keys())
def test_a_change_in_a_row_is_found(
    written: Path,
    position: int,
    change: Callable[[bytes, bytes], tuple[bytes, bytes]],
    code: str,
) -> None:
    with closing(sqlite3.connect(written)) as connection, connection:
        row = connection.execute("SELECT data FROM event WHERE position = ?", (position,))
        data = pack(*change(*unpack(row.fetchone()[0])))
        connection.execute("UPDATE event SET data = ? WHERE position = ?", (data, position))
    assert code_of(written) == code
