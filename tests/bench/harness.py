"""Measuring two arms against each other: interleaved, in rounds, as a ratio.

    line = Line("append", "library", timed(ours, base, 25), at_least(1.0))
    result = measured(line, free_cores, told)
    result.ratios, result.ours, result.base, result.verdict
    print(profile_of(line))                 where the time of our arm goes

An arm prepares without being timed and returns what is timed. Within a round the two arms take
turns, and who begins changes each time, so that a slow moment of the machine strikes both. Absolute
figures mean nothing on a shared machine; only the ratio of the same round does.

Source: design PERFORMANCE.
"""

from __future__ import annotations

import cProfile
import gc
import io
import pstats
import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    Arm = Callable[[], Callable[[], object]]
    Round = Callable[[], tuple[float, float]]

SECONDS: Final = "s"
BYTES: Final = "B"


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound of the ratio; `is_floor` when more is better."""

    bound: float
    is_floor: bool

    def is_met(self, ratio: float) -> bool:
        """Tell whether a ratio keeps the bound."""
        return ratio >= self.bound if self.is_floor else ratio <= self.bound

    def __str__(self) -> str:
        """Return the goal as the table shows it."""
        return f"{'>=' if self.is_floor else '<='} {self.bound:g}x"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: what ours does, against which base, and how it is measured.

    `measure` is one round and returns (ours, base) for one operation, in `unit`. With a goal that
    is a floor, or none, the ratio is base to ours (times faster); with a ceiling, and for bytes, it
    is ours to base. `cores` is the number of free cores without which the line means nothing;
    `waits_for` says what must be asked for before it is measured, empty when nothing must.
    """

    operation: str
    base: str
    measure: Round
    goal: Goal | None
    unit: str = SECONDS
    cores: float = 1.0
    rounds: int = 5
    waits_for: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What came out: the rounds as (ours, base), none when the line was skipped for `reason`."""

    line: Line
    rounds: tuple[tuple[float, float], ...]
    reason: str = ""

    @property
    def ratios(self) -> list[float]:
        """Return the ratio of each round."""
        goal = self.line.goal
        is_ceiling = self.line.unit == BYTES or (goal is not None and not goal.is_floor)
        return [ours / base if is_ceiling else base / ours for ours, base in self.rounds]

    @property
    def ours(self) -> float:
        """Return the median of our arm, for one operation."""
        return median(ours for ours, _ in self.rounds)

    @property
    def base(self) -> float:
        """Return the median of the other arm, for one operation."""
        return median(base for _, base in self.rounds)

    @property
    def verdict(self) -> str:
        """Return yes, no, skipped, or - for a line without a goal."""
        if not self.rounds:
            return "skipped"
        if self.line.goal is None:
            return "-"
        return "yes" if self.line.goal.is_met(median(self.ratios)) else "no"


def at_least(bound: float) -> Goal:
    """Return the goal of being so many times faster."""
    return Goal(bound, is_floor=True)


def at_most(bound: float) -> Goal:
    """Return the goal of costing at most so many times the base."""
    return Goal(bound, is_floor=False)


@dataclass(frozen=True, slots=True)
class Timed:
    """A round in which both arms take so many turns, each of `units` operations."""

    ours: Arm
    base: Arm
    turns: int
    units: int

    def __call__(self) -> tuple[float, float]:
        """Return the seconds of one operation of ours and of the base."""
        spent = [0.0, 0.0]
        gc.collect()
        for turn in range(self.turns):
            for place in (0, 1) if turn % 2 == 0 else (1, 0):
                work = (self.ours, self.base)[place]()
                start = time.perf_counter()
                work()
                spent[place] += time.perf_counter() - start
        return spent[0] / self.turns / self.units, spent[1] / self.turns / self.units


def timed(ours: Arm, base: Arm, turns: int, *, units: int = 1) -> Round:
    """Return the round in which both arms take so many turns, each of `units` operations."""
    return Timed(ours, base, turns, units)


def profile_of(line: Line, functions: int = 25) -> str:
    """Return the costliest functions of our arm of a line, by their own time.

    Only what runs in this process and thread is seen.
    """
    if not isinstance(line.measure, Timed):
        return f"{line.operation}: nothing of it is timed in this process\n"
    profile, text = cProfile.Profile(), io.StringIO()
    line.measure.ours()()
    for _ in range(line.measure.turns):
        work = line.measure.ours()
        profile.enable()
        work()
        profile.disable()
    pstats.Stats(profile, stream=text).sort_stats("tottime").print_stats(functions)
    return f"{line.operation}\n{text.getvalue()}"


def measured(line: Line, free_cores: float, told: Callable[[str], None]) -> Result:
    """Return the result of a line; `told` hears of every round.

    The first round warms caches and files and is not counted.
    """
    if line.waits_for:
        return Result(line, (), line.waits_for)
    if free_cores < line.cores:
        reason = f"needs {line.cores:g} free cores, found {free_cores:.1f}"
        return Result(line, (), reason)
    if line.rounds > 1:
        told(f"{line.operation}: warming up")
        line.measure()
    rounds = []
    for number in range(1, line.rounds + 1):
        told(f"{line.operation}: round {number} of {line.rounds}")
        rounds.append(line.measure())
    return Result(line, tuple(rounds))
