"""The record with events that are signed and not sent yet: what the next one of them is drafted on.

    ahead = Ahead(histories, read_ahead(raws, size, now))
    ahead.dossier("act/c_e506/...")         as it will be when they are recorded
    claims_after(raws)                      where the streams that they join will end

The pieces of one fact are signed one after the other and sent together: each names the envelope before
it in their common stream, by its digest. Source: FORMATS section 1 (`prev`: a client can chain a batch).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.domain.evolve import evolve, fold
from ledger.records import read_event
from ledger.signing import envelope as envelopes
from ledger.signing.envelope import StreamClaim

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from ledger.domain.dossier import Dossier
    from ledger.domain.event import Event
    from ledger.domain.joins import Placed
    from ledger.domain.situation import Record


def read_ahead(raws: Sequence[bytes], size: int, now: datetime) -> list[Event]:
    """Return the events of signed envelopes as they will be in a log of `size` leaves."""
    return [read_event(envelopes.parse(raw), at, now) for at, raw in enumerate(raws, start=size)]


def claims_after(raws: Sequence[bytes]) -> dict[str, StreamClaim]:
    """Return, by name, the next place in each stream that signed envelopes join."""
    found: dict[str, StreamClaim] = {}
    for envelope in (envelopes.parse(raw) for raw in raws):
        for claim in envelope.streams:
            found[claim.name] = StreamClaim(claim.name, claim.seq + 1, envelope.digest)
    return found


class Ahead:
    """A record with further events; implements the domain's Record."""

    def __init__(self, record: Record, events: Sequence[Event]) -> None:
        """Look at the record through these events; it is not changed."""
        self._record = record
        self._events = events

    def dossier(self, stream: str) -> Dossier:
        """Return the dossier of a stream after the events."""
        more = self._more(stream)
        if any(event.changes_the_past for event in more):
            return fold(stream, self.history(stream))
        dossier = self._record.dossier(stream)
        for event in more:
            dossier = evolve(dossier, event)
        return dossier

    def history(self, stream: str) -> Sequence[Event]:
        """Return the events of a stream, with those ahead."""
        return [*self._record.history(stream), *self._more(stream)]

    def _more(self, stream: str) -> list[Event]:
        return [event for event in self._events if stream in event.streams]

    def event(self, event_id: str) -> Event | None:
        """Return the event of that id, recorded or ahead."""
        ahead = (event for event in self._events if event.id == event_id)
        return next(ahead, None) or self._record.event(event_id)

    def root_at(self, size: int) -> str | None:
        """Return the root of so many stored leaves."""
        return self._record.root_at(size)

    def naming(self, commits: Collection[str]) -> Sequence[Event]:
        """Return the recorded events that name one of these contents."""
        return self._record.naming(commits)

    def placed(self, index: int) -> Placed | None:
        """Return what stands at a stored leaf."""
        return self._record.placed(index)
