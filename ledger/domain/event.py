"""An event as the rules see it: typed data with its author, dates and place in the log.

The envelope (ledger.signing.envelope) is the signed bytes; this is the view of them. Both a
proposal (the place is the one it would take) and a recorded event have this form, so that what is
decided before signing and what is decided at the place of append is the same function.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ledger.domain.days import legal_day

if TYPE_CHECKING:
    from datetime import date, datetime

    from ledger.domain.events.declaration import EventType
    from ledger.domain.pieces import Piece

NO_DAY = "an event about an intervention has a legal date; a ledger event has none"


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """A file that the event names: salted commitment (base64), size in bytes, media type."""

    name: str
    commit: str
    size_bytes: int
    media_type: str


@dataclass(frozen=True, slots=True)
class Event:
    """One event, proposed or recorded.

    `streams` are sorted names; `occurred_on` is the legal date (None in ledger events);
    `index` and `received_at` are the place in the log.
    """

    id: str
    type: EventType
    streams: tuple[str, ...]
    actor: str
    role: str | None
    occurred_on: date | None
    claimed_at: datetime
    data: Any
    reason: str | None
    corrects: tuple[str, ...]
    objects: tuple[ObjectRef, ...]
    index: int
    received_at: datetime

    @property
    def day(self) -> date:
        """Return the legal date of the fact."""
        if self.occurred_on is None:
            raise ValueError(NO_DAY)
        return self.occurred_on

    @property
    def received_on(self) -> date:
        """Return the legal day (Europe/Rome) of receipt."""
        return legal_day(self.received_at)

    @property
    def days_late(self) -> int:
        """Return the days from the legal date to the day of receipt."""
        return (self.received_on - self.day).days

    @property
    def cups(self) -> tuple[str, ...]:
        """Return the CUPs whose streams the event joins, sorted."""
        return tuple(name[4:] for name in self.streams if name.startswith("cup/"))

    @property
    def changes_the_past(self) -> bool:
        """Return whether what was folded before it is folded otherwise after it."""
        return self.type.corrects_others or bool(self.data.erased_places)

    @property
    def piece(self) -> Piece | None:
        """Return which of several events it is that tell one fact, None when it tells it alone."""
        piece: Piece | None = getattr(self.data, "piece", None)
        return piece

    def object_named(self, name: str) -> ObjectRef | None:
        """Return the object of that name, if the event has it."""
        return next((ref for ref in self.objects if ref.name == name), None)

    def newest(self) -> Event:
        """Return the event as the newest version of its type would tell it."""
        if self.type.succeeded_by is None:
            return self
        data = self.data.newest()
        return replace(self, type=data.declared, data=data)

    def at(self, index: int, received_at: datetime) -> Event:
        """Return the same event at another place in the log."""
        return replace(self, index=index, received_at=received_at)

    def plain_data(self) -> dict[str, Any]:
        """Return `data` as JSON values."""
        return self.type.shape.plain(self.data)
