"""Nothing is signed or acknowledged that the published tree does not prove, whatever the store says."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from eventsourcing.persistence import OperationalError
from typing_extensions import override

from ledger.errors import Busy, Frozen, StorageError
from ledger.journal.anchor import MemoryAnchor
from ledger.journal.memory import MemoryRecorder
from ledger.journal.row import pack, unpack
from ledger.journal.store import BusyError
from tests.ledger.journal.sequencer_kit import (
    ORIGIN,
    Client,
    assert_log_is_whole,
    assert_proves,
    opened,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.journal.store import Batch, StoreTransaction

CUP = "cup/C81C22001220006"


def spoil(recorder: MemoryRecorder, index: int, old: bytes, new: bytes, *, of_leaf: bool) -> None:
    """Change the leaf or the envelope of a row that is stored."""
    event = recorder._store.events[index]
    leaf, envelope = unpack(event.data)
    parts = (leaf.replace(old, new), envelope) if of_leaf else (leaf, envelope.replace(old, new))
    event.data = pack(*parts)


@pytest.mark.parametrize("of_leaf", [True, False])
def test_no_receipt_for_an_event_that_was_changed_in_the_store(
    of_leaf: bool,  # noqa: FBT001  a case, not a switch
) -> None:
    recorder, client = MemoryRecorder(ORIGIN), Client()
    sequencer = opened(recorder)
    first = client.make(CUP)
    sequencer.submit_many([first, client.make(CUP)])
    old, new = (b"2026-09-21", b"2026-09-22") if of_leaf else (b"signature", b"Signature")
    spoil(recorder, 0, old, new, of_leaf=of_leaf)
    with pytest.raises(Frozen, match="stored-differs"):
        sequencer.submit(first)


def test_no_older_tree_is_signed_that_is_no_beginning_of_the_published_one() -> None:
    """A hash beside the event, in a tile that a log of over 65,536 leaves is opened without."""
    recorder, anchor, client = MemoryRecorder(ORIGIN), MemoryAnchor(), Client()
    first = client.make("act/0")
    writer = opened(recorder, anchor)
    writer.submit(first)
    for batch in range(66):
        writer.submit_many([client.make(f"act/{batch}") for _ in range(1000)])
    tile = recorder._store.tiles[0, 0]
    recorder._store.tiles[0, 0] = tile[:32] + bytes(32) + tile[64:]
    later = opened(recorder, anchor)
    assert later.journal.inclusion(0, 2) == [bytes(32)]
    with pytest.raises(Frozen, match="stored-differs"):
        later.submit(first)


def test_nothing_is_acknowledged_on_a_store_that_was_replaced_by_one_as_long() -> None:
    """A replica that lacked the tail took over, and another writer went on from there."""
    recorder, other, anchor, client = (
        MemoryRecorder(ORIGIN),
        MemoryRecorder(ORIGIN),
        MemoryAnchor(),
        Client(),
    )
    sequencer = opened(recorder, anchor)
    sequencer.submit(client.make(CUP))
    opened(other).submit(Client("other").make(CUP))
    recorder._store = other._store
    stood_at = anchor.read()
    with pytest.raises(Frozen, match="store-forked"):
        sequencer.submit(client.make(CUP))
    assert anchor.read() == stood_at
    with pytest.raises(Frozen, match="store-forked"):
        sequencer.submit(client.make(CUP))


class LateRecorder(MemoryRecorder):
    """Loses the answer to its first commit, which goes on, and keeps its lock meanwhile."""

    def __init__(self) -> None:
        """Begin with the first turn."""
        super().__init__(ORIGIN)
        self.turns = 0
        self.late: Batch | None = None

    @contextmanager
    @override
    def _committing(self) -> Iterator[StoreTransaction]:
        self.turns += 1
        if self.turns == 2:
            raise BusyError("the session that commits has the lock")
        with super()._committing() as transaction:
            yield transaction
            if self.turns == 1:
                self.late, transaction.batch = transaction.batch, None  # type: ignore[attr-defined]
                raise OperationalError("the connection was lost after COMMIT was sent")

    def arrive(self) -> None:
        """Let the commit take place."""
        assert self.late is not None
        self._store.put(self.late)


def test_a_commit_in_doubt_is_not_told_as_busy() -> None:
    """Busy says that nothing was recorded, and this may still be."""
    recorder, client = LateRecorder(), Client()
    sequencer = opened(recorder)
    event = client.make(CUP)
    with pytest.raises(StorageError, match="store-failed") as caught:
        sequencer.submit(event)
    assert not isinstance(caught.value, Busy)
    recorder.arrive()
    receipt = sequencer.submit(event)
    assert_proves(receipt, event)
    assert not receipt.first
    assert len(assert_log_is_whole(sequencer)) == 2
