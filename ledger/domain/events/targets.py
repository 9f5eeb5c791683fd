"""Indicators planned and measured, milestones linked, targets reached.

Source: DOMAIN sections 9.5 and 9.12.
"""

from dataclasses import dataclass

from ledger.domain.altered import altered
from ledger.domain.codes import Milestone
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import CUPFact, Missing, event
from ledger.domain.events.procurement import SIGNERS
from ledger.domain.events.streams import own_cup
from ledger.domain.rules.interventions import nothing_changed, reference_unknown
from ledger.domain.taken import taken
from ledger.domain.targets import (
    IndicatorTerms,
    LinkedMilestone,
    Measurement,
    MeasurementTerms,
    PlannedIndicator,
    ReachedTarget,
    TargetTerms,
)


@event(
    "indicator-planned/1",
    ask="plan-indicator/1",
    italian="Indicatore programmato",
    says="Indicatore {indicator} ({kind}): programmato {value} {unit}",
    streams=(own_cup,),
    by=SIGNERS,
    refusals=(nothing_changed,),
)
@dataclass(frozen=True, kw_only=True)
class IndicatorPlanned(CUPFact, IndicatorTerms):
    """The value that an indicator is to reach; a later plan takes the place of the one before."""

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the indicator when it is planned so."""
        found = dossier.targets.plan(self.indicator)
        mine = (self.kind, self.value, self.unit, self.due_on)
        same = found is not None and (found.kind, found.value, found.unit, found.due_on) == mine
        return f"l'indicatore {self.indicator}" if same else None

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the plan."""
        made = taken(PlannedIndicator, self, event)
        return altered(dossier, targets=dossier.targets.planned(made))


@event(
    "indicator-measured/1",
    ask="measure-indicator/1",
    italian="Indicatore realizzato",
    says="Indicatore {indicator}: realizzato {value}",
    streams=(own_cup,),
    by=SIGNERS,
    refusals=(reference_unknown, nothing_changed),
)
@dataclass(frozen=True, kw_only=True)
class IndicatorMeasured(CUPFact, MeasurementTerms):
    """The value that an indicator had on that day."""

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the indicator when it is not planned."""
        if dossier.targets.plan(self.indicator) is None:
            yield f"l'indicatore {self.indicator}", "plan-indicator/1"

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:
        """Return the measurement when the same was made on that day."""
        mine = (self.indicator, self.value, event.day)
        stand = {(m.indicator, m.value, m.on) for m in dossier.targets.measurements}
        return f"la misura dell'indicatore {self.indicator}" if mine in stand else None

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the measurement."""
        made = taken(Measurement, self, event)
        return altered(dossier, targets=dossier.targets.measured(made))


@event(
    "milestone-linked/1",
    ask="link-milestone/1",
    italian="Collegamento M&T",
    says="Collegato a {milestone}",
    streams=(own_cup,),
    by=SIGNERS,
    refusals=(nothing_changed,),
)
@dataclass(frozen=True, kw_only=True)
class MilestoneLinked(CUPFact):
    """A milestone or target of the plan to which the intervention contributes."""

    milestone: Milestone

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the milestone when it is linked."""
        linked = dossier.targets.is_linked(self.milestone)
        return f"il collegamento a {self.milestone}" if linked else None

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the milestone."""
        made = taken(LinkedMilestone, self, event)
        return altered(dossier, targets=dossier.targets.linked(made))


@event(
    "target-reached/1",
    ask="record-target/1",
    italian="Target conseguito",
    says="Conseguito {milestone}: {value}",
    streams=(own_cup,),
    by=SIGNERS,
    refusals=(reference_unknown, nothing_changed),
)
@dataclass(frozen=True, kw_only=True)
class TargetReached(CUPFact, TargetTerms):
    """What was reached of a milestone or target, with its evidence."""

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the milestone when it is not linked."""
        if not dossier.targets.is_linked(self.milestone):
            yield f"il collegamento a {self.milestone}", "link-milestone/1"

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:
        """Return the target when the same was reached on that day."""
        mine = (self.milestone, self.value, event.day)
        stand = {(t.milestone, t.value, t.on) for t in dossier.targets.reached}
        return f"il target {self.milestone}" if mine in stand else None

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the target."""
        made = taken(ReachedTarget, self, event)
        return altered(dossier, targets=dossier.targets.with_reached(made))
