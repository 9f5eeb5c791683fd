"""Runs chosen tests in order, up to the first that fails, each within its share of processor time.

What came of it is one line of JSON, written where the process is told:

    {"outcome": "killed", "by": "tests/ledger/domain/test_decide_acts.py::test_it_is_refused[...]"}
    {"outcome": "survived", "by": ""}

A test that does not end is stopped by the system; the process that waits sees by which signal.
"""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

TIMES = 20.0  # as much as it costs without any change
STUCK_SECONDS = 3600.0  # of real time, for what waits and does not work
OUT_OF_TIME = frozenset({signal.SIGPROF, signal.SIGALRM})


def give_time(seconds: float) -> None:
    """Let this process work so long, by its own clock, whatever else runs."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, STUCK_SECONDS)


def run_chosen(
    session: pytest.Session,
    items: Mapping[str, pytest.Item],
    seconds: Mapping[str, float],
    least_seconds: float,
    outcome_fd: int,
) -> None:
    """Run the tests in the order of their names and tell the first that fails.

    `seconds` is what they cost without any change; each may cost many times as much, and at least that.
    """
    for name, item in items.items():
        give_time(least_seconds + TIMES * seconds[name])
        item.ihook.pytest_runtest_protocol(item=item, nextitem=None)
        if session.testsfailed:
            tell("killed", name, outcome_fd)
            return
    tell("survived", "", outcome_fd)


def tell(outcome: str, by: str, outcome_fd: int) -> None:
    """Write what came of it."""
    os.write(outcome_fd, json.dumps({"outcome": outcome, "by": by}).encode())
