"""The read side: proofs of any published tree, from tiles and tail alike."""

from __future__ import annotations

import random
import sqlite3
from typing import TYPE_CHECKING

import pytest

from ledger.errors import Absent, StorageError
from ledger.journal.anchor import MemoryAnchor
from ledger.journal.heads import parse_row
from ledger.journal.journal import Journal
from ledger.journal.leaf import HeadsLeaf, parse_leaf
from ledger.journal.memory import MemoryRecorder
from ledger.journal.merkle import leaf_hash, verify_consistency, verify_inclusion
from ledger.journal.sqlite import SQLiteRecorder
from tests.ledger.journal.sequencer_kit import (
    ORIGIN,
    Client,
    naive_root,
    naive_rows,
    opened,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ledger.journal.recorder import JournalRecorder

STREAMS = [f"cup/{number}" for number in range(12)]


def fill(recorder: JournalRecorder, batches: list[int]) -> None:
    """Write batches of these sizes; the k-th event joins the streams k mod 12 and k mod 5."""
    sequencer, client, made = opened(recorder, MemoryAnchor()), Client(), 0
    for size in batches:
        names = [sorted({STREAMS[n % 12], STREAMS[n % 5]}) for n in range(made, made + size)]
        made += size
        sequencer.submit_many([client.make(*each) for each in names])


@pytest.fixture(params=["memory", "sqlite"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    recorder: JournalRecorder = (
        MemoryRecorder(ORIGIN)
        if request.param == "memory"
        else SQLiteRecorder(tmp_path / "ledger.db", ORIGIN, create=True)
    )
    fill(recorder, [1, 3, 1, 6, 240, 20, 255, 2])
    yield Journal(recorder)
    recorder.close()


def heads(journal: Journal) -> list[int]:
    found = [index + 1 for index, leaf, _ in journal.entries(0, journal.size) if is_heads(leaf)]
    assert found[-1] == journal.size == journal.last_heads_size()
    return found


def is_heads(leaf: bytes) -> bool:
    return isinstance(parse_leaf(leaf), HeadsLeaf)


def test_leaves_and_envelopes_are_found_by_index_and_id(journal: Journal) -> None:
    assert journal.origin == ORIGIN
    assert journal.find("e-2") == 3
    assert journal.find("e-999") is None
    assert journal.envelope(3) == b"header.e-2.signature"
    assert journal.envelope(1) == b""
    assert is_heads(journal.leaf(1))
    assert [index for index, _, _ in journal.entries(250, 900)] == list(range(250, journal.size))
    for absent in (journal.size, journal.size + 5):
        with pytest.raises(IndexError):
            journal.leaf(absent)


def test_roots_and_proofs_agree_with_the_naive_tree(journal: Journal) -> None:
    leaves = [leaf for _, leaf, _ in journal.entries(0, journal.size)]
    sizes = [0, 1, 255, 256, 257, 511, 512, 513, *heads(journal)]
    roots = {size: naive_root(leaves[:size]) for size in sizes}
    dice = random.Random(2)  # noqa: S311  reproducible
    for size in sizes:
        assert journal.root_at(size) == roots[size]
        for index in dice.sample(range(size), min(size, 12)):
            proof = journal.inclusion(index, size)
            verify_inclusion(leaf_hash(leaves[index]), index, size, proof, roots[size])
        for old in sizes:
            if old <= size:
                proof = journal.consistency(old, size)
                verify_consistency(old, roots[old], size, roots[size], proof)


def test_a_tree_larger_than_the_log_has_no_root(journal: Journal) -> None:
    with pytest.raises(IndexError):
        journal.root_at(journal.size + 1)
    with pytest.raises(IndexError):
        journal.subtree(9, 1)


def test_the_rows_of_every_published_tree_are_those_counted_from_its_leaves(
    journal: Journal,
) -> None:
    leaves = [leaf for _, leaf, _ in journal.entries(0, journal.size)]
    for size in heads(journal):
        assert list(journal.rows_at(size)) == naive_rows(leaves[: size - 1])


def test_rows_are_proven_under_the_heads_leaf(journal: Journal) -> None:
    for size in heads(journal):
        leaf = journal.heads_leaf(size)
        rows = list(journal.rows_at(size))
        names = [rows[0].stream, rows[-1].stream]
        root, count, proofs = journal.row_proofs(names, size)
        assert (root, count) == (leaf.rows_root, leaf.streams)
        assert list(proofs) == list(dict.fromkeys(names))
        for name, (ordinal, line, path) in proofs.items():
            assert parse_row(line) == rows[ordinal]
            assert rows[ordinal].stream == name
            verify_inclusion(leaf_hash(line), ordinal, count, path, root)


def test_a_stream_that_is_not_in_a_tree_has_no_row(journal: Journal) -> None:
    for name in ("cup/unknown", STREAMS[11]):
        with pytest.raises(Absent, match="no-such-stream"):
            journal.row_proofs([STREAMS[0], name], 2)


@pytest.mark.parametrize("size", [-1, 0, 1, 3, 10_000])
def test_only_a_tree_that_a_heads_leaf_closes_is_a_head(journal: Journal, size: int) -> None:
    with pytest.raises(Absent, match="no-such-head"):
        journal.heads_leaf(size)
    with pytest.raises(Absent, match="no-such-head"):
        list(journal.rows_at(size))


def test_the_closing_tree_of_a_leaf_is_the_first_that_covers_it(journal: Journal) -> None:
    published = heads(journal)
    for index in (0, 1, 2, 5, 300, journal.size - 1):
        assert journal.closing_size(index) == min(size for size in published if size > index)
    with pytest.raises(Absent):
        journal.closing_size(journal.size)


def test_streams_are_listed_as_of_any_size(journal: Journal) -> None:
    leaves = [leaf for _, leaf, _ in journal.entries(0, journal.size)]
    for size in (None, 0, 3, 100, journal.size):
        rows = {row.stream: row for row in naive_rows(leaves[:size])}
        for name in STREAMS:
            found = journal.stream_indexes(name, size)
            row = rows.get(name)
            assert (len(found), found[-1:]) == ((row.count, [row.last_index]) if row else (0, []))
            if size is None and row:
                assert journal.stream_head(name) == (row.count, row.last_index, row.last_digest)
    assert journal.stream_head("cup/unknown") is None


def test_an_empty_log_reads_as_empty() -> None:
    journal = Journal(MemoryRecorder(ORIGIN))
    assert (journal.size, journal.last_heads_size()) == (0, 0)
    assert journal.root_at(0) == naive_root([])
    assert list(journal.entries(0, 10)) == []


@pytest.mark.parametrize("position", [2, 5])
def test_a_row_that_is_missing_is_named(tmp_path: Path, position: int) -> None:
    path = tmp_path / "ledger.db"
    recorder = SQLiteRecorder(path, ORIGIN, create=True)
    fill(recorder, [4])
    execute(path, "DELETE FROM event WHERE position = ?", position)
    with pytest.raises(StorageError, match=f"row-missing: La foglia {position - 1} "):
        list(Journal(recorder).entries(0, 5))
    with pytest.raises(StorageError, match=f"row-missing: La foglia {position - 1} "):
        Journal(recorder).root_at(5)
    recorder.close()


@pytest.mark.parametrize(
    "damage", ["DELETE FROM tile", "UPDATE tile SET hashes = substr(hashes, 2)"]
)
def test_a_tile_that_is_missing_or_short_is_named(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "ledger.db"
    recorder = SQLiteRecorder(path, ORIGIN, create=True)
    fill(recorder, [300])
    execute(path, damage)
    with pytest.raises(StorageError, match="tile-missing"):
        Journal(recorder).root_at(301)
    recorder.close()


def execute(path: Path, statement: str, *arguments: int) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(statement, arguments)
    connection.close()
