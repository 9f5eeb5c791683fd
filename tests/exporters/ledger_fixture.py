"""A small, complete ledger for tests: fixed keys, fixed clock, the same bytes each time.

    built = build(tmp_path)
    built.evidence                 what exporters read
    built.policy                   the trust file, handed out outside any package
    built.cup, built.other_cup     a determina links both; `built.third_cup` is unrelated

Two administrators (k = 2) found it, enrol and approve three people: a RUP (ES256), an accountant
(EdDSA) and a publisher. The story of `cup`: registered, funded, a determina on two CUPs with its
file, visto, enforceable, at the albo; a phase entered on the wrong day and corrected; the RUP's key
rotated; the phase goes back; a document attached. The journal, the sequencer, the key directory and
the vault are the real ones; only the judge lets everything pass.
"""

from __future__ import annotations

import hashlib
import io
import itertools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from ledger.journal.anchor import MemoryAnchor
from ledger.journal.batch import Candidate, Receipt
from ledger.journal.checkpoint import Checkpoint, sign_checkpoint
from ledger.journal.memory import MemoryRecorder
from ledger.journal.note import Ed25519NoteSigner
from ledger.journal.sequencer import Sequencer
from ledger.records import encode_digest, event_id
from ledger.signing.algorithms import ed25519_public, sign_ed25519
from ledger.signing.certificates import build_ca, certificate_digest
from ledger.signing.envelope import Basis, Header, StreamClaim, assemble, parse, signing_input
from ledger.signing.octets import format_base64url
from ledger.signing.possession import build_possession
from ledger.signing.signer import KeySigner, key_signer
from ledger.vault.folder import FolderVault
from ledger.vault.vaultkey import VaultKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from ledger.journal.journal import Journal
    from ledger.signing.certificates import CA
    from ledger.signing.signer import PrivateKey
    from ledger.vault.vault import StoredObject

ORIGIN = "demo.comune.esempio.it/c_e506"
CUP = "C81C22001220006"
OTHER_CUP = "C81F22001230006"
THIRD_CUP = "C81B22001240006"
ACT = "c_e506/registro-generale/2026/101"
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
STEP = timedelta(minutes=37, microseconds=123_456)
PERSON = "p_" + "a" * 26
DETERMINA = b"%PDF-1.7 determina n. 101\n" * 4000
REPORT = b"Relazione sullo stato dei servizi.\n" * 40
ADMINISTRATOR, DEPUTY, RUP, ACCOUNTANT, PUBLISHER = (letter * 26 for letter in "abcde")


class PassThrough:
    """A judge that lets everything pass; the tests that use this ledger are about its bytes."""

    def judge(self, candidate: Candidate, index: int, received_at: datetime) -> None:
        """Accept."""

    def accepted(self, candidate: Candidate, index: int, received_at: datetime) -> None:
        """Keep nothing."""

    def committed(self, size: int) -> None:
        """Keep nothing."""

    def rolled_back(self) -> None:
        """Have nothing to forget."""


class Clock:
    """A clock that goes on by one step each time it is read."""

    def __init__(self) -> None:
        """Begin at START."""
        self.now = START

    def __call__(self) -> datetime:
        """Return the next time."""
        self.now += STEP
        return self.now


def octets(label: str, count: int = 32) -> bytes:
    """Return bytes that look random and are the same each time."""
    return hashlib.shake_256(label.encode()).digest(count)


def counted_octets(label: str) -> Callable[[int], bytes]:
    """Return a source of bytes for what asks for random ones."""
    numbers = itertools.count()
    return lambda count: octets(f"{label} {next(numbers)}", count)


def p256(label: str) -> ec.EllipticCurvePrivateKey:
    """Return a fixed P-256 key."""
    return ec.derive_private_key(int.from_bytes(octets(label), "big") >> 1, ec.SECP256R1())


def private_key(label: str) -> PrivateKey:
    """Return a fixed key: Ed25519 for the accountant, P-256 for everybody else."""
    if label.startswith(ACCOUNTANT):
        return ed25519.Ed25519PrivateKey.from_private_bytes(octets(label))
    return p256(label)


@dataclass
class Holder:
    """An actor with the key in use and its certificate."""

    actor: str
    signer: KeySigner
    certificate: str


@dataclass(frozen=True)
class VaultDocument:
    """One object of the vault, as an Evidence gives it."""

    vault: FolderVault
    stored: StoredObject

    @property
    def salt(self) -> bytes:
        """The 32 bytes before the content."""
        return self.stored.salt

    @property
    def size_bytes(self) -> int:
        """The size of the content."""
        return self.stored.size_bytes

    def chunks(self) -> Iterator[bytes]:
        """Yield the content."""
        return self.vault.open(self.stored.commit)


@dataclass(frozen=True)
class JournalEvidence:
    """An Evidence over a journal and a vault in this process."""

    journal: Journal
    note_signer: Ed25519NoteSigner
    vault: FolderVault
    policy: bytes
    ca: bytes

    @property
    def origin(self) -> str:
        """The origin of the log."""
        return self.journal.origin

    def last_head(self) -> int:
        """Return the size of the last published tree."""
        return self.journal.last_heads_size()

    def checkpoint(self, size: int) -> bytes:
        """Return the note of a published tree; Ed25519 gives the same bytes each time."""
        head = Checkpoint(self.origin, size, self.journal.root_at(size))
        return sign_checkpoint(head, self.note_signer)

    def leaf(self, index: int) -> bytes:
        """Return a leaf."""
        return self.journal.leaf(index)

    def envelope(self, index: int) -> bytes:
        """Return an envelope."""
        return self.journal.envelope(index)

    def stream(self, name: str, size: int) -> Sequence[int]:
        """Return the indexes of a stream."""
        return self.journal.stream_indexes(name, size)

    def inclusion(self, index: int, size: int) -> Sequence[bytes]:
        """Return an inclusion path."""
        return self.journal.inclusion(index, size)

    def consistency(self, old_size: int, size: int) -> Sequence[bytes]:
        """Return a consistency proof."""
        return self.journal.consistency(old_size, size)

    def rows(
        self, names: Sequence[str], size: int
    ) -> tuple[int, dict[str, tuple[int, bytes, list[bytes]]]]:
        """Return number of rows and the rows asked, with their paths."""
        _, count, found = self.journal.row_proofs(names, size)
        return count, found

    def document(self, commit: bytes) -> VaultDocument | None:
        """Return an object of the vault."""
        if not self.vault.exists(commit):
            return None
        return VaultDocument(self.vault, self.vault.describe(commit))


@dataclass
class Ledger:
    """A ledger that is being written."""

    sequencer: Sequencer
    clock: Clock
    certificates: CA
    holders: dict[str, Holder] = field(default_factory=dict)
    recorded: int = 0

    @property
    def journal(self) -> Journal:
        """The read side."""
        return self.sequencer.journal

    def enter(self, actor: str, label: str) -> Holder:
        """Make a key and its certificate for an actor, not yet enrolled."""
        signer = key_signer(private_key(f"{actor} {label}"))
        serial = int.from_bytes(octets(f"serial {actor} {label}", 8), "big") >> 1
        return Holder(actor, signer, self.certificates.issue(signer.jwk(), actor, START, serial))

    def key_data(self, holder: Holder) -> dict[str, Any]:
        """Return the members by which an event enrols a key."""
        nonce, iat = octets(f"possession {holder.signer.kid}", 16), int(START.timestamp())
        proof = build_possession(holder.signer, holder.actor, ORIGIN, nonce, iat)
        return {**named_key(holder), "possession": proof}

    def record(  # noqa: PLR0913  the parts of an event
        self,
        actor: str,
        type_: str,
        streams: Sequence[str],
        data: dict[str, Any],
        *,
        role: str | None = None,
        on: date | None = None,
        objects: Sequence[dict[str, Any]] = (),
        reason: str | None = None,
        corrects: Sequence[str] = (),
    ) -> Receipt:
        """Sign an event with the actor's key, append it, and return its receipt."""
        signed_at = self.clock.now.replace(microsecond=0) + timedelta(minutes=1)
        self.recorded += 1
        size = self.journal.last_heads_size()
        basis = Basis(size, self.journal.root_at(size))
        payload: dict[str, Any] = {
            "v": 1,
            "id": event_id(signed_at, octets(f"event {self.recorded}", 10)),
            "ledger": ORIGIN,
            "type": type_,
            "streams": [claim_plain(claim) for claim in self._claims(streams)],
            "basis": {"size": size, "root": encode_digest(basis.root)},
            "actor": actor,
            "role": role,
            "occurred_on": None if on is None else on.isoformat(),
            "claimed_at": f"{signed_at:%Y-%m-%dT%H:%M:%SZ}",
            "data": data,
            "objects": list(objects),
            "nonce": format_base64url(octets(f"nonce {self.recorded}", 16)),
            **({} if reason is None else {"reason": reason}),
            **({"corrects": list(corrects)} if corrects else {}),
        }
        return self.submit(self.sign(actor, payload, int(signed_at.timestamp())))

    def sign(self, actor: str, payload: dict[str, Any], iat: int) -> bytes:
        """Return the envelope of a payload, signed with the key the actor uses now."""
        holder = self.holders[actor]
        digest = certificate_digest(holder.certificate)
        header = Header(holder.signer.alg, iat, holder.signer.kid, digest)
        text = signing_input(header, payload)
        return assemble(text, holder.signer.sign(text))

    def submit(self, raw: bytes) -> Receipt:
        """Append an envelope and return its receipt."""
        envelope = parse(raw)
        basis = envelope.basis
        return self.sequencer.submit(
            Candidate(
                raw=raw,
                id=envelope.id,
                type=envelope.type,
                signing_input=envelope.signing_input,
                streams=envelope.streams,
                basis_size=basis.size,
                basis_root=basis.root,
                kid=envelope.header.kid,
            )
        )

    def approved(self, receipt: Receipt) -> Receipt:
        """Let the deputy approve an event of the administrator."""
        streams = [claim.name for claim in parse(receipt.envelope).streams]
        return self.record(DEPUTY, "approval-given/1", streams, {"event": receipt.event_id})

    def _claims(self, streams: Sequence[str]) -> Iterator[StreamClaim]:
        for name in sorted(streams):
            head = self.journal.stream_head(name)
            yield StreamClaim(name, head[0], head[2]) if head else StreamClaim(name, 0, None)


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


def claim_plain(claim: StreamClaim) -> dict[str, Any]:
    """Return a claim as the payload has it."""
    prev = None if claim.prev is None else encode_digest(claim.prev)
    return {"name": claim.name, "seq": claim.seq, "prev": prev}


def named_key(holder: Holder) -> dict[str, Any]:
    """Return the members by which an event names a key."""
    signer = holder.signer
    return {
        "actor": holder.actor,
        "kid": signer.kid,
        "jwk": signer.jwk(),
        "certificate": holder.certificate,
    }


def object_plain(name: str, stored: StoredObject) -> dict[str, Any]:
    """Return an object as the payload has it."""
    return {
        "name": name,
        "commit": encode_digest(stored.commit),
        "size": stored.size_bytes,
        "media_type": stored.media_type,
    }


def build(folder: Path) -> Built:
    """Build the ledger; its vault goes below the folder."""
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
    found(ledger, note_signer.vkey, policy)
    enrol_people(ledger)
    tell_story(ledger, vault)
    ca = ledger.certificates.pem.encode()
    evidence = JournalEvidence(ledger.journal, note_signer, vault, policy, ca)
    return Built(ledger, evidence, evidence.last_head())


def found(ledger: Ledger, log_key: str, policy: bytes) -> None:
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
        "rules": "0" * 64,
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


def by_rup(
    ledger: Ledger, type_: str, day: str, data: dict[str, Any], *streams: str, **more: Any
) -> Receipt:
    """Record an event of the RUP on the CUP, and on further streams when named."""
    names = streams or (f"cup/{CUP}",)
    on = date.fromisoformat(day)
    return ledger.record(RUP, type_, names, data, role="rup", on=on, **more)


def register_all(ledger: Ledger) -> None:
    """Register three interventions."""
    for cup, title in ((CUP, "Abilitazione al cloud"), (OTHER_CUP, "Sito"), (THIRD_CUP, "App IO")):
        data = {
            "cup": cup,
            "title": f"{title} del Comune di Esempio – àèìòù",
            "measure": "M1C1I1.2",
            "body": {"ipa": "c_e506", "tax_code": "80008510754"},
            "natura": "02",
            "decided_in": 2022,
        }
        by_rup(ledger, "intervention-registered/1", "2026-01-12", data, f"cup/{cup}")


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
