"""Points in the life of the ledger, as people write them.

    @412               the log with leaf 412, that included
    checkpoint:700     the tree of 700 leaves of a checkpoint
    audit:dtd-1        the place where an audit was opened on this CUP
    2023-06-30         the legal day; along the log, its end in Italy
    2023-06-30T10:00:00Z

Source: EXPERIENCE section 3 (`diff`, `replay`).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ledger.domain.days import parse_date
from ledger.domain.texts import parse_instant
from ledger.errors import Absent, ShapeError
from ledger.views.replay import known_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.domain.event import Event
    from ledger.journal.journal import Journal

ROME = ZoneInfo("Europe/Rome")
AUDIT_OPENED = "audit-opened"


def parse_place(text: str, journal: Journal, history: Sequence[Event]) -> int:
    """Return the number of leaves of a point in the log.

    Raises:
        ShapeError: `point-malformed`, when the text is none of the five forms.
        Absent: `no-such-audit`, when no audit of that name was opened on this CUP.
    """
    kind, _, rest = text.partition(":")
    if text.startswith("@") and text[1:].isdecimal():
        return min(int(text[1:]) + 1, journal.size)
    if kind == "checkpoint" and rest.isdecimal():
        return min(int(rest), journal.size)
    if kind == "audit":
        return _audit(rest, history).index + 1
    if _is_day(text):
        return known_size(journal, _end_of(parse_date(text)))
    return known_size(journal, _instant(text))


def parse_legal_day(text: str) -> date:
    """Return the legal day of a point of the calendar.

    Raises:
        ShapeError: `point-malformed`, when the text is no day.
    """
    if not _is_day(text):
        raise _malformed(text, "un giorno, come 2023-06-30")
    return parse_date(text)


def _is_day(text: str) -> bool:
    try:
        parse_date(text)
    except ShapeError:
        return False
    return True


def _end_of(day: date) -> datetime:
    """Return the last instant of a day in Italy."""
    midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=ROME)
    return midnight - timedelta(microseconds=1)


def _instant(text: str) -> datetime:
    try:
        return parse_instant(text)
    except ShapeError:
        forms = "@412, checkpoint:700, audit:ID, un giorno o un istante UTC"
        raise _malformed(text, forms) from None


def _audit(name: str, history: Sequence[Event]) -> Event:
    for event in history:
        if event.type.name.startswith(f"{AUDIT_OPENED}/") and event.data.audit == name:
            return event
    raise Absent(
        "no-such-audit",
        f"Su questo CUP non risulta il controllo {name!r}: `pista history` elenca quelli avviati.",
    )


def _malformed(text: str, forms: str) -> ShapeError:
    return ShapeError("point-malformed", f"{text!r} non è un punto: scrivere {forms}.")
