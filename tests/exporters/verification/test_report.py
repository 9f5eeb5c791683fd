"""The report and the tally that it is made from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporters.verification.report import Failure, Outcome, Report, StepResult, printable
from exporters.verification.tally import LISTED, Tally
from ledger.errors import Unreadable


def report(*outcomes: Outcome) -> Report:
    """Return a report whose steps have these outcomes."""
    steps = tuple(StepResult(n, "t", one, "d") for n, one in enumerate(outcomes, start=1))
    return Report(("C81C22001220006",), "log", 1, "not-proven", steps)


@pytest.mark.parametrize(
    ("outcomes", "verdict", "code"),
    [
        (("passed", "not-applicable"), "verified", 0),
        (("passed", "incomplete"), "incomplete", 3),
        (("passed", "withheld"), "withheld", 3),
        (("withheld", "incomplete"), "incomplete", 3),
        (("failed", "incomplete"), "contradicted", 1),
        (("failed", "withheld"), "contradicted", 1),
    ],
)
def test_the_worst_step_decides(outcomes: tuple[Outcome, ...], verdict: str, code: int) -> None:
    assert (report(*outcomes).verdict, report(*outcomes).exit) == (verdict, code)


def test_a_failure_names_its_place_and_code() -> None:
    failure = Failure(7, 12, "events/12.jws", "Perché.", "digest-differs")
    assert failure.line() == "registrazione 12 events/12.jws [digest-differs] Perché."
    assert failure.plain() == {
        "code": "digest-differs",
        "file": "events/12.jws",
        "index": 12,
        "reason": "Perché.",
    }


def test_the_json_of_a_report_is_as_written_here() -> None:
    assert report("passed").to_json() == (
        b'{"as_of":null,"exit":0,"issuer":"not-proven","known_at":null,"origin":"log","size":1,"steps":[{"detail":"d",'
        b'"failures":[],"number":1,"outcome":"passed","title":"t"}],'
        b'"subjects":["C81C22001220006"],"v":1,"verdict":"verified"}\n'
    )


def test_the_first_and_last_lines_say_the_state_that_is_shown() -> None:
    shown = replace(report("passed"), size=64, as_of=date(2026, 1, 31), known_at=40)
    for line in (shown.lines()[0], shown.lines()[-1]):
        assert "stato al 31/01/2026, noto a 40 di 64 foglie" in line


def test_a_state_that_could_not_be_read_is_said_to_be_unknown() -> None:
    assert "stato ignoto" in report("failed").lines()[0]


def test_no_line_has_what_a_terminal_would_obey() -> None:
    failure = Failure(15, None, "data/\x1b[2J", "Perché.", "file-unknown")
    step = StepResult(15, "t", "failed", "d", (failure,))
    shown = Report(("C81C22001220006",), "log\x1b[2J\u202e", 1, "not-proven", (step,))
    assert all(line.isprintable() for line in shown.lines())
    assert "log\\x1b[2J\\u202e" in shown.lines()[0]


def test_what_a_step_was_done_over_is_printable() -> None:
    tally = Tally()
    tally.done(2, "testimoni: w\x1b[2J")
    assert tally.result(2).detail == "testimoni: w\\x1b[2J"


def test_a_step_that_nobody_carried_out_is_not_passed() -> None:
    assert Tally().result(7).outcome == "not-applicable"


def test_a_failure_outweighs_that_the_step_was_done() -> None:
    tally = Tally()
    tally.done(7, "fatto")
    with tally.guard(7, index=3):
        raise Unreadable("leaf-unreadable", "Non si legge.")
    result = tally.result(7)
    assert (result.outcome, result.failures[0].code) == ("failed", "leaf-unreadable")


def test_a_step_that_could_not_be_done_is_incomplete() -> None:
    tally = Tally()
    tally.cannot(9, "manca il resto")
    assert tally.result(9).outcome == "incomplete"


def test_failures_beyond_the_limit_are_counted() -> None:
    tally = Tally()
    for index in range(LISTED + 5):
        tally.fail(6, "seq-broken", "x", index=index)
    assert len(tally.result(6).failures) == LISTED
    assert "altri 5 errori" in tally.result(6).detail


@given(st.text())
def test_what_is_told_is_printable_and_can_be_encoded(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    shown.encode()
