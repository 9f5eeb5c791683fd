"""The history of one stream as a document: every event up to a head, with what became of it.

    {"v": 1, "stream": "cup/C81C22001220006", "size": 1291, "events": [
      {"index": 17, "id": "...", "type": "phase-entered/1", "received_at": "...",
       "occurred_on": "2023-02-15", "claimed_at": "...", "actor": "...", "role": "rup",
       "streams": ["cup/C81C22001220006"], "sentence": "Avviata la fase ...",
       "data": {"phase": "AFFIDAMENTO"}, "envelope": "<SHA-256 of the envelope, hexadecimal>"}, ...]}

`size` is the number of leaves of the head: events before it are all there, in order of the log.
`withdrawn_by` is the correction in force at that head, if one withdraws the event. The data are
those of the type, so an entry has one shape a type (`entry_shape`).
Source: design DOMAIN section 9.9; FORMATS section 6 (state/history).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from ledger.domain.event import Event
from ledger.domain.events.catalogue import type_named
from ledger.domain.events.declaration import EventType, Role
from ledger.domain.references import ActorId, EventId, Sha256
from ledger.domain.sentences import sentence
from ledger.domain.shapes import Field, Record, shape_of

VERSION = 1


@dataclass(frozen=True, kw_only=True)
class HistoryHeading:
    """Which stream it is, and how many leaves of the log it tells of."""

    v: int
    stream: str
    size: int


@dataclass(frozen=True, kw_only=True)
class HistoryObject:
    """A file that the event names: salted commitment (base64), size in bytes, media type."""

    name: str
    commit: str
    size_bytes: int
    media_type: str


@dataclass(frozen=True, kw_only=True)
class HistoryLine:
    """One event beside its data: place, author, dates, sentence, corrections, files."""

    index: int
    id: EventId
    type: str
    received_at: datetime
    occurred_on: date | None = None
    claimed_at: datetime
    actor: ActorId
    role: Role | None = None
    streams: tuple[str, ...]
    sentence: str
    reason: str | None = None
    corrects: tuple[EventId, ...] = ()
    withdrawn_by: EventId | None = None
    objects: tuple[HistoryObject, ...] = ()
    envelope: Sha256


@dataclass(frozen=True, kw_only=True)
class HistoryEntry(HistoryLine):
    """One event with its data, an instance of the class of its type."""

    data: Any

    def plain(self) -> dict[str, Any]:
        """Return the entry as JSON values."""
        return entry_shape(type_named(self.type)).plain(self)


@dataclass(frozen=True, kw_only=True)
class History(HistoryHeading):
    """All events of one stream before a head, in order of the log."""

    events: tuple[HistoryEntry, ...]


@cache
def entry_shape(event_type: EventType) -> Record:
    """Return the shape of the entries of one type: a line, and the data of the type."""
    data = Field("data", "data", event_type.shape, required=True, default=None)
    return Record(HistoryEntry, (*shape_of(HistoryLine).fields, data))


def history_of(stream: str, recorded: Sequence[tuple[Event, bytes]], *, size: int) -> History:
    """Return the history of a stream in the tree of `size` leaves.

    `recorded` are its events in order of the log, each with the SHA-256 of its envelope (32 bytes).
    """
    known = [(event, digest) for event, digest in recorded if event.index < size]
    by = withdrawals([event for event, _ in known])
    entries = tuple(_entry(event, digest, by) for event, digest in known)
    return History(v=VERSION, stream=stream, size=size, events=entries)


def withdrawals(events: Sequence[Event]) -> Mapping[str, str]:
    """Return, by id of a withdrawn event, the id of the correction or erasure that withdraws it.

    The keys are those of ledger.domain.evolve.withdrawn: a correction that is itself withdrawn
    withdraws nothing.
    """
    found: dict[str, str] = {}
    ids = {event.index: event.id for event in events}
    for event in reversed(events):
        found.update({ids[at]: event.id for at in event.data.erased_places if at in ids})
        if event.corrects and event.id not in found and event.type.corrects_others:
            found.update(dict.fromkeys(event.corrects, event.id))
    return found


def _entry(event: Event, digest: bytes, by: Mapping[str, str]) -> HistoryEntry:
    corrected = by.get(event.id)
    return HistoryEntry(
        index=event.index,
        id=EventId(event.id),
        type=event.type.name,
        received_at=event.received_at,
        occurred_on=event.occurred_on,
        claimed_at=event.claimed_at,
        actor=ActorId(event.actor),
        role=event.role,  # type: ignore[arg-type]  # a Role by the rule of authority
        streams=event.streams,
        sentence=sentence(event),
        reason=event.reason,
        corrects=_ids(event.corrects),
        withdrawn_by=None if corrected is None else EventId(corrected),
        objects=tuple(
            HistoryObject(
                name=ref.name,
                commit=ref.commit,
                size_bytes=ref.size_bytes,
                media_type=ref.media_type,
            )
            for ref in event.objects
        ),
        data=event.data,
        envelope=Sha256(digest.hex()),
    )


def _ids(texts: Iterable[str]) -> tuple[EventId, ...]:
    return tuple(EventId(text) for text in texts)
