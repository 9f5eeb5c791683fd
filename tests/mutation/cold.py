"""Tries one change from nothing: the module is read from the changed source, then the tests.

    python -m tests.mutation.cold mutation.toml trial.json FD

For what runs while the modules are read: constants, declarations, and the functions that they call. The
file `trial.json` holds path, changed text, and the tests with their seconds, in order.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.mutation.chosen import give_time, run_chosen, tell
from tests.mutation.exchange import read_changed
from tests.mutation.mutations import read_plan
from tests.mutation.settled import run_pytest

if TYPE_CHECKING:
    import pytest

    from tests.mutation.mutations import Plan

READING_SECONDS = 60.0


class Cold:
    """Runs the tests of one trial, in its order."""

    def __init__(self, plan: Plan, seconds: dict[str, float], outcome_fd: int) -> None:
        """Take the tests in order."""
        self.plan = plan
        self.seconds = seconds
        self.outcome_fd = outcome_fd
        self.is_told = False

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Tell that tests cannot even be read."""
        if report.failed and not self.is_told:
            self.is_told = True
            tell("killed", f"(reading {report.nodeid})", self.outcome_fd)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the tests."""
        if self.is_told:
            return True
        self.is_told = True
        by_name = {item.nodeid: item for item in session.items}
        chosen = {name: by_name[name] for name in self.seconds if name in by_name}
        run_chosen(session, chosen, self.seconds, self.plan.least_seconds, self.outcome_fd)
        return True


def main(config: str, trial: str, outcome_fd: int) -> int:
    """Try the change; return 0 when something came of it."""
    told: dict[str, Any] = json.loads(Path(trial).read_text(encoding="utf-8"))
    give_time(READING_SECONDS)
    changed = read_changed(told["path"], told["text"])
    plan = read_plan(Path(config))
    cold = Cold(plan, dict(told["tests"]), outcome_fd)
    files = sorted({name.partition("::")[0] for name in cold.seconds})
    run_pytest(plan, files, cold)
    if not changed.is_read:
        return 3
    if not cold.is_told:
        tell("killed", "(reading the tests)", outcome_fd)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
