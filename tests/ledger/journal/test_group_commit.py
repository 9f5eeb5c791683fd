"""Whoever waits for a commit that another thread leads is always answered."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, SupportsIndex, overload

import pytest
from typing_extensions import override

from ledger.errors import PistaError, Refused, StorageError
from ledger.journal.group_commit import GroupCommit
from tests.ledger.journal.sequencer_kit import Client

if TYPE_CHECKING:
    from ledger.journal.batch import Candidate, Receipt

CUP = "cup/C81C22001220006"
SECONDS = 10


def refused(candidates: list[Candidate]) -> list[Receipt | PistaError]:
    return [Refused("not-today", f"The judge refuses {one.id}.") for one in candidates]


class TornOutcomes(list["Receipt | PistaError"]):
    """Outcomes whose hand-out is interrupted when the second group is to get its own."""

    asked = 0

    @overload
    def __getitem__(self, index: SupportsIndex, /) -> Receipt | PistaError: ...
    @overload
    def __getitem__(self, index: slice, /) -> list[Receipt | PistaError]: ...
    @override
    def __getitem__(self, index: SupportsIndex | slice, /) -> object:
        self.asked += 1
        if self.asked == 2:
            raise KeyboardInterrupt
        return super().__getitem__(index)


class Programme:
    """A first commit that waits until all others wait, and a second one that is interrupted."""

    def __init__(self, others: int) -> None:
        """Begin with nothing committed."""
        self.batches: list[int] = []
        self.waiting = GroupCommit(self.commit)
        self.entered = threading.Event()
        self.others = others

    def commit(self, candidates: list[Candidate]) -> list[Receipt | PistaError]:
        self.batches.append(len(candidates))
        if len(self.batches) == 1:
            self.entered.set()
            pause = threading.Event()
            while len(self.waiting) < self.others:
                pause.wait(0.001)
            return refused(candidates)
        if len(self.batches) == 2:
            return TornOutcomes(refused(candidates))
        return refused(candidates)

    def ask(self, told: list[object], candidate: Candidate) -> None:
        try:
            told += self.waiting.submit([candidate])
        except BaseException as error:  # noqa: BLE001  what came is what is looked at
            told.append(error)


def test_who_waited_for_a_hand_out_that_was_interrupted_is_told_so() -> None:
    client, told = Client(), [[], [], [], []]  # type: tuple[Client, list[list[object]]]
    programme = Programme(others=3)
    threads = [
        threading.Thread(target=programme.ask, args=(one, client.make(CUP)), daemon=True)
        for one in told
    ]
    threads[0].start()
    assert programme.entered.wait(SECONDS)
    for thread in threads[1:]:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert not any(thread.is_alive() for thread in threads)
    assert programme.batches == [1, 3]
    assert isinstance(told[0][0], Refused)
    answers = [one[0] for one in told[1:]]
    interrupted = [one for one in answers if isinstance(one, KeyboardInterrupt)]
    failed = [one for one in answers if isinstance(one, StorageError)]
    assert len(interrupted) == 1
    assert [one.code for one in failed] == ["store-failed"] * len(failed)
    assert len(failed) == 2


def test_a_commit_that_is_interrupted_is_told_to_the_next_caller_as_its_own_only() -> None:
    calls: list[int] = []

    def commit(candidates: list[Candidate]) -> list[Receipt | PistaError]:
        calls.append(len(candidates))
        if len(calls) == 1:
            raise KeyboardInterrupt
        return refused(candidates)

    waiting, client = GroupCommit(commit), Client()
    with pytest.raises(KeyboardInterrupt):
        waiting.submit([client.make(CUP)])
    (outcome,) = waiting.submit([client.make(CUP)])
    assert isinstance(outcome, Refused)
    assert calls == [1, 1]
