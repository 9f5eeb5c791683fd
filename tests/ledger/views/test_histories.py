"""Histories: streams that are followed, kept within a bound, and read again when they were not kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.records import encode_digest
from ledger.signing.envelope import parse
from ledger.views.histories import Histories
from tests.ledger.application.door_kit import CUP, OTHER_CUP
from tests.ledger.application.door_story import ACT, DETERMINA, kept_file, phase

if TYPE_CHECKING:
    from tests.ledger.application.door_kit import House

UNNAMED = encode_digest(bytes(32))


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


def test_histories_say_where_a_content_stands_as_far_as_they_follow(house: House) -> None:
    told = Histories(house.journal)
    (brought,) = [event for event in told.history(f"act/{ACT}") if event.objects]
    (ref,) = brought.objects
    for histories in (told, told, Histories(house.journal)):
        assert [one.index for one in histories.naming([ref.commit])] == [brought.index]
    told.lend({}, brought.index)
    assert told.naming([ref.commit]) == ()
    told.lend({}, brought.index + 1)
    assert [one.id for one in told.naming([ref.commit, UNNAMED])] == [brought.id]
    assert told.naming([UNNAMED]) == told.naming([]) == ()


def test_histories_read_on_for_contents_that_were_asked_before(house: House) -> None:
    histories = Histories(house.journal)
    ref = kept_file(house, "seconda.pdf")
    assert histories.naming([ref.commit]) == ()
    data = {**DETERMINA, "number": "102", "file": "seconda.pdf"}
    receipt = house.write("rup", "register-determina/1", data, role="rup", objects=(ref,))
    assert [one.index for one in histories.naming([ref.commit])] == [receipt.index]


def test_histories_say_what_stands_at_a_leaf(house: House) -> None:
    histories = Histories(house.journal)
    (first, *_) = house.journal.stream_indexes(f"act/{ACT}")
    placed = histories.placed(first)
    assert placed is not None
    assert placed.event is not None
    assert f"act/{ACT}" in placed.streams == placed.event.streams
    assert placed.digest == encode_digest(parse(house.journal.envelope(first)).digest)
    size = house.journal.size
    assert histories.placed(size - 1) is histories.placed(size) is histories.placed(-1) is None
