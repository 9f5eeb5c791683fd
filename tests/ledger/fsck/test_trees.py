"""The trees of an examination have the roots and tiles of RFC 6962, however they grow."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.fsck.finding import Finding, Findings, differs, shown
from ledger.fsck.guesses import MOST, Guesses
from ledger.fsck.plan import NEW, OLD, ranges
from ledger.fsck.rows_tree import RowsTree
from ledger.fsck.tree import LogTree, block_roots
from ledger.journal.growth import LeafTree
from ledger.journal.merkle import EMPTY_ROOT, Frontier, Tree
from ledger.journal.store import TILE_HASHES


def hashes(count: int) -> list[bytes]:
    """Return so many hashes of leaves."""
    return [hashlib.sha256(b"%d" % number).digest() for number in range(count)]


def test_leaves_one_by_one_and_tiles_at_a_time_give_the_same() -> None:
    every = hashes(3 * TILE_HASHES + 7)
    reference, tree, tiles = LeafTree(Frontier(), []), LogTree(), []
    assert tree.root() == EMPTY_ROOT
    for value in every:
        expected = [tile.hashes for tile in reference.append(value) if tile.level == 0]
        found = tree.append(value)
        assert ([] if found is None else [found]) == expected
        assert tree.root() == reference.root()
        tiles += expected
    together = LogTree()
    together.append_blocks(block_roots(every[: 3 * TILE_HASHES]))
    with pytest.raises(ValueError, match="begun"):
        tree.append_blocks([])
    for value in every[3 * TILE_HASHES :]:
        together.append(value)
    assert (together.root(), together.size) == (tree.root(), tree.size)
    assert len(tiles) == 3


def test_upper_tiles_are_those_of_the_log() -> None:
    """65,536 leaves fill one tile above the leaves; of 256 equal halves it takes no time."""
    block = hashes(TILE_HASHES)
    (root,) = block_roots(block)
    tree = LogTree()
    tree.append_blocks([root] * (TILE_HASHES + 3))
    assert list(tree.upper_tiles()) == [(1, 0, root * TILE_HASHES)]
    twin = tree.copy()
    twin.append(block[0])
    assert (twin.size, tree.size) == ((TILE_HASHES + 3) * TILE_HASHES + 1, tree.size)
    assert list(twin.upper_tiles()) == list(tree.upper_tiles())


@given(st.lists(st.lists(st.integers(0, 40), min_size=1, max_size=9), max_size=20))
def test_rows_changed_together_give_the_root_of_rows_changed_one_by_one(
    batches: list[list[int]],
) -> None:
    reference, tree = Tree(), RowsTree()
    assert tree.root() == EMPTY_ROOT
    for number, batch in enumerate(batches):
        changes: dict[int, bytes] = {}
        for wanted in batch:
            ordinal = min(wanted, max(reference.size, *changes, 0) if changes else reference.size)
            ordinal = min(ordinal, reference.size)
            changes[ordinal] = hashlib.sha256(b"%d %d" % (number, wanted)).digest()
            if ordinal == reference.size:
                reference.append(changes[ordinal])
            else:
                reference.update(ordinal, changes[ordinal])
        tree.put(changes)
        assert (tree.size, tree.root()) == (reference.size, reference.root())


@settings(max_examples=200)
@given(
    st.integers(0, 40_000),
    st.integers(0, 40_000),
    st.sets(st.integers(0, 40_000), max_size=3),
)
def test_ranges_cover_the_log_and_end_where_a_root_is_wanted(
    size: int, kept: int, ends: set[int]
) -> None:
    kept = min(kept, size)
    asked = list(ranges(size, kept=kept, ends=ends, x=2))
    assert [one.first for one in asked] == [0, *(one.stop for one in asked)][: len(asked)]
    assert (asked[-1].stop if asked else 0) == size
    stops = {one.stop for one in asked}
    assert {end for end in ends | {kept} if 0 < end <= size} <= stops
    for one in asked:
        assert one.is_new == (one.first >= kept)
        assert one.stop - one.first <= (NEW if one.is_new else OLD)
        if one.is_whole:
            assert not one.is_new
            assert one.first % TILE_HASHES == one.stop % TILE_HASHES == 0
    assert all(one.is_new or one.stop <= kept for one in asked)


def blame(name: str) -> Finding:
    return differs(name, "", "x", 1, 2)


def test_the_guess_that_fits_says_who_is_to_blame() -> None:
    one, other, last = hashes(3)
    guesses = Guesses()
    guesses.add([(one, [blame("leaf")]), (other, [blame("tile")])])
    guesses.add([(last, [])])
    assert guesses.is_open
    reference = Frontier()
    reference.append(other)
    reference.append(last)
    assert not guesses.judge(lambda guess: guess.tree.root() == EMPTY_ROOT)
    assert guesses.judge(lambda guess: guess.tree.root() == reference.root())
    assert [found.table for found in guesses.blamed] == ["tile"]
    assert not guesses.is_open


def test_guesses_do_not_grow_without_bound() -> None:
    guesses = Guesses()
    for value in hashes(12):
        guesses.add([(value, []), (value[::-1], [blame(value.hex())])])
    assert len(guesses.every) == MOST
    assert guesses.best.blames == ()
    guesses.give_up()
    assert (guesses.is_lost, len(guesses.every)) == (True, 1)


def test_findings_beyond_a_thousand_are_counted() -> None:
    findings = Findings()
    findings.add(blame(str(number)) for number in range(1003))
    assert (len(list(findings)), findings.more, findings.faults) == (1000, 3, 1003)


def test_what_is_shown_of_a_value_is_short() -> None:
    assert shown(None) == "NULL"
    assert shown(b"\0" * 1000) == "1000 byte"
    assert shown(7) == "7"
    assert len(shown("x" * 1000)) < 70
