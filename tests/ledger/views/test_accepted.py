"""What views read is what the strict reader reads, event by event."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ledger.errors import StorageError, Unreadable
from ledger.journal.leaf import EventLeaf, parse_leaf
from ledger.journal.memory import MemoryRecorder
from ledger.journal.row import pack
from ledger.journal.store import KeyedEvent
from ledger.records import read_event
from ledger.signing.envelope import parse
from ledger.views.accepted import read_events, read_log, read_recorded
from tests.ledger.application.door_kit import ORIGIN

if TYPE_CHECKING:
    from ledger.domain.event import Event
    from ledger.journal.journal import Journal
    from tests.ledger.application.door_kit import House


def strictly_read(journal: Journal) -> list[tuple[int, Event | None]]:
    """Return what the reader of acceptance makes of every leaf."""
    found: list[tuple[int, Event | None]] = []
    for index, data, raw in journal.entries(0, journal.size):
        leaf = parse_leaf(data)
        is_event = isinstance(leaf, EventLeaf)
        found.append((index, read_event(parse(raw), index, leaf.received_at) if is_event else None))
    return found


def test_the_whole_log_and_single_leaves_are_read_as_acceptance_reads_them(house: House) -> None:
    journal = house.journal
    strict = strictly_read(journal)
    assert sum(event is not None for _, event in strict) > 10
    assert list(read_log(journal, 0, journal.size)) == strict
    assert list(read_events(journal, range(0, journal.size, 3))) == strict[::3]
    assert [read_recorded(journal, index) for index in range(4)] == [e for _, e in strict[:4]]


def test_an_erased_envelope_is_none_and_a_plain_one_is_read_strictly(house: House) -> None:
    index = house.journal.size - 2
    leaf, raw = house.journal.entry(index)
    recorder = MemoryRecorder(ORIGIN)
    bad = pack(leaf, raw + b"=")
    recorder.append([KeyedEvent("a/1", data) for data in (pack(leaf, b""), pack(leaf, raw), bad)])
    journal = type(house.journal)(recorder)
    erased, whole = (event for _, event in read_log(journal, 0, 2))
    event = read_recorded(house.journal, index)
    assert event is not None
    assert (erased, whole) == (None, replace(event, index=1))
    with pytest.raises(Unreadable):
        read_recorded(journal, 2)
    with pytest.raises(StorageError, match="row-missing"):
        list(read_events(journal, [1, 3]))
