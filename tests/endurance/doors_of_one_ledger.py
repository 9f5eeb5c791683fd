"""Two doors on one store and one anchor, and what holds of their ledger after every step.

Each door has its judge and its sequencer, as a process has. The whole log is judged from its rows:
it continues what it was, no id is in it twice, streams are contiguous; whatever a receipt said is
so, and its checkpoint is a beginning of the present head; the log key has signed no two roots of
one size, and nothing that the anchor does not stand for.
"""

from __future__ import annotations

import itertools
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis.stateful import RuleBasedStateMachine, invariant

from ledger.application.door import Ledger
from ledger.application.judge import PlaceJudge
from ledger.errors import Frozen, NotAuthorised, PistaError, Refused, StorageError
from ledger.journal.checkpoint import open_checkpoint
from ledger.journal.journal import Journal
from ledger.journal.merkle import leaf_hash, verify_consistency, verify_inclusion
from ledger.journal.proofs import parse_proof
from ledger.journal.sequencer import Sequencer
from ledger.records import load_law
from ledger.vault.folder import FolderVault
from ledger.vault.vaultkey import VaultKey
from tests.endurance.breaking_parts import BreakingAnchor, RememberingSigner
from tests.endurance.log_judge import Log, judge_log
from tests.exporters.ledger_writer import counted_octets, octets
from tests.ledger.application.door_kit import (
    BODY,
    CUP,
    NOTE_SIGNER,
    OTHER_CUP,
    House,
    build,
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


@dataclass
class Done:
    """What machines of one run did."""

    machines: int = 0
    steps: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)


class DoorsOfOneLedger(RuleBasedStateMachine):
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
    return "register-intervention/2", {**INTERVENTION, "cup": cup}, beside


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
