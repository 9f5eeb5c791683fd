"""The schedule (cronoprogramma) as first planned and as planned anew, and requests of more time.

    baselined    ESECUZIONE 2023-03-01 to 2024-05-31
    rebaselined  ESECUZIONE 2023-03-01 to 2024-08-31, cause: proroga, extension p-1

The schedule in force on a day is the last one by legal date. An extension moves the due date of the
notice only when it is granted. Source: DOMAIN sections 5.3 and 9.5.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.altered import altered
from ledger.domain.files import FileName
from ledger.domain.identifiers import ActKey, ShortId
from ledger.domain.phases import Phase

DeadlineKind = Literal["contratto", "completamento"]
ExtensionOutcome = Literal["concessa", "negata"]


@dataclass(frozen=True, kw_only=True)
class PlannedPhase:
    """A phase with the days on which it is to begin and to end, of the whole or of a lot."""

    phase: Phase
    from_: date
    to: date
    lot: str | None = None


@dataclass(frozen=True, kw_only=True)
class PlannedSchedule:
    """One schedule; only the first has no cause."""

    phases: tuple[PlannedPhase, ...]
    cause: str | None = None
    act: ActKey | None = None
    extension: ShortId | None = None
    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class ExtensionTerms:
    """What is asked: a later due date of one of the two deadlines, and why."""

    extension: ShortId
    deadline: DeadlineKind
    until_on: date
    cause: str
    doc: FileName | None = None


@dataclass(frozen=True, kw_only=True)
class ExtensionDecision:
    """What was answered; `until_on` is the day granted, which may be another than the one asked."""

    outcome: ExtensionOutcome
    decision: str
    until_on: date | None = None
    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class Extension(ExtensionTerms):
    """A request of more time with its answer, None while there is none."""

    decided: ExtensionDecision | None = None
    on: date
    index: int

    @property
    def granted_until(self) -> date | None:
        """Return the due date that was granted, None when it was not."""
        if self.decided is None or self.decided.outcome != "concessa":
            return None
        return self.decided.until_on or self.until_on


@dataclass(frozen=True)
class Schedule:
    """Schedules and extensions, in order of the log."""

    planned: tuple[PlannedSchedule, ...] = ()
    extensions: tuple[Extension, ...] = ()

    def by_day(self) -> tuple[PlannedSchedule, ...]:
        """Return the schedules by legal date."""
        return tuple(sorted(self.planned, key=lambda one: (one.on, one.index)))

    def with_schedule(self, schedule: PlannedSchedule) -> "Schedule":
        """Return the slice with one more schedule."""
        return altered(self, planned=(*self.planned, schedule))

    def extension(self, key: str) -> Extension | None:
        """Return the extension of that key."""
        return next((found for found in self.extensions if found.extension == key), None)

    def requested(self, extension: Extension) -> "Schedule":
        """Return the slice with one more request."""
        return altered(self, extensions=(*self.extensions, extension))

    def decided(self, key: str, decision: ExtensionDecision) -> "Schedule":
        """Return the slice with a request answered."""
        after = tuple(
            altered(one, decided=decision) if one.extension == key else one
            for one in self.extensions
        )
        return altered(self, extensions=after)

    def granted(self, deadline: DeadlineKind) -> Extension | None:
        """Return the extension of a deadline that was granted for longest."""
        found = [one for one in self.extensions if one.deadline == deadline and one.granted_until]
        return max(found, key=lambda one: one.granted_until or one.until_on, default=None)
