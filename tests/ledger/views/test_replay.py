"""Replay by two clocks: what was true on a day, as known at a place or a time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ledger.errors import Absent
from ledger.journal.leaf import EventLeaf, parse_leaf
from ledger.records import load_law
from ledger.views.replay import head_time, known_size, later_than, read_history, replay
from tests.ledger.application.door_kit import CUP, START, House
from tests.ledger.application.door_story import phase

LAW = load_law()


def test_by_default_all_is_known_and_the_day_is_that_of_the_head(house: House) -> None:
    found = replay(house.journal, CUP, LAW)
    assert found.later == ()
    assert found.state.phase is not None
    assert found.state.phase.phase == "AFFIDAMENTO"
    assert (found.state.as_of, found.state.known_at) == (date(2026, 3, 2), house.journal.size)


def test_an_earlier_day_leaves_out_what_was_true_later(house: House) -> None:
    found = replay(house.journal, CUP, LAW, as_of=date(2026, 2, 15))
    assert found.state.phase is not None
    assert found.state.phase.phase == "PROGETTAZIONE"
    assert found.later == ()


def test_an_earlier_place_leaves_out_what_was_registered_later(house: House) -> None:
    last = house.journal.stream_indexes(f"cup/{CUP}")[-1]
    found = replay(house.journal, CUP, LAW, known_at=last)
    assert found.state.phase is not None
    assert found.state.phase.phase == "PROGETTAZIONE"
    assert [event.index for event in found.later] == [last]


def test_the_two_clocks_are_independent(house: House) -> None:
    name, data, beside = phase("COLLAUDO", "2026-01-15")
    late = house.write("rup", name, data, **beside)
    day = date(2026, 1, 20)
    now = replay(house.journal, CUP, LAW, as_of=day).state
    then = replay(house.journal, CUP, LAW, as_of=day, known_at=late.index).state
    assert now.phase is not None
    assert (now.phase.phase, then.phase) == ("COLLAUDO", None)


@pytest.mark.parametrize("known_at", [0, 1])
def test_before_the_first_registration_nothing_is_known(house: House, known_at: int) -> None:
    found = replay(house.journal, CUP, LAW, known_at=known_at)
    assert (found.state.registrations, found.state.interventions) == (0, ())
    assert len(found.later) == len(house.journal.stream_indexes(f"cup/{CUP}"))


def test_beyond_the_head_is_the_head(house: House) -> None:
    assert replay(house.journal, CUP, LAW, known_at=10**9) == replay(house.journal, CUP, LAW)


def test_a_cup_without_registrations_is_absent(house: House) -> None:
    with pytest.raises(Absent) as caught:
        replay(house.journal, "C81C22001220007", LAW)
    assert caught.value.code == "no-such-cup"


def test_every_event_lies_inside_its_own_receipt_and_outside_the_moment_before(
    house: House,
) -> None:
    size = house.journal.size
    for index in range(size):
        leaf = parse_leaf(house.journal.leaf(index))
        if not isinstance(leaf, EventLeaf):
            continue
        at = leaf.received_at
        assert known_size(house.journal, at) > index
        assert known_size(house.journal, at - timedelta(microseconds=1)) <= index


def test_known_size_agrees_with_counting(house: House) -> None:
    times = [head_time(house.journal, count + 1) for count in range(house.journal.size)]
    for seconds in range(-1, 60):
        at = START + timedelta(seconds=seconds, milliseconds=500)
        counted = sum(1 for time in times if time is not None and time <= at)
        assert known_size(house.journal, at) == counted


def test_what_arrived_later_than_a_day_is_named(house: House) -> None:
    events = read_history(house.journal, f"cup/{CUP}")
    assert later_than(events, date(2026, 3, 2)) == []
    assert later_than(events, date(2026, 3, 1)) == events
