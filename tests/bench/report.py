"""The table that people read, and bench.json that programs do.

operation                     ours      base   ratio  min..max      goal      met
append, one at a time      1.21 ms   1.48 ms   1.22x  1.10..1.35    >= 1x     yes
    base: eventsourcing 9.5.6, aggregate save
"""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from statistics import median
from typing import TYPE_CHECKING, Any

from tests.bench.harness import BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.bench.harness import Line, Result

_ROW = "{:<58} {:>10} {:>10} {:>8}  {:<13} {:<9} {}"


def table(results: Sequence[Result]) -> Iterator[str]:
    """Yield the lines of the table, each result with its base below it."""
    yield _ROW.format("operation", "ours", "base", "ratio", "min..max", "goal", "met")
    for result in results:
        goal = str(result.line.goal or "-")
        yield _ROW.format(result.line.operation, *_figures(result), goal, result.verdict)
        yield f"    base: {result.line.base}"
        if result.reason:
            yield f"    {result.reason}"


def as_json(results: Sequence[Result], free_cores: float) -> str:
    """Return the text of bench.json: the machine, and every round of every line."""
    document = {
        "machine": {
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
            "system": f"{platform.system()} {platform.machine()}",
            "cores": os.cpu_count(),
            "free_cores": round(free_cores, 2),
        },
        "lines": [_line(result) for result in results],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _figures(result: Result) -> tuple[str, str, str, str]:
    if not result.rounds:
        return "-", "-", "-", "-"
    ratios = result.ratios
    return (
        _amount(result.ours, result.line),
        _amount(result.base, result.line),
        f"{median(ratios):.2f}x",
        f"{min(ratios):.2f}..{max(ratios):.2f}",
    )


def _amount(value: float, line: Line) -> str:
    """Return a figure with its unit: bytes, or the fitting fraction of a second."""
    if line.unit == BYTES:
        return f"{value:,.0f} B"
    for factor, unit in ((1, "s"), (1e3, "ms")):
        if value * factor >= 1:
            return f"{value * factor:.2f} {unit}"
    return f"{value * 1e6:.1f} us"


def _line(result: Result) -> dict[str, Any]:
    line = result.line
    plain: dict[str, Any] = {
        "operation": line.operation,
        "base": line.base,
        "goal": None if line.goal is None else str(line.goal),
        "met": result.verdict,
        "unit": line.unit,
    }
    if not result.rounds:
        return {**plain, "reason": result.reason}
    ratios = result.ratios
    return {
        **plain,
        "ratio": {"median": median(ratios), "min": min(ratios), "max": max(ratios)},
        "rounds": [{"ours": ours, "base": base} for ours, base in result.rounds],
    }
