"""A ledger under everything that may happen to it, as a machine that Hypothesis drives.

Two doors (each with its judge and its sequencer, as two processes have) stand on one store and one
anchor. Events come singly, in batches, late, twice; stores and anchor fail; processes die at any
step and are started again; an older copy of the store is put in its place; keys are changed.

After every step the whole log is judged from its rows: it continues what it was, no id is in it
twice, streams are contiguous; whatever a receipt said is so, and its checkpoint is a beginning of
the present head; the log key has signed no two roots of one size, and nothing that the anchor does
not stand for.
"""

from __future__ import annotations

import itertools
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

import pytest
from eventsourcing.persistence import OperationalError
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ledger.application.door import Ledger
from ledger.application.judge import PlaceJudge
from ledger.errors import Conflict, Frozen, NotAuthorised, PistaError, Refused, StorageError
from ledger.journal.checkpoint import open_checkpoint
from ledger.journal.journal import Journal
from ledger.journal.merkle import leaf_hash, verify_consistency, verify_inclusion
from ledger.journal.proofs import parse_proof
from ledger.journal.sequencer import Sequencer
from ledger.records import load_law
from ledger.signing.envelope import parse
from ledger.vault.folder import FolderVault
from ledger.vault.vaultkey import VaultKey
from tests.endurance.breaking_parts import BreakingAnchor, Killed, RememberingSigner
from tests.endurance.log_judge import Log, judge_log
from tests.exporters.ledger_writer import counted_octets, octets
from tests.ledger.application.door_kit import (
    BODY,
    CUP,
    NOTE_SIGNER,
    OTHER_CUP,
    PEOPLE,
    START,
    House,
    Person,
    build,
    key_data,
)
from tests.ledger.application.door_story import DETERMINA, INTERVENTION, kept_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ledger.journal.batch import Receipt
    from tests.endurance.breaking_parts import Store

Fact = tuple[str, str, Any]  # what, on which CUP, and the detail

CUPS = (CUP, OTHER_CUP)
PHASES = ("DA_ATTIVARE", "PROGETTAZIONE", "AFFIDAMENTO", "ESECUZIONE")
RETRIES = 3  # failures of the store in a row after which a batch is given back

DOORS = st.sampled_from([0, 1])
FACTS = st.one_of(
    st.tuples(st.just("fund"), st.sampled_from(CUPS), st.integers(1, 10**6)),
    st.tuples(st.just("enter"), st.sampled_from(CUPS), st.sampled_from(PHASES)),
    st.tuples(st.just("act"), st.sampled_from(CUPS), st.integers(1, 4)),
)
STEPS = st.sampled_from(["before-write", "after-write-before-commit", "after-commit"])
DEATHS = st.one_of(STEPS, st.sampled_from(["before the anchor", "after the anchor"]))


@dataclass
class Done:
    """What machines of one run did."""

    machines: int = 0
    steps: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)


class LedgerMachine(RuleBasedStateMachine):
    """See the text of this file."""

    def __init__(self, store: Store, folder: Path, done: Done) -> None:
        """Found a ledger and open two doors on it."""
        super().__init__()
        self.done = done
        done.machines += 1
        self.store = store
        self.folder = folder
        self.house = build(folder, store.recorder)
        self.anchor = BreakingAnchor(self.house.anchor.read())
        self.signer = RememberingSigner(NOTE_SIGNER, self.anchor)
        self.numbers = itertools.count(1000)
        self.objects = (kept_file(self.house),)
        self.log: Log = Log()
        self.receipts: list[Receipt] = []
        self.held: list[bytes] = []
        self.copies: list[tuple[int, object]] = []
        self.frozen: list[House] = []
        self.is_hurt = False
        self.keys = 0
        self.doors = [self.open_door(), self.open_door()]
        for cup in CUPS:
            self.record(self.doors[0], ("register", cup, None))

    def teardown(self) -> None:
        """Give back what the store holds."""
        self.store.recorder.close()

    def open_door(self) -> House:
        """Open the ledger as a process does that starts."""
        label = f"door {next(self.numbers)}"
        journal = Journal(self.store.recorder)
        judge = PlaceJudge(journal, load_law(), lambda: BODY)
        sequencer = Sequencer(
            self.store.recorder, self.signer, self.anchor, self.house.clock, judge
        )
        ledger = Ledger(
            journal=journal,
            sequencer=sequencer,
            judge=judge,
            vault=FolderVault(self.folder / "vault", VaultKey(octets("door vault"))),
            clock=self.house.clock,
            random=counted_octets(f"nonce of {label}"),
        )
        return replace(self.house, ledger=ledger, anchor=self.anchor, numbers=self.numbers)

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

    # What always holds

    @invariant()
    def the_log_holds(self) -> None:
        """The log continues what it was; its rows are in order; receipts and anchor hold."""
        self.done.steps += 1
        journal = self.house.journal
        judge_log(journal, self.log)
        for receipt in self.receipts:
            assert self.log.entries[receipt.index] == (receipt.leaf, receipt.envelope)
        stands = self.anchor.read()
        assert stands is not None
        assert self.log.roots[stands.size] == stands.root
        self.check_heads(journal)

    def check_heads(self, journal: Journal) -> None:
        """Every head that was ever signed is a beginning of the present one."""
        size, root = self.log.size, self.log.roots[self.log.size]
        for old in self.signer.signed:
            proof = journal.consistency(old, size)
            verify_consistency(old, self.log.roots[old], size, root, proof)

    # How it is done

    def record(self, house: House, fact: Fact) -> None:
        """Draft, sign and send at once."""
        raw = self.drafted(house, fact)
        if raw is not None:
            self.send(house, [raw], "record")

    def drafted(self, house: House, fact: Fact, **beside: str) -> bytes | None:
        """Return the envelope of a fact, None when a rule says no at the draft."""
        name, data, more = told(*fact)
        objects = self.objects if name == "register-determina/1" else ()
        command = house.command(name, data, objects, **more, **beside)
        try:
            return house.signed("rup", house.draft("rup", command))
        except Refused as refusal:
            self.done.outcomes[refusal.code] += 1
            return None

    def send(self, house: House, raws: list[bytes], how: str) -> list[Receipt]:
        """Send to a door, check what comes back, and return the receipts."""
        self.done.rules[how] += 1
        try:
            outcomes = house.ledger.record_many(raws)
        except Frozen:
            raise
        except StorageError as error:
            assert self.is_hurt, "a store that is sound has failed"
            self.done.outcomes[error.code] += 1
            return []
        receipts = [one for one in outcomes if not isinstance(one, PistaError)]
        for outcome, raw in zip(outcomes, raws, strict=True):
            if isinstance(outcome, PistaError):
                self.check_refusal(outcome, how)
            else:
                check_receipt(outcome, raw)
                assert outcome.first or how in {"held", "again"}
                self.done.outcomes["recorded" if outcome.first else "known"] += 1
        self.receipts += [one for one in receipts if one.first]
        return receipts

    def check_refusal(self, refusal: PistaError, how: str) -> None:
        """What was drafted just now and alone is never late."""
        self.done.outcomes[refusal.code] += 1
        assert isinstance(refusal, Refused)
        assert how in {"batch", "held"}, f"{how}: {refusal}"
        if how == "batch":
            assert refusal.code == "stream-moved"

    @contextmanager
    def nothing_changes(self) -> Iterator[None]:
        """Nothing is written and nothing signed while the block runs."""
        before = (self.house.journal.size, dict(self.signer.signed), self.anchor.read())
        yield
        assert (self.house.journal.size, self.signer.signed, self.anchor.read()) == before


def told(what: str, cup: str, detail: Any) -> tuple[str, dict[str, Any], dict[str, Any]]:  # noqa: ANN401
    """Return name, data and what is beside of a fact."""
    on_cup = {"role": "rup", "occurred_on": "2026-03-01", "cup": cup}
    match what:
        case "fund":
            decree = {"number": f"{detail}/2026", "on": "2026-01-01"}
            data = {"source": "PNRR", "amount": f"{detail}.00", "decree": decree}
            return "record-funding/1", {**data, "instrument": "decreto"}, on_cup
        case "enter":
            return "enter-phase/1", {"phase": detail}, on_cup
        case "act":
            data = {**DETERMINA, "number": str(detail), "links": [{"cup": cup}]}
            return "register-determina/1", data, {"role": "rup"}
    beside = {"role": "rup", "occurred_on": "2026-03-01"}
    return "register-intervention/1", {**INTERVENTION, "cup": cup}, beside


def check_receipt(receipt: Receipt, raw: bytes) -> None:
    """A receipt proves what was sent, with nothing but the key of the log."""
    head = open_checkpoint(receipt.checkpoint, NOTE_SIGNER.key).checkpoint
    proof = parse_proof(receipt.proof)
    assert (proof.index, proof.checkpoint) == (receipt.index, receipt.checkpoint)
    verify_inclusion(leaf_hash(receipt.leaf), proof.index, head.size, proof.path, head.root)
    assert receipt.envelope.rpartition(b".")[0] == raw.rpartition(b".")[0]


def publish(house: House) -> None:
    """Let the anchor stand at the end of the log, as any write does."""
    house.ledger.sequencer.submit_many(())


def expect_frozen(call: Callable[[], object], code: str) -> None:
    """Fail unless the call freezes with this code."""
    with pytest.raises(Frozen) as caught:
        call()
    assert caught.value.code == code


def expect_refused(call: Callable[[], object]) -> None:
    """Fail unless the call is refused for its key."""
    with pytest.raises(NotAuthorised) as caught:
        call()
    assert caught.value.code == "key-revoked"
