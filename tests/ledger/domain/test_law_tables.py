"""Every table of law: rows with a rule, days that do not overlap, and a source. Source: D13."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from ledger.domain.law import LawRow
from ledger.records import load_law

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.domain.dated import Dated

LAW = load_law()
# Table -> its rows, and the fields by which a row is known: of one of them one row holds on a day.
TABLES: dict[str, tuple[Sequence[Dated], tuple[str, ...]]] = {
    "law": (LAW.rows, ("rule",)),
    "phase_map": (LAW.phase_map.rows, ("phase", "natura", "regis_code")),
    "deadlines": (LAW.deadlines, ("rule",)),
    "procedure_kinds": (LAW.procedure_kinds, ("code",)),
    "dnsh_due": (LAW.compliance.due, ("rule",)),
    "checks": (LAW.compliance.checks, ("check",)),
    "retention": (LAW.compliance.retention, ("rule",)),
    "reconnaissance": (LAW.reconnaissance, ("rule",)),
    "opencoesione": (LAW.phase_map.statuses, ("rule",)),
    "migrations": (LAW.migrations.rows, ("rule",)),
}
FIRST, LAST = date(1861, 3, 17), date(9999, 12, 31)


def spans(table: str) -> dict[tuple[object, ...], list[tuple[date, date]]]:
    """Return the intervals of each rule of a table, the earliest first."""
    rows, key = TABLES[table]
    found: dict[tuple[object, ...], list[tuple[date, date]]] = defaultdict(list)
    for row in rows:
        name = tuple(getattr(row, part) for part in key)
        found[name].append((row.from_ or FIRST, row.to or LAST))
    return {name: sorted(days) for name, days in found.items()}


@pytest.mark.parametrize("table", TABLES)
def test_a_rule_has_one_row_on_a_day(table: str) -> None:
    found = spans(table)
    assert found
    for name, days in found.items():
        assert all(first <= last for first, last in days), name
        assert all(one[1] < other[0] for one, other in pairwise(days)), name


@pytest.mark.parametrize("table", TABLES)
def test_every_row_says_where_it_is_written(table: str) -> None:
    assert [row for row in TABLES[table][0] if not row.source.strip()] == []


def test_both_days_of_a_row_are_included() -> None:
    row = LawRow(rule="x", value="1", from_=date(2022, 5, 1), to=date(2022, 5, 31), source="prova")
    days = (date(2022, 4, 30), date(2022, 5, 1), date(2022, 5, 31), date(2022, 6, 1))
    assert [row.in_force(day) for day in days] == [False, True, True, False]
