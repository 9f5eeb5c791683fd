"""A turn: one writer at the end of the log, from the look at the head to the commit.

    with recorder.turn() as turn:       the head is locked: other writers wait
        turn.head                       Head(position=1290, streams=312)
        turn.append(rows, tiles)        numbered, placed in their streams, durable after the `with`

Whoever has the turn is the sequencer of the ledger for one batch: what it reads of the log does not
move until the batch is stored, so no work is done in vain when several processes write.

Source: design FORMATS section 5 step 2; ARCHITECTURE D4.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from eventsourcing.persistence import IntegrityError, ProgrammingError

from ledger.journal.selection import select
from ledger.journal.store import TILE_BYTES, Batch, Head, KeyedEvent, NewRow, StreamHead

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent

    from ledger.journal.store import StoreTransaction, Tile


class Turn:
    """A writer's turn at the end of the log; see `JournalRecorder.turn`."""

    def __init__(self, transaction: StoreTransaction) -> None:
        """Look at the head, which is locked."""
        self._transaction = transaction
        self.head = transaction.head()
        self.has_appended = False

    def check(self, condition: DCBAppendCondition) -> None:
        """Refuse when a row after `condition.after` matches; no items match every row.

        Raises:
            eventsourcing.persistence.IntegrityError: when one does.
        """
        after, query = max(condition.after or 0, 0), condition.fail_if_events_match
        if after >= self.head.position:
            return
        lend = lambda: nullcontext(self._transaction)  # noqa: E731  lends what it has
        if next(select(lend, query, after, self.head.position, 1), None) is not None:
            raise IntegrityError(condition)

    def append(
        self,
        events: Sequence[DCBEvent],
        tiles: Sequence[Tile] = (),
        *,
        ends: Mapping[str, StreamHead] | None = None,
    ) -> int:
        """Write rows after the head, once a turn, and return the position of the last one.

        `ends` are those of the streams that the rows join, as far as there are such streams; the
        store is asked when they are not given. A wrong one would take a place that is taken.

        Raises:
            eventsourcing.persistence.IntegrityError: when a key, a place in a stream or a tile is
                there already.
            eventsourcing.persistence.ProgrammingError: as `JournalRecorder.append`, and for a
                second append.
        """
        check_arguments(events, tiles)
        if self.has_appended:
            raise ProgrammingError("a turn appends once")
        if ends is None:
            names = {name for event in events for name in event.tags}
            found = self._transaction.stream_heads(names) if names else []
            ends = {head.name: head for head in found}
        batch = _number(self.head, ends, [_keyed(event) for event in events], tiles)
        self._transaction.write(batch)
        self.has_appended = True
        return batch.head.position


def _keyed(event: DCBEvent) -> KeyedEvent:
    """Return a row of our own, so that nobody can change it after the call."""
    key = event.key if isinstance(event, KeyedEvent) else None
    return KeyedEvent(type=event.type, data=bytes(event.data), tags=list(event.tags), key=key)


def check_arguments(events: Sequence[DCBEvent], tiles: Sequence[Tile]) -> None:
    """Refuse what no store could hold, before anything is locked.

    Raises:
        eventsourcing.persistence.ProgrammingError: as `JournalRecorder.append`.
    """
    if not events:
        raise ProgrammingError("append needs at least one row")
    for event in events:
        if len(set(event.tags)) != len(event.tags):
            raise ProgrammingError(f"a row joins a stream once; these are {event.tags[:5]}")
    for tile in tiles:
        if len(tile.hashes) != TILE_BYTES:
            raise ProgrammingError(f"tile {tile.level}/{tile.number} is not {TILE_BYTES} bytes")


def _number(
    head: Head,
    ends: Mapping[str, StreamHead],
    events: Sequence[KeyedEvent],
    tiles: Sequence[Tile],
) -> Batch:
    """Give each row its position and its place in each of its streams."""
    heads: dict[str, StreamHead] = {}
    created = head.streams
    rows: list[NewRow] = []
    for position, event in enumerate(events, start=head.position + 1):
        places: list[tuple[int, int]] = []
        for name in event.tags:
            before = heads.get(name) or ends.get(name)
            if before is None:
                before = StreamHead(name, created, 0, 0)
                created += 1
            places.append((before.ordinal, before.count))
            heads[name] = StreamHead(name, before.ordinal, before.count + 1, position)
        rows.append(NewRow(position, event, tuple(places)))
    end = Head(head.position + len(rows), created)
    return Batch(tuple(rows), tuple(heads.values()), tuple(tiles), end)
