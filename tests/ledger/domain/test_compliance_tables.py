"""The tables of compliance as the ledger adopts them. Source: DOMAIN sections 7.1, 7.2 and 8."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import get_args

import pytest

from ledger.domain.checks import CheckName
from ledger.domain.compliance import Edition
from ledger.domain.compliance_tables import SheetsDue
from ledger.domain.events.catalogue import event_types
from ledger.domain.identifiers import Measure
from ledger.records import load_law
from tests.ledger.domain.test_catalogue import RESTATED

LAW = load_law()
TABLES = LAW.compliance
CLOUD = Measure.parse("M1C1I1.2")


def test_sheets_are_known_by_edition_and_number() -> None:
    keys = [(one.edition, one.number) for one in TABLES.sheets]
    assert len(keys) == len(set(keys))
    assert {one.edition for one in TABLES.sheets} == set(get_args(Edition))
    assert [n for edition, n in keys if edition == "2024"] == list(range(1, 35))
    assert TABLES.title("2024", 6) == "hosting e cloud"
    assert TABLES.title("2021", 34) is None


def test_editions_follow_each_other_without_a_day_between() -> None:
    rows = [row for row in LAW.rows if row.rule == "dnsh-edition"]
    assert [row.value for row in rows] == list(get_args(Edition))
    for before, after in pairwise(rows):
        assert before.to is not None
        assert after.from_ is not None
        assert (after.from_ - before.to).days == 1


@pytest.mark.parametrize(
    ("measure", "day", "sheets"),
    [
        ("M1C1I1.2", date(2022, 4, 19), (3, 6, 8)),
        ("M1C1I1.2", date(2021, 12, 29), ()),
        ("M1C1I1.4", date(2024, 6, 1), ()),
    ],
)
def test_a_measure_has_its_sheets_from_the_first_edition(
    measure: str, day: date, sheets: tuple[int, ...]
) -> None:
    assert TABLES.sheets_due(Measure.parse(measure), day) == sheets


def test_a_row_holds_on_its_last_day_and_not_on_the_next() -> None:
    row = SheetsDue(rule="x", measure=CLOUD, sheets=(1,), to=date(2023, 1, 1), source="x")
    assert row.in_force(date(2023, 1, 1))
    assert not row.in_force(date(2023, 1, 2))


def test_a_sub_measure_is_within_its_measure_alone() -> None:
    assert Measure.parse("M1C1I1.04.03").is_within(Measure.parse("M1C1I1.4"))
    assert not Measure.parse("M1C1I1.40").is_within(Measure.parse("M1C1I1.4"))


def test_the_rows_of_a_template_are_named_once() -> None:
    keys = [(one.template, one.version) for one in TABLES.templates]
    assert len(keys) == len(set(keys))
    for template in TABLES.templates:
        names = [row.row for row in template.rows]
        assert len(names) == len(set(names)) > 0
        assert template.final == template.template.endswith("ex-post")
    assert TABLES.template("dnsh-6-ex-post", "1999") is None


def test_every_check_of_the_report_is_in_the_table() -> None:
    assert [one.check for one in TABLES.checks] == list(get_args(CheckName))
    assert TABLES.check("ardi9", date(2024, 1, 1)) is None


def test_what_a_check_demands_is_a_type_of_the_catalogue() -> None:
    known = {name.partition("/")[0] for name in RESTATED}
    demanded = {demand for check in TABLES.checks for demand in check.demands}
    assert demanded <= known
    assert {"double-funding-checked", "checklist-signed"} <= {
        name.partition("/")[0] for name in event_types()
    }


def test_only_rules_of_retention_with_an_official_text_refuse() -> None:
    rules = {one.rule: one for one in TABLES.retention}
    assert sorted(rules) == sorted(
        ["ret-albo", "ret-archive", "ret-finreg", "ret-publication", "ret-rrf", "ret-service"]
    )
    assert {name for name, one in rules.items() if one.confirmed} == {"ret-rrf", "ret-service"}
    assert all("da confermare" in one.source for one in rules.values() if not one.confirmed)
    assert all(LAW.knows(name) for name in rules)
    assert not LAW.knows("ret-altro")
