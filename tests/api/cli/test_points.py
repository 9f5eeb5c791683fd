"""Points of `pista diff`: what is understood, and what is refused with the forms that are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api.cli import exits
from api.home import Home
from tests.api.home_kit import CUP, run

if TYPE_CHECKING:
    from pathlib import Path

REFUSED = {
    "a word": ("ieri", "known", "point-malformed"),
    "an index without number": ("@", "known", "point-malformed"),
    "a negative index": ("@-1", "known", "point-malformed"),
    "a checkpoint without number": ("checkpoint:", "known", "point-malformed"),
    "a day that is none": ("2023-02-30", "known", "point-malformed"),
    "an index on the calendar": ("@3", "legal", "point-malformed"),
    "a clock that is none": ("@3", "received", "clock-unknown"),
}


@pytest.mark.parametrize(("point", "by", "code"), REFUSED.values(), ids=REFUSED)
def test_a_point_that_is_not_understood_is_refused(
    told: Path, point: str, by: str, code: str
) -> None:
    ran = run(Home(told), "diff", CUP, "--from", point, "--to", "2023-01-01", "--by", by)
    assert ran.exit_code == exits.USAGE
    assert code in ran.stderr
    assert ran.stdout == ""


def test_an_audit_that_was_not_opened_is_told(told: Path) -> None:
    ran = run(Home(told), "diff", CUP, "--from", "audit:dtd-1", "--to", "@9")
    assert ran.exit_code == exits.USAGE
    assert "no-such-audit" in ran.stderr
    assert "dtd-1" in ran.stderr


def test_a_change_in_json_names_the_event_its_author_and_its_acts(told: Path) -> None:
    ran = run(Home(told), "--json", "diff", CUP, "--from", "@0", "--to", "@1000")
    changed = {line["field"]: line for line in ran.lines if line["kind"] == "item"}
    phase = changed["/phase"]
    assert phase["before"] is None
    assert phase["after"]["phase"] == "PROGETTAZIONE"
    (author,) = phase["events"]
    assert author["type"] == "phase-entered/1"
    assert author["acts"] == []
    assert set(author) == {
        "event",
        "type",
        "index",
        "received_at",
        "occurred_on",
        "role",
        "actor",
        "acts",
        "reason",
    }
