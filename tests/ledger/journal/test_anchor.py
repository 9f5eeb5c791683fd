"""The anchor never goes back, and freezes the ledger where the store is not what it stood for."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Frozen, StorageError, Unreadable
from ledger.journal.anchor import (
    ANCHOR_BYTES,
    Anchor,
    AnchorState,
    FileAnchor,
    MemoryAnchor,
    format_anchor,
    parse_anchor,
    settle,
)

if TYPE_CHECKING:
    from pathlib import Path

A, B = b"\x0a" * 32, b"\x0b" * 32
GOLDEN = b"pista/anchor/v1\n00000000000000001291\nCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgo=\n"
BAD_ANCHORS = {
    "empty": b"",
    "another version": GOLDEN.replace(b"v1", b"v2"),
    "19 digits": GOLDEN.replace(b"00000", b"0000", 1),
    "a sign": GOLDEN.replace(b"\n0000", b"\n+000"),
    "a number over 63 bits": GOLDEN.replace(b"00000000000000001291", b"9" * 20),
    "no final newline": GOLDEN[:-1],
    "trailing bytes": GOLDEN + b"\n",
    "stray bits in the root": GOLDEN.replace(b"Cgo=", b"Cgp="),
    "carriage returns": GOLDEN.replace(b"\n", b"\r\n"),
}


@pytest.fixture(params=["file", "memory"])
def anchor(request: pytest.FixtureRequest, tmp_path: Path) -> Anchor:
    return FileAnchor(tmp_path / "anchor") if request.param == "file" else MemoryAnchor()


def test_an_anchor_reads_as_it_was_written_by_hand() -> None:
    assert parse_anchor(GOLDEN) == AnchorState(1291, A)
    assert format_anchor(AnchorState(1291, A)) == GOLDEN
    assert len(GOLDEN) == ANCHOR_BYTES


@given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_formatting_and_parsing_give_the_same(size: int, root: bytes) -> None:
    state = AnchorState(size, root)
    assert parse_anchor(format_anchor(state)) == state


@pytest.mark.parametrize("name", BAD_ANCHORS)
def test_bytes_that_are_no_anchor_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        parse_anchor(BAD_ANCHORS[name])
    path = tmp_path / "anchor"
    path.write_bytes(BAD_ANCHORS[name])
    for use in (FileAnchor(path).read, lambda: FileAnchor(path).advance(1, A, seen=None)):
        with pytest.raises(StorageError) as refused:
            use()
        assert refused.value.code == "anchor-unreadable"
    assert path.read_bytes() == BAD_ANCHORS[name]


def test_an_anchor_moves_from_what_was_seen(anchor: Anchor) -> None:
    assert anchor.read() is None
    anchor.advance(0, A, seen=None)
    anchor.advance(7, B, seen=AnchorState(0, A))
    assert anchor.read() == AnchorState(7, B)


@pytest.mark.parametrize(
    ("size", "root", "seen", "code"),
    [
        (8, B, None, "anchor-moved"),
        (8, B, AnchorState(6, A), "anchor-moved"),
        (8, B, AnchorState(7, B), "anchor-moved"),
        (6, A, AnchorState(7, A), "anchor-ahead"),
        (7, B, AnchorState(7, A), "anchor-ahead"),
    ],
)
def test_an_anchor_does_not_move_otherwise(
    anchor: Anchor, size: int, root: bytes, seen: AnchorState | None, code: str
) -> None:
    anchor.advance(7, A, seen=None)
    with pytest.raises(StorageError) as refused:
        anchor.advance(size, root, seen=seen)
    assert refused.value.code == code
    assert anchor.read() == AnchorState(7, A)


def test_an_anchor_that_was_taken_away_is_not_made_anew(anchor: Anchor) -> None:
    with pytest.raises(StorageError, match="anchor-moved"):
        anchor.advance(8, B, seen=AnchorState(7, A))
    assert anchor.read() is None


def test_a_file_anchor_leaves_nothing_but_its_82_bytes(tmp_path: Path) -> None:
    path = tmp_path / "anchor"
    FileAnchor(path).advance(1291, A, seen=None)
    inode = path.stat().st_ino
    FileAnchor(path).advance(1292, B, seen=AnchorState(1291, A))
    with pytest.raises(StorageError):
        FileAnchor(path).advance(1, B, seen=None)
    assert [file.name for file in tmp_path.iterdir()] == ["anchor"]
    assert (path.stat().st_size, path.stat().st_ino) == (ANCHOR_BYTES, inode)


def test_a_folder_that_is_not_there_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as failed:
        FileAnchor(tmp_path / "none" / "anchor").advance(1, A, seen=None)
    assert failed.value.code == "anchor-failed"


def test_of_many_threads_that_saw_the_same_state_one_moves_it(anchor: Anchor) -> None:
    anchor.advance(0, A, seen=None)
    moved: list[int] = []

    def move(size: int) -> None:
        try:
            anchor.advance(size, B, seen=AnchorState(0, A))
        except StorageError as error:
            assert error.code == "anchor-moved"  # noqa: PT017  it is raised in a thread
        else:
            moved.append(size)

    threads = [threading.Thread(target=move, args=(size,)) for size in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert anchor.read() == AnchorState(moved[0], B)
    assert len(moved) == 1


ROOTS = [bytes([size]) * 32 for size in range(6)]
RULES: dict[str, tuple[AnchorState | None, int, bool, AnchorState | str]] = {
    "the founding creates it": (None, 0, True, AnchorState(0, ROOTS[0])),
    "absent and the store not empty": (None, 3, False, "anchor-absent"),
    "a beginning of our tree": (AnchorState(2, ROOTS[2]), 4, False, AnchorState(4, ROOTS[4])),
    "already there": (AnchorState(4, ROOTS[4]), 4, False, AnchorState(4, ROOTS[4])),
    "ahead, of the same tree": (AnchorState(5, ROOTS[5]), 4, False, AnchorState(5, ROOTS[5])),
    "the store is shorter": (AnchorState(9, A), 4, False, "store-shorter"),
    "an empty store, and an anchor": (AnchorState(9, A), 0, True, "store-shorter"),
    "a fork before us": (AnchorState(2, A), 4, False, "store-forked"),
    "a fork at our size": (AnchorState(4, A), 4, False, "store-forked"),
    "a fork ahead of us": (AnchorState(5, A), 4, False, "store-forked"),
}


@pytest.mark.parametrize("name", RULES)
def test_the_anchor_settles_by_the_rules(name: str) -> None:
    state, size, is_empty, expected = RULES[name]
    anchor = MemoryAnchor(state)
    if isinstance(expected, AnchorState):
        settle(anchor, size, ROOTS[size], ROOTS.__getitem__, store_is_empty=is_empty)
        assert anchor.read() == expected
        return
    with pytest.raises(Frozen) as frozen:
        settle(anchor, size, ROOTS[size], ROOTS.__getitem__, store_is_empty=is_empty)
    assert frozen.value.code == expected
    assert anchor.read() == state


def test_a_store_that_shrank_is_told_in_the_words_of_the_people() -> None:
    with pytest.raises(Frozen, match="più corto di quanto già testimoniato: non scrivo"):
        settle(
            MemoryAnchor(AnchorState(9, A)), 1, ROOTS[1], ROOTS.__getitem__, store_is_empty=False
        )


class RacingAnchor(MemoryAnchor):
    """An anchor that another process moves between the look and the move, a few times."""

    def __init__(self, rivals: list[AnchorState]) -> None:
        """Begin at size 0; the rivals move it one by one."""
        super().__init__(AnchorState(0, ROOTS[0]))
        self._rivals = rivals

    def advance(self, size: int, root: bytes, *, seen: AnchorState | None) -> None:
        if self._rivals:
            rival = self._rivals.pop(0)
            super().advance(rival.size, rival.root, seen=self.read())
        super().advance(size, root, seen=seen)


def test_a_rival_of_the_same_tree_is_waited_for() -> None:
    anchor = RacingAnchor([AnchorState(1, ROOTS[1]), AnchorState(3, ROOTS[3])])
    settle(anchor, 4, ROOTS[4], ROOTS.__getitem__, store_is_empty=False)
    assert anchor.read() == AnchorState(4, ROOTS[4])


def test_a_rival_of_another_tree_freezes_the_slower_one() -> None:
    anchor = RacingAnchor([AnchorState(3, B)])
    with pytest.raises(Frozen) as frozen:
        settle(anchor, 4, ROOTS[4], ROOTS.__getitem__, store_is_empty=False)
    assert frozen.value.code == "store-forked"


def test_an_anchor_that_cannot_be_written_is_a_storage_error(tmp_path: Path) -> None:
    path = tmp_path / "anchor"
    FileAnchor(path).advance(1, A, seen=None)
    path.unlink()
    path.mkdir()
    with pytest.raises(StorageError) as failed:
        FileAnchor(path).advance(2, B, seen=AnchorState(1, A))
    assert failed.value.code == "anchor-failed"
