"""Any sequence of honest and forking logs, faults, crashes and races: one chain is cosigned."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ledger.errors import Drifted, Frozen, PistaError
from ledger.transparency.protocol import AddCheckpoint, format_add_checkpoint
from tests.ledger.transparency.witness_kit import (
    KINDS,
    ORIGIN,
    Desk,
    Fault,
    Killed,
    LogBook,
    WeakDisk,
)

if TYPE_CHECKING:
    from collections.abc import Callable

branches = st.sampled_from(("honest", "fork", "early"))
sizes = st.integers(0, 24)
CHANCES = settings(max_examples=60, stateful_step_count=40, deadline=None)


class WitnessMachine(RuleBasedStateMachine):
    """Three branches of one log, all signed by its key, and one witness on a weak disk."""

    def __init__(self) -> None:
        """Let the branches part after 3 and after 9 leaves."""
        super().__init__()
        self.disk = WeakDisk()
        self.desk = Desk(Path("w"), self.disk)
        honest = LogBook(24)
        fork, early = honest.fork(9), honest.fork(3, b"early")
        fork.grow(15)
        early.grow(21)
        self.logs = {"honest": honest, "fork": fork, "early": early}
        self.in_order = True
        self.frozen: list[Frozen] = []

    @rule(branch=branches, size=sizes)
    def submit(self, branch: str, size: int) -> None:
        """Ask as a client does; an honest answer or an error, and nothing else."""
        self._try(lambda: self.desk.submit(self.logs[branch], size))

    @rule(branch=branches, old=sizes, size=sizes)
    def submit_from(self, branch: str, old: int, size: int) -> None:
        """Ask from a size that the client believes in."""
        self._try(lambda: self.desk.ask(self.logs[branch].request(old, size)))

    @rule(branch=branches, other=branches, old=sizes, size=sizes)
    def submit_proof_of_another(self, branch: str, other: str, old: int, size: int) -> None:
        """Ask with the head of one branch and the proof of another."""
        note, proof = self.logs[branch].note(size), self.logs[other].proof(old, size)
        data = format_add_checkpoint(AddCheckpoint(old, proof, note))
        self._try(lambda: self.desk.ask(data))

    @rule(branch=branches, size=sizes, kind=st.sampled_from(KINDS), at=st.integers(0, 2))
    def submit_with_fault(self, branch: str, size: int, kind: str, at: int) -> None:
        """Let the disk fail at a step; a killed program is started again."""
        self.disk.fault = Fault(kind, at)
        try:
            self._try(lambda: self.desk.submit(self.logs[branch], size))
        except Killed:
            self.desk.start()
        self.disk.fault = None

    @rule(survive=st.integers(0, 3))
    def lose_power(self, survive: int) -> None:
        """Forget the names that were not synced, all or some."""
        self.disk.crash(survive)
        self.desk.start()

    @rule(seconds=st.integers(-3_000, 3_000))
    def move_clock(self, seconds: int) -> None:
        """Set the clock, ahead or back."""
        self.desk.clock.move(seconds)

    @rule(asked=st.lists(st.tuples(branches, sizes), min_size=2, max_size=4))
    def race(self, asked: list[tuple[str, int]]) -> None:
        """Ask for several heads at once."""
        start = threading.Barrier(len(asked))

        def work(log: LogBook, size: int) -> None:
            start.wait()
            self._try(lambda: self.desk.submit(log, size))

        threads = [
            threading.Thread(target=work, args=(self.logs[branch], size)) for branch, size in asked
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.in_order = False

    @rule()
    def submit_what_it_signed(self) -> None:
        """Whoever is shown its own last cosignature, on any branch, has forgotten nothing."""
        kept = self.desk.folder.find(ORIGIN)
        assert kept is not None
        if self.desk.given:
            last = kept.state.read()
            data = format_add_checkpoint(
                AddCheckpoint(last.checkpoint.size, (), self.desk.witness.cosigned(kept))
            )
            self._try(lambda: self.desk.ask(data))

    @invariant()
    def one_chain(self) -> None:
        """All that was ever cosigned is the beginning of one branch."""
        self.desk.check(*self.logs.values(), in_order=self.in_order)

    @invariant()
    def the_state_stands(self) -> None:
        """No state is frozen or would go back; none is behind what was cosigned."""
        assert self.frozen == []
        kept = self.desk.folder.find(ORIGIN)
        assert kept is not None
        head = kept.state.read()
        given = max(self.desk.given, key=lambda one: (one.size, one.time), default=None)
        if given is not None:
            assert (head.checkpoint.size, head.time) >= (given.size, given.time)

    def _try(self, ask: Callable[[], object]) -> None:
        """Ask; what is refused is no matter, but no fault and no log brings a state back."""
        try:
            ask()
        except Frozen as frozen:
            self.frozen += [] if isinstance(frozen, Drifted) else [frozen]
        except PistaError:
            pass


WitnessMachine.TestCase.settings = CHANCES
TestWitnessMachine = WitnessMachine.TestCase
