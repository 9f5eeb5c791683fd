"""A false time binds all later ones: the clock is believed only while it agrees with the machine."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from ledger.errors import Drifted, StorageError, Unreadable
from ledger.journal.anchor import MemoryAnchor
from ledger.journal.clock import (
    ClockFile,
    ClockGuard,
    FirstLook,
    MemoryClockBook,
    format_look,
    parse_look,
)
from ledger.journal.memory import MemoryRecorder
from tests.ledger.journal.sequencer_kit import ORIGIN, Client, assert_proves, opened

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.journal.clock import ClockBook

NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)
LOOK = FirstLook("5e0cf1b2", NOON, 8123.441205)
GOLDEN = b"pista/clock/v1\n5e0cf1b2\n2026-09-21T12:00:00.000000Z\n8123.441205\n-\n"


class Machine:
    """Two clocks: one that is set, one that only goes on."""

    def __init__(self, book: ClockBook | None = None) -> None:
        """Begin at noon."""
        self.wall, self.uptime = NOON, 100.0
        self.book = book or MemoryClockBook()

    def guard(self) -> ClockGuard:
        """Return the clock as a program that starts now has it."""
        return ClockGuard(lambda: self.wall, lambda: self.uptime, self.book)

    def pass_by(self, seconds: float) -> None:
        """Let time pass on both."""
        self.wall += timedelta(seconds=seconds)
        self.uptime += seconds

    def set(self, minutes: float) -> None:
        """Set the wall clock."""
        self.wall += timedelta(minutes=minutes)


def refused(guard: ClockGuard) -> str:
    with pytest.raises(Drifted) as drifted:
        guard()
    return drifted.value.code


def test_a_clock_that_goes_on_is_believed() -> None:
    machine = Machine()
    guard = machine.guard()
    for seconds in (0, 0.5, 86_400, 40_000_000):
        machine.pass_by(seconds)
        assert guard() == machine.guard()() == machine.wall


@pytest.mark.parametrize("minutes", [-10, -1, 1, 10])
def test_a_clock_set_by_ten_minutes_is_believed(minutes: float) -> None:
    machine = Machine()
    guard = machine.guard()
    guard()
    machine.set(minutes)
    assert guard() == machine.wall


@pytest.mark.parametrize("minutes", [-526_000, -10.1, 10.1, 526_000])
def test_a_clock_set_by_more_stops_this_program_and_the_next_until_confirmed(
    minutes: float,
) -> None:
    machine = Machine()
    guard = machine.guard()
    guard()
    machine.pass_by(3600)
    machine.set(minutes)
    assert refused(guard) == refused(machine.guard()) == "clock-drift"
    machine.guard().confirm(None)
    assert guard() == machine.guard()() == machine.wall
    machine.set(-minutes)
    assert refused(guard) == "clock-drift"


def test_a_clock_set_back_to_what_it_was_needs_no_confirmation() -> None:
    machine = Machine()
    guard = machine.guard()
    guard()
    machine.set(60)
    assert refused(guard) == "clock-drift"
    machine.set(-60)
    assert guard() == machine.wall


def test_small_steps_add_up() -> None:
    machine = Machine()
    guard = machine.guard()
    guard()
    for _ in range(2):
        machine.set(4)
        guard()
    machine.set(4)
    assert refused(guard) == "clock-drift"


def test_another_run_of_the_machine_begins_anew_and_is_held_against_the_log() -> None:
    machine = Machine()
    machine.guard()()
    last = machine.wall
    look = machine.book.read()
    machine.book = MemoryClockBook("two", look)
    machine.uptime = 5.0
    machine.set(-60)
    guard = machine.guard()
    assert guard() == machine.wall
    with pytest.raises(Drifted) as drifted:
        guard.check_log(last)
    assert drifted.value.code == "clock-behind"
    guard.check_log(machine.wall + timedelta(minutes=10))
    guard.confirm(last)
    guard.check_log(last)
    with pytest.raises(Drifted):
        guard.check_log(last + timedelta(seconds=1))


def test_what_was_confirmed_outlives_the_run_of_the_machine() -> None:
    machine = Machine()
    ahead = NOON + timedelta(days=365)
    machine.guard().confirm(ahead)
    machine.book = MemoryClockBook("two", machine.book.read())
    machine.guard()()
    machine.guard().check_log(ahead)


def test_a_look_reads_as_it_was_written_by_hand(tmp_path: Path) -> None:
    assert (parse_look(GOLDEN), format_look(LOOK)) == (LOOK, GOLDEN)
    confirmed = FirstLook("b", NOON, 0.0, NOON + timedelta(seconds=1))
    book = ClockFile(tmp_path / "clock", "b")
    assert book.read() is None
    book.write(confirmed)
    assert book.read() == confirmed
    assert [path.name for path in tmp_path.iterdir()] == ["clock"]


def test_programs_that_look_first_at_the_same_time_do_not_meet(tmp_path: Path) -> None:
    def look(_: int) -> FirstLook | None:
        book = ClockFile(tmp_path / "clock", "5e0cf1b2")
        book.write(LOOK)
        return book.read()

    with ThreadPoolExecutor(4) as programs:
        assert set(programs.map(look, range(400))) == {LOOK}
    assert [path.name for path in tmp_path.iterdir()] == ["clock"]


BAD_LOOKS = {
    "empty": b"",
    "another version": GOLDEN.replace(b"v1", b"v2"),
    "no run of the machine": GOLDEN.replace(b"5e0cf1b2", b""),
    "a time without zone": GOLDEN.replace(b"000Z", b"000"),
    "seconds in words": GOLDEN.replace(b"8123.441205", b"many"),
    "negative seconds": GOLDEN.replace(b"8123.", b"-123."),
    "a line more": GOLDEN + b"\n",
    "no final newline": GOLDEN[:-1],
    "a confirmation that is no time": GOLDEN.replace(b"\n-\n", b"\nyes\n"),
}


@pytest.mark.parametrize("name", BAD_LOOKS)
def test_a_file_that_is_no_look_stops_and_confirming_writes_it_anew(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(Unreadable):
        parse_look(BAD_LOOKS[name])
    path = tmp_path / "clock"
    path.write_bytes(BAD_LOOKS[name])
    machine = Machine(ClockFile(path, "5e0cf1b2"))
    with pytest.raises(StorageError, match="clock-unreadable"):
        machine.guard()()
    machine.guard().confirm(None)
    assert machine.guard()() == NOON


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    book = ClockFile(tmp_path / "none" / "clock", "b")
    with pytest.raises(StorageError, match="clock-failed"):
        book.write(LOOK)


def test_the_sequencer_stops_with_the_clock_and_goes_on_once_it_is_confirmed() -> None:
    machine, client = Machine(), Client()
    guard = machine.guard()
    sequencer = opened(MemoryRecorder(ORIGIN), MemoryAnchor(), clock=guard)
    assert sequencer.last_received_at is None
    sequencer.submit(client.make("cup/a"))
    before = sequencer.checkpoint()
    machine.set(60)
    event = client.make("cup/a")
    for _ in range(2):
        with pytest.raises(Drifted, match="clock-drift"):
            sequencer.submit(event)
    assert (sequencer.checkpoint(), sequencer.journal.size) == (before, 2)
    guard.confirm(sequencer.last_received_at)
    assert_proves(sequencer.submit(event), event)
    assert sequencer.last_received_at == machine.wall
