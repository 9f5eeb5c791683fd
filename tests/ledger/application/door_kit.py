"""A small ledger behind its door, for tests: fixed keys, a clock that is told the time.

    house = build(tmp_path, MemoryRecorder(ORIGIN))
    house.write("rup", "register-intervention/2", INTERVENTION, occurred_on="2026-03-02")
    raw = house.signed(house.draft("rup", command))      what a client sends

One administrator founds it (k = 1) and enrols a RUP, an accountant and an outsider without roles.
Domain, judge, journal, vault and signatures are the real ones.
"""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ledger.application.door import Draft, Identity, Ledger
from ledger.application.judge import PlaceJudge
from ledger.application.requests import parse_request
from ledger.journal.anchor import MemoryAnchor
from ledger.journal.journal import Journal
from ledger.journal.merkle import EMPTY_ROOT
from ledger.journal.note import Ed25519NoteSigner
from ledger.journal.sequencer import Sequencer
from ledger.records import event_id, load_law
from ledger.signing.algorithms import ed25519_public, sign_ed25519
from ledger.signing.certificates import CA, build_ca, certificate_digest
from ledger.signing.envelope import Basis, Header, assemble, parse, signing_input
from ledger.signing.possession import build_possession
from ledger.signing.signer import KeySigner, key_signer
from ledger.vault.folder import FolderVault
from ledger.vault.vaultkey import VaultKey
from tests.exporters.ledger_writer import counted_octets, octets, p256

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ledger.domain.commands.command import Command
    from ledger.domain.event import ObjectRef
    from ledger.journal.anchor import Anchor
    from ledger.journal.batch import Receipt
    from ledger.journal.recorder import JournalRecorder
    from ledger.vault.vault import Vault

ORIGIN = "prova.comune.esempio.it/c_e506"

BODY = "c_e506"

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

CUP, OTHER_CUP = "C81C22001220006", "C81F22004270006"

LOG_SEED = octets("door log key")

NOTE_SIGNER = Ed25519NoteSigner(
    ORIGIN, lambda message: sign_ed25519(LOG_SEED, message), ed25519_public(LOG_SEED)
)

POLICY = f"log {NOTE_SIGNER.vkey}\nquorum none\n".encode()

PEOPLE = {"admin": "a" * 26, "rup": "b" * 26, "ragioneria": "c" * 26, "ospite": "d" * 26}


class Clock:
    """A clock that goes on by a second each time it is looked at, and can be set."""

    def __init__(self, now: datetime = START) -> None:
        """Begin at a time."""
        self.now = now

    def __call__(self) -> datetime:
        """Return the next second."""
        self.now += timedelta(seconds=1)
        return self.now


@dataclass
class Person:
    """One who signs: actor, key in use, certificate."""

    actor: str
    signer: KeySigner
    certificate: str

    @property
    def identity(self) -> Identity:
        """Return the public side."""
        digest = certificate_digest(self.certificate)
        return Identity(self.actor, self.signer.kid, self.signer.alg, digest)


@dataclass
class House:
    """The ledger with the people who write in it."""

    ledger: Ledger
    ca: CA
    people: dict[str, Person]
    recorder: JournalRecorder
    anchor: Anchor
    folder: Path
    clock: Clock
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    @property
    def journal(self) -> Journal:
        """Return the read side."""
        return self.ledger.journal

    def head(self) -> tuple[int, bytes]:
        """Return size and root: what must not change when something is refused."""
        size = self.journal.size
        return size, self.journal.root_at(size)

    def basis(self) -> Basis:
        """Return the last head."""
        return Basis(*self.head()) if self.journal.size else Basis(0, EMPTY_ROOT)

    def enter(self, name: str, label: str = "first") -> Person:
        """Make a fixed key and its certificate for a person, not enrolled."""
        signer = key_signer(p256(f"door {name} {label}"))
        actor = PEOPLE[name]
        serial = int.from_bytes(octets(f"door {name} {label}", 8), "big") >> 1
        return Person(actor, signer, self.ca.issue(signer.jwk(), actor, START, serial))

    def command(
        self,
        name: str,
        data: dict[str, Any],
        objects: tuple[ObjectRef, ...] = (),
        **beside: Any,  # noqa: ANN401  what is written beside the data of a request
    ) -> Command:
        """Return a command with the next fixed id, unless one is given."""
        number = next(self.numbers)
        beside.setdefault("id", event_id(START, octets(f"door id {number}", 10)))
        return parse_request({"command": name, "data": data, **beside}, objects)

    def draft(self, person: str, command: Command) -> Draft:
        """Return the draft of a command."""
        return self.ledger.draft(command, self.people[person].identity, self.basis())

    def signed(self, person: str, draft: Draft) -> bytes:
        """Return the envelope that a client sends."""
        signature = self.people[person].signer.sign(draft.signing_input)
        return assemble(draft.signing_input, signature)

    def envelope(
        self,
        person: str,
        name: str,
        data: dict[str, Any],
        **beside: Any,  # noqa: ANN401  as in `command`
    ) -> bytes:
        """Draft and sign a command."""
        return self.signed(person, self.draft(person, self.command(name, data, **beside)))

    def write(
        self,
        person: str,
        name: str,
        data: dict[str, Any],
        **beside: Any,  # noqa: ANN401  as in `command`
    ) -> Receipt:
        """Draft, sign and record."""
        return self.ledger.record(self.envelope(person, name, data, **beside))

    def forged(
        self,
        person: str,
        draft: Draft,
        **changed: Any,  # noqa: ANN401  members of the payload
    ) -> bytes:
        """Return an envelope whose payload a client has changed before signing."""
        envelope = parse(self.signed(person, draft))
        payload = {**envelope.payload, **changed}
        holder = self.people[person]
        header = Header(
            holder.signer.alg,
            envelope.header.iat,
            holder.signer.kid,
            certificate_digest(holder.certificate),
        )
        text = signing_input(header, payload)
        return assemble(text, holder.signer.sign(text))

    def another(self) -> House:
        """Return the same ledger as another process has it open: own judge, sequencer, vault."""
        vault = FolderVault(self.folder / "vault", VaultKey(octets("door vault")))
        ledger = opened(self.recorder, self.anchor, self.clock, vault, "another")
        return House(
            ledger,
            self.ca,
            self.people,
            self.recorder,
            self.anchor,
            self.folder,
            self.clock,
            itertools.count(1000),
        )


def opened(
    recorder: JournalRecorder,
    anchor: Anchor,
    clock: Callable[[], datetime],
    vault: Vault,
    label: str,
) -> Ledger:
    """Join the parts of a ledger, as api.app does."""
    journal = Journal(recorder)
    judge = PlaceJudge(journal, load_law(), lambda: BODY)
    sequencer = Sequencer(recorder, NOTE_SIGNER, anchor, clock, judge)
    return Ledger(
        journal=journal,
        sequencer=sequencer,
        judge=judge,
        vault=vault,
        clock=clock,
        random=counted_octets(f"door nonce {label}"),
    )


def build(folder: Path, recorder: JournalRecorder) -> House:
    """Found the ledger and enrol its people."""
    clock, anchor = Clock(), MemoryAnchor()
    vault = FolderVault(
        folder / "vault", VaultKey(octets("door vault")), random=counted_octets("door vault")
    )
    ledger = opened(recorder, anchor, clock, vault, "first")
    ca = build_ca(p256("door ca"), ORIGIN, START, 1)
    house = House(ledger, ca, {}, recorder, anchor, folder, clock)
    house.people["admin"] = house.enter("admin")
    ledger.record(house.envelope("admin", "found-ledger/1", founding(house)))
    for name in ("rup", "ragioneria", "ospite"):
        enrol(house, name)
    grant(house, "rup", "rup")
    grant(house, "ragioneria", "finanziario")
    return house


def founding(house: House) -> dict[str, Any]:
    """Return the data of leaf 0, which names the administrator alone."""
    admin = house.people["admin"]
    return {
        "origin": ORIGIN,
        "log_key": NOTE_SIGNER.vkey,
        "approvals": 1,
        "administrators": [
            {
                "actor": admin.actor,
                "kid": admin.signer.kid,
                "jwk": admin.signer.jwk(),
                "certificate": admin.certificate,
            }
        ],
        "ca": house.ca.pem,
        "policy": hashlib.sha256(POLICY).hexdigest(),
        "schemas": "0" * 64,
        "rules": "0" * 64,
    }


def key_data(person: Person, label: str) -> dict[str, Any]:
    """Return the members by which an event enrols a key."""
    iat = int(START.timestamp())
    proof = build_possession(person.signer, person.actor, ORIGIN, octets(label, 16), iat)
    return {
        "actor": person.actor,
        "kid": person.signer.kid,
        "jwk": person.signer.jwk(),
        "certificate": person.certificate,
        "possession": proof,
    }


def enrol(house: House, name: str) -> Receipt:
    """Enrol a person's first key."""
    house.people[name] = house.enter(name)
    return house.write("admin", "enrol-actor/1", key_data(house.people[name], f"proof {name}"))


def grant(house: House, name: str, role: str) -> Receipt:
    """Grant a role from the year before."""
    data = {"actor": PEOPLE[name], "role": role, "from": "2025-01-01", "office": "Ufficio"}
    return house.write("admin", "grant-role/1", data)
