"""That a file of requests was recorded: each line once, what was confirmed as it was confirmed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from api.app import open_reading
from tests.api.home_kit import run
from tests.endurance.log_judge import Log, judge_log, judge_receipt

if TYPE_CHECKING:
    from pathlib import Path

    from tests.endurance.places import Place
    from tests.endurance.programs import Program


ATTENTION = 3


class Confirmed:
    """What the runs of a recording have confirmed, with the receipt that lay in the outbox then."""

    def __init__(self, place: Place) -> None:
        """Begin with nothing."""
        self._outbox = place.home.outbox
        self.index_of: dict[str, int] = {}
        self.receipt_of: dict[str, bytes] = {}

    def __len__(self) -> int:
        """Return the number of events."""
        return len(self.index_of)

    def take(self, program: Program) -> None:
        """Take what a run confirmed; whoever is told twice is told the same."""
        for line in program.confirmed:
            event, index = line["event"], line["index"]
            receipt = (self._outbox / f"{event}.receipt").read_bytes()
            digest = hashlib.sha256(receipt).digest()
            assert self.index_of.setdefault(event, index) == index
            assert self.receipt_of.setdefault(event, digest) == digest


def check_recorded(
    place: Place, file: Path, confirmed: Confirmed, count: int, leaves_before: int
) -> Log:
    """Judge the whole log, the receipts, and that each line of the file is one event, no more."""
    with open_reading(place.home) as reading:
        log = judge_log(reading.journal)
        assert reading.runner.health.behind == 0
    ids = [line.split(" ")[1] for line in _book(file)]
    assert len(set(ids)) == len(ids) == count
    added = {event for event, index in log.index_of.items() if index >= leaves_before}
    assert added == set(ids)
    assert {event: log.index_of[event] for event in confirmed.index_of} == confirmed.index_of
    policy = place.home.policy.read_bytes()
    for event in ids:
        receipt = (place.home.outbox / f"{event}.receipt").read_bytes()
        assert judge_receipt(log, policy, receipt) == event
    check_fsck(place)
    return log


def check_fsck(place: Place) -> None:
    """Let the program examine its own store; no fault, and nothing to remark but one thing.

    A file that was brought to the vault and whose registration then never came is left there.
    """
    ran = run(place.home, "--json", "fsck", "--jobs", "1")
    *findings, summary = ran.lines
    assert {found["code"] for found in findings} <= {"object-unnamed"}, ran.stdout
    assert ran.exit_code == (ATTENTION if findings else 0), ran.stdout + ran.stderr
    assert summary["kind"] == "summary"


def _book(file: Path) -> list[str]:
    return file.with_name(f"{file.name}.ids").read_text(encoding="utf-8").splitlines()
