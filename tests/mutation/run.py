"""Tries every mutation of the rules against the tests that come to it: `make mutation`.

    python -m tests.mutation.run mutation.toml                      all; goes on where it was stopped
    python -m tests.mutation.run mutation.toml --only FILE ...      those of some files
    python -m tests.mutation.run mutation.toml --survivors          those that survived the last time

PISTA_JOBS is how many are tried at once (1). Reach, verdicts and the report are kept in var/mutation. The
exit code is 1 when fewer of a hundred are killed than the configuration asks for. Of some mutations only,
tests are measured anew in the test files that changed, and nowhere else: what counts is a run of all.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.mutation.mutations import Mutation, Plan, diff, read_mutations, read_plan
from tests.mutation.reach import Reach, joined
from tests.mutation.settled import run_pytest
from tests.mutation.trials import Trials
from tests.mutation.verdicts import ALIVE, Kept, Verdict, digest_of, killed_percent, told

if TYPE_CHECKING:
    from collections.abc import Sequence

FOLDER = Path("var/mutation")
EACH = 25  # verdicts between two lines of progress


def main(arguments: Sequence[str]) -> int:
    """Try, tell, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation.run")
    parser.add_argument("config", type=Path)
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("--survivors", action="store_true")
    asked = parser.parse_args(arguments)
    plan = read_plan(asked.config)
    FOLDER.mkdir(parents=True, exist_ok=True)
    every = read_mutations(plan)
    kept = Kept(FOLDER / "verdicts.jsonl", digest_of(plan.watched), {one.name for one in every})
    wanted = chosen(every, asked, kept)
    is_whole = len(wanted) == len(every)
    todo = [one for one in wanted if one.name not in kept.current]
    if todo:
        reach = Reach.of(measured(plan, kept.digest, is_whole=is_whole))
        trials = Trials(plan, reach, todo, int(os.environ.get("PISTA_JOBS", "1")))
        trials.on_verdict = Progress(kept, len(todo)).add
        run_pytest(plan, plan.tests, trials)
        trials.check_ended()
    kept.close()
    return report(plan, wanted, [kept.current[one.name] for one in wanted])


def say(text: str) -> None:
    """Write for the person who waits."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def chosen(every: Sequence[Mutation], asked: argparse.Namespace, kept: Kept) -> list[Mutation]:
    """Return the mutations that are asked for."""
    if asked.survivors:
        alive = {name for name, one in kept.newest.items() if one.outcome in ALIVE}
        return [one for one in every if one.name in alive]
    return [one for one in every if not asked.only or one.path in asked.only]


def measured(plan: Plan, digest: str, *, is_whole: bool) -> dict[str, Any]:
    """Return the reach of the tests: the kept one, or measured in a process of its own.

    Raises:
        SystemExit: when it cannot be measured.
    """
    path = FOLDER / "reach.json"
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if kept.get("digest") == digest:
        return kept
    files = {file: digest_of([file]) for file in test_files(plan)}
    rules = digest_of([plan.mutated])
    of = digest
    if is_whole or kept.get("rules") != rules:
        found = _measured_now(plan, ())
    else:
        before = kept["files"]
        changed = [file for file in files if before.get(file) != files[file]]
        fresh = _measured_now(plan, changed) if changed else {"tests": [], "lines": {}}
        found = joined(kept, fresh, {*changed, *(before.keys() - files.keys())})
        of = ""  # the reach of no one state of all files
    found |= {"digest": of, "rules": rules, "files": files}
    path.write_text(json.dumps(found), encoding="utf-8")
    return found


def test_files(plan: Plan) -> list[str]:
    """Return the files of the tests that count."""
    found = (path.as_posix() for folder in plan.tests for path in Path(folder).rglob("test_*.py"))
    return sorted(path for path in found if path not in plan.left_out)


def _measured_now(plan: Plan, tests: Sequence[str]) -> dict[str, Any]:
    say("measuring which tests come to which lines")
    target = FOLDER / "reach.new"
    command = [sys.executable, "-m", "tests.mutation.measure", str(plan.config), str(target)]
    if subprocess.run([*command, *tests], check=False).returncode:
        raise SystemExit("the reach of the tests could not be measured")
    found: dict[str, Any] = json.loads(target.read_text(encoding="utf-8"))
    target.unlink()
    return found


class Progress:
    """Keeps each verdict and says from time to time how far it is."""

    def __init__(self, kept: Kept, count: int) -> None:
        """Begin with so many to try."""
        self.kept, self.count = kept, count
        self.done = self.alive = 0
        self.start = time.monotonic()

    def add(self, verdict: Verdict) -> None:
        """Take a verdict."""
        self.kept.add(verdict)
        self.done += 1
        self.alive += verdict.outcome in ALIVE
        if self.done % EACH == 0 or self.done == self.count:
            minutes = (time.monotonic() - self.start) / 60
            say(
                f"{self.done:>5} of {self.count}, not noticed {self.alive:>4}"
                f", {minutes:.1f} min, {verdict.path}"
            )


def report(plan: Plan, wanted: Sequence[Mutation], verdicts: Sequence[Verdict]) -> int:
    """Print and keep the report; return the exit code."""
    alive = {one.name for one in verdicts if one.outcome in ALIVE}
    diffs = {
        one.name: diff(one, Path(one.path).read_text(encoding="utf-8"))
        for one in wanted
        if one.name in alive
    }
    text = "\n".join(told(verdicts, diffs))
    (FOLDER / "report.txt").write_text(text + "\n", encoding="utf-8")
    say(text)
    percent = killed_percent(verdicts)
    say(f"{percent:.1f} of 100 are noticed; asked for are {plan.killed_percent}")
    return 0 if percent >= plan.killed_percent else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
