"""Targets: indicators planned and measured, milestones of the plan and what was reached of them.

    indicator  T0079   output   planned 1 "amministrazioni"   measured 1 on 2024-05-31
    milestone  M1C1-139         reached 4083, with evidence

Values are texts: a milestone may be reached in words. A plan may be made anew; the last one by legal
date counts. Source: DOMAIN sections 1.4 and 9.5; Reg. (EU) 2021/241 art. 2.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.altered import altered
from ledger.domain.codes import Indicator, Milestone
from ledger.domain.files import FileName

IndicatorKind = Literal["output", "risultato"]


@dataclass(frozen=True, kw_only=True)
class IndicatorTerms:
    """What is planned of an indicator."""

    indicator: Indicator
    kind: IndicatorKind
    value: str
    unit: str
    due_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class PlannedIndicator(IndicatorTerms):
    """One plan of an indicator."""

    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class MeasurementTerms:
    """What was measured of an indicator."""

    indicator: Indicator
    value: str
    evidence: FileName | None = None


@dataclass(frozen=True, kw_only=True)
class Measurement(MeasurementTerms):
    """One measurement."""

    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class LinkedMilestone:
    """A milestone or target of the plan to which the intervention contributes."""

    milestone: Milestone
    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class TargetTerms:
    """What was reached of a milestone or target, with its evidence."""

    milestone: Milestone
    value: str
    evidence: FileName


@dataclass(frozen=True, kw_only=True)
class ReachedTarget(TargetTerms):
    """One target reached."""

    on: date
    index: int


@dataclass(frozen=True)
class Targets:
    """Indicators and milestones, in order of the log."""

    indicators: tuple[PlannedIndicator, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    milestones: tuple[LinkedMilestone, ...] = ()
    reached: tuple[ReachedTarget, ...] = ()

    def plan(self, indicator: str) -> PlannedIndicator | None:
        """Return the plan of an indicator that counts: the last by legal date."""
        found = [one for one in self.indicators if one.indicator == indicator]
        return max(found, key=lambda one: (one.on, one.index), default=None)

    def is_linked(self, milestone: str) -> bool:
        """Return whether the intervention contributes to a milestone."""
        return any(one.milestone == milestone for one in self.milestones)

    def planned(self, plan: PlannedIndicator) -> "Targets":
        """Return the targets with one more plan of an indicator."""
        return altered(self, indicators=(*self.indicators, plan))

    def measured(self, measurement: Measurement) -> "Targets":
        """Return the targets with one more measurement."""
        return altered(self, measurements=(*self.measurements, measurement))

    def linked(self, milestone: LinkedMilestone) -> "Targets":
        """Return the targets with one more milestone."""
        return altered(self, milestones=(*self.milestones, milestone))

    def with_reached(self, target: ReachedTarget) -> "Targets":
        """Return the targets with one more reached."""
        return altered(self, reached=(*self.reached, target))
