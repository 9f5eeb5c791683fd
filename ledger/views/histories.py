"""The record as the rules see it: events of streams, typed and folded, with what is pending.

A stream is read once and then followed; within a batch of the sequencer the accepted events stand
in it before they are stored, and are forgotten when the batch was not.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ledger.domain.evolve import evolve, fold
from ledger.views.accepted import read_events, read_recorded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ledger.domain.dossier import Dossier
    from ledger.domain.event import Event
    from ledger.journal.journal import Journal

KEPT_STREAMS = 256


@dataclass
class _Stream:
    """One stream as far as it was read; `dossier` is folded from `events`.

    `read` counts places of the stream: events, and erased ones, which have a place and no event.
    """

    name: str
    read: int = 0
    events: list[Event] = field(default_factory=list)
    dossier: Dossier | None = None

    def add(self, event: Event) -> None:
        """Append an event; a correction changes the past, so the fold starts anew."""
        self.events.append(event)
        if event.type.corrects_others or self.dossier is None:
            self.dossier = None
        else:
            self.dossier = evolve(self.dossier, event)

    def after(self, event: Event) -> Dossier:
        """Return the dossier as it would be with one more event; nothing is changed."""
        if event.type.corrects_others:
            return fold(self.name, [*self.events, event])
        return evolve(self.folded(), event)

    def folded(self) -> Dossier:
        """Return the dossier of all events."""
        if self.dossier is None:
            self.dossier = fold(self.name, self.events)
        return self.dossier


class Histories:
    """The record at the end of the log, with the accepted events of the batch at hand.

    `lent` are events that the caller has read already, by index; None stands for an erased one.
    """

    def __init__(self, journal: Journal) -> None:
        """Read from this journal; nothing is read before it is asked for."""
        self._journal = journal
        self._streams: OrderedDict[str, _Stream] = OrderedDict()
        self._pending: dict[str, Event] = {}
        self.lent: Mapping[int, Event | None] = {}

    def dossier(self, stream: str) -> Dossier:
        """Return the dossier of a stream; an empty one when it has no events."""
        return self._stream(stream).folded()

    def history(self, stream: str) -> Sequence[Event]:
        """Return the events of a stream, in order of the log."""
        return tuple(self._stream(stream).events)

    def event(self, event_id: str) -> Event | None:
        """Return the event of that id, None when there is none."""
        if event_id in self._pending:
            return self._pending[event_id]
        index = self._journal.find(event_id)
        return None if index is None else read_recorded(self._journal, index)

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
            stream = self._stream(name)
            stream.add(event)
            stream.read += 1
        self._pending[event.id] = event

    def settle(self) -> None:
        """Take the accepted events as stored."""
        self._pending.clear()

    def forget(self) -> None:
        """Drop the accepted events: they were not stored."""
        for event in self._pending.values():
            for name in event.streams:
                self._streams.pop(name, None)
        self._pending.clear()

    def _stream(self, name: str) -> _Stream:
        """Return the stream, read as far as it is stored, with what is pending in it."""
        found = self._streams.pop(name, None) or _Stream(name)
        self._streams[name] = found
        self._follow(found)
        while len(self._streams) > KEPT_STREAMS and not self._pending:
            self._streams.popitem(last=False)
        return found

    def _follow(self, stream: _Stream) -> None:
        """Read what was stored after the last event that is held."""
        indexes = self._journal.stream_indexes(stream.name, from_seq=stream.read)
        for event in self._events(indexes):
            if event is not None:
                stream.add(event)
            stream.read += 1

    def _events(self, indexes: Sequence[int]) -> Iterator[Event | None]:
        """Yield the events of these indexes: those that were lent, and the others from the log."""
        others = read_events(self._journal, [at for at in indexes if at not in self.lent])
        for index in indexes:
            yield self.lent[index] if index in self.lent else next(others)[1]
