"""What a proof tells of itself: seeds, counts, times; printed at the end of every run of the tests.

    told("seed 17, 20 kills, 5000 registrations in 81.2 s")

The lines come from the reports of the tests, so they arrive from other processes (pytest-xdist) and
from tests that failed as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

TOLD = "told"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the proofs told."""
    lines = [
        f"{report.nodeid.rpartition('/')[2]}: {text}"
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", None) == "call"
        for name, text in report.user_properties
        if name == TOLD
    ]
    if lines:
        terminalreporter.section("what the proofs did")
        for line in sorted(lines):
            terminalreporter.write_line(line)
