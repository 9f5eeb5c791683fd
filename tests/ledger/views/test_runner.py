"""The runner: batches, crashes between them, rebuilding, waiting, a thread that survives."""

from __future__ import annotations

import json
import time
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from typing_extensions import override

from ledger.domain.days import legal_day
from ledger.domain.shapes import shape_of
from ledger.domain.statement import InterventionState
from ledger.journal.memory import MemoryRecorder
from ledger.records import load_law
from ledger.signing.canonical import encode
from ledger.views import runner as runners
from ledger.views.replay import read_history, replay
from ledger.views.runner import Runner
from ledger.views.sqlite import SQLiteViewStore
from ledger.views.store import ViewStore
from tests.ledger.application.door_kit import CUP, ORIGIN, OTHER_CUP, House, build
from tests.ledger.application.door_story import ACT, determina, phase, register

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from eventsourcing.persistence import Tracking

    from ledger.views.store import Changes, Writer
    from tests.ledger.views.conftest import OpenViews

LAW = load_law()


class Around(ViewStore):
    """Views that are kept by another store."""

    def __init__(self, inner: ViewStore) -> None:
        """Stand before this store."""
        super().__init__(inner.ledger)
        self.inner = inner

    @override
    def close(self) -> None:
        self.inner.close()

    @override
    def _writing(self) -> AbstractContextManager[Writer]:
        return self.inner._writing()

    @override
    def _read(self, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        return self.inner._read(statement, values)


class Failing(Around):
    """Views that fail as often as they are told to, before or after writing a batch."""

    before = 0
    after = 0

    @override
    def apply(self, changes: Changes, tracking: Tracking) -> None:
        """Write, unless told to fail."""
        if self.before:
            self.before -= 1
            raise OSError("il disco non risponde")
        super().apply(changes, tracking)
        if self.after:
            self.after -= 1
            raise OSError("il disco non risponde più")


def content(store: ViewStore) -> list[object]:
    """Return all that the views show."""
    timelines = [store.timeline(f"cup/{cup}") for cup in (CUP, OTHER_CUP)]
    return [store.interventions(), store.acts(), *timelines, store.timeline(f"act/{ACT}")]


def fresh(house: House) -> list[object]:
    """Return what views made at once from the journal show."""
    store = SQLiteViewStore(":memory:", ORIGIN)
    Runner(house.journal, store, LAW).catch_up()
    shown = content(store)
    store.close()
    return shown


def test_views_reach_the_head_and_hold_each_event_once(house: House, store: ViewStore) -> None:
    runner = Runner(house.journal, store, LAW)
    assert runner.catch_up() == house.journal.size == runner.health.seen
    assert runner.health.behind == 0
    indexes = [row.index for row in store.timeline(f"cup/{CUP}")]
    assert indexes == house.journal.stream_indexes(f"cup/{CUP}")
    assert runner.catch_up() == house.journal.size


@pytest.mark.parametrize("batch", [1, 2, 5, 11])
def test_batches_of_any_size_give_the_same_rows(house: House, batch: int) -> None:
    # A correction, so that what an earlier batch showed is withdrawn by a later one.
    name, data, beside = phase("ESECUZIONE", "2026-03-02")
    wrong = house.write("rup", name, data, **beside)
    why, beside = {"cause": "data errata"}, {"role": "rup", "occurred_on": "2026-03-02"}
    house.write("rup", "correct-error/1", why, **beside, corrects=[wrong.event_id])
    store = SQLiteViewStore(":memory:", ORIGIN)
    assert Runner(house.journal, store, LAW, batch=batch).catch_up() == house.journal.size
    assert content(store) == fresh(house)
    store.close()


def test_the_state_in_the_view_is_the_replay_of_the_same_head(
    house: House, store: ViewStore
) -> None:
    Runner(house.journal, store, LAW).catch_up()
    for cup in (CUP, OTHER_CUP):
        last = read_history(house.journal, f"cup/{cup}")[-1]
        day, size = legal_day(last.received_at), last.index + 1
        told = replay(house.journal, cup, LAW, as_of=day, known_at=size).state
        row = store.intervention(cup)
        assert row is not None
        assert row.state == encode(shape_of(InterventionState).told(told))
        assert json.loads(row.state)["cup"] == cup


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_crash_between_batches_repeats_nothing_and_skips_nothing(
    house: House, store: ViewStore, where: str
) -> None:
    store = Failing(store)
    runner = Runner(house.journal, store, LAW)
    size = house.journal.size
    for stop in range(4, size, 4):
        setattr(store, where, 1)
        start = runner.health.seen
        with pytest.raises(OSError, match="disco"):
            _catch_up_to(runner, stop)
        assert runner.health.seen == (stop if where == "after" else start)
        runner = Runner(house.journal, store, LAW)
        _catch_up_to(runner, stop)
    runner.catch_up()
    assert content(store) == fresh(house)


def _catch_up_to(runner: Runner, stop: int) -> None:
    """Project the leaves before `stop`, one batch, as a runner that was started earlier did."""
    start = runner.health.seen
    if start < stop:
        runner._batch(start, stop)


def test_rebuilding_gives_the_same_rows(house: House, store: ViewStore) -> None:
    runner = Runner(house.journal, store, LAW)
    runner.catch_up()
    before = content(store)
    assert runner.rebuild() == house.journal.size
    assert content(store) == before


def test_views_that_follow_step_by_step_equal_those_made_at_once(
    tmp_path: Path, store: ViewStore
) -> None:
    house = build(tmp_path, MemoryRecorder(ORIGIN))
    runner = Runner(house.journal, store, LAW)
    register(house)
    act = house.ledger.record(determina(house))
    runner.catch_up()
    assert [row.key for row in store.acts()] == [ACT]
    _correct(house, act.event_id)
    runner.catch_up()
    assert store.acts() == []
    assert content(store) == fresh(house)


def test_an_intervention_whose_registration_was_withdrawn_is_listed_no_more(
    tmp_path: Path, store: ViewStore
) -> None:
    house = build(tmp_path, MemoryRecorder(ORIGIN))
    runner = Runner(house.journal, store, LAW)
    registered = register(house)
    runner.catch_up()
    assert [row.cup for row in store.interventions()] == [CUP]
    _correct(house, registered.event_id)
    runner.catch_up()
    assert store.interventions() == []
    assert len(store.timeline(f"cup/{CUP}")) == 2


def _correct(house: House, event_id: str) -> None:
    house.write(
        "rup",
        "correct-error/1",
        {"cause": "errore materiale"},
        role="rup",
        occurred_on="2026-03-02",
        corrects=[event_id],
    )


class Overtaken(Around):
    """Views that another process brings up to date just before each batch is written."""

    other: Runner | None = None

    def apply(self, changes: Changes, tracking: Tracking) -> None:
        """Let the other go first, once."""
        other, self.other = self.other, None
        if other is not None:
            other.catch_up()
        super().apply(changes, tracking)


def test_two_processes_may_keep_the_same_views(house: House, open_store: OpenViews) -> None:
    mine, theirs = Overtaken(open_store(ORIGIN)), open_store(ORIGIN)
    mine.other = Runner(house.journal, theirs, LAW)
    assert Runner(house.journal, mine, LAW).catch_up() == house.journal.size
    assert content(mine) == fresh(house)


def test_waiting_ends_when_the_views_have_seen_the_leaf(house: House, store: ViewStore) -> None:
    runner = Runner(house.journal, store, LAW)
    assert not runner.wait(0, seconds=0.02)
    with runner:
        assert runner.wait(house.journal.size - 1, seconds=5)
        assert not runner.wait(house.journal.size, seconds=0.02)
        name, data, beside = phase("ESECUZIONE", "2026-03-02")
        receipt = house.write("rup", name, data, **beside)
        assert runner.wait(receipt.index, seconds=5)
    assert runner.health == runners.Health(house.journal.size, house.journal.size, None)


def test_the_thread_survives_an_error_and_tells_it(house: House, store: ViewStore) -> None:
    store = Failing(store)
    store.before = 1
    runner = Runner(house.journal, store, LAW, retry_seconds=0.2)
    with runner:
        assert error_when(runner, lambda error: error is not None) == (
            "OSError: il disco non risponde"
        )
        assert runner.health.behind == house.journal.size
        assert runner.wait(house.journal.size - 1, seconds=5)
        assert error_when(runner, lambda error: error is None) is None


def error_when(runner: Runner, is_so: Callable[[str | None], bool]) -> str | None:
    """Return the error that the runner tells as soon as it is so, or after five seconds."""
    deadline = time.monotonic() + 5
    while not is_so(runner.health.error) and time.monotonic() < deadline:
        time.sleep(0.005)
    return runner.health.error


def test_a_runner_that_was_stopped_can_still_catch_up(house: House, store: ViewStore) -> None:
    runner = Runner(house.journal, store, LAW)
    with runner:
        runner.wait(house.journal.size - 1, seconds=5)
    name, data, beside = phase("ESECUZIONE", "2026-03-02")
    house.write("rup", name, data, **beside)
    assert runner.catch_up() == house.journal.size


def test_the_day_of_the_state_is_that_of_the_last_registration(
    house: House, store: ViewStore
) -> None:
    Runner(house.journal, store, LAW).catch_up()
    row = store.intervention(CUP)
    assert row is not None
    assert json.loads(row.state)["as_of"] == date(2026, 3, 2).isoformat()
