"""The two deadlines of a notice, with bands, clocks and extensions. Source: DOMAIN section 5.3."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from ledger.domain.deadlines import Term, state_deadlines
from ledger.domain.law import LawRow
from ledger.records import load_law
from tests.ledger.domain.facts import corrected, funded, registered
from tests.ledger.domain.facts_procurement import SIMOG, asked, contract, decided, procedure
from tests.ledger.domain.worlds import World

if TYPE_CHECKING:
    from tests.ledger.domain.worlds import Request

COMUNI = "1.2 Abilitazione al cloud - Comuni - Aprile 2022"
LAW = load_law()
LECCE = (registered(avviso=COMUNI), funded(notified_on="2022-09-12"))
SIGNED = (*LECCE, procedure(), contract(on="2023-03-01"))


def notice(name: str, notified: str = "2022-10-31") -> tuple[Request, ...]:
    """Return the facts of an intervention of a notice, its decree notified."""
    return registered(avviso=name), funded(notified_on=notified)


def told(world: World) -> list[tuple[str | None, str | None, str | None]]:
    """Return due date, rule and what is missing, of both deadlines."""
    return [
        (str(one.due_on) if one.due_on else None, one.rule_id, one.missing)
        for one in world.state().deadlines
    ]


def banded(world: World, band: str) -> World:
    """Return the same record under a law that puts the body into a band."""
    rows = [row for row in LAW.rows if not row.rule.startswith("deadline-band")]
    row = LawRow(rule="deadline-band:c_e506", value=band, source="prova")
    world.law = replace(LAW, rows=(*rows, row))
    return world


RULE = "padigitale-1.2-comuni-oltre-20000"


def test_the_clock_starts_when_the_decree_is_notified_and_goes_on_from_the_contract() -> None:
    assert told(World().given(*SIGNED)) == [
        ("2023-06-09", RULE, None),
        ("2024-08-22", RULE, None),
    ]


def test_without_a_contract_only_the_first_is_computed() -> None:
    assert told(World().given(*LECCE)) == [("2023-06-09", RULE, None), (None, RULE, "contratto")]


def test_a_decree_that_was_not_notified_starts_no_clock() -> None:
    world = World().given(registered(avviso=COMUNI), funded())
    assert told(world) == [(None, RULE, "notifica"), (None, RULE, "contratto")]


def test_a_contract_signed_later_does_not_move_the_second() -> None:
    world = World().given(*SIGNED, contract(f"{SIMOG}/2", on="2023-09-01"))
    assert told(world)[1] == ("2024-08-22", RULE, None)


def test_a_smaller_body_has_less_time() -> None:
    world = banded(World().given(*SIGNED), "fino-20000")
    assert told(world) == [
        ("2023-03-11", "padigitale-1.2-comuni-fino-20000", None),
        ("2024-05-24", "padigitale-1.2-comuni-fino-20000", None),
    ]


def test_a_body_of_which_no_band_is_known_is_told_so() -> None:
    world = banded(World().given(*SIGNED), "ignota")
    assert told(world) == [(None, None, "fascia")] * 2
    bands = tuple(row for row in LAW.rows if not row.rule.startswith("deadline-band:"))
    world.law = replace(LAW, rows=bands)
    assert told(world) == [(None, None, "fascia")] * 2


@pytest.mark.parametrize("name", ["1.2 ASL/AO 2023", "Avviso 1.1 - ASL e AO"])
def test_a_health_body_counts_in_months(name: str) -> None:
    world = banded(World().given(*notice(name)), "minori")
    assert [due for due, _, _ in told(world)] == ["2023-02-28", "2023-12-31"]
    world = banded(World().given(*notice(name), procedure(), contract(on="2023-03-01")), "maggiore")
    assert [due for due, _, _ in told(world)] == ["2023-07-31", "2024-09-01"]


def test_a_notice_of_one_band_needs_none_and_may_end_on_a_day() -> None:
    facts = notice("1.2 Province 2025", "2025-06-02")
    world = banded(World().given(*facts, procedure(), contract(on="2025-11-03")), "ignota")
    assert told(world) == [
        ("2025-09-30", "padigitale-1.2-province-2025", None),
        ("2026-03-31", "padigitale-1.2-province-2025", None),
    ]


def test_a_notice_that_the_table_does_not_have_is_told_so() -> None:
    assert told(World().given(*notice("1.4.3 PagoPA"))) == [(None, None, "avviso")] * 2
    assert told(World().given(registered(), funded())) == [(None, None, "avviso")] * 2


def test_without_a_decree_on_the_pnrr_there_is_no_rule() -> None:
    facts = registered(avviso=COMUNI), funded(source="COMUNE")
    assert told(World().given(*facts)) == [(None, None, "decreto")] * 2


def test_a_shared_cup_has_no_deadline_of_its_own() -> None:
    world = World().given(*LECCE, registered(measure="M1C1I1.4.1", avviso="1.4.1"))
    assert told(world) == [(None, None, "intervento")] * 2


def test_of_two_grants_the_later_decree_counts() -> None:
    later = funded(
        decree={"number": "9/2024", "on": "2024-01-10"}, on="2024-01-10", notified_on="2024-01-15"
    )
    assert told(World().given(*LECCE, later))[0][0] == "2024-10-11"
    world = World().given(*LECCE, later, corrected(2))
    assert told(world)[0][0] == "2023-06-09"


def test_the_longest_extension_granted_wins() -> None:
    world = World().given(*SIGNED, asked(until="2024-12-31"), decided())
    [first, second] = world.state().deadlines
    assert (str(second.due_on), second.extension) == ("2024-12-31", "p-1")
    assert (str(second.counted_from), second.rule_id) == ("2023-03-01", RULE)
    assert first.extension is None


def test_an_extension_before_the_due_date_changes_nothing() -> None:
    world = World().given(*SIGNED, asked(until="2024-08-22"), decided())
    [_, second] = world.state().deadlines
    assert (str(second.due_on), second.extension) == ("2024-08-22", None)


def test_an_extension_is_a_due_date_though_the_clock_has_not_started() -> None:
    world = World().given(*LECCE, asked(until="2024-12-31"), decided())
    [_, second] = world.state().deadlines
    assert (str(second.due_on), second.missing) == ("2024-12-31", None)


def test_a_day_before_the_extension_was_granted_has_the_first_due_date() -> None:
    world = World().given(*SIGNED, asked(until="2024-12-31"), decided())
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


def test_a_rule_holds_on_the_days_of_its_row() -> None:
    row = replace(LAW.deadlines[0], from_=date(2022, 5, 1), to=date(2022, 5, 31))
    words = frozenset({"1.2", "comuni"})
    days = (date(2022, 4, 30), date(2022, 5, 1), date(2022, 5, 31), date(2022, 6, 1))
    assert [row.is_of(words, day) for day in days] == [False, True, True, False]
    assert not row.is_of(frozenset({"1.2"}), date(2022, 5, 1))


def test_deadlines_need_no_registration_to_be_asked() -> None:
    world = World()
    assert [one.missing for one in state_deadlines(world.dossier(), LAW)] == ["intervento"] * 2
