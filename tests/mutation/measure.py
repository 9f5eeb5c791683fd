"""Measures once which tests come to each line of the mutated files, and what each test costs.

    python -m tests.mutation.measure mutation.toml reach.json [tests/ledger/domain/test_money.py ...]

    {"tests": [["tests/scenarios/test_acts.py::test_x", 0.04], ...],
     "lines": {"ledger/domain/rules/acts.py": {"192": [0, 7], ...}},
     "early": {"ledger/domain/rules/acts.py": [1, 2, ...]}}

`lines` gives the places of tests in `tests`; `early` the lines that run before the first test, while the
modules and the tests are read. Each test sets up its own fixtures, and functions of the tests forget what
they keep, so that what a test rests on is laid to it and not to the one before it.
"""

from __future__ import annotations

import functools
import gc
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import coverage

from tests.mutation.mutations import Plan, read_plan
from tests.mutation.settled import run_pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

EARLY = "early"


class Measure:
    """Runs each test in a context of its own, and keeps its time."""

    def __init__(self, plan: Plan, watch: coverage.Coverage) -> None:
        """Measure the tests of a plan."""
        self.folders = tuple(path.split("/")[0] for path in plan.tests)
        self.watch = watch
        self.tests: list[tuple[str, float]] = []
        self.failed: list[str] = []

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note what cannot be read."""
        if report.failed:
            self.failed.append(report.nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what fails without any change."""
        if report.failed:
            self.failed.append(report.nodeid)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the tests one by one, each from nothing."""
        kept = [one for one in gc.get_objects() if self._keeps(one)]
        for number, item in enumerate(session.items):
            for one in kept:
                one.cache_clear()
            self.watch.switch_context(str(number))
            start = time.process_time()
            item.ihook.pytest_runtest_protocol(item=item, nextitem=None)
            self.tests.append((item.nodeid, round(time.process_time() - start, 3)))
            self.watch.switch_context(EARLY)
        return True

    def _keeps(self, found: object) -> bool:
        is_cache = isinstance(found, functools._lru_cache_wrapper)
        return is_cache and str(getattr(found, "__module__", "")).startswith(self.folders)


def measured(plan: Plan, tests: Sequence[str]) -> dict[str, Any]:
    """Return the reach of some tests in the files that are mutated.

    Raises:
        SystemExit: with their names, when tests fail or cannot be read.
    """
    watch = coverage.Coverage(data_file=None, config_file=False, source=[plan.mutated])
    watch.set_option("run:core", "ctrace")
    measure = Measure(plan, watch)
    watch.start()
    watch.switch_context(EARLY)
    code = run_pytest(plan, tests, measure)
    watch.stop()
    if code or measure.failed:
        raise SystemExit(f"the tests fail without any change ({code}): {measure.failed[:9]}")
    lines: dict[str, dict[int, list[int]]] = {}
    early: dict[str, list[int]] = {}
    data = watch.get_data()
    for path in data.measured_files():
        name = Path(path).relative_to(Path.cwd()).as_posix()
        by_line = data.contexts_by_lineno(path)
        early[name] = sorted(line for line, found in by_line.items() if EARLY in found)
        lines[name] = {
            line: sorted(int(one) for one in found if one.isdigit())
            for line, found in by_line.items()
        }
    return {"tests": measure.tests, "lines": lines, "early": early}


def main(config: str, target: str, *tests: str) -> None:
    """Measure all tests of the configuration, or some of them."""
    plan = read_plan(Path(config))
    found = measured(plan, tests or plan.tests)
    Path(target).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
