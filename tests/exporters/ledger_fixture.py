"""A small, complete ledger for tests: fixed keys, fixed clock, the same bytes each time.

    built = build(tmp_path)
    built.evidence                 what exporters read
    built.policy                   the trust file, handed out outside any package
    built.cup, built.other_cup     a determina links both; `built.third_cup` is unrelated

Two administrators (k = 2) found it, enrol and approve three people: a RUP (ES256), an accountant
(EdDSA) and a publisher (RS256). The story of `cup`: registered, funded, a determina on two CUPs with its
file, visto, enforceable, at the albo; a phase entered on the wrong day and corrected; the RUP's key
rotated; the phase goes back; a document attached. The journal, the sequencer, the key directory and
the vault are the real ones; only the judge lets everything pass.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from ledger.journal.anchor import MemoryAnchor
from ledger.journal.memory import MemoryRecorder
from ledger.journal.note import Ed25519NoteSigner
from ledger.journal.sequencer import Sequencer
from ledger.records import load_law
from ledger.signing.algorithms import ed25519_public, sign_ed25519
from ledger.signing.certificates import build_ca
from ledger.vault.folder import FolderVault
from ledger.vault.vaultkey import VaultKey
from tests.exporters.journal_evidence import JournalEvidence
from tests.exporters.ledger_writer import (
    ACCOUNTANT,
    ADMINISTRATOR,
    DEPUTY,
    ORIGIN,
    PUBLISHER,
    RUP,
    START,
    Clock,
    Ledger,
    PassThrough,
    counted_octets,
    named_key,
    object_plain,
    octets,
    p256,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ledger.journal.batch import Receipt

CUP = "C81C22001220006"
RULES = load_law().rule_set
OTHER_CUP = "C81F22001230006"
THIRD_CUP = "C81B22001240006"
ACT = "c_e506/registro-generale/2026/101"
PERSON = "p_" + "a" * 26
DETERMINA = b"%PDF-1.7 determina n. 101\n" * 4000
REPORT = b"Relazione sullo stato dei servizi.\n" * 40


@dataclass(frozen=True)
class Built:
    """The finished ledger, and what a test needs to know of it."""

    ledger: Ledger
    evidence: JournalEvidence
    size: int
    origin: str = ORIGIN
    cup: str = CUP
    other_cup: str = OTHER_CUP
    third_cup: str = THIRD_CUP
    act: str = ACT

    @property
    def policy(self) -> bytes:
        """The trust file: the log key, no witnesses."""
        return self.evidence.policy


def build(folder: Path, rules: str = RULES) -> Built:
    """Build the ledger; its vault goes below the folder. `rules` is the digest of its tables of law."""
    seed = octets("log key")
    note_signer = Ed25519NoteSigner(
        ORIGIN, lambda message: sign_ed25519(seed, message), ed25519_public(seed)
    )
    clock = Clock()
    recorder = MemoryRecorder(ORIGIN)
    sequencer = Sequencer(recorder, note_signer, MemoryAnchor(), clock, PassThrough())
    ledger = Ledger(sequencer, clock, build_ca(p256("ca"), ORIGIN, START, 1))
    vault = FolderVault(folder / "vault", VaultKey(octets("vault")), random=counted_octets("vault"))
    policy = f"log {note_signer.vkey}\nquorum none\n".encode()
    found(ledger, note_signer.vkey, policy, rules)
    enrol_people(ledger)
    tell_story(ledger, vault)
    ca = ledger.certificates.pem.encode()
    evidence = JournalEvidence(ledger.journal, note_signer, vault, policy, ca)
    return Built(ledger, evidence, evidence.last_head())


def found(ledger: Ledger, log_key: str, policy: bytes, rules: str = RULES) -> None:
    """Found the ledger with two administrators who must agree."""
    for actor in (ADMINISTRATOR, DEPUTY):
        ledger.holders[actor] = ledger.enter(actor, "first")
    data = {
        "origin": ORIGIN,
        "log_key": log_key,
        "approvals": 2,
        "administrators": [named_key(holder) for holder in ledger.holders.values()],
        "ca": ledger.certificates.pem,
        "policy": hashlib.sha256(policy).hexdigest(),
        "schemas": "0" * 64,
        "rules": rules,
    }
    streams = ["sys/log", *(f"actor/{actor}" for actor in ledger.holders)]
    ledger.record(ADMINISTRATOR, "ledger-founded/1", streams, data)


def enrol_people(ledger: Ledger) -> None:
    """Enrol three people and grant them their roles, each time with both administrators."""
    roles = {RUP: ("rup",), ACCOUNTANT: ("finanziario",), PUBLISHER: ("pubblicatore",)}
    for actor, granted in roles.items():
        holder = ledger.enter(actor, "first")
        stream = f"actor/{actor}"
        data = ledger.key_data(holder)
        ledger.approved(ledger.record(ADMINISTRATOR, "actor-enrolled/1", [stream], data))
        ledger.holders[actor] = holder
        for role in granted:
            authority = {
                "actor": actor,
                "role": role,
                "from": "2026-01-01",
                "office": "Settore Innovazione",
            }
            grant = ledger.record(ADMINISTRATOR, "role-granted/1", [stream], authority)
            ledger.approved(grant)


def tell_story(ledger: Ledger, vault: FolderVault) -> None:
    """Record what happened to the interventions."""
    register_all(ledger)
    prepare(ledger)
    adopt_determina(ledger, vault)
    go_on_and_back(ledger)
    attach_report(ledger, vault)
    described = {"description": "Servizi comunali nell'app IO"}
    by_rup(ledger, "intervention-described/1", "2026-03-01", described, f"cup/{THIRD_CUP}")


def by_rup(  # noqa: PLR0913  the parts of an event
    ledger: Ledger,
    type_: str,
    day: str,
    data: dict[str, Any],
    *streams: str,
    objects: Sequence[dict[str, Any]] = (),
    reason: str | None = None,
    corrects: Sequence[str] = (),
) -> Receipt:
    """Record an event of the RUP on the CUP, or on the streams that are named."""
    names, on = streams or (f"cup/{CUP}",), date.fromisoformat(day)
    return ledger.record(
        RUP,
        type_,
        names,
        data,
        role="rup",
        on=on,
        objects=objects,
        reason=reason,
        corrects=corrects,
    )


def register_all(ledger: Ledger) -> None:
    """Register three interventions."""
    for cup, title in ((CUP, "Abilitazione al cloud"), (OTHER_CUP, "Sito"), (THIRD_CUP, "App IO")):
        data = {
            "cup": cup,
            "title": f"{title} del Comune di Esempio, àèìòù",
            "measure": "M1C1I1.2",
            "body": {"ipa": "c_e506", "tax_code": "80008510754"},
            "natura": "02",
            "decided_in": 2022,
        }
        by_rup(ledger, "intervention-registered/2", "2026-01-12", data, f"cup/{cup}")


def prepare(ledger: Ledger) -> None:
    """Fund the intervention, name its RUP, begin the first phases."""
    item = {
        "item": "s01",
        "name": "Protocollo informatico",
        "funded": True,
        "mode": "B",
        "origin": "on-premise-strutturato",
        "destination": "saas",
        "amount": "120000.00",
    }
    by_rup(ledger, "scope-item-added/1", "2026-01-13", item)
    grant = {
        "source": "PNRR",
        "amount": "252118.00",
        "decree": {"number": "28-1/2026", "on": "2026-01-14"},
        "instrument": "decreto",
    }
    by_rup(ledger, "funding-granted/1", "2026-01-14", grant)
    nomination = {"person": PERSON, "role": "rup", "from": "2026-01-15"}
    by_rup(ledger, "role-assigned/1", "2026-01-15", nomination)
    by_rup(ledger, "phase-entered/1", "2026-01-16", {"phase": "DA_ATTIVARE"})
    by_rup(ledger, "phase-entered/1", "2026-02-02", {"phase": "AFFIDAMENTO"})


def adopt_determina(ledger: Ledger, vault: FolderVault) -> None:
    """Adopt an act on two CUPs; it gets its visto, has force and is published."""
    stored = vault.put(io.BytesIO(DETERMINA), "application/pdf")
    data = {
        "register": "registro-generale",
        "year": 2026,
        "number": "101",
        "adopted_on": "2026-02-16",
        "subject": "Affidamento del servizio di migrazione al cloud",
        "office": "Settore Innovazione",
        "signatory": PERSON,
        "links": [
            {"cup": CUP, "amount": "40000.00"},
            {"cup": OTHER_CUP, "amount": "10000.00"},
        ],
        "cup_in_text": "si",
        "file": "determina.pdf",
        "amount": "50000.00",
        "subtype": "affidamento",
    }
    act, cups = f"act/{ACT}", (f"cup/{CUP}", f"cup/{OTHER_CUP}")
    objects = [object_plain("determina.pdf", stored)]
    by_rup(ledger, "determina-registered/1", "2026-02-16", data, act, *cups, objects=objects)
    for actor, role, type_, day, more in (
        (ACCOUNTANT, "finanziario", "endorsement-given/1", 18, {"by_person": "p_" + "b" * 26}),
        (
            ACCOUNTANT,
            "finanziario",
            "enforceability-acquired/1",
            18,
            {"effective_on": "2026-02-18", "rule_id": "tuel-183-7"},
        ),
        (
            PUBLISHER,
            "pubblicatore",
            "act-published/1",
            19,
            {
                "albo_number": "412/2026",
                "from": "2026-02-19",
                "to": "2026-03-06",
                "version": "integrale",
            },
        ),
    ):
        on = date(2026, 2, day)
        ledger.record(actor, type_, (act, *cups), {"act": ACT, **more}, role=role, on=on)


def go_on_and_back(ledger: Ledger) -> None:
    """Enter a phase on the wrong day, correct it, change the key, go back a phase."""
    wrong = by_rup(ledger, "phase-entered/1", "2026-02-20", {"phase": "ESECUZIONE"})
    cause = {"cause": "Data di avvio trascritta male"}
    by_rup(ledger, "error-corrected/1", "2026-02-24", cause, corrects=[wrong.event_id])
    entered = {"phase": "ESECUZIONE", "act": ACT}
    streams = (f"act/{ACT}", f"cup/{CUP}")
    by_rup(ledger, "phase-entered/1", "2026-02-23", entered, *streams)
    old, new = ledger.holders[RUP], ledger.enter(RUP, "second")
    rotation = {**ledger.key_data(new), "old": old.signer.kid}
    ledger.record(RUP, "key-rotated/1", [f"actor/{RUP}"], rotation)
    ledger.holders[RUP] = new
    back = {
        "from_phase": "ESECUZIONE",
        "to_phase": "AFFIDAMENTO",
        "cause": "Il fornitore ha rinunciato",
    }
    by_rup(ledger, "phase-reverted/1", "2026-02-27", back, reason="Rinuncia del 26/02/2026")


def attach_report(ledger: Ledger, vault: FolderVault) -> None:
    """Attach a document to the CUP."""
    stored = vault.put(io.BytesIO(REPORT), "text/plain")
    data = {"doc": "relazione.txt", "kind": "altro", "form": "solo-elettronico"}
    objects = [object_plain("relazione.txt", stored)]
    by_rup(ledger, "document-attached/1", "2026-02-28", data, objects=objects)
