"""Connections that break: around COMMIT, in the midst of a turn, with the server; one row an event."""

from __future__ import annotations

import signal
import threading
import time
from typing import TYPE_CHECKING, get_args

import pytest
from eventsourcing.persistence import PersistenceError
from typing_extensions import override

from ledger.errors import StorageError
from ledger.journal.anchor import MemoryAnchor
from ledger.journal.postgres import PostgresRecorder
from tests.ledger.journal.cutting_proxy import CuttingProxy, Moment
from tests.ledger.journal.recorder_suite import assert_history_is_whole, keyed
from tests.ledger.journal.sequencer_kit import (
    ORIGIN,
    Client,
    Register,
    assert_log_is_whole,
    assert_proves,
    opened,
)
from tests.postgres import OwnServer, PostgresServer, started_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ledger.journal.batch import Candidate, Receipt
    from ledger.journal.sequencer import Sequencer

BOUND_SECONDS = 20.0  # within which a caller must have its answer, whatever happened
NAME = "pista-under-fire"


@pytest.fixture(scope="module")
def own_server() -> Iterator[OwnServer]:
    """A server of this module, which may be stopped and whose connections may be ended."""
    with started_server() as server:
        yield server


def end_connections(server: PostgresServer) -> int:
    """End every connection of the program under test; return how many there were."""
    return len(
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"  # noqa: S608  a name of ours
            f" WHERE application_name = '{NAME}'"
        )
    )


def recorder_of(url: str, *, busy_seconds: float = 5.0) -> PostgresRecorder:
    named = f"{url}&application_name={NAME}"
    return PostgresRecorder(named, ORIGIN, create=True, busy_seconds=busy_seconds)


def submit_until_told(sequencer: Sequencer, candidate: Candidate) -> Receipt:
    """Send the same bytes until there is a receipt, as a client does."""
    for _ in range(50):
        try:
            return sequencer.submit(candidate)
        except StorageError:
            time.sleep(0.01)
    raise AssertionError("no receipt after fifty tries")


def rows_with(server: PostgresServer, url: str, event_id: str) -> int:
    schema = url.rpartition("search_path%3D")[2]
    asked = f"SELECT count(*) FROM {schema}.event WHERE key = '{event_id}'"  # noqa: S608  ours
    ((count,),) = server.execute(asked)
    assert isinstance(count, int)
    return count


@pytest.mark.parametrize("moment", get_args(Moment))
def test_an_event_whose_connection_was_cut_is_recorded_once(
    own_server: OwnServer, moment: Moment
) -> None:
    schema = own_server.new_schema()
    with CuttingProxy(own_server.socket) as proxy:
        recorder = recorder_of(proxy.url(schema))
        sequencer, client = opened(recorder), Client()
        first = client.make("cup/a", "actor/x")
        assert_proves(sequencer.submit(first), first)
        proxy.cut_at(moment)
        second = client.make("cup/a", "actor/x")
        start = time.monotonic()
        receipt = submit_until_told(sequencer, second)
        assert time.monotonic() - start < BOUND_SECONDS
        assert proxy.cuts == 1
        assert_proves(receipt, second)
        again = sequencer.submit(second)
        assert (again.index, again.leaf) == (receipt.index, receipt.leaf)
        assert rows_with(own_server, schema, second.id) == 1
        assert_proves(sequencer.submit(third := client.make("cup/a")), third)
        assert_log_is_whole(sequencer)
        recorder.close()


@pytest.mark.parametrize("moment", get_args(Moment))
def test_another_program_that_sends_it_again_finds_it_or_records_it(
    own_server: OwnServer, moment: Moment
) -> None:
    schema, anchor = own_server.new_schema(), MemoryAnchor()
    with CuttingProxy(own_server.socket) as proxy:
        broken = PostgresRecorder(proxy.url(schema), ORIGIN, create=True)
        event = Client().make("cup/a")
        proxy.cut_at(moment)
        with pytest.raises(PersistenceError):
            broken.append([keyed(None)])
        stored = moment == "before the answer to COMMIT"
        direct = PostgresRecorder(schema, ORIGIN)
        assert direct.head().position == int(stored)
        if not stored:
            sequencer = opened(direct, anchor)
            assert_proves(submit_until_told(sequencer, event), event)
            assert rows_with(own_server, schema, event.id) == 1
        broken.close()
        direct.close()


class Ending(Register):
    """A judge in the midst of whose look every connection of the program ends, a few times."""

    def __init__(self, server: PostgresServer, times: int) -> None:
        """End those of this server."""
        super().__init__()
        self.server = server
        self.times = times
        self.ended = 0

    @override
    def judge(self, candidate: Candidate, index: int, received_at: datetime) -> None:
        super().judge(candidate, index, received_at)
        if self.times:
            self.times -= 1
            self.ended += end_connections(self.server)


@pytest.mark.parametrize("times", [1, 2, 5])
def test_a_turn_whose_backend_was_ended_leaves_nothing_and_is_taken_again(
    own_server: OwnServer, times: int
) -> None:
    schema = own_server.new_schema()
    recorder = recorder_of(schema)
    judge = Ending(own_server, 0)
    sequencer, client = opened(recorder, judge=judge), Client()
    sequencer.submit(client.make("cup/a"))
    judge.times = times
    event = client.make("cup/a", "act/b")
    receipt = submit_until_told(sequencer, event)
    assert judge.ended >= times
    assert_proves(receipt, event)
    assert rows_with(own_server, schema, event.id) == 1
    assert [name for name, _ in judge.kept] == ["e-0", "e-1"]
    assert judge.pending == []
    assert_log_is_whole(sequencer)
    recorder.close()


def test_forty_events_while_backends_are_ended_are_forty_rows(own_server: OwnServer) -> None:
    schema = own_server.new_schema()
    recorder = recorder_of(schema)
    sequencer, client = opened(recorder), Client()
    done, ended = threading.Event(), [0]

    def end_now_and_then() -> None:
        while not done.wait(0.03):
            ended[0] += end_connections(own_server)

    breaker = threading.Thread(target=end_now_and_then)
    breaker.start()
    try:
        events = [client.make("cup/a", f"act/{number % 3}") for number in range(40)]
        receipts = [submit_until_told(sequencer, event) for event in events]
    finally:
        done.set()
        breaker.join(timeout=10)
    assert ended[0] > 0
    assert [receipt.event_id for receipt in receipts] == [event.id for event in events]
    assert [rows_with(own_server, schema, event.id) for event in events] == [1] * 40
    assert_log_is_whole(sequencer)
    assert_history_is_whole(recorder, recorder.head().position)
    recorder.close()


def test_a_server_that_goes_away_is_told_and_its_return_is_enough(own_server: OwnServer) -> None:
    recorder = recorder_of(own_server.new_schema(), busy_seconds=2.0)
    sequencer, client = opened(recorder), Client()
    sequencer.submit(client.make("cup/a"))
    event = client.make("cup/a")
    own_server.stop()
    try:
        start = time.monotonic()
        with pytest.raises(StorageError) as caught:
            sequencer.submit(event)
        assert time.monotonic() - start < BOUND_SECONDS
        assert caught.value.code == "store-failed"
        assert "inviare di nuovo le stesse registrazioni" in caught.value.sentence
        assert str(own_server.folder) in caught.value.sentence
    finally:
        own_server.start()
    start = time.monotonic()
    assert_proves(submit_until_told(sequencer, event), event)
    assert time.monotonic() - start < BOUND_SECONDS
    assert_log_is_whole(sequencer)
    recorder.close()


def test_what_was_acknowledged_before_a_crash_of_the_server_is_there_after_it(
    own_server: OwnServer,
) -> None:
    recorder = recorder_of(own_server.new_schema(), busy_seconds=2.0)
    sequencer, client = opened(recorder), Client()
    events = [client.make("cup/a") for _ in range(10)]
    for event in events:
        sequencer.submit(event)
    own_server.stop(signal.SIGQUIT)
    own_server.start()
    for event in events:
        assert_proves(submit_until_told(sequencer, event), event)
    assert_history_is_whole(recorder, 20)
    recorder.close()
