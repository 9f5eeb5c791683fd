"""Every scenario of DOMAIN section 14 is told by a test; what waits for findings is known by name."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from ledger.domain.rules.finding import Finding, declared_findings
from tests.scenarios.names import REMEDY_WAITS, SCENARIOS, WAITS

HERE = Path(__file__).parent


def names_of_tests(path: Path) -> set[str]:
    """Return the names of the tests in a file."""
    return set(re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE))


def told(scenario: str) -> tuple[Path, str]:
    """Return the file and the test that tell a scenario."""
    file, _, test = SCENARIOS[scenario].partition("::")
    return HERE / file, test or f"test_{scenario.replace('-', '_')}"


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_scenario_is_told_by_the_test_of_its_name(scenario: str) -> None:
    path, test = told(scenario)
    if not path.exists():
        pytest.skip(f"{path.name} is not written yet")
    assert test in names_of_tests(path)


@pytest.mark.parametrize("scenario", WAITS)
def test_a_finding_that_a_scenario_waits_for_is_not_declared_yet(scenario: str) -> None:
    assert scenario in SCENARIOS
    message = f"assert the finding in the test of {scenario}, and take it from WAITS"
    assert WAITS[scenario] not in declared_findings(), message


@pytest.mark.parametrize("scenario", REMEDY_WAITS)
def test_findings_have_no_state_yet_by_which_a_remedy_would_show(scenario: str) -> None:
    assert scenario in SCENARIOS
    message = f"assert the remedy in the test of {scenario}, and take it from REMEDY_WAITS"
    assert "state" not in {field.name for field in fields(Finding)}, message


def test_every_test_of_a_scenario_tells_its_case_in_a_sentence() -> None:
    silent = []
    for path in sorted(HERE.glob("test_*.py")):
        if path.name == "test_names.py":
            continue
        text = path.read_text(encoding="utf-8")
        silent += re.findall(
            r"^def (test_\w+)\([^)]*\) -> None:\n    (?!\"\"\")", text, re.MULTILINE
        )
    assert silent == []


def test_a_scenario_is_named_once() -> None:
    source = (HERE / "names.py").read_text(encoding="utf-8")
    table = source[source.index("SCENARIOS: Final") : source.index("WAITS: Final")]
    names = re.findall(r'^    "([a-z0-9-]+)": ', table, re.MULTILINE)
    assert len(names) == len(set(names)) == len(SCENARIOS)
