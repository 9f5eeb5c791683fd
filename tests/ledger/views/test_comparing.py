"""What changed between two points, and by which event: along the log and along the calendar."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from ledger.views.comparing import Attributed, known, legal
from tests.ledger.domain.facts import (
    ACT,
    corrected,
    determina,
    enforceable,
    funded,
    phase,
    published,
    registered,
    visto,
)
from tests.ledger.domain.facts_oversight import adopted
from tests.ledger.domain.worlds import CUP, World

if TYPE_CHECKING:
    from collections.abc import Sequence

STREAM = f"cup/{CUP}"
DAY = date(2026, 9, 1)
STORY = (
    registered(),
    phase("PROGETTAZIONE", "2022-06-01"),
    determina(),
    visto(),
    enforceable(),
    phase("AFFIDAMENTO", "2023-02-01"),
)


def along_log(world: World, start: int, end: int) -> dict[str, Attributed]:
    found = known(STREAM, world.history(STREAM), world.law, (start, end), DAY)
    return {one.change.where.pointer: one for one in found}


def along_days(world: World, start: str, end: str) -> dict[str, Attributed]:
    days = date.fromisoformat(start), date.fromisoformat(end)
    found = legal(STREAM, world.history(STREAM), world.law, days, len(world.events))
    return {one.change.where.pointer: one for one in found}


def places(found: Attributed) -> Sequence[int]:
    return [event.index for event in found.events]


def test_a_field_is_told_with_before_after_and_the_event_that_changed_it() -> None:
    found = along_log(World().given(*STORY), 2, 6)
    step = found["/phase/phase"]
    assert (step.change.before, step.change.after) == ("PROGETTAZIONE", "AFFIDAMENTO")
    assert places(step) == [5]
    assert step.events[0].role == "rup"
    assert found["/acts/0"].change.before is None


def test_a_field_of_an_act_that_was_there_before_is_told_by_its_event() -> None:
    found = along_log(World().given(*STORY), 3, 6)
    step = found["/acts/0/enforceability"]
    assert (step.change.before, step.change.after) == ("non-esecutiva", "esecutiva")
    assert places(step) == [4]
    assert "act/" + ACT in step.events[0].streams
    assert places(found["/acts/0/endorsed_on"]) == [3]


def test_an_act_that_comes_before_in_the_list_does_not_blur_who_changed_the_other() -> None:
    older = determina("99", "2022-05-01")
    found = along_log(World().given(*STORY[:3], visto(), older, enforceable()), 3, 6)
    assert found["/acts/0"].change.before is None
    assert places(found["/acts/1/enforceability"]) == [5]


def test_the_same_two_points_the_other_way_round_exchange_before_and_after() -> None:
    world = World().given(*STORY)
    there, back = along_log(world, 2, 6), along_log(world, 6, 2)
    assert set(there) == set(back)
    step = back["/phase/phase"]
    assert (step.change.before, step.change.after) == ("AFFIDAMENTO", "PROGETTAZIONE")
    assert places(step) == [5]


def test_nothing_differs_between_a_point_and_itself() -> None:
    world = World().given(*STORY)
    assert along_log(world, 3, 3) == {}
    assert along_days(world, "2023-01-01", "2023-01-01") == {}


def test_what_a_correction_took_away_is_told_by_the_correction() -> None:
    found = along_log(World().given(*STORY, corrected(5)), 6, 7)
    step = found["/phase/phase"]
    assert (step.change.before, step.change.after) == ("AFFIDAMENTO", "PROGETTAZIONE")
    assert places(step) == [6]


def test_a_field_that_changed_twice_is_told_with_the_last_event() -> None:
    decrees = [{"number": f"{n}/2022", "on": "2022-05-23"} for n in (1, 2, 3)]
    grants = [funded(f"{n}.00", decree=one) for n, one in enumerate(decrees, start=1)]
    found = along_log(World().given(registered(), *grants), 2, 4)
    step = found["/funding/importo_finanziato"]
    assert (step.change.before, step.change.after) == ("1.00", "6.00")
    assert places(step) == [3]


def test_what_was_adopted_between_two_places_is_told_with_what_it_changed() -> None:
    late = phase("PROGETTAZIONE", "2022-06-01")
    world = World().given(registered(), late, adopted("fact-registered-late.days", "3650"))
    found = known(
        STREAM,
        world.history(STREAM),
        world.law_now(),
        (2, 3),
        DAY,
        adoptions={2: world.events[2]},
    )
    assert {one.change.where.pointer.split("/")[1] for one in found} == {"findings"}
    assert {event.type.name for one in found for event in one.events} == {"policy-adopted/1"}
    # The law is that of each place, also where nobody says who adopted it.
    back = known(STREAM, world.history(STREAM), world.law_now(), (3, 2), DAY)
    assert [one.change.where.identity for one in back] == [
        one.change.where.identity for one in found
    ]
    assert {one.events for one in back} == {()}


def test_a_fact_of_a_later_legal_day_changes_nothing_of_an_earlier_day() -> None:
    world = World().given(*STORY)
    found = known(STREAM, world.history(STREAM), world.law, (2, 6), date(2022, 12, 31))
    assert [
        one.change.where.pointer for one in found if one.change.where.pointer[:6] == "/phase"
    ] == []


def test_along_the_calendar_a_fact_is_told_on_its_legal_day() -> None:
    world = World().given(*STORY[:2], STORY[5], *STORY[2:5])
    found = along_days(world, "2023-01-31", "2023-02-01")
    step = found["/phase/phase"]
    assert (step.change.before, step.change.after) == ("PROGETTAZIONE", "AFFIDAMENTO")
    assert places(step) == [2]


def test_along_the_calendar_what_time_alone_changed_is_of_no_event() -> None:
    world = World().given(*STORY, published(from_="2023-01-25", to="2023-02-09"))
    found = along_days(world, "2023-02-09", "2023-02-10")
    step = found["/acts/0/publication"]
    assert (step.change.before, step.change.after) == ("in-pubblicazione", "pubblicata")
    assert step.events == ()


def test_what_time_changed_before_a_day_with_facts_is_not_told_as_theirs() -> None:
    world = World().given(
        *STORY,
        published(from_="2023-01-25", to="2023-02-09"),
        phase("ESECUZIONE", "2023-02-20"),
    )
    found = along_days(world, "2023-02-09", "2023-02-28")
    assert found["/acts/0/publication"].events == ()
    assert places(found["/phase/phase"]) == [7]
