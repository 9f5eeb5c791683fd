"""The law of a ledger for who reads it, and the views that are made by it."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

from ledger.records import load_law
from ledger.views.adopted import LawOfLedger
from ledger.views.replay import replay
from ledger.views.runner import Runner
from tests.ledger.application.door_kit import CUP, House
from tests.ledger.application.door_story import phase

if TYPE_CHECKING:
    from ledger.views.store import ViewStore

TABLE = load_law()
SETTING, DAY = "fact-registered-late.days", date(2026, 3, 2)


def adopt(house: House, value: str) -> int:
    """Adopt a threshold, and return its place in the log."""
    data = {"setting": SETTING, "value": value, "cause": "delibera"}
    return house.write("admin", "adopt-policy/1", data).index


def test_without_adoptions_it_is_that_of_the_program(house: House) -> None:
    assert LawOfLedger(house.journal, TABLE).now() is TABLE


def test_it_follows_what_is_adopted_and_goes_back_to_each_place(house: House) -> None:
    law = LawOfLedger(house.journal, TABLE)
    first = adopt(house, "90")
    assert law.now().setting(SETTING, DAY) == "90"
    second = adopt(house, "120")
    newest = law.now()
    assert newest is law.now()
    assert [newest.at(at).setting(SETTING, DAY) for at in (first, first + 1, second + 1)] == [
        "30",
        "90",
        "120",
    ]
    assert newest == LawOfLedger(house.journal, TABLE).now()


def late(told: bytes) -> bool:
    """Return whether a state tells of a fact that was registered late."""
    return "fact-registered-late" in {one["code"] for one in json.loads(told)["findings"]}


def test_a_view_is_made_by_the_law_of_the_last_event_that_it_knows(
    house: House, store: ViewStore
) -> None:
    runner = Runner(house.journal, store, TABLE)
    name, data, beside = phase("COLLAUDO", "2025-12-01")
    house.write("rup", name, data, **beside)
    adopt(house, "120")
    runner.catch_up()
    row = store.intervention(CUP)
    assert row is not None
    assert late(row.state)
    name, data, beside = phase("ESECUZIONE", "2026-03-02")
    house.write("rup", name, data, **beside)
    runner.catch_up()
    row = store.intervention(CUP)
    assert row is not None
    assert not late(row.state)
    law = LawOfLedger(house.journal, TABLE).now()
    known = {
        place: {one.code for one in replay(house.journal, CUP, law, known_at=place).state.findings}
        for place in (house.journal.size, house.journal.size - 4)
    }
    assert ["fact-registered-late" in codes for codes in known.values()] == [False, True]
    before = store.intervention(CUP)
    runner.rebuild()
    assert store.intervention(CUP) == before
