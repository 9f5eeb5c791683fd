"""Tries the changes, each in a process of its own that is forked from one that has read everything.

A change in a function of which no line has run yet goes into that process as it is (exchange.py). Any
other change is tried by a program that begins anew (cold.py). Only tests that come to the changed
statement are run, the cheapest first; a change that no test comes to has survived.
"""

from __future__ import annotations

import ast
import gc
import json
import os
import resource
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.mutation.chosen import OUT_OF_TIME, give_time, run_chosen
from tests.mutation.cold import READING_SECONDS
from tests.mutation.exchange import Live
from tests.mutation.mutations import mutated
from tests.mutation.reach import Reach, Trial
from tests.mutation.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pytest

    from tests.mutation.mutations import Mutation, Plan

MOST_BYTES = 4 << 30  # of memory, for one trial


class TrialError(Exception):
    """A trial that came to no verdict: the tool is at fault, and nothing may be counted."""


class Trials:
    """A plugin of pytest: once everything is read it tries the changes, instead of running the tests."""

    def __init__(self, plan: Plan, reach: Reach, mutations: Sequence[Mutation], jobs: int) -> None:
        """Take what is to be tried, so many at once."""
        self.plan, self.reach, self.mutations, self.jobs = plan, reach, mutations, jobs
        self.on_verdict: Callable[[Verdict], None] = lambda _: None
        self._running: dict[int, tuple[Trial, int]] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="mutation-")
        self._unread: list[str] = []
        self._error: Exception | None = TrialError("nothing was tried")

    def check_ended(self) -> None:
        """Check that every change came to a verdict.

        Raises:
            TrialError: when one did not, or the tests could not be read.
        """
        if self._unread or self._error is not None:
            raise TrialError(f"not all was tried {self._unread}") from self._error

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note tests that cannot be read."""
        if report.failed:
            self._unread.append(report.nodeid)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try every change, in order."""
        try:
            self._try_all(session)
            self._error = None
        except Exception as error:  # noqa: BLE001  pytest would keep it to itself
            self._error = error
        finally:
            self._folder.cleanup()
        return True

    def _try_all(self, session: pytest.Session) -> None:
        self._session = session
        self._items = {item.nodeid: item for item in session.items}
        self._sources = {
            path: Path(path).read_text(encoding="utf-8")
            for path in sorted({one.path for one in self.mutations})
        }
        self._live = Live(self._sources)
        trees = {path: ast.parse(text) for path, text in self._sources.items()}
        trials = [self.reach.trial(one, trees[one.path]) for one in self.mutations]
        gc.freeze()
        self._try_no_change(trials)
        for trial in trials:
            if not trial.tests:
                self.on_verdict(Verdict.of(trial.mutation, "unreached"))
                continue
            text = mutated(trial.mutation, self._sources[trial.mutation.path])
            if not is_program(text):
                self.on_verdict(Verdict.of(trial.mutation, "no-program"))
                continue
            while len(self._running) >= self.jobs:
                self._wait()
            self._start(trial, text)
        while self._running:
            self._wait()

    def _try_no_change(self, trials: Sequence[Trial]) -> None:
        """Try the source as it is, both ways: what kills it would kill every change.

        Raises:
            TrialError: when it does not survive.
        """
        on_verdict, seen = self.on_verdict, list[Verdict]()
        self.on_verdict = seen.append
        for is_warm in (True, False):
            trial = next((one for one in trials if one.is_warm == is_warm and one.tests), None)
            if trial is not None:
                few = Trial(trial.mutation, trial.tests[:20], is_warm)
                self._start(few, self._sources[trial.mutation.path])
                self._wait()
        self.on_verdict = on_verdict
        dead = [one for one in seen if one.outcome != "survived"]
        if dead:
            raise TrialError(f"the source without any change does not survive: {dead}")

    def _start(self, trial: Trial, text: str) -> None:
        reading, writing = os.pipe()
        pid = os.fork()
        if pid:
            os.close(writing)
            self._running[pid] = (trial, reading)
            return
        try:
            os.close(reading)
            resource.setrlimit(resource.RLIMIT_DATA, (MOST_BYTES, MOST_BYTES))
            _be_silent()
            self._try(trial, text, writing)
        except BaseException as error:  # noqa: BLE001  it must not go on as if it were the one that waits
            os.write(writing, json.dumps({"outcome": "error", "by": repr(error)}).encode())
        finally:
            os._exit(0)

    def _try(self, trial: Trial, text: str, outcome_fd: int) -> None:
        """Come to a verdict, in the forked process."""
        path = trial.mutation.path
        if trial.is_warm:
            self._live.exchange(path, trial.mutation.line, self._sources[path], text)
            items = {name: self._items[name] for name in trial.tests}
            least = self.plan.least_seconds
            run_chosen(self._session, items, self.reach.seconds, least, outcome_fd)
            return
        told = {
            "path": path,
            "text": text,
            "tests": [(name, self.reach.seconds[name]) for name in trial.tests],
        }
        trial_file = Path(self._folder.name) / f"{os.getpid()}.json"
        trial_file.write_text(json.dumps(told), encoding="utf-8")
        os.set_inheritable(outcome_fd, True)  # noqa: FBT003  its one argument
        give_time(READING_SECONDS)
        command = ("-m", "tests.mutation.cold", str(self.plan.config), str(trial_file))
        os.execv(sys.executable, [sys.executable, *command, str(outcome_fd)])  # noqa: S606  no shell is wanted

    def _wait(self) -> None:
        """Take the verdict of the next process that ends.

        Raises:
            TrialError: when it came to none.
        """
        pid, status, used = os.wait4(-1, 0)
        trial, reading = self._running.pop(pid)
        with os.fdopen(reading, encoding="utf-8") as pipe:
            said = json.loads(pipe.readline() or "{}")
        signal = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        outcome, by = said.get("outcome"), said.get("by", "")
        if outcome is None and signal is not None:
            outcome = "timeout" if signal in OUT_OF_TIME else "killed"
            by = f"(stopped by signal {signal})"
        if outcome not in {"killed", "survived", "timeout"}:
            raise TrialError(f"{trial.mutation.name}: no verdict, status {status}, {said}")
        seconds = round(used.ru_utime + used.ru_stime, 2)
        self.on_verdict(Verdict.of(trial.mutation, outcome, by, seconds))


def is_program(text: str) -> bool:
    """Return whether Python reads it; what it does not read, nobody needs a test for."""
    try:
        compile(text, "changed", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


def _be_silent() -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
