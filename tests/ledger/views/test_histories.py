"""Histories: streams that are followed, kept within a bound, and read again when they were not kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.views.histories import Histories
from tests.ledger.application.door_kit import CUP, OTHER_CUP
from tests.ledger.application.door_story import ACT, phase

if TYPE_CHECKING:
    from tests.ledger.application.door_kit import House


def test_histories_hold_no_event_twice_however_they_are_read(house: House) -> None:
    histories = Histories(house.journal)
    seen = [event.index for event in histories.history(f"cup/{CUP}")]
    name, data, beside = phase("ESECUZIONE", "2026-03-02")
    receipt = house.write("rup", name, data, **beside)
    later = [event.index for event in histories.history(f"cup/{CUP}")]
    assert later == [*seen, receipt.index]
    assert histories.dossier(f"cup/{CUP}").count == len(later)
    assert histories.dossier("cup/C81C22001220007").count == 0


@pytest.mark.parametrize("kept", [0, 1, 4])
def test_streams_that_are_not_kept_are_read_again(house: House, kept: int) -> None:
    whole, small = Histories(house.journal), Histories(house.journal, kept)
    for name in (f"cup/{CUP}", f"act/{ACT}", f"cup/{OTHER_CUP}", f"cup/{CUP}"):
        assert small.history(name) == whole.history(name) != ()
        assert small.end(name) == whole.end(name)


def test_histories_follow_no_further_than_they_are_told(house: House) -> None:
    histories = Histories(house.journal)
    every = house.journal.stream_indexes(f"cup/{CUP}")
    histories.lend({}, every[1])
    assert [event.index for event in histories.history(f"cup/{CUP}")] == every[:1]
    histories.lend({}, house.journal.size)
    assert [event.index for event in histories.history(f"cup/{CUP}")] == every
