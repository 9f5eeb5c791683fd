"""Legal days: calendar days in Europe/Rome; text to day and back.

    >>> from datetime import UTC, datetime
    >>> legal_day(datetime(2025, 12, 31, 23, 30, tzinfo=UTC)).isoformat()
    '2026-01-01'

    wire  2026-02-28      page  28/02/2026

Source: DOMAIN, introduction and section 14, case 22.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ledger.domain.normal_forms import shown
from ledger.errors import ShapeError

if TYPE_CHECKING:
    from datetime import datetime

ROME = ZoneInfo("Europe/Rome")

_SHAPE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def legal_day(at: datetime) -> date:
    """Return the calendar day in Europe/Rome of an aware time.

    Raises:
        ValueError: when the time has no zone.
    """
    if at.tzinfo is None:
        raise ValueError("a time without zone has no legal day")
    return at.astimezone(ROME).date()


def parse_date(raw: str) -> date:
    """Return the day of `2026-02-28`; no other spelling of ISO 8601 is taken.

    Raises:
        ShapeError: `date-malformed`, when the text has another form or there is no such day.
    """
    if not _SHAPE.fullmatch(raw):
        raise ShapeError("date-malformed", f"{shown(raw)} non è una data, come 2026-02-28.")
    try:
        return date.fromisoformat(raw)
    except ValueError as error:
        sentence = f"{shown(raw)} non è nel calendario: controllare giorno e mese."
        raise ShapeError("date-malformed", sentence) from error


def format_date(day: date) -> str:
    """Return the text that parse_date reads, `2026-02-28`."""
    return day.isoformat()


def format_day_it(day: date) -> str:
    """Return the Italian form of pages and sentences, `28/02/2026`."""
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def months_after(day: date, months: int) -> date:
    """Return the same day of a later month, or its last day where it has no such day."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
