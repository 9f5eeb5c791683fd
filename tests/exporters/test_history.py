"""Tests of the history of a stream."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from exporters.history import history_of, withdrawals
from ledger.domain.events.catalogue import event_types
from ledger.domain.evolve import withdrawn
from tests.exporters.example_documents import (
    ACT_STREAM,
    STREAM,
    event_id,
    example_event,
    example_events,
    example_history,
)

CORRECTION = event_types()["error-corrected/1"]
ERASED = 3  # the leaf that an example of an erasure names


def test_every_type_of_the_catalogue_has_two_entries_in_order_of_the_log() -> None:
    entries = example_history().events
    assert [entry.index for entry in entries] == list(range(len(entries)))
    for name in event_types():
        assert sum(entry.type == name for entry in entries) >= 2, name


def test_events_at_or_after_the_head_are_not_told() -> None:
    recorded = [(event, bytes(32)) for event in example_events()]
    assert [entry.index for entry in history_of(STREAM, recorded, size=3).events] == [0, 1, 2]
    assert history_of(ACT_STREAM, recorded, size=0).events == ()


def test_an_event_names_the_correction_in_force_that_withdraws_it() -> None:
    entries = {str(entry.id): entry for entry in example_history().events}
    assert entries[event_id(1)].withdrawn_by == event_id(len(entries) - 3)


def test_a_correction_that_is_itself_corrected_withdraws_nothing() -> None:
    entries = {str(entry.id): entry for entry in example_history().events}
    corrected = entries[event_id(len(entries) - 2)]
    assert corrected.withdrawn_by == event_id(len(entries) - 1)
    assert corrected.corrects == (event_id(5),)
    assert entries[event_id(5)].withdrawn_by is None


def test_an_event_whose_envelope_was_erased_is_withdrawn_by_the_erasure() -> None:
    entries = {str(entry.id): entry for entry in example_history().events}
    by = entries[str(entries[event_id(ERASED)].withdrawn_by)]
    assert by.type == "content-erased/1"
    assert {one.index for one in by.data.envelopes} == {ERASED}


def test_a_correction_after_the_head_is_not_known() -> None:
    recorded = [(event, bytes(32)) for event in example_events()]
    told = history_of(STREAM, recorded, size=len(recorded) - 3)
    assert [entry.index for entry in told.events if entry.withdrawn_by] == [ERASED]


def test_the_digest_of_the_envelope_is_hexadecimal() -> None:
    (entry,) = history_of(STREAM, [(example_events()[0], bytes(range(32)))], size=1).events
    assert entry.envelope == bytes(range(32)).hex()


@settings(max_examples=60)
@given(st.lists(st.sets(st.integers(0, 11), max_size=3), max_size=12))
def test_what_is_withdrawn_here_is_what_the_fold_leaves_out(corrected: list[set[int]]) -> None:
    events = [
        replace(
            example_event(CORRECTION, place, full=False),
            corrects=tuple(event_id(other) for other in sorted(others) if other < place),
        )
        for place, others in enumerate(corrected)
    ]
    found = withdrawals(events)
    assert frozenset(found) == withdrawn(events)
    assert frozenset(found.values()).isdisjoint(found)
