"""The two deadlines of a notice, with bands, clocks and extensions. Source: DOMAIN section 5.3."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from ledger.domain.deadlines import Term, state_deadlines
from ledger.records import load_law
from tests.ledger.domain.facts import corrected, funded, registered
from tests.ledger.domain.facts_oversight import adopted
from tests.ledger.domain.facts_procurement import SIMOG, asked, contract, decided, procedure
from tests.ledger.domain.worlds import World

if TYPE_CHECKING:
    from tests.ledger.domain.worlds import Request

COMUNI = "1.2 Abilitazione al cloud - Comuni - Aprile 2022"
LAW = load_law()
LECCE = (registered(avviso=COMUNI), funded(notified_on="2022-09-12"))
SIGNED = (*LECCE, procedure(), contract(on="2023-03-01"))


def notice(code: str, notified: str = "2022-10-31") -> tuple[Request, ...]:
    """Return the facts of an intervention of a notice, its decree notified."""
    return registered(notice=code), funded(notified_on=notified)


def told(world: World) -> list[tuple[str | None, str | None, str | None]]:
    """Return due date, rule and what is missing, of both deadlines."""
    return [
        (str(one.due_on) if one.due_on else None, one.rule_id, one.missing)
        for one in world.state().deadlines
    ]


def body(world: World, kind: str = "comune", size: str = "94000", **more: str) -> World:
    """Return the same record, in which kind and size of the body are adopted last."""
    return world.given(adopted("body.kind", kind, **more), adopted("body.size", size, **more))


RULE = "padigitale-1.2-comuni-oltre-20000"


def test_the_clock_starts_when_the_decree_is_notified_and_goes_on_from_the_contract() -> None:
    assert told(body(World().given(*SIGNED))) == [
        ("2023-06-09", RULE, None),
        ("2024-08-22", RULE, None),
    ]


def test_without_a_contract_only_the_first_is_computed() -> None:
    assert told(body(World().given(*LECCE))) == [
        ("2023-06-09", RULE, None),
        (None, RULE, "contratto"),
    ]


def test_a_decree_that_was_not_notified_starts_no_clock() -> None:
    world = body(World().given(registered(avviso=COMUNI), funded()))
    assert told(world) == [(None, RULE, "notifica"), (None, RULE, "contratto")]


def test_a_contract_signed_later_does_not_move_the_second() -> None:
    world = body(World().given(*SIGNED, contract(f"{SIMOG}/2", on="2023-09-01")))
    assert told(world)[1] == ("2024-08-22", RULE, None)


@pytest.mark.parametrize(
    ("size", "days", "rule"),
    [
        ("0", 180, "padigitale-1.2-comuni-fino-20000"),
        ("20000", 180, "padigitale-1.2-comuni-fino-20000"),
        ("20001", 270, "padigitale-1.2-comuni-oltre-20000"),
        ("2800000", 270, "padigitale-1.2-comuni-oltre-20000"),
    ],
)
def test_the_band_is_that_of_the_size_of_the_body(size: str, days: int, rule: str) -> None:
    [first, _] = body(World().given(*SIGNED), size=size).state().deadlines
    assert first.due_on is not None
    assert ((first.due_on - date(2022, 9, 12)).days, first.rule_id) == (days, rule)


def test_the_size_is_that_of_the_day_of_the_decree() -> None:
    for since, rule in (("2022-05-24", "padigitale-1.2-comuni-fino-20000"), ("2022-05-23", RULE)):
        world = body(World().given(*SIGNED), size="19000")
        world.given(adopted("body.size", "21000", **{"from": since}))
        assert told(world)[0][1] == rule


def test_what_was_adopted_later_was_not_known_before() -> None:
    world = World().given(*SIGNED, adopted("body.size", "94000"))
    assert told(world)[0][1] == RULE
    before = state_deadlines(world.known_at(4), world.law_now().at(4))
    assert [one.missing for one in before] == ["fascia", "fascia"]


def test_a_body_of_which_no_size_is_known_is_told_so() -> None:
    assert told(World().given(*SIGNED)) == [(None, None, "fascia")] * 2
    world = body(World().given(*SIGNED)).given(adopted("body.size", "non-indicata"))
    assert told(world) == [(None, None, "fascia")] * 2


@pytest.mark.parametrize(
    ("kind", "small", "large"),
    [("asl", "1000000", "1000001"), ("azienda-ospedaliera", "1000", "1001")],
)
def test_a_health_body_counts_in_months_by_people_or_by_beds(
    kind: str, small: str, large: str
) -> None:
    facts = notice("padigitale-1.1-1.2-asl-ao-2023-03")
    world = body(World().given(*facts), kind, small)
    assert [due for due, _, _ in told(world)] == ["2023-02-28", "2023-12-31"]
    world = body(World().given(*facts, procedure(), contract(on="2023-03-01")), kind, large)
    assert [due for due, _, _ in told(world)] == ["2023-07-31", "2024-09-01"]


def test_a_band_of_another_kind_of_body_is_none() -> None:
    facts = notice("padigitale-1.1-1.2-asl-ao-2023-03")
    assert told(body(World().given(*facts))) == [(None, None, "fascia")] * 2


def test_a_notice_of_one_band_needs_no_facts_of_the_body_and_may_end_on_a_day() -> None:
    facts = notice("padigitale-1.2-province-citta-metropolitane-2025-04", "2025-06-02")
    world = World().given(*facts, procedure(), contract(on="2025-11-03"))
    assert told(world) == [
        ("2025-09-30", "padigitale-1.2-province-2025", None),
        ("2026-03-31", "padigitale-1.2-province-2025", None),
    ]
    facts = notice("padigitale-1.2-asl-ao-2022-12", "2023-06-02")
    assert told(World().given(*facts))[0] == ("2024-03-02", "padigitale-1.2-asl-ao-2022", None)


def test_a_notice_that_the_table_does_not_have_is_told_so() -> None:
    for name in ("1.2 Comuni", "Abilitazione al cloud - Comuni - Aprile 2022", "1.4.1"):
        world = World().given(registered(avviso=name), funded())
        assert told(world) == [(None, None, "avviso")] * 2
    assert told(World().given(registered(), funded())) == [(None, None, "avviso")] * 2


def test_a_notice_whose_terms_the_table_does_not_have_is_told_so() -> None:
    for code in ("padigitale-1.2-comuni-2023-11", "altro-2024-01"):
        world = body(World().given(*notice(code)))
        assert told(world) == [(None, None, "termini")] * 2
        assert [one.notice for one in world.state().deadlines] == [code] * 2


def test_without_a_decree_on_the_pnrr_there_is_no_rule() -> None:
    facts = registered(avviso=COMUNI), funded(source="COMUNE")
    assert told(World().given(*facts)) == [(None, None, "decreto")] * 2


def test_a_shared_cup_has_no_deadline_of_its_own() -> None:
    world = body(World().given(*LECCE, registered(measure="M1C1I1.4.1", avviso="1.4.1")))
    assert told(world) == [(None, None, "intervento")] * 2


def test_of_two_grants_the_later_decree_counts() -> None:
    later = funded(
        decree={"number": "9/2024", "on": "2024-01-10"}, on="2024-01-10", notified_on="2024-01-15"
    )
    assert told(body(World().given(*LECCE, later)))[0][0] == "2024-10-11"
    world = body(World().given(*LECCE, later, corrected(2)))
    assert told(world)[0][0] == "2023-06-09"


def test_the_longest_extension_granted_wins() -> None:
    world = body(World().given(*SIGNED, asked(until="2024-12-31"), decided()))
    [first, second] = world.state().deadlines
    assert (str(second.due_on), second.extension) == ("2024-12-31", "p-1")
    assert (str(second.counted_from), second.rule_id) == ("2023-03-01", RULE)
    assert first.extension is None


def test_an_extension_before_the_due_date_changes_nothing() -> None:
    world = body(World().given(*SIGNED, asked(until="2024-08-22"), decided()))
    [_, second] = world.state().deadlines
    assert (str(second.due_on), second.extension) == ("2024-08-22", None)


def test_an_extension_is_a_due_date_though_the_clock_has_not_started() -> None:
    world = body(World().given(*LECCE, asked(until="2024-12-31"), decided()))
    [_, second] = world.state().deadlines
    assert (str(second.due_on), second.missing) == ("2024-12-31", None)


def test_a_day_before_the_extension_was_granted_has_the_first_due_date() -> None:
    world = body(World().given(*SIGNED, asked(until="2024-12-31"), decided()))
    [_, second] = world.state(as_of="2024-02-14").deadlines
    assert str(second.due_on) == "2024-08-22"


def test_months_end_with_the_month() -> None:
    term = Term(count=4, unit="months", since="notifica")
    days = ("2022-10-31", "2023-10-31", "2022-12-31", "2022-01-15")
    assert [str(term.due_on(date.fromisoformat(day))) for day in days] == [
        "2023-02-28",
        "2024-02-29",
        "2023-04-30",
        "2022-05-15",
    ]


def test_the_terms_are_those_of_the_day_of_the_decree() -> None:
    """The decree is of 23 May 2022: terms of before or after that day are not its own."""
    for said, rule in (({"to": date(2022, 5, 22)}, None), ({"from_": date(2022, 5, 23)}, RULE)):
        rows = tuple(replace(row, **said) for row in LAW.deadlines)
        world = body(World(law=replace(LAW, deadlines=rows)).given(*SIGNED))
        assert [one.rule_id for one in world.state().deadlines] == [rule, rule]


def test_the_bands_of_a_notice_take_each_size_once() -> None:
    kinds = {row.kind for row in LAW.deadlines}
    codes = {code for row in LAW.deadlines for code in row.notices}
    for code, kind, size in itertools.product(
        codes, kinds, (0, 999, 1000, 1001, 20000, 20001, 10**6, 10**6 + 1)
    ):
        rows = [row for row in LAW.deadlines if code in row.notices and row.kind == kind]
        assert len([row for row in rows if row.fits(kind or "comune", size)]) == bool(rows)


def test_the_terms_are_of_notices_of_the_table() -> None:
    known = {row.notice for row in LAW.notices.rows}
    assert {code for row in LAW.deadlines for code in row.notices} <= known


def test_deadlines_need_no_registration_to_be_asked() -> None:
    world = World()
    assert [one.missing for one in state_deadlines(world.dossier(), LAW)] == ["intervento"] * 2
