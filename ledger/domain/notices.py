"""Notices (avvisi) known by code, with their names as published.

    notice                        title                                             measures   opened
    padigitale-1.2-comuni-2022-04 1.2 Abilitazione al cloud - Comuni - Aprile 2022  M1C1I1.2   2022-04-19

A name is read once, where a request comes in: whole, in any case and spacing, never by some of its
words. After that the code alone counts. The rows are data (schemas/codes/notices.json).
Source: DOMAIN sections 5.3 and 9.13; teamdigitale/padigitale2026-opendata, avvisi.csv.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from ledger.domain.codes import NoticeCode
from ledger.domain.identifiers import Measure


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One notice: its measures, the days between which one could apply, its names beside the title."""

    notice: NoticeCode
    title: str
    measures: tuple[Measure, ...]
    opened_on: date
    closed_on: date
    aliases: tuple[str, ...] = ()
    source: str

    @property
    def names(self) -> tuple[str, ...]:
        """Return what the notice is called: its title, its code, its other names."""
        return (self.title, self.notice, *self.aliases)

    def is_for(self, measure: Measure) -> bool:
        """Return whether it finances a measure, or a part of it."""
        return any(measure.is_within(one) or one.is_within(measure) for one in self.measures)


@dataclass(frozen=True)
class Notices:
    """All rows of the table."""

    rows: tuple[Notice, ...] = ()

    def of(self, code: str) -> Notice | None:
        """Return the notice of a code, None when the table does not have it."""
        return next((row for row in self.rows if row.notice == code), None)

    def named(self, name: str, measure: Measure) -> Notice | None:
        """Return the notice that has this whole name and finances the measure; else None."""
        found = self._by_name.get(_form(name))
        return found if found is not None and found.is_for(measure) else None

    @cached_property
    def _by_name(self) -> dict[str, Notice]:
        return {_form(name): row for row in self.rows for name in row.names}


def _form(name: str) -> str:
    """Return a name in one case, its words apart by one blank."""
    return " ".join(name.split()).casefold()


NO_NOTICES = Notices()
