"""The trial of mutations tells what tests notice and what they do not, on rules made for it."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.mutation.exchange import Live, NotExchangedError
from tests.mutation.places import place_of
from tests.mutation.reach import Reach, joined

ROOT = Path(__file__).resolve().parent.parent.parent
CONFIG = """
[cosmic-ray]
module-path = "rules"
excluded-modules = ["rules/__init__.py"]

[cosmic-ray.filters.operators-filter]
exclude-operators = [
    "core/ReplaceComparisonOperator_Gt_(?!GtE|Lt$).*",
    "core/ReplaceBinaryOperator_Add_(?!Sub$).*",
    "core/ReplaceBinaryOperator_Mul_(?!Add$).*",
    "core/ReplaceUnaryOperator_.*",
]

[trials]
tests = ["checks"]
left-out = ["checks/test_of_others.py", "checks/test_limits.py::test_no"]
not-rules = ["if __debug__:"]
watched = ["rules", "checks"]
least-seconds = 1.0
killed-percent = {percent}
"""
RULES = '''"""Rules."""

LIMIT = 10


def is_over(amount: int) -> bool:
    return amount > LIMIT


def counted(number: int) -> int:
    count = 0
    while number > 0:
        number = number + -1
        count = count + 1
    return count


def unheard(number: int, *, least: int) -> bool:
    if __debug__:
        return number > least
'''
CHECKS = """from rules.limits import counted, is_over


def test_no():
    raise AssertionError


def test_over():
    assert is_over(20)
    assert not is_over(5)


def test_counted():
    assert counted(3) == 3
"""
ONE_MORE = """from rules.limits import is_over


def test_limit():
    assert not is_over(10)
    assert is_over(11)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project with rules and their tests, and with tests of something else, which fail."""
    folder = tmp_path_factory.mktemp("project")
    files = {
        "pytest.ini": "[pytest]\n",
        "mutation.toml": CONFIG.format(percent=100),
        "rules/__init__.py": "",
        "rules/limits.py": RULES,
        "checks/test_limits.py": CHECKS,
        "checks/test_of_others.py": "def test_no():\n    raise AssertionError\n",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the trial in a project."""
    return subprocess.run(
        [sys.executable, "-m", "tests.mutation.run", "mutation.toml", *arguments],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PISTA_JOBS": "2"},
        capture_output=True,
        text=True,
        check=False,
    )


def verdicts(project: Path) -> dict[str, str]:
    """Return the outcome of each mutation, by line, column and operator without its family."""
    lines = (project / "var/mutation/verdicts.jsonl").read_text(encoding="utf-8").splitlines()
    found: dict[str, str] = {}
    for line in lines:
        told: dict[str, Any] = json.loads(line)
        place, operator, occurrence = told["name"].split(" ")
        short = operator.removeprefix("core/").removeprefix("Replace")
        found[f"{place.split(':')[1]} {short} {occurrence}"] = told["outcome"]
    return found


def test_what_tests_notice_is_killed_and_what_they_do_not_is_told_with_its_change(
    project: Path,
) -> None:
    done = run(project)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "measuring" in done.stdout
    assert verdicts(project) == {
        # Line, operator, and the how manieth of its kind; the constant is read anew.
        "3 NumberReplacer 0": "survived",
        "3 NumberReplacer 1": "survived",
        "7 ComparisonOperator_Gt_GtE 0": "survived",
        "7 ComparisonOperator_Gt_Lt 0": "killed",
        "11 NumberReplacer 2": "killed",
        "11 NumberReplacer 3": "killed",
        "12 AddNot 0": "killed",
        "12 ComparisonOperator_Gt_GtE 1": "killed",
        "12 ComparisonOperator_Gt_Lt 1": "killed",
        "12 NumberReplacer 4": "killed",
        "12 NumberReplacer 5": "killed",
        "13 BinaryOperator_Add_Sub 0": "timeout",
        "13 NumberReplacer 6": "killed",
        "13 NumberReplacer 7": "timeout",
        "14 BinaryOperator_Add_Sub 1": "killed",
        "14 NumberReplacer 8": "killed",
        "14 NumberReplacer 9": "killed",
        "18 BinaryOperator_Mul_Add 0": "no-program",
        "20 ComparisonOperator_Gt_GtE 2": "unreached",
        "20 ComparisonOperator_Gt_Lt 2": "unreached",
    }
    assert "-    return amount > LIMIT\n+    return amount >= LIMIT" in done.stdout


def test_a_run_that_was_stopped_goes_on_where_it_was(project: Path) -> None:
    kept = project / "var/mutation/verdicts.jsonl"
    before = verdicts(project)
    lines = kept.read_text(encoding="utf-8").splitlines(keepends=True)
    kept.write_text("".join(lines[:-1]) + lines[-1][:20], encoding="utf-8")
    again = run(project)
    assert again.returncode == 1
    assert "measuring" not in again.stdout
    assert "1 of 1" in again.stdout
    assert verdicts(project) == before


def test_the_survivors_of_the_last_time_are_tried_against_new_tests(project: Path) -> None:
    (project / "checks/test_more.py").write_text(ONE_MORE, encoding="utf-8")
    before = verdicts(project)
    done = run(project, "--survivors")
    assert done.returncode == 1
    changed = {line for line, outcome in verdicts(project).items() if outcome != before[line]}
    assert changed == {
        "3 NumberReplacer 0",
        "3 NumberReplacer 1",
        "7 ComparisonOperator_Gt_GtE 0",
    }
    assert {verdicts(project)[line] for line in changed} == {"killed"}
    assert "checks/test_more.py::test_limit" in (project / "var/mutation/verdicts.jsonl").read_text(
        encoding="utf-8"
    )


def test_fewer_killed_than_asked_for_fails_and_enough_do_not(project: Path) -> None:
    (project / "mutation.toml").write_text(CONFIG.format(percent=50), encoding="utf-8")
    done = run(project, "--only", "rules/limits.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "asked for are 50" in done.stdout


def test_tests_that_fail_without_any_change_measure_nothing(project: Path) -> None:
    (project / "checks/test_wrong.py").write_text("def test_no():\n    assert 0\n", "utf-8")
    done = run(project)
    assert done.returncode == 1
    assert "checks/test_wrong.py::test_no" in done.stderr
    assert "of 100" not in done.stdout


SOURCE = '''"""Module."""

LIMIT = (
    10
)


@declared(
    1
)
def rule(event, least=2):
    if (
        event > least
    ):
        yield from (
            one
            for one in event
        )
    match event:
        case 3:
            return
    try:
        event()
    except ValueError:
        return


class Of:
    most = 4

    def of(self):
        def inner():
            return 5
        return inner
'''
PLACES = {
    "a constant": (4, range(3, 6), None),
    "an argument of a decorator": (9, range(8, 12), None),
    "a default": (11, range(8, 12), None),
    "a condition": (13, range(12, 15), range(12, 26)),
    "a generator": (17, range(15, 19), range(12, 26)),
    "a pattern": (20, range(20, 21), range(12, 26)),
    "a handler": (24, range(24, 25), range(12, 26)),
    "a member of a class": (29, range(29, 30), None),
    "a function in a function": (33, range(33, 34), range(32, 35)),
}


@pytest.mark.parametrize(("line", "lines", "body"), PLACES.values(), ids=PLACES)
def test_a_change_is_in_a_statement_and_in_the_body_of_the_outermost_function(
    line: int, lines: range, body: range | None
) -> None:
    place = place_of(ast.parse(SOURCE), line, line)
    assert (place.lines, place.body) == (lines, body)


MEASURED: dict[str, Any] = {
    "tests": [["a.py::x", 0.3], ["b.py::y", 0.1], ["a.py::z", 0.2]],
    "lines": {"r.py": {"1": [0, 1, 2], "2": [1], "3": []}},
    "early": {"r.py": [1]},
}


def test_what_was_measured_of_a_changed_file_takes_the_place_of_what_was_before() -> None:
    new = {"tests": [["a.py::x", 0.5]], "lines": {"r.py": {"1": [0], "3": [0]}}, "early": {}}
    assert joined(MEASURED, new, {"a.py"}) == {
        "tests": [["b.py::y", 0.1], ["a.py::x", 0.5]],
        "lines": {"r.py": {"1": [0, 1], "2": [0], "3": [1]}},
        "early": {"r.py": [1]},
    }


def test_the_cheapest_test_is_tried_first() -> None:
    assert Reach.of(MEASURED)._in_order(frozenset({0, 1, 2})) == ("b.py::y", "a.py::z", "a.py::x")


def test_code_that_has_no_place_to_go_is_no_verdict() -> None:
    path = str(Path(ast.__file__))
    live = Live([path])
    with pytest.raises(NotExchangedError, match="has no function"):
        live.exchange(path, 2, "def f():\n    return 1\n", "def f():\n    return 2\n")
    with pytest.raises(NotExchangedError, match="has other functions"):
        live.exchange(path, 2, "def f():\n    return 1\n", "def g():\n    return 1\n")
