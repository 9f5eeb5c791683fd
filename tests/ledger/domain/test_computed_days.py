"""Every day that law computes tells the rule that gave it. Source: DOMAIN, introduction; 4.3, 8, 14.15."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, get_args

import pytest

from ledger.domain.albo import TERM_RULES
from ledger.domain.documents import DocumentKind
from ledger.records import load_law
from tests.ledger.domain.facts import (
    ACT,
    RESOLUTION,
    attached,
    deliberazione,
    determina,
    funded,
    published,
    registered,
)
from tests.ledger.domain.facts_acts import extended, withdrawn_from_albo
from tests.ledger.domain.facts_documents import approved, asked, erased
from tests.ledger.domain.facts_money import disbursed
from tests.ledger.domain.facts_oversight import adopted
from tests.ledger.domain.worlds import World, commit_of

if TYPE_CHECKING:
    from ledger.domain.albo import PublicationStatement
    from ledger.domain.keeping import KeptContent
    from ledger.domain.law import Law

LAW = load_law()
RESOLVED = (registered(), deliberazione())
ALBO = (*RESOLVED, published(RESOLUTION, "2022-06-10", "2022-06-24"))


def term(world: World, key: str = RESOLUTION) -> PublicationStatement:
    """Return what the state says of the first term of an act."""
    return next(one for one in world.state().acts if one.key == key).publications[0]


def days(found: PublicationStatement) -> tuple[str, ...]:
    """Return the computed days of a term with the rules of each."""
    return (
        str(found.counted_from),
        f"{found.whole_on} {found.term_rule}",
        f"{found.enforceable_from} {found.rule_id}",
    )


def test_the_tenth_day_of_a_deliberazione_tells_its_rule() -> None:
    found = term(World().given(*ALBO))
    assert days(found) == ("2022-06-10", "2022-06-24 tuel-124-1", "2022-06-20 tuel-134-3")
    assert found.days == 15


def test_the_tenth_day_is_counted_from_the_end_where_the_body_has_set_so() -> None:
    world = World().given(adopted("albo.count_from", "end"), *ALBO)
    assert days(term(world))[2] == "2022-07-04 tuel-134-3"


def test_an_interruption_restarts_the_term_or_not_as_the_body_has_set() -> None:
    told = (*ALBO, extended("2022-06-29", "2022-06-13", "2022-06-14"))
    assert days(term(World().given(*told))) == (
        "2022-06-15",
        "2022-06-29 tuel-124-1",
        "2022-06-25 tuel-134-3",
    )
    world = World().given(adopted("albo.interruption", "resume"), *told)
    assert days(term(world)) == ("2022-06-10", "2022-06-26 tuel-124-1", "2022-06-22 tuel-134-3")


def test_a_determina_is_at_the_albo_for_the_days_of_the_body() -> None:
    told = registered(), determina(), published(ACT, "2023-01-25", "2023-02-09")
    found = term(World().given(*told), ACT)
    assert days(found) == ("2023-01-25", "2023-02-08 albo-determine-days", "None None")
    world = World().given(adopted("albo-determine-days", "30"), *told)
    assert days(term(world, ACT))[1] == "2023-02-23 albo-determine-days"


def test_another_act_has_no_term_of_law() -> None:
    assert set(TERM_RULES) == {"determina", "deliberazione"}


def test_a_term_withdrawn_before_the_tenth_day_gives_no_force() -> None:
    early = World().given(*ALBO, withdrawn_from_albo(on="2022-06-19"))
    assert days(term(early))[2] == "None None"
    late = World().given(*ALBO, withdrawn_from_albo(on="2022-06-20"))
    assert days(term(late))[2] == "2022-06-20 tuel-134-3"


def test_the_days_are_those_of_the_rule_in_force_when_the_term_began() -> None:
    rows = [row for row in LAW.rows if row.rule != "tuel-134-3"]
    [ten] = [row for row in LAW.rows if row.rule == "tuel-134-3"]
    for until, first in ((date(2022, 6, 9), "2022-06-22"), (date(2022, 6, 10), "2022-06-20")):
        later = replace(ten, value="12", from_=date.fromordinal(until.toordinal() + 1))
        law = replace(LAW, rows=(*rows, replace(ten, to=until), later))
        assert days(term(World(law=law).given(*ALBO)))[2] == f"{first} tuel-134-3"
    law = replace(LAW, rows=tuple(rows))
    assert days(term(World(law=law).given(*ALBO)))[2] == "None None"


def kept(world: World, name: str, as_of: str) -> KeptContent:
    """Return what the state says of the keeping of a content."""
    return next(one for one in world.state(as_of=as_of).kept_contents if one.name == name)


def test_the_due_date_of_a_content_tells_its_rule_and_from_when_each_rule_counts() -> None:
    invoice = attached("fattura.pdf", kind="fattura", public=True)
    world = World().given(registered(), funded("60000.01"), invoice, disbursed())
    found = kept(world, "fattura.pdf", "2026-09-01")
    assert (str(found.due_on), found.rule_id) == ("2031-12-31", "ret-rrf")
    assert {one.rule: str(one.counted_from) for one in found.rules} == {
        "ret-rrf": "None",
        "ret-finreg": "2026-08-02",
        "ret-publication": "2023-02-01",
    }


def until(law: Law, rule: str, day: date) -> Law:
    """Return the law in which a rule of retention ends on a day."""
    rows = tuple(
        replace(one, to=day) if one.rule == rule else one for one in law.compliance.retention
    )
    return replace(law, compliance=replace(law.compliance, retention=rows))


def test_the_rules_that_keep_are_those_of_the_day_that_is_asked() -> None:
    world = World(law=until(LAW, "ret-rrf", date(2026, 8, 31))).given(registered(), attached())
    assert kept(world, "relazione.pdf", "2026-08-31").rule_id == "ret-rrf"
    assert kept(world, "relazione.pdf", "2026-09-01").rule_id is None


@pytest.mark.parametrize(
    ("day", "code"), [("2026-08-31", None), ("2026-08-30", "retention-running")]
)
def test_the_rule_that_refuses_an_erasure_is_that_of_its_day(day: str, code: str | None) -> None:
    law = until(LAW, "ret-rrf", date(2026, 8, 30))
    commit = commit_of(1, "relazione.pdf")
    told = registered(), attached(), asked(commit, on="2026-08-01"), approved(on="2026-08-02")
    answer = World(law=law).given(*told).when(erased(commit, basis="GDPR art. 17", on=day))
    assert getattr(answer, "code", None) == code


def test_the_bases_that_do_not_wait_are_those_of_the_law() -> None:
    commit = commit_of(1, "relazione.pdf")
    told = registered(), attached(), asked(commit), approved()
    answer = World().given(*told).when(erased(commit, basis="garante-order"))
    assert getattr(answer, "code", None) is None
    rows = tuple(row for row in LAW.rows if row.rule != "ret-overridden-by")
    world = World(law=replace(LAW, rows=rows)).given(*told)
    answer = world.when(erased(commit, basis="garante-order"))
    assert getattr(answer, "code", None) == "retention-running"


def test_the_kinds_that_support_expenses_are_kinds_of_documents() -> None:
    named = {kind for row in LAW.compliance.retention for kind in row.kinds}
    assert {"fattura", "mandato", "quietanza"} <= named <= set(get_args(DocumentKind))
    assert all(
        bool(row.kinds) == (row.applies == "giustificativi") for row in LAW.compliance.retention
    )
