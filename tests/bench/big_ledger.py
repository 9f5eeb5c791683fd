"""A ledger on disk for the reading lines: one CUP of 200 events, and others of 40.

Every event is a real one, signed by one of three people and appended by the real sequencer; only
the judge lets everything pass. A CUP is registered, funded and begun; then, again and again, a
service is added, an act runs its course on two streams, the service goes live, two rows of a
checklist are answered. No documents: they would be measured instead of the record.
"""

from __future__ import annotations

import itertools
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from ledger.journal.anchor import MemoryAnchor
from ledger.journal.note import Ed25519NoteSigner
from ledger.journal.sequencer import Sequencer
from ledger.signing.algorithms import ed25519_public, sign_ed25519
from ledger.signing.certificates import build_ca
from ledger.vault.folder import FolderVault
from ledger.vault.vaultkey import VaultKey
from tests.bench.signing_client import typical_data
from tests.exporters.journal_evidence import JournalEvidence
from tests.exporters.ledger_fixture import PERSON, enrol_people, found
from tests.exporters.ledger_writer import (
    ACCOUNTANT,
    ORIGIN,
    PUBLISHER,
    RUP,
    START,
    Clock,
    Ledger,
    PassThrough,
    counted_octets,
    octets,
    p256,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ledger.journal.recorder import JournalRecorder

CUP: Final = "C81C22001220006"
EVENTS: Final = 200
SMALL_EVENTS: Final = 40
OCCURRED_ON: Final = date(2026, 2, 16)
_SERVICES: Final = {"mode": "B", "origin": "on-premise-strutturato", "destination": "saas"}

Step = tuple[str, str, str, bool, dict[str, Any]]  # actor, role, type, joins its act, data


def build(recorder: JournalRecorder, folder: Path, small_cups: list[str]) -> JournalEvidence:
    """Write the ledger through the recorder; return what exporters read."""
    seed = octets("log key")
    key = ed25519_public(seed)
    note_signer = Ed25519NoteSigner(ORIGIN, lambda text: sign_ed25519(seed, text), key)
    clock = Clock()
    sequencer = Sequencer(recorder, note_signer, MemoryAnchor(), clock, PassThrough())
    ledger = Ledger(sequencer, clock, build_ca(p256("ca"), ORIGIN, START, 1))
    policy = f"log {note_signer.vkey}\nquorum none\n".encode()
    found(ledger, note_signer.vkey, policy)
    enrol_people(ledger)
    for place, cup in enumerate([CUP, *small_cups]):
        _tell(ledger, cup, place, SMALL_EVENTS if place else EVENTS)
    vault = FolderVault(folder / "vault", VaultKey(octets("vault")), random=counted_octets("vault"))
    ca = ledger.certificates.pem.encode()
    return JournalEvidence(ledger.journal, note_signer, vault, policy, ca)


def steps(cup: str, place: int) -> Iterator[Step]:
    """Yield the events of a CUP without end; the number of an act says of which CUP and cycle."""
    cycles = (_cycle(cup, place * 100 + number, number) for number in itertools.count(1))
    return itertools.chain(_beginning(cup), itertools.chain.from_iterable(cycles))


def streams_of(cup: str, step: Step) -> list[str]:
    """Return the streams that an event joins, sorted."""
    _, _, _, with_act, data = step
    act = data.get("act") or f"c_e506/registro-generale/2026/{data.get('number')}"
    return [f"act/{act}", f"cup/{cup}"] if with_act else [f"cup/{cup}"]


def _tell(ledger: Ledger, cup: str, place: int, events: int) -> None:
    """Record so many events of a CUP."""
    for step in itertools.islice(steps(cup, place), events):
        actor, role, type_, _, data = step
        ledger.record(actor, type_, streams_of(cup, step), data, role=role, on=OCCURRED_ON)


def _beginning(cup: str) -> Iterator[Step]:
    registered = {
        "cup": cup,
        "title": "Abilitazione al cloud per le PA locali",
        "measure": "M1C1I1.2",
        "body": {"ipa": "c_e506", "tax_code": "80008510754"},
        "natura": "02",
        "decided_in": 2022,
    }
    yield RUP, "rup", "intervention-registered/2", False, registered
    funded = {
        "source": "PNRR",
        "amount": "252118.00",
        "decree": {"number": "28-1/2026", "on": "2026-01-14"},
        "instrument": "decreto",
    }
    yield RUP, "rup", "funding-granted/1", False, funded
    yield RUP, "rup", "phase-entered/1", False, {"phase": "DA_ATTIVARE"}
    opened = {"checklist": "dnsh-6", "template": "dnsh", "version": "1", "stage": "ex-ante"}
    yield RUP, "rup", "checklist-opened/1", False, opened


def _cycle(cup: str, number: int, turn: int) -> Iterator[Step]:
    service, act = f"s{turn:02}", f"c_e506/registro-generale/2026/{number}"
    named = {"item": service, "name": f"Servizio comunale {turn}", "funded": True}
    yield RUP, "rup", "scope-item-added/1", False, {**named, **_SERVICES, "amount": "12000.00"}
    links = [{"cup": cup, "amount": "40000.00"}]
    yield RUP, "rup", "determina-registered/1", True, {**typical_data(number), "links": links}
    endorsed = {"act": act, "by_person": PERSON}
    yield ACCOUNTANT, "finanziario", "endorsement-given/1", True, endorsed
    force = {"act": act, "effective_on": "2026-02-18", "rule_id": "tuel-183-7"}
    yield ACCOUNTANT, "finanziario", "enforceability-acquired/1", True, force
    posted = {"act": act, "albo_number": f"{number}/2026", "version": "integrale"}
    days = {"from": "2026-02-19", "to": "2026-03-06"}
    yield PUBLISHER, "pubblicatore", "act-published/1", True, {**posted, **days}
    live = {"item": service, "live_on": "2026-02-16", "mode": "B", "destination": "saas"}
    yield RUP, "rup", "scope-item-completed/1", False, live
    for half in (1, 2):
        answer = {"checklist": "dnsh-6", "row": f"{turn}.{half}", "answer": "SI"}
        yield RUP, "rup", "checklist-answered/1", False, answer
