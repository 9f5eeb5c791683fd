"""A monitor follows honest logs without a word, and catches those that are not, with what proves it.

PISTA_EXHAUSTIVE=1 follows 1,000 honest logs.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from ledger.errors import Busy, NotVerified, StorageError
from ledger.journal.checkpoint import Checkpoint
from ledger.journal.leaf import format_leaf, parse_leaf
from ledger.journal.note import ED25519, format_vkey, verifier_key
from ledger.journal.policy import parse_policy
from ledger.transparency.disk import FileDisk
from ledger.transparency.judging import judge_misbehaviour
from ledger.transparency.misbehaviour import (
    fork_evidence,
    format_misbehaviour,
    leaf_evidence,
    parse_misbehaviour,
)
from ledger.transparency.monitor import Look, Memory, Terms, look_at
from ledger.transparency.monitor_folder import MonitorFolder
from ledger.transparency.tile_reader import open_tiles
from tests.ledger.journal.sequencer_kit import NOON, ORIGIN, SIGNER
from tests.ledger.transparency.asked_kit import NOW, cosigner, policy_text
from tests.ledger.transparency.forger import Forger
from tests.ledger.transparency.tiled_log import Files
from tests.ledger.transparency.witness_kit import Fault, WeakDisk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ledger.journal.policy import Policy

POLICY = parse_policy(policy_text())
WITNESSED = parse_policy(policy_text(1, 2))
HONEST = 1000 if os.environ.get("PISTA_EXHAUSTIVE") else 100
TERMS = Terms(datetime.fromtimestamp(NOW, UTC))


class Watch:
    """A monitor that keeps what it saw."""

    def __init__(self, folder: Path, policy: Policy = POLICY) -> None:
        """Begin without having seen anything."""
        self.folder = MonitorFolder(folder, FileDisk())
        self.policy = policy

    def look(self, place: Files, terms: Terms = TERMS) -> Look:
        """Look once and keep what is to be kept."""
        look = look_at(place, self.policy, self.folder.recall, terms)
        if look.memory is not None:
            self.folder.keep(look.memory)
        return look

    def kept(self) -> Checkpoint | None:
        """Return the head that is kept."""
        memory = self.folder.recall(ORIGIN)
        return None if memory is None else memory.head


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    return Watch(tmp_path / "monitor")


def caught(look: Look) -> tuple[str, str]:
    """Return kind and code of the one proof of a look, judged again from its bytes alone."""
    (alarm,) = [one for one in look.alarms if one.judged.is_proof]
    data = format_misbehaviour(alarm.evidence)
    evidence = parse_misbehaviour(data)
    assert evidence == alarm.evidence
    assert judge_misbehaviour(evidence) == judge_misbehaviour(evidence, POLICY) == alarm.judged
    assert look.is_proven
    assert not look.is_quiet
    assert look.state == "alarm"
    return evidence.kind, alarm.judged.code


@pytest.mark.parametrize("seed", range(HONEST))
def test_an_honest_log_is_followed_without_an_alarm(seed: int, tmp_path: Path) -> None:
    log, watch = Forger(seed), Watch(tmp_path)
    seen = 0
    for step in range(4):
        log.grow(log.random.choice((1, 3, 20, 90)))
        look = watch.look(log.place())
        assert look.is_quiet
        assert look.state == ("grown" if step else "first")
        events = [n for n in range(seen, log.size) if b"\nevent\n" in log.leaves[n]]
        assert [one.index for one in look.news] == (events if step else [])
        assert watch.look(log.place()).state == "same"
        seen = log.size
    memory = watch.folder.recall(ORIGIN)
    assert memory is not None
    assert memory.scan.rows() == list(log.rows.values())


def test_only_what_is_new_is_read(watch: Watch) -> None:
    log = Forger()
    watch.look(log.place(log.grow(700)))
    log.grow(5)
    place = log.place()
    watch.look(place)
    assert {path for path in place.asked if "entries" in path} == {
        path for path in place.files if path.startswith(f"tile/entries/00{log.size // 256}")
    }


def at_the_end(act: Callable[[Forger], object], *, is_closed: bool = True) -> Forger:
    """Return a log that was honest for a while, then did something, then goes on."""
    log = Forger()
    log.grow(30)
    act(log)
    if is_closed:
        log.close()
    return log


def omit(log: Forger) -> None:
    """Take the place after an event that is nowhere."""
    log.event("cup/C81C22001220006", seq=log.rows["cup/C81C22001220006"].count + 1)


def swap(log: Forger) -> None:
    """Let two events of a stream change places."""
    count = log.rows["sys/log"].count
    log.event("sys/log", seq=count + 1)
    log.event("sys/log", seq=count)


def hide(log: Forger) -> None:
    """Close as if the last event of a stream were not there, whose leaf is."""
    before = dict(log.rows)
    log.event("sys/log")
    log.rows = before


def change_a_value(log: Forger) -> None:
    """Close with the row of another envelope than the leaf has."""
    log.event("sys/log")
    log.rows["sys/log"] = replace(log.rows["sys/log"], last_digest=bytes(32))


LIES: dict[str, tuple[Forger, str]] = {
    "an event was left out": (at_the_end(omit), "stream-broken"),
    "a place was taken twice": (
        at_the_end(lambda log: log.event("sys/log", seq=0)),
        "stream-broken",
    ),
    "events were reordered": (at_the_end(swap), "stream-broken"),
    "an event is hidden from its row": (at_the_end(hide), "heads-leaf-differs"),
    "a value was swapped under its row": (at_the_end(change_a_value), "heads-leaf-differs"),
    "an event is back-dated": (
        at_the_end(lambda log: log.event("sys/log", at=NOON)),
        "received-at-back",
    ),
    "a heads leaf of another size": (
        at_the_end(lambda log: log.close(size=log.size - 1)),
        "heads-leaf-differs",
    ),
    "a heads leaf of another root": (
        at_the_end(lambda log: log.close(root=bytes(32))),
        "heads-leaf-differs",
    ),
    "a heads leaf of more streams": (
        at_the_end(lambda log: log.close(streams=len(log.rows) + 1)),
        "heads-leaf-differs",
    ),
    "a heads leaf of other rows": (
        at_the_end(lambda log: log.close(rows_root=bytes(32))),
        "heads-leaf-differs",
    ),
    "a leaf that is none": (
        at_the_end(lambda log: log.leaves.append(b"pista/leaf/v1\nnothing\n")),
        "leaf-not-understood",
    ),
    "a tree that nothing closes": (
        at_the_end(lambda log: log.event("sys/log"), is_closed=False),
        "scan-not-closed",
    ),
}


@pytest.mark.parametrize(("log", "code"), LIES.values(), ids=LIES.keys())
@pytest.mark.parametrize("before", [0, 20, 36])
def test_a_log_that_contradicts_itself_is_caught_with_proof(
    log: Forger, code: str, before: int, watch: Watch
) -> None:
    sizes = [n + 1 for n, leaf in enumerate(log.leaves[:34]) if b"\nheads\n" in leaf]
    if before:
        watch.look(log.place(max(size for size in sizes if size <= before)))
    kept = watch.kept()
    for _ in range(2):
        assert caught(watch.look(log.place())) == ("leaf-contradicts", code)
        assert watch.kept() == kept


SMALL = {"received-at-back", "leaf-not-understood", "scan-not-closed"}


@pytest.mark.parametrize("name", LIES)
def test_the_proof_has_no_more_leaves_than_it_needs(name: str, watch: Watch) -> None:
    log, code = LIES[name]
    (alarm,) = watch.look(log.place()).alarms
    assert (len(alarm.evidence.leaves) <= 3) == (
        code in SMALL or name in {"a heads leaf of another size", "a heads leaf of another root"}
    )


def test_two_roots_of_one_size_are_proven(watch: Watch) -> None:
    log = Forger()
    log.grow(20)
    one, other = log.copy(), log.copy()
    for each in (one, other):
        each.event("sys/log")
        each.close()
    watch.look(one.place())
    assert caught(watch.look(other.place())) == ("two-roots", "root-differs")
    assert watch.look(one.place()).is_quiet


@pytest.mark.parametrize("shared", [1, 7, 20, 64, 300])
@pytest.mark.parametrize("more", [1, 40, 300])
def test_a_rewritten_log_is_proven_from_its_tiles(shared: int, more: int, watch: Watch) -> None:
    log = Forger()
    log.grow(shared)
    one, other = log.copy(), log.copy()
    one.grow(10)
    watch.look(one.place())
    other.grow(15 + more)
    other.grow(max(0, one.size - other.size + 1))
    assert caught(watch.look(other.place())) == ("not-consistent", "log-forked")
    assert watch.kept() == Checkpoint(ORIGIN, one.size, parse_root(one))


def parse_root(log: Forger) -> bytes:
    """Return the root that a log signs."""
    look = look_at(log.place(), POLICY, lambda _origin: None, TERMS)
    assert look.head is not None
    return look.head.root


def test_a_log_that_went_back_is_told_and_is_no_proof(watch: Watch) -> None:
    log = Forger()
    small = log.grow(20)
    log.grow(20)
    watch.look(log.place())
    look = watch.look(log.place(small))
    assert [one.judged.code for one in look.alarms] == ["log-rolled-back"]
    assert not look.is_proven
    assert not look.is_quiet
    assert watch.kept() is not None
    assert watch.look(log.place()).is_quiet


def test_a_log_that_went_back_and_was_rewritten_is_proven(watch: Watch) -> None:
    log = Forger()
    log.grow(10)
    other = log.copy()
    log.grow(40)
    watch.look(log.place())
    other.grow(9)
    place = other.place()
    place.files = log.place().files | {"checkpoint": place.files["checkpoint"]}
    look = watch.look(place)
    assert [one.judged.code for one in look.alarms] == ["log-rolled-back", "log-forked"]
    assert caught(look) == ("not-consistent", "log-forked")


def test_a_head_without_quorum_is_told_and_remembered(tmp_path: Path) -> None:
    log, watch = Forger(), Watch(tmp_path, WITNESSED)
    log.grow(5)
    look = watch.look(log.place(cosigned=[1], time=NOW))
    assert [one.judged.code for one in look.alarms] == ["quorum-missing"]
    assert watch.kept() == look.head
    assert watch.look(log.place(cosigned=[1, 2], time=NOW)).is_quiet


@pytest.mark.parametrize("hours", [-48, -1, 0])
def test_a_fresh_head_is_no_alarm(hours: int, tmp_path: Path) -> None:
    log, watch = Forger(), Watch(tmp_path, WITNESSED)
    log.grow(5)
    assert watch.look(log.place(cosigned=[1, 2], time=NOW + 3600 * hours)).is_quiet


@pytest.mark.parametrize("seconds", [-48 * 3600 - 1, 601, 10**9])
def test_a_head_that_is_stale_or_from_the_future_is_told(seconds: int, tmp_path: Path) -> None:
    log, watch = Forger(), Watch(tmp_path, WITNESSED)
    log.grow(5)
    look = watch.look(log.place(cosigned=[1, 2], time=NOW + seconds))
    assert [one.judged.code for one in look.alarms] == ["head-stale"]
    later = Terms(TERMS.now + timedelta(days=3), timedelta(days=4))
    assert watch.look(log.place(cosigned=[1, 2], time=NOW), later).is_quiet


def broken(act: Callable[[Files], object]) -> Files:
    """Return what an honest log shows through a place that is not."""
    log = Forger()
    log.grow(300)
    place = log.place()
    act(place)
    return place


def flip(path: str) -> Callable[[Files], object]:
    """Return what changes one byte of a file."""

    def act(place: Files) -> None:
        data = bytearray(place.files[path])
        data[-9] ^= 1
        place.files[path] = bytes(data)

    return act


class Down(Files):
    """A place that does not answer."""

    def read(self, path: str, limit: int) -> bytes:
        """Fail."""
        del path, limit
        raise StorageError("host-slow", "Non ha risposto in 30 secondi: riprovare.")


PLACES: dict[str, tuple[Files, str]] = {
    "it has no checkpoint": (broken(lambda one: one.files.pop("checkpoint")), "not-published"),
    "it shows garbage": (
        broken(lambda one: one.files.update(checkpoint=b"<html>")),
        "note-unreadable",
    ),
    "it shows too much": (
        broken(lambda one: one.files.update(checkpoint=b"x" * 70_000)),
        "answer-too-long",
    ),
    "it is slow": (Down({}), "host-slow"),
    "the signature is wrong": (broken(flip("checkpoint")), "signature-invalid"),
    "entries are withheld": (
        broken(lambda one: one.files.pop("tile/entries/000")),
        "not-published",
    ),
    "an entry is changed": (broken(flip("tile/entries/000")), "entry-differs"),
    "a tile is changed": (broken(flip("tile/1/000.p/1")), "head-not-proven"),
    "it is another log": (
        broken(
            lambda one: one.files.update(
                checkpoint=one.files["checkpoint"].replace(ORIGIN.encode(), b"other.example/log")
            )
        ),
        "log-unknown",
    ),
}


@pytest.mark.parametrize(("place", "code"), PLACES.values(), ids=PLACES.keys())
def test_whatever_the_place_answers_is_a_state(place: Files, code: str, watch: Watch) -> None:
    look = watch.look(place)
    assert (look.state, look.alarms, look.memory) == (code, [], None)
    assert look.sentence
    assert not look.is_quiet
    assert not look.is_proven


def test_a_state_that_was_changed_is_told(watch: Watch) -> None:
    log = Forger()
    log.grow(20)
    watch.look(log.place())
    (path,) = watch.folder.path.glob("*/state.json")
    whole = json.loads(path.read_bytes())
    bad = {
        "torn": path.read_bytes()[:-40],
        "empty": b"",
        "no object": b"[]",
        "other subtrees": json.dumps(whole | {"subtrees": whole["subtrees"][:-1]}).encode(),
        "another version": json.dumps(whole | {"v": 2}).encode(),
        "no note": json.dumps(whole | {"note": "x"}).encode(),
        "rows that are none": json.dumps(whole | {"rows": ["x\n"]}).encode(),
    }
    for data in bad.values():
        path.write_bytes(data)
        with pytest.raises(StorageError, match="monitor-state-damaged"):
            watch.look(log.place())


def test_a_disk_that_fails_keeps_what_was_kept(tmp_path: Path) -> None:
    log, disk = Forger(), WeakDisk()
    log.grow(20)
    look = look_at(log.place(), POLICY, lambda _origin: None, TERMS)
    assert isinstance(look.memory, Memory)
    folder = MonitorFolder(tmp_path, disk)
    folder.keep(look.memory)
    kept = dict(disk.seen)
    for at in range(2):
        disk.fault = Fault("error", at)
        with pytest.raises(StorageError, match="monitor-state-failed"):
            folder.keep(look.memory)
        assert all(disk.seen[path] == data for path, data in kept.items())


def test_one_monitor_at_a_time_has_a_folder(tmp_path: Path) -> None:
    one, other = (MonitorFolder(tmp_path / "m", FileDisk()) for _ in range(2))
    with one.alone(), pytest.raises(Busy), other.alone():
        pass
    with other.alone():
        pass


def test_the_first_alarm_of_its_kind_stays(watch: Watch) -> None:
    log = Forger()
    small = log.grow(20)
    log.grow(9)
    watch.look(log.place())
    paths = set()
    for day in range(3):
        look = watch.look(log.place(small), replace(TERMS, now=TERMS.now + timedelta(days=day)))
        paths.add(watch.folder.keep_alarm(ORIGIN, look.alarms[0].evidence))
    (path,) = paths
    assert parse_misbehaviour(path.read_bytes()).observed_at == TERMS.now


def proof_of_lie(name: str) -> bytes:
    """Return the file that catches one of the lies."""
    look = look_at(LIES[name][0].place(), POLICY, lambda _origin: None, TERMS)
    return format_misbehaviour(look.alarms[0].evidence)


@pytest.mark.parametrize("name", ["an event was left out", "an event is back-dated"])
def test_no_changed_character_of_a_proof_is_taken_for_another(name: str) -> None:
    data = proof_of_lie(name)
    whole = judge_misbehaviour(parse_misbehaviour(data), POLICY)
    for at in range(0, len(data), 1 + len(data) // 400):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        try:
            found = judge_misbehaviour(parse_misbehaviour(changed), POLICY)
        except NotVerified:
            continue
        one = parse_misbehaviour(changed)
        assert found == whole
        # What nobody signs says nothing: when it was seen, and the key that is named for reading.
        assert replace(one, observed_at=TERMS.now, log_key="") == replace(
            parse_misbehaviour(data), observed_at=TERMS.now, log_key=""
        )


def test_an_honest_log_cannot_be_accused() -> None:
    """What would be a proof of another log is refused when the log of these notes is honest."""
    log = Forger()
    small = log.grow(30)
    log.grow(30)
    look = look_at(log.place(), POLICY, lambda _origin: None, TERMS)
    assert look.memory is not None
    honest = parse_misbehaviour(proof_of_lie("an event is back-dated"))
    notes = (log.note(small), log.note())
    tried = [
        replace(honest, kind="two-roots", notes=notes, first=0, before=(), leaves=(), after=()),
        replace(honest, kind="two-roots", notes=(notes[0],) * 2),
        replace(honest, kind="not-consistent", notes=notes),
        replace(honest, kind="leaf-contradicts", notes=notes[:1]),
        replace(honest, kind="leaf-contradicts", notes=notes),
        replace(honest, kind="leaf-contradicts", notes=()),
        replace(honest, kind="rolled-back", notes=notes),
        replace(honest, kind="anything"),
    ]
    assert look.head is not None
    tiles = open_tiles(log.place(), look.head)
    before, after = fork_evidence(tiles, small)
    tried.append(
        replace(
            honest, kind="not-consistent", notes=notes, before=tuple(before), after=tuple(after)
        )
    )
    for index in range(log.size):
        first, before, leaves, after = leaf_evidence(tiles, index)
        parts = {"before": tuple(before), "leaves": tuple(leaves), "after": tuple(after)}
        tried.append(replace(honest, notes=notes[1:], first=first, **parts))
    for one in tried:
        with pytest.raises(NotVerified) as refused:
            judge_misbehaviour(one, POLICY)
        assert refused.value.code in {"misbehaviour-not-proven", "spans-unreadable"}


def test_a_leaf_of_the_proof_can_be_read() -> None:
    evidence = parse_misbehaviour(proof_of_lie("an event is back-dated"))
    assert format_leaf(parse_leaf(evidence.leaves[-1])) == evidence.leaves[-1]


def test_a_proof_under_another_key_is_refused() -> None:
    evidence = parse_misbehaviour(proof_of_lie("an event is back-dated"))
    for name, public in ((ORIGIN, cosigner(1).key.public), ("other.example", SIGNER.key.public)):
        key = format_vkey(verifier_key(name, ED25519, public))
        with pytest.raises(NotVerified):
            judge_misbehaviour(evidence, parse_policy(f"log {key}\nquorum none\n".encode()))


BAD_FILES: dict[str, bytes] = {
    "no JSON": b"x",
    "a number": b"1\n",
    "deep": b"[" * 100_000,
    "no UTF-8": b"\xff\n",
    "without members": b"{}\n",
}


@pytest.mark.parametrize("data", BAD_FILES.values(), ids=BAD_FILES.keys())
def test_what_is_no_proof_is_unreadable(data: bytes) -> None:
    with pytest.raises(NotVerified, match="misbehaviour-unreadable"):
        parse_misbehaviour(data)
