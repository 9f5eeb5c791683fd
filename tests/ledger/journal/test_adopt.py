"""A lost anchor is put back from a checkpoint that the store must have as its beginning."""

from __future__ import annotations

import pytest

from ledger.errors import Conflict, Frozen
from ledger.journal.adopt import adopt
from ledger.journal.anchor import AnchorState, MemoryAnchor
from ledger.journal.checkpoint import Checkpoint, open_checkpoint
from ledger.journal.memory import MemoryRecorder
from tests.ledger.journal.sequencer_kit import ORIGIN, SIGNER, Client, assert_proves, opened


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
    root_at = opened(recorder, MemoryAnchor(AnchorState(6, heads[2].root))).journal.root_at
    head = heads[number]
    assert adopt(anchor, head, root_at) == anchor.read() == AnchorState(head.size, head.root)
    event = client.make("cup/a")
    assert assert_proves(opened(recorder, anchor).submit(event), event).size == 8


def test_a_store_that_is_shorter_or_another_does_not_get_it() -> None:
    recorder, heads, _ = log()
    other = opened(MemoryRecorder(ORIGIN))
    for _ in range(2):
        other.submit(Client(f"other-{_}").make(f"cup/{_}"))
    root_at = other.journal.root_at
    for head, code in ((heads[2], "store-shorter"), (heads[1], "store-forked")):
        anchor = MemoryAnchor()
        with pytest.raises(Frozen) as frozen:
            adopt(anchor, head, root_at)
        assert (frozen.value.code, anchor.read()) == (code, None)
    assert recorder.head().position == 6


def test_an_anchor_that_is_there_is_never_replaced() -> None:
    recorder, heads, _ = log()
    anchor = MemoryAnchor(AnchorState(6, heads[2].root))
    with pytest.raises(Conflict, match="anchor-present"):
        adopt(anchor, heads[0], opened(recorder, anchor).journal.root_at)
    assert anchor.read() == AnchorState(6, heads[2].root)
