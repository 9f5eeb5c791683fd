"""What every store of the journal promises; test_recorders.py runs it on each of them.

A store is added by a class that derives from `RecorderSuite` and makes fresh, empty recorders.
The DCB semantics are judged by the suite of the eventsourcing library and by its own recorder in
memory as oracle for queries; what is ours (no gaps, contiguous streams, keys, tiles) by the tests
here.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import pytest
from eventsourcing.dcb.api import (
    DCBAppendCondition,
    DCBEvent,
    DCBQuery,
    DCBQueryItem,
    DCBRecorder,
    DCBSequencedEvent,
)
from eventsourcing.dcb.popo import InMemoryDCBRecorder
from eventsourcing.dcb.tests import DCBRecorderTestCase
from eventsourcing.persistence import IntegrityError, ProgrammingError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.journal.store import TILE_BYTES, BusyError, Head, KeyedEvent, StreamHead, Tile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ledger.journal.recorder import JournalRecorder

ORIGIN = "pnrr.comune.lecce.it/c_e506"
BAD_APPENDS: dict[str, tuple[list[DCBEvent], list[Tile]]] = {
    "no rows": ([], []),
    "a stream named twice": ([DCBEvent("t", b"", ["a", "a"])], []),
    "a tile one byte short": ([DCBEvent("t", b"")], [Tile(0, 0, bytes(TILE_BYTES - 1))]),
}

names = st.sampled_from(["t1", "t2", "t3"])
tags = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=3, unique=True)
rows = st.lists(st.builds(DCBEvent, type=names, data=st.binary(max_size=4), tags=tags), min_size=1)
queries = st.builds(
    DCBQuery,
    items=st.lists(
        st.builds(DCBQueryItem, types=st.lists(names, max_size=2), tags=tags), max_size=3
    ),
)
positions = st.none() | st.integers(0, 12)


def plain(row: DCBSequencedEvent) -> tuple[int, str, bytes, list[str]]:
    """Return what two recorders must agree on, whatever their event class."""
    return row.position, row.event.type, row.event.data, row.event.tags


def keyed(key: str | None, *streams: str, data: bytes = b"data") -> KeyedEvent:
    return KeyedEvent("type/1", data, list(streams), key)


def append_with_retry(recorder: JournalRecorder, events: Sequence[DCBEvent]) -> int:
    """Append after the head that was seen, again when another writer was faster."""
    for _ in range(1000):
        condition = DCBAppendCondition(DCBQuery(), after=recorder.head().position)
        try:
            return recorder.append(events, condition)
        except (IntegrityError, BusyError):
            continue
    raise AssertionError("no turn in a thousand tries")


def assert_history_is_whole(recorder: JournalRecorder, count: int) -> None:
    """Positions without gaps, and every stream contiguous, as counted from the rows alone."""
    found = list(recorder.read())
    assert [row.position for row in found] == list(range(1, count + 1))
    places: dict[str, list[int]] = {}
    for row in found:
        for name in row.event.tags:
            places.setdefault(name, []).append(row.position)
    expected = [
        StreamHead(name, ordinal, len(places[name]), places[name][-1])
        for ordinal, name in enumerate(places)
    ]
    assert recorder.streams(limit=count) == expected
    assert recorder.head() == Head(count, len(places))
    for name, positions_of in places.items():
        assert recorder.stream_positions(name) == positions_of
        assert recorder.stream(name) == expected[list(places).index(name)]


class RecorderSuite(ABC):
    """The tests; `empty` makes a recorder without rows, `recorder` is one of them."""

    @abstractmethod
    def empty(self, folder: Path) -> JournalRecorder:
        """Return a recorder of its own of a ledger without rows."""

    @pytest.fixture
    def recorder(self, tmp_path: Path) -> Iterator[JournalRecorder]:
        recorder = self.empty(tmp_path)
        yield recorder
        recorder.close()

    def test_the_library_finds_that_it_appends_and_reads(self, recorder: JournalRecorder) -> None:
        DCBRecorderTestCase()._test_append_read(recorder)

    def test_the_library_finds_that_it_can_be_followed(self, recorder: JournalRecorder) -> None:
        DCBRecorderTestCase()._test_append_subscribe(recorder)

    def test_queries_answer_as_the_oracle_does(
        self, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
        @given(rows, st.lists(st.tuples(queries, positions, positions), min_size=1, max_size=6))
        def compare(events: list[DCBEvent], asked: list[Any]) -> None:
            oracle = InMemoryDCBRecorder()
            recorder = self.empty(tmp_path_factory.mktemp("oracle"))
            assert recorder.append(events) == oracle.append(events)
            for query, after, limit in asked:
                ours = recorder.read(query, after=after, limit=limit)
                theirs = oracle.read(query, after=after, limit=limit)
                assert list(map(plain, ours)) == list(map(plain, theirs))
                assert ours.head == theirs.head
                condition = DCBAppendCondition(query, after)
                assert accepts(recorder, condition) == accepts(oracle, condition)
            recorder.close()

        compare()

    def test_positions_have_no_gaps_and_streams_count_from_zero(
        self, recorder: JournalRecorder
    ) -> None:
        recorder.append([keyed(None, "b", "a"), keyed(None)])
        recorder.append([keyed(None, "a"), keyed(None, "c", "b")])
        with pytest.raises(IntegrityError):
            recorder.append([keyed(None, "d")], DCBAppendCondition(after=3))
        recorder.append([keyed(None, "c", "a")])
        assert_history_is_whole(recorder, 5)
        assert [stream.name for stream in recorder.streams()] == ["b", "a", "c"]
        assert [stream.name for stream in recorder.streams(0, 1)] == ["a"]

    def test_the_history_of_a_stream_can_be_cut_at_a_position(
        self, recorder: JournalRecorder
    ) -> None:
        recorder.append([keyed(None, "a"), keyed(None), keyed(None, "a"), keyed(None, "a")])
        assert recorder.stream_positions("a", 3) == [1, 3]
        assert recorder.stream_positions("a", 0) == []
        assert recorder.stream_positions("nothing") == []
        assert recorder.stream("nothing") is None

    def test_long_histories_are_read_over_several_pages(self, recorder: JournalRecorder) -> None:
        recorder.append([keyed(None, "all", f"odd-{n % 2}") for n in range(1203)])
        assert [row.position for row in recorder.read()] == list(range(1, 1204))
        odd = DCBQuery([DCBQueryItem(tags=["all", "odd-1"])])
        assert [row.position for row in recorder.read(odd, after=3)] == list(range(4, 1204, 2))

    def test_a_read_shows_the_rows_of_the_moment_it_was_asked(
        self, recorder: JournalRecorder
    ) -> None:
        recorder.append([keyed(None, "a")])
        response = recorder.read(DCBQuery([DCBQueryItem(tags=["a"])]))
        recorder.append([keyed(None, "a")])
        assert [row.position for row in response] == [1]
        assert response.head == 1

    def test_a_key_is_found_and_taken_once(self, recorder: JournalRecorder) -> None:
        recorder.append([keyed(None, "a"), keyed("k1", "a"), keyed(None)])
        for repeated in ([keyed("k1", "a")], [keyed("k2", "b"), keyed("k2", "b")]):
            with pytest.raises(IntegrityError):
                recorder.append(repeated)
        assert recorder.find("k1") == 2
        assert recorder.find("k2") is None
        assert_history_is_whole(recorder, 3)

    def test_many_streams_and_keys_are_asked_for_together(self, recorder: JournalRecorder) -> None:
        recorder.append([keyed("k1", "actor/b", "cup/1"), keyed("k'2", "actor/a", "actors")])
        heads = recorder.stream_heads(["actor/a", "cup/1", "cup/2"])
        assert sorted(heads, key=lambda head: head.name) == [
            StreamHead("actor/a", 2, 1, 2),
            StreamHead("cup/1", 1, 1, 1),
        ]
        assert recorder.stream_heads([]) == []
        assert recorder.positions_of(["k1", "k'2", "k3"]) == {"k1": 1, "k'2": 2}
        assert recorder.positions_of([]) == {}
        assert recorder.stream_names("actor/") == ["actor/b", "actor/a"]
        assert recorder.stream_names("sys/") == []

    def test_a_turn_keeps_other_writers_waiting(self, recorder: JournalRecorder) -> None:
        done = threading.Event()

        def write() -> None:
            append_with_retry(recorder, [keyed("other", "a")])
            done.set()

        other = threading.Thread(target=write)
        with recorder.turn() as turn:
            other.start()
            assert not done.wait(0.1)
            assert turn.head == Head(0, 0)
            assert turn.append([keyed("mine", "a")]) == 1
        other.join(5)
        assert (recorder.find("mine"), recorder.find("other")) == (1, 2)

    def test_a_turn_that_ends_with_an_error_leaves_nothing(self, recorder: JournalRecorder) -> None:
        with pytest.raises(ZeroDivisionError), recorder.turn() as turn:  # noqa: PT012
            turn.append([keyed("k1", "a")])
            raise ZeroDivisionError
        assert recorder.head() == Head(0, 0)
        with recorder.turn():
            pass
        assert recorder.append([keyed("k1", "a")]) == 1

    def test_ends_that_are_given_are_where_the_streams_end(self, recorder: JournalRecorder) -> None:
        recorder.append([keyed(None), keyed("k1", "a", "b")])
        with recorder.turn() as turn:
            turn.append([keyed("k2", "a", "c")], ends={"a": StreamHead("a", 0, 1, 2)})
        assert_history_is_whole(recorder, 3)
        wrong = {
            "a place that is taken": StreamHead("a", 0, 1, 2),
            "the end of another stream": StreamHead("a", 1, 2, 2),
            "a stream that is said to be new": None,
        }
        for name, end in wrong.items():
            given = {} if end is None else {"a": end}
            with pytest.raises(IntegrityError), recorder.turn() as turn:
                turn.append([keyed(name, "a")], ends=given)
        assert_history_is_whole(recorder, 3)

    def test_a_turn_appends_once(self, recorder: JournalRecorder) -> None:
        with pytest.raises(ProgrammingError), recorder.turn() as turn:  # noqa: PT012
            turn.append([keyed("k1", "a")])
            turn.append([keyed("k2", "a")])
        assert recorder.head() == Head(0, 0)

    def test_rows_come_back_with_key_and_streams_in_order(self, recorder: JournalRecorder) -> None:
        events = [keyed("k1", "b", "a", data=b"\x00\xff"), keyed(None), keyed("k2", "a")]
        recorder.append(events)
        assert [row.event for row in recorder.rows(0, 10)] == events
        assert [row.event for row in recorder.rows(1, 1)] == events[1:2]
        assert [row.position for row in recorder.rows_at([3, 9, 1])] == [1, 3]

    def test_only_appends_after_the_head_pass_the_condition_of_the_sequencer(
        self, recorder: JournalRecorder
    ) -> None:
        recorder.append([keyed(None)], DCBAppendCondition(DCBQuery(), after=0))
        with pytest.raises(IntegrityError):
            recorder.append([keyed(None)], DCBAppendCondition(DCBQuery(), after=0))
        assert recorder.append([keyed(None)], DCBAppendCondition(DCBQuery(), after=1)) == 2

    def test_full_tiles_are_stored_with_the_rows(self, recorder: JournalRecorder) -> None:
        hashes = bytes(range(256)) * 32
        recorder.append([keyed(None)], tiles=[Tile(0, 7, hashes), Tile(1, 0, hashes[::-1])])
        assert recorder.read_tile(0, 7) == hashes
        assert recorder.read_tile(1, 0) == hashes[::-1]
        assert recorder.read_tile(0, 0) is None
        with pytest.raises(IntegrityError):
            recorder.append([keyed(None)], tiles=[Tile(0, 7, hashes)])
        assert recorder.head().position == 1

    @pytest.mark.parametrize("name", BAD_APPENDS)
    def test_an_append_out_of_form_is_refused(self, recorder: JournalRecorder, name: str) -> None:
        events, tiles = BAD_APPENDS[name]
        with pytest.raises(ProgrammingError):
            recorder.append(events, tiles=tiles)
        assert recorder.head() == Head(0, 0)

    def test_two_threads_append_without_gap_or_loss(self, recorder: JournalRecorder) -> None:
        def write(name: str) -> None:
            for number in range(20):
                append_with_retry(recorder, [keyed(f"{name}-{number}", "s", name)])

        threads = [threading.Thread(target=write, args=(name,)) for name in ("x", "y")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert_history_is_whole(recorder, 40)
        found = {recorder.find(f"{name}-{n}") for name in ("x", "y") for n in range(20)}
        assert found == set(range(1, 41))

    def test_a_subscription_sees_every_row_once_while_others_write(
        self, recorder: JournalRecorder
    ) -> None:
        seen: list[int] = []
        with recorder.subscribe(poll_seconds=0.01) as subscription:
            reader = threading.Thread(target=lambda: seen.extend(take(subscription, 30)))
            reader.start()
            for _ in range(15):
                recorder.append([keyed(None), keyed(None, "a")])
            reader.join(timeout=10)
        assert seen == list(range(1, 31))

    def test_stopping_a_subscription_ends_the_wait_of_another_thread(
        self, recorder: JournalRecorder
    ) -> None:
        before = threading.active_count()
        with recorder.subscribe(poll_seconds=60) as subscription:
            reader = threading.Thread(target=lambda: list(subscription))
            reader.start()
        reader.join(timeout=5)
        assert not reader.is_alive()
        assert threading.active_count() == before

    def test_a_filtered_subscription_skips_what_does_not_match(
        self, recorder: JournalRecorder
    ) -> None:
        recorder.append([keyed(None, "a"), keyed(None, "b"), keyed(None, "a")])
        query = DCBQuery([DCBQueryItem(tags=["a"])])
        with recorder.subscribe(query, after=1, poll_seconds=0.01) as subscription:
            assert next(subscription).position == 3
            recorder.append([keyed(None, "b"), keyed(None, "a")])
            assert next(subscription).position == 5


def take(subscription: Iterator[DCBSequencedEvent], count: int) -> list[int]:
    return [next(subscription).position for _ in range(count)]


def accepts(recorder: DCBRecorder, condition: DCBAppendCondition) -> bool:
    try:
        recorder.append([DCBEvent("t1", b"", ["a"])], condition)
    except IntegrityError:
        return False
    return True
