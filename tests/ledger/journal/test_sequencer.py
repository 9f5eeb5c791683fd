"""One writer: receipts that prove, batches of accepted and refused, and every way to fail."""

from __future__ import annotations

import random
import shutil
import sqlite3
import threading
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, get_args

import pytest
from eventsourcing.persistence import OperationalError

from ledger.errors import (
    Absent,
    Busy,
    Conflict,
    Frozen,
    PistaError,
    Refused,
    StorageError,
    Unreadable,
)
from ledger.journal.anchor import AnchorState, FileAnchor, MemoryAnchor
from ledger.journal.batch import Candidate, Receipt
from ledger.journal.leaf import EventLeaf, HeadsLeaf, parse_leaf
from ledger.journal.memory import MemoryRecorder, Step
from ledger.journal.sqlite import SQLiteRecorder
from ledger.signing.envelope import StreamClaim
from tests.ledger.journal.sequencer_kit import (
    NOON,
    ORIGIN,
    REFUSE,
    Client,
    Register,
    assert_log_is_whole,
    assert_proves,
    opened,
    signed_again,
    ticking,
)
from tests.ledger.journal.stores import empty_recorder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from ledger.journal.recorder import JournalRecorder

CUP, ACT, LOG = "cup/C81C22001220006", "act/c_e506/registro-generale/2023/1234", "sys/log"


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def recorder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[JournalRecorder]:
    recorder = empty_recorder(request, tmp_path, ORIGIN)
    yield recorder
    recorder.close()


def receipts(outcomes: list[Receipt | PistaError]) -> list[Receipt]:
    assert all(isinstance(outcome, Receipt) for outcome in outcomes), outcomes
    return [outcome for outcome in outcomes if isinstance(outcome, Receipt)]


def codes(outcomes: list[Receipt | PistaError]) -> list[str]:
    return ["ok" if isinstance(one, Receipt) else one.code for one in outcomes]


def test_the_first_event_founds_the_log_and_gets_a_proof(recorder: JournalRecorder) -> None:
    anchor, judge, client = MemoryAnchor(), Register(), Client()
    sequencer = opened(recorder, anchor, judge)
    with pytest.raises(Absent, match="no-checkpoint"):
        sequencer.checkpoint()
    founding = client.make(LOG, "actor/a")
    receipt = sequencer.submit(founding)
    checkpoint = assert_proves(receipt, founding)
    assert (receipt.index, receipt.first, checkpoint.size) == (0, True, 2)
    assert receipt.checkpoint == sequencer.checkpoint()
    assert anchor.read() == AnchorState(2, checkpoint.root)
    assert (judge.kept, judge.pending, judge.sizes) == ([(founding.id, 0)], [], [2])
    assert_log_is_whole(sequencer)


def test_a_batch_accepts_and_refuses_its_members_one_by_one(recorder: JournalRecorder) -> None:
    judge, client = Register(), Client()
    sequencer = opened(recorder, judge=judge)
    good = [client.make(CUP), client.make(ACT, CUP)]
    wrong = {
        "not-today": client.look(CUP, token=REFUSE),
        "stream-moved": replace(client.look(CUP), streams=(StreamClaim(CUP, 7, None),)),
        "basis-unknown": replace(client.look(CUP), basis_size=1),
        "leaf-unreadable": replace(client.look(CUP), streams=()),
        "event-id-reused": replace(good[0], signing_input=b"header.other", raw=b"header.other.s"),
    }
    more = client.make(CUP)
    outcomes = sequencer.submit_many([*good, *wrong.values(), more])
    assert codes(outcomes) == ["ok", "ok", *wrong, "ok"]
    for candidate, outcome in zip([*good, more], (*outcomes[:2], outcomes[-1]), strict=True):
        assert isinstance(outcome, Receipt)
        assert assert_proves(outcome, candidate).size == 4
    assert [index for _, index in judge.kept] == [0, 1, 2]
    assert len(assert_log_is_whole(sequencer)) == 4


def together(name: str, *members: Candidate) -> list[Candidate]:
    return [replace(member, together=name) for member in members]


def test_events_that_are_sent_together_are_all_recorded(recorder: JournalRecorder) -> None:
    judge, client = Register(), Client()
    sequencer = opened(recorder, judge=judge)
    whole = together("annulment", client.make(ACT, CUP), client.make(ACT), client.make(ACT, LOG))
    outcomes = receipts(sequencer.submit_many(whole))
    assert [one.index for one in outcomes] == [0, 1, 2]
    assert {assert_proves(r, c).size for r, c in zip(outcomes, whole, strict=True)} == {4}
    again = receipts(sequencer.submit_many(whole))
    assert [(one.index, one.first) for one in again] == [(0, False), (1, False), (2, False)]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_of_what_is_sent_together_nothing_is_recorded_when_one_is_refused(
    recorder: JournalRecorder, place: int
) -> None:
    judge, client, other = Register(), Client(), Client("other")
    sequencer = opened(recorder, judge=judge)
    members = [client.make(ACT, CUP), client.make(ACT), client.make(ACT, LOG)]
    members[place] = replace(members[place], token=REFUSE)
    alone = [other.make("actor/a"), other.make("actor/a")]
    outcomes = sequencer.submit_many([alone[0], *together("annulment", *members), alone[1]])
    assert codes(outcomes)[0] == codes(outcomes)[-1] == "ok"
    assert "ok" not in codes(outcomes)[1:-1]
    assert "not-today" in codes(outcomes)
    assert [one for one, _ in judge.kept] == [one.id for one in alone]
    assert judge.pending == []
    assert len(assert_log_is_whole(sequencer)) == 3
    members[place] = replace(members[place], token=None)
    client.learn(sequencer)
    last = receipts(sequencer.submit_many(together("annulment", *members)))
    assert [one.index for one in last] == [3, 4, 5]


def test_what_is_sent_together_stands_and_falls_apart_from_others_of_the_batch(
    recorder: JournalRecorder,
) -> None:
    client, other = Client(), Client("other")
    sequencer = opened(recorder)
    good = together("good", client.make(CUP), client.make(CUP))
    bad = together("bad", other.make(ACT), replace(other.make(ACT), token=REFUSE))
    worse = together("worse", other.look(LOG), replace(other.look("actor/a"), token=REFUSE))
    outcomes = sequencer.submit_many([bad[0], good[0], worse[0], good[1], bad[1], worse[1]])
    assert codes(outcomes) == ["not-today", "ok", "not-today", "ok", "not-today", "not-today"]
    assert len(assert_log_is_whole(sequencer)) == 3


def test_a_batch_of_refusals_writes_nothing(recorder: JournalRecorder) -> None:
    sequencer, client = opened(recorder), Client()
    refused = sequencer.submit_many(
        [client.look(CUP, token=REFUSE), client.look(CUP, token=REFUSE)]
    )
    assert codes(refused) == ["not-today", "not-today"]
    assert sequencer.submit_many([]) == []
    assert sequencer.journal.size == 0


@pytest.mark.parametrize("later", [False, True])
def test_an_event_sent_again_gets_its_first_receipt(
    recorder: JournalRecorder,
    later: bool,  # noqa: FBT001  a case, not a switch
) -> None:
    sequencer, client = opened(recorder), Client()
    event = client.make(CUP)
    first = sequencer.submit(event)
    if later:
        receipts(sequencer.submit_many([client.make(CUP) for _ in range(9)]))
    for again in (event, signed_again(event)):
        assert sequencer.submit(again) == replace(first, first=False)
    assert sequencer.journal.size == (12 if later else 2)


def test_an_event_twice_in_one_batch_is_recorded_once(recorder: JournalRecorder) -> None:
    sequencer, event = opened(recorder), Client().make(CUP)
    first, second = receipts(sequencer.submit_many([event, signed_again(event)]))
    assert (first.first, second) == (True, replace(first, first=False))
    assert sequencer.journal.size == 2


def test_an_id_is_not_used_for_another_event(recorder: JournalRecorder) -> None:
    sequencer, client = opened(recorder), Client()
    event = client.make(CUP)
    sequencer.submit(event)
    with pytest.raises(Conflict, match="event-id-reused"):
        sequencer.submit(replace(client.make(CUP), id=event.id))


STALE_CLAIMS = {
    "a number taken": StreamClaim(CUP, 1, None),
    "a number to come": StreamClaim(CUP, 3, None),
    "a stream begun anew": StreamClaim(CUP, 0, None),
    "another envelope before": StreamClaim(CUP, 2, b"\x01" * 32),
    "no envelope before": StreamClaim(CUP, 2, None),
    "a new stream with one before": StreamClaim(ACT, 0, b"\x01" * 32),
}


@pytest.mark.parametrize("name", STALE_CLAIMS)
def test_a_stream_that_moved_is_a_conflict_with_its_current_count(
    recorder: JournalRecorder, name: str
) -> None:
    sequencer, client = opened(recorder), Client()
    receipts(sequencer.submit_many([client.make(CUP), client.make(CUP)]))
    claim = STALE_CLAIMS[name]
    with pytest.raises(Conflict) as conflict:
        sequencer.submit(replace(client.look(CUP), streams=(claim,)))
    assert conflict.value.code == "stream-moved"
    assert conflict.value.heads == {claim.name: 2 if claim.name == CUP else 0}
    assert sequencer.journal.size == 3


def test_the_basis_is_a_head_of_this_log(recorder: JournalRecorder) -> None:
    sequencer, client = opened(recorder), Client()
    receipts(sequencer.submit_many([client.make(CUP), client.make(CUP)]))
    sequencer.submit(client.make(CUP))
    journal = sequencer.journal
    for size in (0, 3, 5):
        client.basis = (size, journal.root_at(size))
        sequencer.submit(client.make(CUP))
    bad = [(1, journal.root_at(1)), (3, journal.root_at(5)), (99, bytes(32)), (0, bytes(32))]
    for basis in bad:
        client.basis = basis
        with pytest.raises(Refused, match="basis-unknown"):
            sequencer.submit(client.look(CUP))


def test_the_time_of_receipt_never_goes_back(recorder: JournalRecorder) -> None:
    readings = iter(NOON + timedelta(seconds=offset) for offset in (0, -60, 5, -1))
    anchor, client = MemoryAnchor(), Client()
    sequencer = opened(recorder, anchor, clock=lambda: next(readings))
    received = [received_at(sequencer.submit(client.make(CUP))) for _ in range(3)]
    reopened = opened(recorder, anchor, clock=lambda: next(readings))
    received.append(received_at(reopened.submit(client.make(CUP))))
    assert [(moment - NOON).seconds for moment in received] == [0, 0, 5, 5]


def received_at(receipt: Receipt) -> datetime:
    leaf = parse_leaf(receipt.leaf)
    assert isinstance(leaf, EventLeaf)
    return leaf.received_at


def test_six_hundred_events_equal_a_naive_log(recorder: JournalRecorder) -> None:
    dice, anchor, client = random.Random(1), MemoryAnchor(), Client()  # noqa: S311  reproducible
    sequencer = opened(recorder, anchor)
    streams = [CUP, ACT, LOG, *(f"act/c_e506/r/2024/{n}" for n in range(40))]
    made = 0
    while made < 600:
        batch = [
            client.make(*dice.sample(streams, dice.randint(1, 3)))
            for _ in range(dice.randint(1, 30))
        ]
        made += len(batch)
        outcomes = receipts(sequencer.submit_many(batch))
        for pair in dice.sample(list(zip(outcomes, batch, strict=True)), 1):
            assert_proves(*pair)
        if dice.random() < 0.2:
            sequencer = opened(recorder, anchor)
    leaves = assert_log_is_whole(sequencer)
    assert recorder.read_tile(0, 1) is not None
    assert recorder.read_tile(0, len(leaves) // 256) is None


def test_two_sequencers_on_one_file_make_one_log(tmp_path: Path) -> None:
    path, anchor_path = tmp_path / "ledger.db", tmp_path / "anchor"
    SQLiteRecorder(path, ORIGIN, create=True).close()
    done: dict[str, list[tuple[Receipt, Candidate]]] = {"x": [], "y": []}

    def write(name: str) -> None:
        recorder = SQLiteRecorder(path, ORIGIN)
        sequencer, client = opened(recorder, FileAnchor(anchor_path)), Client(name)
        for number in range(12):
            batch = [client.make(f"cup/{name}"), client.make(f"act/{name}/{number}")]
            done[name] += zip(receipts(sequencer.submit_many(batch)), batch, strict=True)
        recorder.close()

    threads = [threading.Thread(target=write, args=(name,)) for name in done]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(each) for each in done.values()] == [24, 24]
    for pair in (*done["x"], *done["y"]):
        assert_proves(*pair)
    recorder = SQLiteRecorder(path, ORIGIN)
    sequencer = opened(recorder, FileAnchor(anchor_path))
    leaves = assert_log_is_whole(sequencer)
    assert sum(isinstance(parse_leaf(leaf), EventLeaf) for leaf in leaves) == 48
    recorder.close()


def test_what_another_writer_recorded_is_taken_over(recorder: JournalRecorder) -> None:
    anchor, client, judge = MemoryAnchor(), Client(), Register()
    one, other = opened(recorder, anchor, judge), opened(recorder, anchor)
    events = [client.make(CUP) for _ in range(4)]
    one.submit(events[0])
    other.submit(events[1])
    receipt = one.submit(events[2])
    assert assert_proves(receipt, events[2]).size == 6
    assert one.submit(events[1]).first is False
    assert (judge.kept, judge.sizes) == ([(events[0].id, 0), (events[2].id, 4)], [2, 4, 6])
    assert_proves(other.submit(events[3]), events[3])
    assert_log_is_whole(other)


def test_those_who_wait_are_committed_together() -> None:
    client, judge = Client(), GatedRegister()
    sequencer = opened(MemoryRecorder(ORIGIN), judge=judge)
    events = [client.make(f"cup/{number}") for number in range(6)]
    found: list[tuple[Receipt, Candidate]] = []
    threads = [
        threading.Thread(target=lambda e=event: found.append((sequencer.submit(e), e)))
        for event in events
    ]
    threads[0].start()
    assert judge.reached.wait(5)
    for thread in threads[1:]:
        thread.start()
    deadline = time.monotonic() + 5
    while len(sequencer._waiting) < 5 and time.monotonic() < deadline:
        time.sleep(0.001)
    judge.gate.set()
    for thread in threads:
        thread.join()
    assert sorted(assert_proves(*pair).size for pair in found) == [2, 8, 8, 8, 8, 8]
    leaves = assert_log_is_whole(sequencer)
    assert [isinstance(parse_leaf(leaf), HeadsLeaf) for leaf in leaves].count(True) == 2


class GatedRegister(Register):
    """A judge that holds its first candidate until the gate opens."""

    def __init__(self) -> None:
        """Begin with the gate closed."""
        super().__init__()
        self.reached = threading.Event()
        self.gate = threading.Event()

    def judge(self, candidate: Candidate, index: int, received_at: datetime) -> None:
        """Wait at the gate."""
        self.reached.set()
        self.gate.wait(5)
        super().judge(candidate, index, received_at)


@pytest.mark.parametrize("step", get_args(Step))
@pytest.mark.parametrize("times", [1, 2])
def test_a_failure_of_the_store_is_retried_and_nothing_is_there_twice(
    step: Step, times: int
) -> None:
    recorder, judge, client = MemoryRecorder(ORIGIN), Register(), Client()
    sequencer = opened(recorder, judge=judge)
    sequencer.submit(client.make(CUP))
    for _ in range(times if step != "after-commit" else 1):
        recorder.fail_next(step, OperationalError("on demand"))
    batch = [client.make(CUP), client.make(CUP, ACT)]
    for pair in zip(receipts(sequencer.submit_many(batch)), batch, strict=True):
        assert_proves(*pair)
    assert len(assert_log_is_whole(sequencer)) == 5
    assert [index for _, index in judge.kept] == [0, 2, 3]


@pytest.mark.parametrize("step", ["before-write", "after-write-before-commit"])
def test_a_store_that_keeps_failing_is_reported_and_gone_on_with(step: Step) -> None:
    recorder, anchor, judge, client = MemoryRecorder(ORIGIN), MemoryAnchor(), Register(), Client()
    sequencer = opened(recorder, anchor, judge)
    sequencer.submit(client.make(CUP))
    before = sequencer.checkpoint()
    for _ in range(3):
        recorder.fail_next(step, OperationalError("on demand"))
    event = client.make(CUP)
    with pytest.raises(StorageError) as failed:
        sequencer.submit(event)
    assert failed.value.code == "store-failed"
    assert (sequencer.checkpoint(), judge.pending) == (before, [])
    for resumed in (sequencer, opened(recorder, anchor)):
        assert_proves(resumed.submit(event), event)
    assert len(assert_log_is_whole(sequencer)) == 4


def test_a_lost_race_after_a_doubt_is_judged_again() -> None:
    recorder, anchor, client = MemoryRecorder(ORIGIN), MemoryAnchor(), Client()
    one = opened(recorder, anchor)
    rival = client.make(ACT)
    event = client.make(CUP)
    judge = RivalRegister(lambda: opened(recorder, anchor).submit(rival))
    two = opened(recorder, anchor, judge)
    recorder.fail_next("before-write", OperationalError("the rival feels it"))
    assert_proves(two.submit(event), event)
    assert judge.kept == [(event.id, 2)]
    assert judge.judged == 2
    assert one.submit(rival).index == 0
    assert len(assert_log_is_whole(one)) == 4


class RivalRegister(Register):
    """A judge during whose first judgement something else happens."""

    def __init__(self, rival: object) -> None:
        """Take what is to happen."""
        super().__init__()
        self.rival = rival
        self.judged = 0

    def judge(self, candidate: Candidate, index: int, received_at: datetime) -> None:
        """Let it happen once."""
        super().judge(candidate, index, received_at)
        self.judged += 1
        if self.judged == 1:
            self.rival()  # type: ignore[operator]  # a function


def test_a_writer_that_never_wins_the_race_is_told_that_the_ledger_is_busy() -> None:
    recorder, anchor, rivals = MemoryRecorder(ORIGIN), MemoryAnchor(), Client("r")
    other = opened(recorder, anchor)
    judge = EndlessRivalRegister(lambda: other.submit(rivals.make("sys/rival")))
    sequencer = opened(recorder, anchor, judge)
    with pytest.raises(Busy) as busy:
        sequencer.submit(Client().make(CUP))
    assert busy.value.code == "ledger-busy"
    assert (judge.kept, judge.pending) == ([], [])
    assert other.journal.find("e-0") is None


class EndlessRivalRegister(RivalRegister):
    """A judge during whose every judgement something else happens."""

    def judge(self, candidate: Candidate, index: int, received_at: datetime) -> None:
        """Let it happen."""
        self.judged = 0
        super().judge(candidate, index, received_at)


def test_a_store_held_by_another_process_is_busy(tmp_path: Path) -> None:
    path, client = tmp_path / "ledger.db", Client()
    recorder = SQLiteRecorder(path, ORIGIN, create=True, busy_seconds=0.05)
    sequencer = opened(recorder)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    event = client.make(CUP)
    with pytest.raises(Busy, match="ledger-busy"):
        sequencer.submit(event)
    other.execute("ROLLBACK")
    other.close()
    assert_proves(sequencer.submit(event), event)
    recorder.close()


class FailingAnchor(MemoryAnchor):
    """An anchor whose disk fails while it is told to."""

    def __init__(self) -> None:
        """Begin whole."""
        super().__init__()
        self.is_broken = False

    def advance(self, size: int, root: bytes, *, seen: AnchorState | None) -> None:
        """Move, or fail."""
        if self.is_broken:
            raise StorageError("anchor-failed", "The disk of the anchor is gone.")
        super().advance(size, root, seen=seen)


@pytest.mark.parametrize("restart", [False, True])
def test_nothing_is_signed_before_the_anchor_stands(
    recorder: JournalRecorder,
    restart: bool,  # noqa: FBT001  a case, not a switch
) -> None:
    anchor, client = FailingAnchor(), Client()
    sequencer = opened(recorder, anchor)
    sequencer.submit(client.make(CUP))
    before = sequencer.checkpoint()
    anchor.is_broken = True
    event = client.make(CUP)
    with pytest.raises(StorageError, match="anchor-failed"):
        sequencer.submit(event)
    assert sequencer.checkpoint() == before
    anchor.is_broken = False
    resumed = opened(recorder, anchor) if restart else sequencer
    receipt = resumed.submit(event)
    assert assert_proves(receipt, event).size == 4
    assert (receipt.index, receipt.first) == (2, False)
    assert len(assert_log_is_whole(resumed)) == 4


def test_an_old_backup_is_noticed_at_the_start(tmp_path: Path) -> None:
    path, backup, anchor = tmp_path / "ledger.db", tmp_path / "backup.db", MemoryAnchor()
    client = Client()
    for _ in range(2):
        recorder = SQLiteRecorder(path, ORIGIN, create=True)
        opened(recorder, anchor).submit(client.make(CUP))
        recorder.close()
        if not backup.exists():
            shutil.copy(path, backup)
    recorder = SQLiteRecorder(backup, ORIGIN)
    with pytest.raises(Frozen, match="più corto di quanto già testimoniato: non scrivo"):
        opened(recorder, anchor)
    with pytest.raises(Frozen) as frozen:
        opened(recorder, MemoryAnchor())
    assert frozen.value.code == "anchor-absent"
    assert recorder.head().position == 2
    recorder.close()


def test_of_two_servers_with_two_stores_and_one_anchor_one_freezes() -> None:
    anchor = MemoryAnchor()
    one = opened(MemoryRecorder(ORIGIN), anchor)
    other = opened(MemoryRecorder(ORIGIN), anchor)
    one.submit(Client("one").make(CUP))
    stood_at = anchor.read()
    for _ in range(2):
        with pytest.raises(Frozen) as frozen:
            other.submit(Client("other").make(CUP))
        assert frozen.value.code == "store-forked"
    with pytest.raises(Absent):
        other.checkpoint()
    assert anchor.read() == stood_at
    assert other.journal.size == 2


DAMAGES = {
    "another envelope": """CREATE TRIGGER flip AFTER INSERT ON event WHEN NEW.key IS NOT NULL BEGIN
        UPDATE event SET data = CAST(substr(data, 1, length(data) - 1) || x'00' AS BLOB)
        WHERE rowid = NEW.rowid; END""",
    "another leaf": """CREATE TRIGGER flip AFTER INSERT ON event WHEN NEW.key IS NOT NULL BEGIN
        UPDATE event SET data = CAST(substr(data, 1, 30) || x'00' || substr(data, 32) AS BLOB)
        WHERE rowid = NEW.rowid; END""",
    "another tile": """CREATE TRIGGER flip AFTER INSERT ON tile BEGIN
        UPDATE tile SET hashes = CAST(substr(hashes, 1, 8191) || x'00' AS BLOB)
        WHERE level = NEW.level AND number = NEW.number; END""",
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_bit_that_flips_on_the_way_to_the_store_freezes_the_log(
    tmp_path: Path, name: str
) -> None:
    path, client = tmp_path / "ledger.db", Client()
    recorder = SQLiteRecorder(path, ORIGIN, create=True)
    anchor = MemoryAnchor()
    sequencer = opened(recorder, anchor)
    sequencer.submit(client.make(CUP))
    before = sequencer.checkpoint()
    execute(path, DAMAGES[name])
    with pytest.raises(Frozen) as frozen:
        sequencer.submit_many([client.make(CUP) for _ in range(255)])
    assert frozen.value.code == "stored-differs"
    execute(path, "DROP TRIGGER flip")
    with pytest.raises(Frozen):
        sequencer.submit(client.make(CUP))
    assert sequencer.checkpoint() == before
    state = anchor.read()
    assert state is not None
    assert state.size == 2
    recorder.close()


def test_a_log_whose_last_heads_leaf_is_wrong_is_not_opened(tmp_path: Path) -> None:
    path, anchor, client = tmp_path / "ledger.db", MemoryAnchor(), Client()
    recorder = SQLiteRecorder(path, ORIGIN, create=True)
    sequencer = opened(recorder, anchor)
    receipts(sequencer.submit_many([client.make(CUP), client.make(ACT)]))
    damages = {
        "heads-differ": "UPDATE stream SET count = 9 WHERE ordinal = 0",
        "log-not-closed": "UPDATE ledger_head SET position = 2",
    }
    for code, damage in damages.items():
        execute(path, damage)
        with pytest.raises(Frozen) as frozen:
            opened(recorder, anchor)
        assert frozen.value.code == code
    recorder.close()


def test_a_store_that_shrinks_under_the_writer_freezes_it(tmp_path: Path) -> None:
    path, client = tmp_path / "ledger.db", Client()
    recorder = SQLiteRecorder(path, ORIGIN, create=True)
    sequencer = opened(recorder)
    sequencer.submit(client.make(CUP))
    execute(path, "UPDATE ledger_head SET position = 0")
    with pytest.raises(Frozen, match="store-shorter"):
        sequencer.submit(client.make(CUP))
    recorder.close()


def test_a_judge_that_breaks_breaks_the_call_and_not_the_log(recorder: JournalRecorder) -> None:
    client, judge = Client(), RivalRegister(lambda: 1 // 0)
    sequencer = opened(recorder, judge=judge)
    event = client.make(CUP)
    with pytest.raises(ZeroDivisionError):
        sequencer.submit(event)
    assert judge.pending == []
    assert_proves(sequencer.submit(event), event)


def test_streams_out_of_order_are_refused_before_they_are_judged(
    recorder: JournalRecorder,
) -> None:
    sequencer, client = opened(recorder), Client()
    event = client.look(CUP, ACT)
    with pytest.raises(Unreadable):
        sequencer.submit(replace(event, streams=event.streams[::-1]))
    assert sequencer.journal.size == 0


def execute(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(statement)
    connection.close()


FOREIGN_DAMAGES = {
    "stored-differs": """UPDATE event SET data = CAST(substr(data, 1, length(data) - 1) || x'00'
        AS BLOB) WHERE position = 3""",
    "heads-differ": """UPDATE event SET data = (SELECT data FROM event WHERE position = 2)
        WHERE position = 4""",
}


@pytest.mark.parametrize("code", FOREIGN_DAMAGES)
def test_what_another_writer_recorded_is_checked_before_it_is_taken_over(
    tmp_path: Path, code: str
) -> None:
    path, anchor, client = tmp_path / "ledger.db", MemoryAnchor(), Client()
    recorder = SQLiteRecorder(path, ORIGIN, create=True)
    one = opened(recorder, anchor)
    one.submit(client.make(CUP))
    before = one.checkpoint()
    opened(recorder, anchor).submit(client.make(CUP))
    execute(path, FOREIGN_DAMAGES[code])
    with pytest.raises(Frozen) as frozen:
        one.submit(client.make(CUP))
    assert frozen.value.code == code
    assert (one.checkpoint(), recorder.head().position) == (before, 4)
    recorder.close()


def test_another_writer_waits_until_the_turn_is_over(recorder: JournalRecorder) -> None:
    anchor, event, tick = MemoryAnchor(), Client().make(CUP), ticking()
    found: list[Receipt] = []
    other = opened(recorder, anchor)
    rival = threading.Thread(target=lambda: found.append(other.submit(event)))

    def clock() -> datetime:
        rival.start()
        rival.join(0.1)
        assert found == []
        return tick()

    sequencer = opened(recorder, anchor, clock=clock)
    receipt = sequencer.submit(event)
    rival.join(5)
    assert [(one.index, one.first) for one in (receipt, *found)] == [(0, True), (0, False)]
    assert sequencer.checkpoint() == receipt.checkpoint == other.checkpoint()
    assert_log_is_whole(sequencer)
