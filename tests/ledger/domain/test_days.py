"""Legal days in Europe/Rome; text to day and back."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.days import format_date, format_day_it, legal_day, parse_date
from ledger.errors import ShapeError

BORDERS = {
    "new year's eve, winter": (datetime(2025, 12, 31, 22, 59, 59, tzinfo=UTC), date(2025, 12, 31)),
    "new year, winter": (datetime(2025, 12, 31, 23, 0, tzinfo=UTC), date(2026, 1, 1)),
    "31 December 23:30 UTC": (datetime(2025, 12, 31, 23, 30, tzinfo=UTC), date(2026, 1, 1)),
    "summer, before midnight": (datetime(2026, 7, 31, 21, 59, 59, tzinfo=UTC), date(2026, 7, 31)),
    "summer, midnight": (datetime(2026, 7, 31, 22, 0, tzinfo=UTC), date(2026, 8, 1)),
    "day before the clock goes forward": (
        datetime(2026, 3, 28, 22, 59, tzinfo=UTC),
        date(2026, 3, 28),
    ),
    "day the clock goes forward": (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), date(2026, 3, 29)),
    "end of the day of 23 hours": (datetime(2026, 3, 29, 22, 0, tzinfo=UTC), date(2026, 3, 30)),
    "end of the day of 25 hours": (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), date(2026, 10, 25)),
    "after the day of 25 hours": (datetime(2026, 10, 25, 23, 0, tzinfo=UTC), date(2026, 10, 26)),
    "29 February": (datetime(2024, 2, 28, 23, 0, tzinfo=UTC), date(2024, 2, 29)),
}
REFUSED = {
    "29 February of a common year": "2023-02-29",
    "month 13": "2023-13-01",
    "day 0": "2023-01-00",
    "year 0": "0000-01-01",
    "Italian": "28/02/2023",
    "basic form": "20230228",
    "week": "2023-W08-2",
    "time after it": "2023-02-28T00:00:00Z",
    "blank": " 2023-02-28",
    "line break": "2023-02-28\n",
    "no zero": "2023-2-28",
    "digits of another script": "202\u0663-02-28",
    "empty": "",
}


@pytest.mark.parametrize(("at", "day"), BORDERS.values(), ids=BORDERS)
def test_a_legal_day_begins_at_midnight_in_rome(at: datetime, day: date) -> None:
    assert legal_day(at) == day


def test_a_time_without_zone_has_no_legal_day() -> None:
    with pytest.raises(ValueError, match="zone"):
        legal_day(datetime(2026, 1, 1))  # noqa: DTZ001  the refusal of such times is what is tested


@given(st.dates())
def test_a_day_reads_as_it_is_written(day: date) -> None:
    assert parse_date(format_date(day)) == day


@pytest.mark.parametrize("raw", REFUSED.values(), ids=REFUSED)
def test_another_spelling_or_no_such_day_is_refused(raw: str) -> None:
    with pytest.raises(ShapeError) as caught:
        parse_date(raw)
    assert caught.value.code == "date-malformed"


def test_a_day_is_shown_as_italians_write_it() -> None:
    assert format_day_it(date(2026, 2, 8)) == "08/02/2026"
