"""The views database: rows that can be deleted and rebuilt, and the position they have reached.

    store.apply(changes, Tracking(ORIGIN, 500))       a batch and its last position, or nothing
    store.interventions(phase="ESECUZIONE")

It is a TrackingRecorder of the eventsourcing library. What both databases have in common is here and
in tables.py; sqlite.py and postgres.py lend the few primitives.
Source: ARCHITECTURE D2 and D3.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from eventsourcing.persistence import IntegrityError, Tracking, TrackingRecorder
from typing_extensions import override

from ledger.views import tables

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager


@dataclass(frozen=True, slots=True)
class InterventionRow:
    """One CUP as lists show it; `funding` in cents; `state` canonical JSON.

    Where several interventions share it, measures, phases and national states are those of all,
    separated by blanks, and the title is that of each.
    """

    cup: str
    title: str
    measure: str
    phase: str | None
    national: str | None
    funding: int
    registrations: int
    last_index: int
    state: bytes


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One event in one stream, in a sentence."""

    stream: str
    index: int
    event: str
    type: str
    received_at: str
    occurred_on: str | None
    actor: str
    role: str | None
    sentence: str


@dataclass(frozen=True, slots=True)
class ActRow:
    """One act of the register; `cups` separated by blanks."""

    key: str
    kind: str
    adopted_on: str
    subject: str
    cups: str
    last_index: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What a batch of events changes in the views; withdrawn rows stood before a correction."""

    interventions: Sequence[InterventionRow] = ()
    timeline: Sequence[TimelineRow] = ()
    acts: Sequence[ActRow] = ()
    withdrawn_cups: Sequence[str] = ()
    withdrawn_acts: Sequence[str] = ()


class Writer(Protocol):
    """What a write transaction can be asked."""

    def write(self, statement: str, values: Sequence[object]) -> int:
        """Run a statement of tables.py; return the number of rows that it changed."""
        ...

    def write_all(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        """Run a statement for each of these rows of values."""
        ...


class ViewStore(TrackingRecorder):
    """The views of one ledger, in a database that may hold those of others."""

    def __init__(self, ledger: str) -> None:
        """Keep the name of the ledger."""
        self.ledger = ledger

    @abstractmethod
    def close(self) -> None:
        """Give back what the store holds; closing twice is allowed."""

    @abstractmethod
    def _writing(self) -> AbstractContextManager[Writer]:
        """Begin a transaction that commits at the end and rolls back on an exception."""

    @abstractmethod
    def _read(self, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        """Return the rows of a query of tables.py."""

    @override
    def insert_tracking(self, tracking: Tracking) -> None:
        """Record a position that is greater than the last one; IntegrityError otherwise."""
        with self._writing() as writer:
            _advance(writer, tracking)

    @override
    def max_tracking_id(self, application_name: str) -> int | None:
        """Return the position reached in an upstream, None before the first."""
        rows = self._read(tables.TRACKED, (application_name,))
        return int(rows[0][0]) if rows else None

    def apply(self, changes: Changes, tracking: Tracking) -> None:
        """Write the changes of a batch and its last position in one transaction.

        Raises:
            eventsourcing.persistence.IntegrityError: when the position is not after the last one;
                nothing was written.
        """
        with self._writing() as writer:
            _advance(writer, tracking)
            for statement, gone in (
                (tables.WITHDRAW_CUP, changes.withdrawn_cups),
                (tables.WITHDRAW_ACT, changes.withdrawn_acts),
            ):
                writer.write_all(statement, [(self.ledger, key) for key in gone])
            for table, rows in (
                ("intervention", changes.interventions),
                ("timeline", changes.timeline),
                ("act", changes.acts),
            ):
                values = [(self.ledger, *values_of(row)) for row in rows]
                writer.write_all(tables.put(table), values)

    def page(self, table: str, after: Sequence[object] | None, limit: int) -> list[tuple[Any, ...]]:
        """Return rows of a table after a key, from the first one for None, in order of the key."""
        statement = tables.page(table, is_first=after is None)
        return self._read(statement, (self.ledger, *(after or ()), limit))

    def clear(self) -> None:
        """Delete all of this ledger, so that it is rebuilt from the journal."""
        with self._writing() as writer:
            for statement in tables.CLEAR:
                writer.write(statement, (self.ledger,))

    def interventions(
        self, *, measure: str | None = None, phase: str | None = None, text: str | None = None
    ) -> list[InterventionRow]:
        """Return the interventions, by CUP; filtered by measure, phase, words of the title or CUP."""
        values = (self.ledger, measure, measure, phase, phase, text, text)
        return [InterventionRow(*row) for row in self._read(tables.INTERVENTIONS, values)]

    def intervention(self, cup: str) -> InterventionRow | None:
        """Return one intervention, None when the views have none of that CUP."""
        rows = self._read(tables.INTERVENTION, (self.ledger, cup))
        return InterventionRow(*rows[0]) if rows else None

    def timeline(self, stream: str, *, after: int = -1, limit: int = 500) -> list[TimelineRow]:
        """Return the events of a stream after a leaf index, in order of the log."""
        rows = self._read(tables.TIMELINE, (self.ledger, stream, after, limit))
        return [TimelineRow(*row) for row in rows]

    def acts(self, cup: str | None = None) -> list[ActRow]:
        """Return the register of acts, newest adoption first; of one CUP when given."""
        return [ActRow(*row) for row in self._read(tables.ACTS, (self.ledger, cup, cup))]


def values_of(row: InterventionRow | TimelineRow | ActRow) -> tuple[Any, ...]:
    """Return the values of a row in the order of its fields, which is that of the columns."""
    return tuple(getattr(row, name) for name in type(row).__slots__)


def _advance(writer: Writer, tracking: Tracking) -> None:
    """Move the position on; of two programs that keep the same views the slower one is told."""
    position = tracking.notification_id
    if not writer.write(tables.ADVANCE, (tracking.application_name, position)):
        raise IntegrityError(f"position {position} is not after the last one")
