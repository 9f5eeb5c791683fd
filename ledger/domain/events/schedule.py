"""Schedules planned and planned anew, extensions asked and answered.

Source: DOMAIN sections 5.3, 9.5 and 9.12.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from ledger.domain.altered import altered
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import CUPFact, Missing, Period, event
from ledger.domain.events.procurement import SIGNERS
from ledger.domain.events.streams import named_act, own_cup
from ledger.domain.identifiers import ActKey, ShortId
from ledger.domain.rules.acts import act_unknown, act_without_effect, dates_reversed
from ledger.domain.rules.interventions import (
    duplicate_key,
    nothing_changed,
    reference_closed,
    reference_unknown,
)
from ledger.domain.schedule import (
    Extension,
    ExtensionDecision,
    ExtensionOutcome,
    ExtensionTerms,
    PlannedPhase,
    PlannedSchedule,
)
from ledger.domain.taken import taken


def _missing_extension(dossier: Dossier, key: str) -> Missing:
    if dossier.schedule.extension(key) is None:
        yield f"la proroga {key}", "request-extension/1"


@dataclass(frozen=True, kw_only=True)
class Planned(CUPFact):
    """Base of a schedule: the phases, each with its planned days."""

    phases: tuple[PlannedPhase, ...]

    @property
    def periods(self) -> Iterator[Period]:
        """Yield the days of each phase."""
        return ((one.from_, one.to) for one in self.phases)

    def stand(self, dossier: Dossier) -> tuple[PlannedSchedule, ...]:
        """Return the schedules, by legal date."""
        return dossier.schedule.by_day()

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the schedule."""
        made = taken(PlannedSchedule, self, event)
        return altered(dossier, schedule=dossier.schedule.with_schedule(made))


@event(
    "schedule-baselined/1",
    ask="baseline-schedule/1",
    italian="Cronoprogramma",
    says="Stabilito il cronoprogramma",
    streams=(own_cup,),
    by=SIGNERS,
    refusals=(duplicate_key, dates_reversed),
)
@dataclass(frozen=True, kw_only=True)
class ScheduleBaselined(Planned):
    """The first schedule of the intervention, against which all later ones are read."""

    keys_of_intervention: ClassVar[bool] = True

    def natural_keys(self, dossier: Dossier) -> Iterator[str]:
        """Yield the schedule when there is one."""
        if self.stand(dossier):
            yield "il cronoprogramma iniziale"


@event(
    "schedule-rebaselined/1",
    ask="rebaseline-schedule/1",
    italian="Nuovo cronoprogramma",
    says="Nuovo cronoprogramma: {cause}",
    streams=(own_cup, named_act),
    by=SIGNERS,
    refusals=(act_unknown, reference_unknown, nothing_changed, dates_reversed, act_without_effect),
)
@dataclass(frozen=True, kw_only=True)
class ScheduleRebaselined(Planned):
    """Another schedule in the place of the last, with its cause; the first one stays."""

    cause: str
    act: ActKey | None = None
    extension: ShortId | None = None

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the first schedule and the extension when they are not recorded."""
        if not self.stand(dossier):
            yield "il cronoprogramma iniziale", "baseline-schedule/1"
        if self.extension is not None:
            yield from _missing_extension(dossier, self.extension)

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:
        """Return the schedule when the one in force on that day plans the same."""
        before = [one for one in self.stand(dossier) if one.on <= event.day]
        same = bool(before) and before[-1].phases == self.phases
        return "il cronoprogramma" if same else None


@event(
    "extension-requested/1",
    ask="request-extension/1",
    italian="Richiesta proroga",
    says="Chiesta la proroga {extension} del termine ({deadline}) al {until_on}: {cause}",
    streams=(own_cup,),
    by=SIGNERS,
    refusals=(duplicate_key,),
)
@dataclass(frozen=True, kw_only=True)
class ExtensionRequested(CUPFact, ExtensionTerms):
    """A later due date is asked of the granting body."""

    def natural_keys(self, dossier: Dossier) -> Iterator[str]:
        """Yield the extension when its id is taken."""
        if dossier.schedule.extension(self.extension) is not None:
            yield f"la proroga {self.extension}"

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the request."""
        made = taken(Extension, self, event)
        return altered(dossier, schedule=dossier.schedule.requested(made))


@event(
    "extension-decided/1",
    ask="record-extension-decision/1",
    italian="Esito proroga",
    says="Proroga {extension} {outcome}: {decision}",
    streams=(own_cup,),
    by=SIGNERS,
    refusals=(reference_unknown, reference_closed),
)
@dataclass(frozen=True, kw_only=True)
class ExtensionDecided(CUPFact):
    """The answer; without `until_on` the day that was asked is granted."""

    extension: ShortId
    outcome: ExtensionOutcome
    decision: str
    until_on: date | None = None

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the extension when it was not asked."""
        yield from _missing_extension(dossier, self.extension)

    def closed(self, dossier: Dossier) -> Iterator[str]:
        """Yield the extension when it was answered."""
        found = dossier.schedule.extension(self.extension)
        if found is not None and found.decided is not None:
            yield f"la proroga {self.extension}"

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Note the answer."""
        made = taken(ExtensionDecision, self, event)
        return altered(dossier, schedule=dossier.schedule.decided(self.extension, made))
