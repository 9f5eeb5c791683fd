"""The record as the rules see it: events of streams, typed and folded, with what is pending.

A stream is read once and then followed; within a batch of the sequencer the accepted events stand
in it before they are stored, and are forgotten when the batch was not.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ledger.domain.evolve import evolve, fold
from ledger.domain.joins import Placed
from ledger.journal.leaf import EventLeaf, format_hash, parse_leaf
from ledger.views.accepted import read_events, read_recorded
from ledger.views.named_contents import NamedContents

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from ledger.domain.dossier import Dossier
    from ledger.domain.event import Event
    from ledger.journal.journal import Journal

KEPT = 12_000


@dataclass
class _Stream:
    """One stream as far as it was read; `dossier` is folded from `events`.

    `read` counts places of the stream: events, and erased ones, which have a place and no event.
    """

    name: str
    read: int = 0
    events: list[Event] = field(default_factory=list)
    dossier: Dossier | None = None

    @property
    def weight(self) -> int:
        """Return what it counts among those that are kept: itself and its events."""
        return 1 + len(self.events)

    def add(self, event: Event) -> None:
        """Append an event; a correction changes the past, so the fold starts anew."""
        self.events.append(event)
        if event.changes_the_past or self.dossier is None:
            self.dossier = None
        else:
            self.dossier = evolve(self.dossier, event)

    def after(self, event: Event) -> Dossier:
        """Return the dossier as it would be with one more event; nothing is changed."""
        if event.changes_the_past:
            return fold(self.name, [*self.events, event])
        return evolve(self.folded(), event)

    def folded(self) -> Dossier:
        """Return the dossier of all events."""
        if self.dossier is None:
            self.dossier = fold(self.name, self.events)
        return self.dossier


class Histories:
    """The record at the end of the log, with the accepted events of the batch at hand.

    The streams asked for last are kept: as many as have 12,000 events together, or one with more.
    """

    def __init__(self, journal: Journal, kept: int = KEPT) -> None:
        """Read from this journal; nothing is read before it is asked for."""
        self._journal = journal
        self._kept = kept
        self._streams: OrderedDict[str, _Stream] = OrderedDict()
        self._pending: dict[str, Event] = {}
        self._weight = 0
        self._lent: Mapping[int, Event | None] = {}
        self._size: int | None = None
        self._named = NamedContents(journal)

    def lend(self, events: Mapping[int, Event | None], size: int) -> None:
        """Follow the log to that size only, and take from here what the caller has read of it.

        The events are by index; None stands for an erased one.
        """
        self._lent, self._size = events, size

    def follow(self, stream: str) -> None:
        """Read a stream, so that what was lent of it need not be read again."""
        self._stream(stream)

    def dossier(self, stream: str) -> Dossier:
        """Return the dossier of a stream; an empty one when it has no events."""
        return self._stream(stream).folded()

    def end(self, stream: str) -> tuple[Dossier, Event | None]:
        """Return the dossier of a stream and its last event, None when it has none."""
        found = self._stream(stream)
        return found.folded(), found.events[-1] if found.events else None

    def history(self, stream: str) -> Sequence[Event]:
        """Return the events of a stream, in order of the log."""
        return tuple(self._stream(stream).events)

    def event(self, event_id: str) -> Event | None:
        """Return the event of that id, None when there is none."""
        if event_id in self._pending:
            return self._pending[event_id]
        index = self._journal.find(event_id)
        return None if index is None else read_recorded(self._journal, index)

    def root_at(self, size: int) -> str | None:
        """Return the root of the tree of so many stored leaves; None when there were never so many."""
        return self._journal.root_at(size).hex() if 0 < size <= self._journal.size else None

    def naming(self, commits: Collection[str]) -> Sequence[Event]:
        """Return the events that name one of these contents among their objects, in order."""
        if not commits:
            return ()
        size = self._journal.size if self._size is None else self._size
        indexes = sorted(self._named.indexes(commits, size))
        stored = (event for _, event in read_events(self._journal, indexes) if event is not None)
        wanted = frozenset(commits)
        return tuple(
            event
            for event in (*stored, *self._pending.values())
            if any(ref.commit in wanted for ref in event.objects)
        )

    def placed(self, index: int) -> Placed | None:
        """Return what is stored at a leaf, None when no event is."""
        if not 0 <= index < (self._journal.size if self._size is None else self._size):
            return None
        leaf = parse_leaf(self._journal.leaf(index))
        if not isinstance(leaf, EventLeaf):
            return None
        names = tuple(place.name for place in leaf.streams)
        digest = format_hash(leaf.envelope_digest)
        return Placed(names, digest, read_recorded(self._journal, index))

    def rehearse(self, event: Event) -> None:
        """Fold an event into its streams and keep nothing: what cannot be folded raises here.

        Raises:
            PistaError: when the state after the event cannot be computed; nothing was changed.
        """
        for name in event.streams:
            self._stream(name).after(event)

    def accept(self, event: Event) -> None:
        """Let an event stand in its streams although it is not stored yet."""
        for name in event.streams:
            self._add(self._stream(name), event)
        self._pending[event.id] = event

    def settle(self) -> None:
        """Take the accepted events as stored."""
        self._pending.clear()

    def forget(self) -> None:
        """Drop the accepted events: they were not stored."""
        for event in self._pending.values():
            for name in event.streams:
                self._drop(name)
        self._pending.clear()

    def _stream(self, name: str) -> _Stream:
        """Return the stream, read as far as it is stored, with what is pending in it."""
        found = self._streams.pop(name, None)
        if found is None:
            found = _Stream(name)
            self._weight += found.weight
        self._streams[name] = found
        self._follow(found)
        while self._weight > self._kept and len(self._streams) > 1 and not self._pending:
            self._drop(next(iter(self._streams)))
        return found

    def _drop(self, name: str) -> None:
        """Keep a stream no longer."""
        gone = self._streams.pop(name, None)
        self._weight -= gone.weight if gone else 0

    def _add(self, stream: _Stream, event: Event | None) -> None:
        """Let a stream go on by a place; None stands for an erased event."""
        if event is not None:
            stream.add(event)
            self._weight += 1
        stream.read += 1

    def _follow(self, stream: _Stream) -> None:
        """Read what was stored after the last event that is held."""
        indexes = self._journal.stream_indexes(stream.name, self._size, from_seq=stream.read)
        for event in self._events(indexes):
            self._add(stream, event)

    def _events(self, indexes: Sequence[int]) -> Iterator[Event | None]:
        """Yield the events of these indexes: those that were lent, and the others from the log."""
        others = read_events(self._journal, [at for at in indexes if at not in self._lent])
        for index in indexes:
            yield self._lent[index] if index in self._lent else next(others)[1]
