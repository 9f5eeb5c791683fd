"""A disk that fails at every step of writing a state: nothing is signed that could be forgotten."""

from __future__ import annotations

from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ledger.errors import Frozen, NotVerified, StorageError
from ledger.transparency.protocol import OtherSize
from ledger.transparency.witness_folder import WitnessFolder
from ledger.transparency.witnessed_log import LogEntry
from tests.ledger.transparency.witness_kit import (
    KINDS,
    ORIGIN,
    Desk,
    Fault,
    Killed,
    LogBook,
    WeakDisk,
    note_signer,
)

if TYPE_CHECKING:
    from ledger.journal.note import VerifierKey

LOG = LogBook(12)
FORK = LOG.fork(5)
FORK.grow(7)
STEPS = ("write", "rename", "sync")
CASES = [
    pytest.param(kind, at, survive, id=f"{kind}, at {STEPS[at]}, {survive} names survive")
    for kind, at, survive in product(KINDS, range(3), (None, 0, 1, 2))
]


def desk_at_5() -> tuple[Desk, WeakDisk]:
    disk = WeakDisk()
    desk = Desk(Path("w"), disk)
    desk.submit(LOG, 5)
    disk.steps.clear()
    return desk, disk


def fail(desk: Desk, disk: WeakDisk, fault: Fault, size: int) -> None:
    """Let a request meet a fault; nothing may come out of it."""
    before, disk.fault = len(desk.given), fault
    with pytest.raises((StorageError, Killed)) as met:
        desk.submit(LOG, size)
    if not isinstance(met.value, Killed):
        assert (met.value.code, type(met.value)) == ("witness-state-failed", StorageError)
        assert "nulla è stato firmato" in met.value.sentence
    assert len(desk.given) == before


@pytest.mark.parametrize(("kind", "at", "survive"), CASES)
def test_a_fault_gives_no_signature_and_what_is_signed_later_is_one_chain(
    kind: str, at: int, survive: int | None
) -> None:
    for first, second in ((FORK, LOG), (LOG, FORK)):
        desk, disk = desk_at_5()
        fail(desk, disk, Fault(kind, at), 9)
        if survive is not None or kind.startswith(("kill", "torn")):
            disk.crash(survive or 0)
            desk.start()
        signed = 0
        for log in (first, second, first, second):
            for size in (5, 9, 12):
                with suppress(NotVerified, OtherSize):
                    desk.submit(log, size)
                    signed += 1
        assert signed
        desk.check(LOG, FORK)
        assert desk.given[-1].size == 12
        kept = desk.folder.find(ORIGIN)
        assert kept is not None
        assert kept.state.read().checkpoint.size == 12


@pytest.mark.parametrize("at", range(3), ids=STEPS)
def test_a_full_disk_is_told_and_the_same_request_goes_through_when_there_is_room(at: int) -> None:
    desk, disk = desk_at_5()
    fail(desk, disk, Fault("full", at), 9)
    fail(desk, disk, Fault("full", at), 9)
    desk.submit(LOG, 9)
    desk.check(LOG)


def test_evidence_that_cannot_be_written_gives_no_signature_either() -> None:
    desk, disk = desk_at_5()
    line = desk.submit(LOG, 9)
    stolen = WeakDisk(seen=dict(disk.seen), kept=dict(disk.kept))
    stolen.seen.update({path: data for path, data in before(disk).items() if path.name == "state"})
    desk.disk = stolen
    desk.start()
    shown = b"old 5\n\n" + LOG.note(9, line)
    for kind in ("error", "full"):
        stolen.fault = Fault(kind, 0)
        with pytest.raises(StorageError) as failed:
            desk.ask(shown)
        assert failed.value.code == "witness-state-failed"
    for _ in range(2):
        with pytest.raises(Frozen, match="witness-rolled-back"):
            desk.ask(shown)


def before(_disk: WeakDisk) -> dict[Path, bytes]:
    """Return what a witness had on its disk at 5 leaves."""
    return dict(desk_at_5()[1].seen)


NAMING = 9  # three steps for each of two states and for the entry
NAMINGS = [
    pytest.param(kind, at, survive, id=f"{kind}, at step {at}, {survive} names survive")
    for kind, at, survive in product(KINDS, range(NAMING), (0, 1, 9))
]


@pytest.mark.parametrize(("kind", "at", "survive"), NAMINGS)
def test_a_fault_while_a_log_is_named_leaves_it_to_be_named_again(
    kind: str, at: int, survive: int
) -> None:
    disk = WeakDisk()
    folder = WitnessFolder(Path("w"), disk)
    disk.fault = Fault(kind, at)
    with pytest.raises((OSError, StorageError, Killed)):
        folder.set_log(LogEntry(ORIGIN, (LOG.key,)))
    disk.crash(survive)
    folder = WitnessFolder(Path("w"), disk)
    folder.set_log(LogEntry(ORIGIN, (LOG.key,)))
    disk.crash()
    desk = Desk(Path("w"), disk)
    desk.submit(LOG, 12)
    desk.check(LOG)


@pytest.mark.parametrize(("kind", "at"), list(product(KINDS, range(3))))
def test_a_fault_while_keys_are_given_leaves_what_was_cosigned(kind: str, at: int) -> None:
    desk, disk = desk_at_5()
    new = (LOG.key, note_key("next.example", 7))
    disk.fault = Fault(kind, at)
    with pytest.raises((OSError, Killed)):
        desk.folder.set_log(LogEntry(ORIGIN, new))
    disk.crash()
    desk.start()
    kept = desk.folder.find(ORIGIN)
    assert kept is not None
    assert kept.keys in {(LOG.key,), new}
    assert kept.state.read().checkpoint.size == 5
    desk.folder.set_log(LogEntry(ORIGIN, new))
    desk.submit(LOG, 9)
    desk.check(LOG)


def note_key(name: str, seed: int) -> VerifierKey:
    return note_signer(name, seed).key


class ForgetfulDisk(WeakDisk):
    """A disk that says it has synced, and has not."""

    def sync(self, _folder: Path) -> None:
        """Do nothing."""


def test_a_disk_that_does_not_sync_would_be_found_out() -> None:
    disk = ForgetfulDisk()
    desk = Desk(Path("w"), disk)
    disk.kept = dict(disk.seen)
    disk.pending.clear()
    desk.submit(LOG, 9)
    disk.crash()
    desk.start()
    desk.submit(FORK, 9)
    with pytest.raises(AssertionError):
        desk.check(LOG, FORK)
