"""A ledger under everything that may happen to it, as a machine that Hypothesis drives.

Two doors (each with its judge and its sequencer, as two processes have) stand on one store and one
anchor. Events come singly, in batches, late, twice; stores and anchor fail; processes die at any
step and are started again; an older copy of the store is put in its place; keys are changed.

What holds after every step is in doors_of_one_ledger.py.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Literal

import pytest
from eventsourcing.persistence import OperationalError
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from ledger.errors import Conflict, Frozen, NotAuthorised, StorageError
from ledger.signing.envelope import parse
from tests.endurance.breaking_parts import Killed
from tests.endurance.doors_of_one_ledger import (
    CUPS,
    PHASES,
    DoorsOfOneLedger,
    Fact,
    expect_frozen,
    expect_refused,
    publish,
)
from tests.ledger.application.door_kit import (
    CUP,
    PEOPLE,
    START,
    Person,
    key_data,
)

RETRIES = 3  # failures of the store in a row after which a batch is given back
DOORS = st.sampled_from([0, 1])
FACTS = st.one_of(
    st.tuples(st.just("fund"), st.sampled_from(CUPS), st.integers(1, 10**6)),
    st.tuples(st.just("enter"), st.sampled_from(CUPS), st.sampled_from(PHASES)),
    st.tuples(st.just("act"), st.sampled_from(CUPS), st.integers(1, 4)),
)
STEPS = st.sampled_from(["before-write", "after-write-before-commit", "after-commit"])
DEATHS = st.one_of(STEPS, st.sampled_from(["before the anchor", "after the anchor"]))


class LedgerMachine(DoorsOfOneLedger):
    """What may happen, one rule for each."""

    # What comes

    @rule(fact=FACTS)
    def record_by_one(self, fact: Fact) -> None:
        """Draft, sign and send at once: nothing but a rule may refuse it."""
        self.record(self.doors[0], fact)

    @rule(fact=FACTS)
    def record_by_the_other(self, fact: Fact) -> None:
        """The same in the other process."""
        self.record(self.doors[1], fact)

    @rule(door=DOORS, facts=st.lists(FACTS, min_size=2, max_size=5))
    def record_batch(self, door: int, facts: list[Fact]) -> None:
        """Send several that were drafted in the same state: the later ones on a CUP are late."""
        raws = [self.drafted(self.doors[door], fact) for fact in facts]
        self.send(self.doors[door], [raw for raw in raws if raw is not None], "batch")

    @rule(door=DOORS, fact=FACTS)
    def hold(self, door: int, fact: Fact) -> None:
        """Sign something and send it later."""
        raw = self.drafted(self.doors[door], fact)
        if raw is not None:
            self.held.append(raw)

    @precondition(lambda self: self.held)
    @rule(door=DOORS, data=st.data())
    def send_held(self, door: int, data: st.DataObject) -> None:
        """Send what was held, perhaps once more."""
        raw = data.draw(st.sampled_from(self.held))
        self.send(self.doors[door], [raw], "held")

    @precondition(lambda self: self.receipts)
    @rule(door=DOORS, data=st.data())
    def send_again(self, door: int, data: st.DataObject) -> None:
        """Who asks again gets the first receipt, byte for byte."""
        before = data.draw(st.sampled_from(self.receipts))
        for receipt in self.send(self.doors[door], [before.envelope], "again"):
            assert not receipt.first
            assert receipt == replace(before, first=False)

    @precondition(lambda self: self.receipts)
    @rule(door=DOORS, data=st.data())
    def use_an_id_again(self, door: int, data: st.DataObject) -> None:
        """An id that says something else is a conflict."""
        before = data.draw(st.sampled_from(self.receipts))
        house = self.doors[door]
        raw = self.drafted(house, ("fund", CUP, 77), id=before.event_id)
        if raw is None or self.is_hurt:
            return
        with pytest.raises(Conflict) as caught:
            house.ledger.record(raw)
        assert caught.value.code == "event-id-reused"

    # What breaks

    @rule(steps=st.lists(STEPS, min_size=1, max_size=RETRIES))
    def let_the_store_fail(self, steps: list[str]) -> None:
        """The next turns of the store fail so."""
        for step in steps:
            self.store.fail_next(step, OperationalError("the store fails"))  # type: ignore[arg-type]
        self.is_hurt = True

    @rule(
        when=st.sampled_from(["before", "after"]),
        code=st.sampled_from(["anchor-failed", "anchor-moved"]),
    )
    def let_the_anchor_fail(self, when: Literal["before", "after"], code: str) -> None:
        """The next advance of the anchor fails so."""
        self.anchor.failures.append((when, StorageError(code, "L'ancora non si muove.")))
        self.is_hurt = True

    @rule()
    def heal(self) -> None:
        """What was to fail and did not will not."""
        self.store.heal()
        self.anchor.failures.clear()
        self.is_hurt = False

    @rule(door=DOORS, fact=FACTS, where=DEATHS)
    def die(self, door: int, fact: Fact, where: str) -> None:
        """A process dies while it records, and is started again."""
        self.heal()
        raw = self.drafted(self.doors[door], fact)
        if raw is not None:
            self.die_sending(door, raw, where)
            self.held.append(raw)

    def die_sending(self, door: int, raw: bytes, where: str) -> None:
        """Send, die there, and start again."""
        if where.endswith("the anchor"):
            self.anchor.failures.append((where.split(" ", maxsplit=1)[0], Killed()))  # type: ignore[arg-type]
        else:
            self.store.fail_next(where, Killed())  # type: ignore[arg-type]
        try:
            self.doors[door].ledger.record(raw)
        except Killed:
            self.done.outcomes["died"] += 1
        self.heal()
        self.doors[door] = self.open_door()

    @rule(door=DOORS)
    def start_again(self, door: int) -> None:
        """A process ends and is started again."""
        self.heal()
        self.doors[door] = self.open_door()

    @rule(minutes=st.integers(1, 600))
    def set_the_clock_back(self, minutes: int) -> None:
        """The clock of the machine goes back; times of receipt do not."""
        self.house.clock.now = max(START, self.house.clock.now - timedelta(minutes=minutes))

    # Restores

    @rule()
    def take_a_copy(self) -> None:
        """Copy the store, as a backup does."""
        self.copies.append((self.house.journal.size, self.store.save()))

    @precondition(lambda self: any(size < self.house.journal.size for size, _ in self.copies))
    @rule(door=DOORS, fact=FACTS, data=st.data())
    def put_back_an_older_copy(self, door: int, fact: Fact, data: st.DataObject) -> None:
        """Nothing is written or signed on a store that lost its end, until the end is back."""
        self.heal()
        publish(self.doors[door])
        older = [copy for copy in self.copies if copy[0] < self.house.journal.size]
        _, copy = data.draw(st.sampled_from(older))
        raw, present = self.drafted(self.doors[door], fact), self.store.save()
        self.store.restore(copy)
        with self.nothing_changes():
            expect_frozen(self.open_door, "store-shorter")
            if raw is not None:
                with pytest.raises((Frozen, NotAuthorised)):  # a key may be of the lost end
                    self.doors[door].ledger.record(raw)
            expect_frozen(lambda: publish(self.doors[door]), "store-shorter")
        self.store.restore(present)
        self.frozen.append(self.doors[door])
        self.doors = [self.open_door(), self.open_door()]

    @precondition(lambda self: self.frozen)
    @rule(fact=FACTS, data=st.data())
    def ask_a_frozen_door(self, fact: Fact, data: st.DataObject) -> None:
        """Who froze stays frozen, though the store is whole again."""
        self.heal()
        frozen = data.draw(st.sampled_from(self.frozen))
        raw = self.drafted(self.doors[0], fact)
        if raw is not None:
            with self.nothing_changes():
                expect_frozen(lambda: frozen.ledger.record(raw), "store-shorter")

    # Keys

    @rule(door=DOORS, where=st.one_of(st.none(), DEATHS))
    def rotate_the_key(self, door: int, where: str | None) -> None:
        """The RUP changes the key, perhaps in vain; the old one is void once the log has it."""
        old, new = self.house.people["rup"], self.new_key()
        data = {**key_data(new, f"proof {self.keys}"), "old": old.signer.kid}
        if where is not None:
            self.heal()
        raw = self.doors[door].envelope("rup", "rotate-key/1", data)
        if where is None:
            self.send(self.doors[door], [raw], "rotate")
        else:
            self.die_sending(door, raw, where)
        if self.is_recorded(raw):
            self.house.people["rup"] = new

    @rule(door=DOORS)
    def lose_the_key(self, door: int) -> None:
        """The administrator revokes the key of the RUP and enrols another; the old one is refused."""
        house, old, new = self.doors[door], self.house.people["rup"], self.new_key()
        late = self.drafted(house, ("fund", CUP, 99))
        data = {"actor": PEOPLE["rup"], "kid": old.signer.kid, "cause": "smarrita"}
        revocation = house.envelope("admin", "revoke-key/1", data)
        self.send(house, [revocation], "revoke")
        if not self.is_recorded(revocation):
            return
        self.heal()
        if late is not None:
            expect_refused(lambda: house.ledger.record(late))
        proof = key_data(new, f"proof {self.keys}")
        self.send(house, [house.envelope("admin", "enrol-actor/1", proof)], "enrol")
        self.house.people["rup"] = new

    def new_key(self) -> Person:
        """Make one more key for the RUP."""
        self.keys += 1
        return self.house.enter("rup", f"key {self.keys}")

    def is_recorded(self, raw: bytes) -> bool:
        """Tell whether an event is in the log, whatever was answered."""
        return self.house.journal.find(parse(raw).id) is not None
