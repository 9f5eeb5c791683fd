"""Rows that hold over an interval of legal days: what every table of law has in common.

    row              from        to          source
    dnsh-edition     2022-10-13  2024-05-13  circ. RGS 33/2022

Both days are included, None is open. Of the rows of one rule at most one holds on a day.
Source: DOMAIN, introduction ("law is a dated table"); D13.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar


@dataclass(frozen=True, kw_only=True)
class Dated:
    """Base of the rows of law: first and last legal day, and where it is said."""

    from_: date | None = None
    to: date | None = None
    source: str

    def in_force(self, day: date) -> bool:
        """Return whether the row holds on that legal day."""
        return (self.from_ is None or self.from_ <= day) and (self.to is None or day <= self.to)


DatedRow = TypeVar("DatedRow", bound=Dated)


def on_day(rows: Iterable[DatedRow], day: date) -> tuple[DatedRow, ...]:
    """Return the rows that hold on a legal day, in order of their table."""
    return tuple(row for row in rows if row.in_force(day))
