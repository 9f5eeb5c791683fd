"""The views database is a tracking recorder, by the suite of the eventsourcing library.

The suite is imported from the library where its own imports are there (pycryptodome); what it asks
is asked here as well, so that it is asked everywhere.
"""

from __future__ import annotations

import importlib
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from eventsourcing.persistence import IntegrityError, Tracking, WaitInterruptedError

if TYPE_CHECKING:
    from ledger.views.store import ViewStore
    from tests.ledger.views.conftest import NewPlace


@pytest.mark.parametrize("name", ["test_insert_tracking", "test_wait"])
def test_the_suite_of_the_library_passes(new_place: NewPlace, name: str) -> None:
    pytest.importorskip("Crypto", reason="the library's suite needs pycryptodome")
    suite: Any = importlib.import_module("eventsourcing.tests.persistence")
    opened: list[ViewStore] = []

    class Case(suite.TrackingRecorderTestCase):  # type: ignore[misc]  # a class known at run time
        def create_recorder(self) -> ViewStore:
            opened.append(new_place()("upstream"))
            return opened[-1]

    getattr(Case(name), name)()
    assert opened


def test_a_position_only_goes_on(store: ViewStore) -> None:
    for name, position in (("upstream1", 21), ("upstream1", 22), ("upstream2", 21)):
        store.insert_tracking(Tracking(name, position))
    for name, position in (("upstream1", 21), ("upstream1", 22), ("upstream2", 21)):
        with pytest.raises(IntegrityError):
            store.insert_tracking(Tracking(name, position))
    found = [store.max_tracking_id(f"upstream{n}") for n in (1, 2, 3)]
    assert found == [22, 21, None]
    store.insert_tracking(Tracking("upstream1", 24))
    with pytest.raises(IntegrityError):
        store.insert_tracking(Tracking("upstream1", 23))
    assert store.has_tracking_id("upstream1", 23)
    assert not store.has_tracking_id("upstream1", 25)
    assert store.has_tracking_id("upstream3", None)


def test_waiting_ends_at_the_position_in_time_or_interrupted(store: ViewStore) -> None:
    with pytest.raises(TimeoutError):
        store.wait("upstream1", 21, timeout=0.05)
    store.insert_tracking(Tracking("upstream1", 21))
    store.wait("upstream1", 21, timeout=0.05)
    interrupt = Event()
    interrupt.set()
    with pytest.raises(WaitInterruptedError):
        store.wait("upstream1", 22, interrupt=interrupt)
