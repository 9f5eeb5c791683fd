"""A lost anchor is put back from a checkpoint that the store must have as its beginning."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ledger.errors import Conflict, Frozen, NotVerified
from ledger.journal.adopt import KeptProof, adopt
from ledger.journal.anchor import AnchorState, MemoryAnchor
from ledger.journal.checkpoint import Checkpoint, open_checkpoint
from ledger.journal.journal import Journal
from ledger.journal.memory import MemoryRecorder
from ledger.journal.merkle import EMPTY_ROOT
from tests.ledger.journal.sequencer_kit import ORIGIN, SIGNER, Client, assert_proves, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def log() -> tuple[MemoryRecorder, list[Checkpoint], Client]:
    """Return a log of three trees, their checkpoints, and who wrote it."""
    recorder, client = MemoryRecorder(ORIGIN), Client()
    sequencer = opened(recorder)
    heads = []
    for _ in range(3):
        note = sequencer.submit(client.make("cup/a")).checkpoint
        heads.append(open_checkpoint(note, SIGNER.key).checkpoint)
    return recorder, heads, client


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_checkpoint_of_the_log_puts_the_anchor_back(number: int) -> None:
    recorder, heads, client = log()
    anchor = MemoryAnchor()
    with pytest.raises(Frozen, match="anchor-absent"):
        opened(recorder, anchor)
    journal = opened(recorder, MemoryAnchor(AnchorState(6, heads[2].root))).journal
    head = heads[number]
    assert adopt(anchor, head, journal) == anchor.read() == AnchorState(head.size, head.root)
    event = client.make("cup/a")
    assert assert_proves(opened(recorder, anchor).submit(event), event).size == 8


def test_a_store_that_is_shorter_or_another_does_not_get_it() -> None:
    recorder, heads, _ = log()
    other = opened(MemoryRecorder(ORIGIN))
    for _ in range(2):
        other.submit(Client(f"other-{_}").make(f"cup/{_}"))
    for head, code in ((heads[2], "store-shorter"), (heads[1], "store-forked")):
        anchor = MemoryAnchor()
        with pytest.raises(Frozen) as frozen:
            adopt(anchor, head, other.journal)
        assert (frozen.value.code, anchor.read()) == (code, None)
    assert recorder.head().position == 6


def test_an_anchor_that_is_there_is_never_replaced() -> None:
    recorder, heads, _ = log()
    anchor = MemoryAnchor(AnchorState(6, heads[2].root))
    with pytest.raises(Conflict, match="anchor-present"):
        adopt(anchor, heads[0], opened(recorder, anchor).journal)
    assert anchor.read() == AnchorState(6, heads[2].root)


def test_a_checkpoint_of_another_log_is_named_as_such() -> None:
    recorder, heads, _ = log()
    journal, anchor = Journal(recorder), MemoryAnchor()
    with pytest.raises(NotVerified, match="origin-mismatch"):
        adopt(anchor, replace(heads[0], origin="altro.it/c_a001"), journal)
    assert anchor.read() is None


def said(*proofs: tuple[int, bytes | None]) -> list[KeptProof]:
    """Return proofs, each named by its number of leaves."""
    return [KeptProof(f"prova-{size}", size, root) for size, root in proofs]


AGREEING: dict[str, Callable[[Sequence[Checkpoint]], list[KeptProof]]] = {
    "nothing is kept": lambda _: [],
    "every tree there was": lambda heads: said(*((head.size, head.root) for head in heads)),
    "the whole store, without its root": lambda _: said((6, None)),
    "fewer leaves, without their root": lambda _: said((2, None), (0, None)),
    "the empty tree": lambda _: said((0, EMPTY_ROOT)),
}


@pytest.mark.parametrize("name", AGREEING)
def test_what_is_kept_and_agrees_lets_the_anchor_be_put_back(name: str) -> None:
    recorder, heads, _ = log()
    anchor = MemoryAnchor()
    adopt(anchor, heads[0], Journal(recorder), AGREEING[name](heads))
    assert anchor.read() == AnchorState(heads[0].size, heads[0].root)


CONTRADICTING: dict[str, tuple[str, list[KeptProof], tuple[str, ...]]] = {
    "a larger tree": ("newer-proof-kept", said((8, b"x" * 32)), ("prova-8", "8 foglie", " 6:")),
    "more leaves, without their root": ("newer-proof-kept", said((7, None)), ("prova-7",)),
    "another tree of the same size": (
        "other-tree-kept",
        said((6, b"x" * 32)),
        ("prova-6", "altre 6 foglie"),
    ),
    "another tree of a smaller size": ("other-tree-kept", said((4, b"x" * 32)), ("prova-4",)),
    "the largest of many": (
        "newer-proof-kept",
        said((4, b"x" * 32), (9, None), (12, b"x" * 32), (2, None)),
        ("prova-12 (e altri 2)", "12 foglie"),
    ),
}


@pytest.mark.parametrize("name", CONTRADICTING)
def test_one_thing_that_is_kept_and_contradicts_is_enough_to_refuse(name: str) -> None:
    recorder, heads, _ = log()
    code, kept, words = CONTRADICTING[name]
    anchor = MemoryAnchor()
    agreeing = said(*((head.size, head.root) for head in heads))
    with pytest.raises(Frozen) as frozen:
        adopt(anchor, heads[2], Journal(recorder), [*agreeing, *kept])
    assert (frozen.value.code, anchor.read()) == (code, None)
    assert [word for word in words if word not in frozen.value.sentence] == []
