"""The views database: lists and their filters, timeline by pages, register of acts, bad files."""

from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING

import pytest
from eventsourcing.persistence import IntegrityError, Tracking

from ledger.errors import Busy, StorageError
from ledger.views.failures import store_failures
from ledger.views.sqlite import SQLiteViewStore
from ledger.views.store import ActRow, Changes, InterventionRow, TimelineRow
from tests.ledger.application.door_kit import CUP, ORIGIN, OTHER_CUP

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.views.store import ViewStore
    from tests.ledger.views.conftest import OpenViews

OTHER_ORIGIN = "altro.it/c_a001"


def intervention(cup: str, title: str, measure: str, phase: str | None) -> InterventionRow:
    """Return a row."""
    return InterventionRow(cup, title, measure, phase, None, 100, 1, 1, b"{}")


def line(index: int, stream: str = f"cup/{CUP}") -> TimelineRow:
    """Return a row of the timeline."""
    return TimelineRow(stream, index, f"id-{index}", "t/1", "x", None, "actor", None, "fatto")


CHANGES = Changes(
    interventions=[
        intervention(CUP, "Migrazione in cloud", "M1C1I1.2", "ESECUZIONE"),
        intervention(OTHER_CUP, "Piattaforma 100%_notifiche", "M1C1I1.4.5", None),
    ],
    timeline=[line(index) for index in (2, 3, 5, 8)] + [line(5, f"cup/{OTHER_CUP}")],
    acts=[
        ActRow("c_e506/dd/2022/1", "determina", "2022-02-01", "a", CUP, 3),
        ActRow("c_e506/dd/2023/1", "determina", "2023-02-01", "b", f"{CUP} {OTHER_CUP}", 5),
        ActRow("c_e506/dd/2023/2", "determina", "2023-02-01", "c", OTHER_CUP, 8),
    ],
)

FILTERS: dict[str, tuple[dict[str, str], list[str]]] = {
    "none": ({}, [CUP, OTHER_CUP]),
    "measure": ({"measure": "M1C1I1.2"}, [CUP]),
    "phase": ({"phase": "ESECUZIONE"}, [CUP]),
    "phase that none is in": ({"phase": "COLLAUDO"}, []),
    "words of the title in any case": ({"text": "CLOUD"}, [CUP]),
    "part of the CUP": ({"text": "f2200427"}, [OTHER_CUP]),
    "signs that SQL would read": ({"text": "100%_N"}, [OTHER_CUP]),
    "a wildcard finds only itself": ({"text": "%"}, [OTHER_CUP]),
    "a quote": ({"text": "' OR 1=1 --"}, []),
    "both": ({"measure": "M1C1I1.2", "text": "notifiche"}, []),
}


@pytest.mark.parametrize("case", FILTERS.values(), ids=FILTERS.keys())
def test_a_list_holds_what_its_filters_let_through(
    store: ViewStore, case: tuple[dict[str, str], list[str]]
) -> None:
    filters, cups = case
    store.apply(CHANGES, Tracking(ORIGIN, 9))
    assert [row.cup for row in store.interventions(**filters)] == cups


def test_rows_come_back_as_they_were_given(store: ViewStore) -> None:
    store.apply(CHANGES, Tracking(ORIGIN, 9))
    assert store.interventions() == CHANGES.interventions
    assert store.intervention(CUP) == CHANGES.interventions[0]
    assert store.intervention("C81C22001220007") is None


def test_the_timeline_is_read_in_pages(store: ViewStore) -> None:
    store.apply(CHANGES, Tracking(ORIGIN, 9))
    pages, after = [], -1
    while page := store.timeline(f"cup/{CUP}", after=after, limit=3):
        pages.append([row.index for row in page])
        after = page[-1].index
    assert pages == [[2, 3, 5], [8]]


def test_the_register_of_acts_begins_with_the_newest(store: ViewStore) -> None:
    store.apply(CHANGES, Tracking(ORIGIN, 9))
    assert [row.key[-6:] for row in store.acts()] == ["2023/1", "2023/2", "2022/1"]
    assert [row.key[-6:] for row in store.acts(CUP)] == ["2023/1", "2022/1"]
    assert store.acts("C81C2200122000") == []


def test_what_is_withdrawn_goes(store: ViewStore) -> None:
    store.apply(CHANGES, Tracking(ORIGIN, 9))
    gone = Changes(withdrawn_cups=[CUP], withdrawn_acts=["c_e506/dd/2023/1"])
    store.apply(gone, Tracking(ORIGIN, 11))
    assert [row.cup for row in store.interventions()] == [OTHER_CUP]
    assert [row.key[-6:] for row in store.acts()] == ["2023/2", "2022/1"]


def test_a_batch_that_comes_twice_writes_nothing(store: ViewStore) -> None:
    store.apply(Changes(), Tracking(ORIGIN, 9))
    with pytest.raises(IntegrityError):
        store.apply(CHANGES, Tracking(ORIGIN, 9))
    assert store.interventions() == []
    assert store.max_tracking_id(ORIGIN) == 9


def test_two_ledgers_in_one_database_do_not_see_each_other(open_store: OpenViews) -> None:
    first, second = open_store(ORIGIN), open_store(OTHER_ORIGIN)
    first.apply(CHANGES, Tracking(ORIGIN, 9))
    assert (second.interventions(), second.acts(), second.intervention(CUP)) == ([], [], None)


def test_rebuilding_one_ledger_leaves_the_others_as_they_are(open_store: OpenViews) -> None:
    first, second = open_store(ORIGIN), open_store(OTHER_ORIGIN)
    first.apply(CHANGES, Tracking(ORIGIN, 9))
    second.apply(CHANGES, Tracking(OTHER_ORIGIN, 11))
    first.clear()
    assert (first.interventions(), first.acts(), first.max_tracking_id(ORIGIN)) == ([], [], None)
    assert second.interventions() == CHANGES.interventions
    assert second.max_tracking_id(OTHER_ORIGIN) == 11


def test_of_two_that_keep_the_same_views_at_once_one_is_told(open_store: OpenViews) -> None:
    stores = [open_store(ORIGIN) for _ in range(2)]
    ready = threading.Barrier(2)
    told: list[str] = []

    def keep(store: ViewStore) -> None:
        for position in range(1, 21):
            ready.wait()
            try:
                store.apply(CHANGES, Tracking(ORIGIN, position))
            except IntegrityError:
                told.append("slower")

    threads = [threading.Thread(target=keep, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert told == ["slower"] * 20
    assert stores[0].max_tracking_id(ORIGIN) == 20


def test_a_row_that_comes_again_takes_the_place_of_the_old_one(store: ViewStore) -> None:
    store.apply(CHANGES, Tracking(ORIGIN, 9))
    changed = intervention(CUP, "Altro titolo", "M1C1I1.2", None)
    act = ActRow("c_e506/dd/2022/1", "decreto", "2022-02-02", "z", OTHER_CUP, 9)
    store.apply(Changes(interventions=[changed], acts=[act]), Tracking(ORIGIN, 10))
    assert store.intervention(CUP) == changed
    assert store.acts()[-1] == act
    assert len(store.acts()) == 3


def test_views_of_a_newer_program_are_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "v.sqlite"
    SQLiteViewStore(path, ORIGIN).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(StorageError) as caught:
        SQLiteViewStore(path, ORIGIN)
    assert caught.value.code == "views-newer"


def test_a_file_that_is_no_database_is_told_with_its_remedy(tmp_path: Path) -> None:
    path = tmp_path / "v.sqlite"
    path.write_bytes(b"non sono una base di dati" * 100)
    with pytest.raises(StorageError) as caught, store_failures():
        SQLiteViewStore(path, ORIGIN)
    assert caught.value.code == "views-failed"
    assert "cancellare views.sqlite" in caught.value.sentence


def test_a_file_that_another_holds_is_busy(tmp_path: Path) -> None:
    path = tmp_path / "v.sqlite"
    store = SQLiteViewStore(path, ORIGIN)
    store._connection.execute("PRAGMA busy_timeout=10")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy), store_failures():
        store.apply(CHANGES, Tracking(ORIGIN, 9))
    other.execute("ROLLBACK")
    store.apply(CHANGES, Tracking(ORIGIN, 9))
    other.close()
    store.close()
