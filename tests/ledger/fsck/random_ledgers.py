"""Honest ledgers of every kind, from a seed: no two alike, and nothing wrong with any.

People come, get roles and new keys; events join one stream or many, with objects or without, one at
a time or many in a batch; some correct others; a second ledger may be in the same store.
"""

from __future__ import annotations

import io
import random
from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING, Any

from ledger.journal.batch import Candidate
from ledger.signing.envelope import parse
from tests.exporters.ledger_fixture import CUP, OTHER_CUP, THIRD_CUP, register_all
from tests.exporters.ledger_writer import ACCOUNTANT, ADMINISTRATOR, RUP, object_plain
from tests.ledger.application import door_kit
from tests.ledger.fsck.ledgers import LAW, Made, begin
from tests.ledger.fsck.stores import SQLiteStore

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.vault.folder import FolderVault
    from tests.exporters.ledger_writer import Ledger

CUPS = (CUP, OTHER_CUP, THIRD_CUP)
DAY = date(2026, 2, 28)
PHASES = ("DA_ATTIVARE", "PROGETTAZIONE", "AFFIDAMENTO", "ESECUZIONE", "COLLAUDO")


class Telling:
    """One ledger that is being told."""

    def __init__(self, ledger: Ledger, vault: FolderVault, chance: random.Random) -> None:
        """Tell with these."""
        self.ledger = ledger
        self.vault = vault
        self.chance = chance
        self._number = 0
        self._entered: list[str] = []

    def step(self) -> None:
        """Record something."""
        often = (self.phase, self.act, self.document, self.batch)
        self.chance.choice((*often, *often, self.correction, self.new_key, self.person))()

    def next(self) -> int:
        """Return the next number."""
        self._number += 1
        return self._number

    def by_rup(self, type_: str, streams: list[str], data: dict[str, Any], **more: Any) -> Any:  # noqa: ANN401
        """Record an event of the RUP."""
        return self.ledger.record(RUP, type_, streams, data, role="rup", on=DAY, **more)

    def phase(self) -> None:
        """Enter a phase of one CUP."""
        data = {"phase": self.chance.choice(PHASES)}
        receipt = self.by_rup("phase-entered/1", [f"cup/{self.chance.choice(CUPS)}"], data)
        self._entered.append(receipt.event_id)

    def act(self) -> None:
        """Register a determina of some CUPs, and have it endorsed or not."""
        cups = self.chance.sample(CUPS, self.chance.randint(1, 3))
        data, act = self.determina(cups), f"c_e506/registro-generale/2026/{self._number}"
        streams = [f"act/{act}", *(f"cup/{cup}" for cup in cups)]
        self.by_rup("determina-registered/1", streams, data)
        if self.chance.random() < 0.5:
            endorsed = {"act": act, "by_person": "p_" + "b" * 26}
            self.ledger.record(
                ACCOUNTANT, "endorsement-given/1", streams, endorsed, role="finanziario", on=DAY
            )

    def determina(self, cups: list[str]) -> dict[str, Any]:
        """Return the data of a determina."""
        return {
            "register": "registro-generale",
            "year": 2026,
            "number": str(self.next()),
            "adopted_on": "2026-02-16",
            "subject": "Affidamento del servizio di migrazione àèìòù «€» \U0001f4c4",
            "office": "Settore",
            "signatory": "p_" + "a" * 26,
            "links": [{"cup": cup, "amount": "100.00"} for cup in cups],
            "cup_in_text": "si",
            "file": "determina.pdf",
            "amount": "100.00",
            "subtype": "affidamento",
        }

    def document(self) -> None:
        """Attach a document, perhaps a large one, perhaps an empty one."""
        size = self.chance.choice((0, 1, 1000, 70_000, 1024 * 1024 + 1))
        content = io.BytesIO(self.chance.randbytes(size))
        stored = self.vault.put(content, self.chance.choice(("text/plain", "application/pdf")))
        name = f"d{self.next()}.txt"
        data = {"doc": name, "kind": "altro", "form": "solo-elettronico"}
        objects = [object_plain(name, stored)]
        self.by_rup(
            "document-attached/1", [f"cup/{self.chance.choice(CUPS)}"], data, objects=objects
        )

    def batch(self) -> None:
        """Record several events in one tree, of unlike streams."""
        raws = []
        for cup in self.chance.sample(CUPS, self.chance.randint(2, 3)):
            payload = self.ledger.draft(
                RUP, "phase-entered/1", [f"cup/{cup}"], {"phase": "COLLAUDO"}, role="rup", on=DAY
            )
            raws.append(self.ledger.sign(RUP, payload))
        self.ledger.sequencer.submit_many([candidate(raw) for raw in raws])

    def correction(self) -> None:
        """Withdraw a phase, when there is one."""
        if self._entered:
            corrected = self._entered.pop()
            index = self.ledger.journal.find(corrected)
            assert index is not None
            streams = [claim.name for claim in parse(self.ledger.journal.envelope(index)).streams]
            data = {"cause": "Data trascritta male"}
            self.by_rup("error-corrected/1", streams, data, corrects=[corrected])

    def new_key(self) -> None:
        """Give the RUP another key."""
        old, new = self.ledger.holders[RUP], self.ledger.enter(RUP, f"key {self.next()}")
        data = {**self.ledger.key_data(new), "old": old.signer.kid}
        self.ledger.record(RUP, "key-rotated/1", [f"actor/{RUP}"], data)
        self.ledger.holders[RUP] = new

    def person(self) -> None:
        """Enrol a person and grant a role, approved or not."""
        actor = "".join(self.chance.choices("abcdefghijklmnopqrstuvwxyz234567", k=26))
        holder = self.ledger.enter(actor, "first")
        stream = [f"actor/{actor}"]
        enrolled = self.ledger.record(
            ADMINISTRATOR, "actor-enrolled/1", stream, self.ledger.key_data(holder)
        )
        if self.chance.random() < 0.7:
            self.ledger.approved(enrolled)
            grant = {"actor": actor, "role": "dirigente", "from": "2026-01-01", "office": "Ufficio"}
            self.ledger.record(ADMINISTRATOR, "role-granted/1", stream, grant)


def candidate(raw: bytes) -> Candidate:
    """Return the candidate of an envelope."""
    envelope = parse(raw)
    basis = envelope.basis
    return Candidate(
        raw=raw,
        id=envelope.id,
        type=envelope.type,
        signing_input=envelope.signing_input,
        streams=envelope.streams,
        basis_size=basis.size,
        basis_root=basis.root,
        kid=envelope.header.kid,
    )


def random_ledger(folder: Path, seed: int) -> list[str]:
    """Make the ledger of a seed, examining it on the way; return what is wrongly found."""
    chance = random.Random(seed)  # noqa: S311  a story, no secret
    store = SQLiteStore(folder / "ledger.sqlite")
    made, found = Made(folder, store), []
    with closing(store.recorder(made.origin)) as recorder:
        ledger, vault = begin(folder, recorder)
        if chance.random() < 0.3:
            with closing(store.recorder(door_kit.ORIGIN)) as other:
                door_kit.build(folder / "other", other)
        register_all(ledger)
        telling = Telling(ledger, vault, chance)
        for _ in range(chance.randint(1, 4)):
            for _ in range(chance.randint(0, 12)):
                telling.step()
            report = made.examine(from_kept=chance.random() < 0.5, with_vault=True)
            found += [f"{one.code} {one.place} {one.sentence}" for one in report.findings]
    report = made.examine(with_vault=True, with_views=chance.random() < 0.3)
    found += [f"{one.code} {one.place} {one.sentence}" for one in report.findings]
    again = made.examine(from_kept=True)
    found += [f"{one.code} {one.place} {one.sentence}" for one in again.findings]
    assert (again.begun_at, again.size, LAW is not None) == (report.size, report.size, True)
    return found
