"""DNSH sheets that are due, as the exported state shows them.

A sheet is due by the regime of the day; before one is determined, by the table of the measure and the
edition in force. An exempt intervention owes none, and keeps the lists it has. Source: DOMAIN 7.1.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ledger.domain.dossier import Dossier
from ledger.domain.identifiers import ShortId
from ledger.domain.law import Law


@dataclass(frozen=True, kw_only=True)
class DueSheet:
    """A sheet that is due, with the lists that answer it; its title where the table has it."""

    edition: str
    sheet: int
    title: str | None = None
    checklists: tuple[ShortId, ...] = ()


def state_sheets(dossier: Dossier, day: date, law: Law) -> tuple[DueSheet, ...]:
    """Return the sheets that are due on a legal day, each with the lists that answer it."""
    return tuple(_due(dossier, day, law))


def sheets_due(dossier: Dossier, day: date, law: Law) -> tuple[tuple[str, int], ...]:
    """Return the sheets, (edition, number), that the intervention has to answer on a day."""
    regimes = [one for one in dossier.compliance.regimes if one.on <= day]
    if regimes:
        last = regimes[-1]
        numbers = () if last.regime == "esente" else last.sheets
        return tuple((last.edition, number) for number in numbers)
    edition = law.row("dnsh-edition", day)
    measures = [one.measure for one in dossier.registrations]
    due = {number for one in measures for number in law.compliance.sheets_due(one, day)}
    return tuple((edition.value, number) for number in sorted(due)) if edition else ()


def _due(dossier: Dossier, day: date, law: Law) -> Iterator[DueSheet]:
    for edition, number in sheets_due(dossier, day, law):
        lists = dossier.compliance.current
        yield DueSheet(
            edition=edition,
            sheet=number,
            title=law.compliance.title(edition, number),
            checklists=tuple(
                one.checklist for one in lists if (one.edition, one.sheet) == (edition, number)
            ),
        )
