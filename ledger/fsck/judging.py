"""The strict reading of a range of events: grammar, chain, key in force, signature, role, form.

    judged = judge(reader, JudgeAsk(first, stop, origin, keys))

It runs in any process: the keys come with the question, and the rows are read here once more. What
depends on rows before the range comes back, for who knows them: the first `prev` of each stream, and
the head that each event rests on.

    parse, leaf       envelope and leaf are strictly of their formats
    ledger, streams   the event is of this ledger and names the streams of its leaf
    chain             `prev` is the digest of the envelope before it in each stream
    signature         the key was in force at this place, with this certificate, and signed
    role, type        the role was granted; streams, dates and data are those of the type

Source: design FORMATS sections 1, 4 and 7 (steps 7 to 9).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ledger.domain.days import legal_day
from ledger.domain.events.catalogue import event_types
from ledger.domain.rules.authority import signers
from ledger.errors import Busy, NotVerified, PistaError, Refused, StorageError
from ledger.fsck.finding import Finding, of_log, remark
from ledger.fsck.skim import ERASURE
from ledger.journal.leaf import EventLeaf, format_hash, parse_leaf
from ledger.journal.row import unpack
from ledger.journal.tables import EVENT, every_row
from ledger.records import adopted_law, load_law, read_event
from ledger.signing.envelope import Envelope, parse, verify
from ledger.signing.key_authority import find_signer
from ledger.signing.key_extract import book_of
from ledger.signing.keys import KeyDirectory

if TYPE_CHECKING:
    from collections.abc import Collection

    from ledger.domain.events.declaration import EventType
    from ledger.journal.tables import TableReader
    from ledger.signing.key_extract import KeyExtract

# What is said when a key or a role is not what the log said of it before this place.
OF_KEYS: Final = frozenset(
    {"key-unknown", "key-not-yet-in-force", "key-revoked", "certificate-mismatch"}
    | {"actor-mismatch", "algorithm-mismatch", "role-not-granted"}
)

CHAIN_BROKEN: Final = "chain-broken"


@dataclass(frozen=True, slots=True)
class JudgeAsk:
    """Which leaves to judge, for which ledger, with which keys."""

    first: int
    stop: int
    origin: str
    keys: KeyExtract


@dataclass(frozen=True, slots=True)
class FirstClaim:
    """At the first place that a range takes in a stream, the digest before it, in base64."""

    name: str
    prev: str | None
    index: int


@dataclass(frozen=True, slots=True)
class Rest:
    """An event rests on a head, its root in base64; only where it differs from the one before."""

    index: int
    kid: str
    size: int
    root: str


@dataclass(slots=True)
class Judged:
    """What a range says; `events` counts those read, `verified` the signatures that hold.

    `is_cut` when the store could not give all rows.
    """

    first: int
    stop: int
    events: int = 0
    verified: int = 0
    is_cut: bool = False
    findings: list[Finding] = field(default_factory=list)
    claims: list[FirstClaim] = field(default_factory=list)
    rests: list[Rest] = field(default_factory=list)


def judge(reader: TableReader, ask: JudgeAsk) -> Judged:
    """Return what the events of a range say; rows that cannot be read are left to others."""
    judging = _Judging(ask)
    try:
        for position, _, _, _, data in every_row(reader, EVENT, after=(ask.first,)):
            if position > ask.stop:
                break
            judging.at(position - 1, data)
    except Busy:
        raise
    except StorageError:
        judging.judged.is_cut = True
    return judging.judged


class _Judging:
    """A range that is being judged."""

    def __init__(self, ask: JudgeAsk) -> None:
        self.judged = Judged(ask.first, ask.stop)
        self._origin = ask.origin
        self._types = event_types()
        self._book = book_of(ask.keys)
        self._directory = KeyDirectory.of_extract(ask.keys)
        self._law = adopted_law(load_law(), self._directory.adopted())
        self._digests: dict[str, str] = {}
        self._last: tuple[str, int, str] | None = None

    def at(self, index: int, data: bytes) -> None:
        """Judge one row, when it holds an event that was not erased."""
        try:
            leaf_bytes, raw = unpack(data)
            leaf = parse_leaf(leaf_bytes)
        except NotVerified:
            return
        if isinstance(leaf, EventLeaf):
            if raw:
                self._event(index, leaf, raw)
            digest = format_hash(leaf.envelope_digest)
            for place in leaf.streams:
                self._digests[place.name] = digest

    def _event(self, index: int, leaf: EventLeaf, raw: bytes) -> None:
        self.judged.events += 1
        try:
            envelope = parse(raw)
        except PistaError as error:
            self._note(index, error)
            return
        for check in (self._check_chain, self._check_signature, self._check_form):
            try:
                check(index, envelope, leaf)
            except PistaError as error:
                self._note(index, error)
        self._note_basis(index, envelope)

    def _note(self, index: int, error: PistaError) -> None:
        found = of_log(error.code, index + 1, f"registrazione {index}: {error.sentence}")
        self.judged.findings.append(found)

    def _check_chain(self, index: int, envelope: Envelope, leaf: EventLeaf) -> None:
        if envelope.ledger != self._origin:
            raise NotVerified("ledger-mismatch", f"è firmata per il registro {envelope.ledger!r}")
        claims = envelope.payload["streams"]
        places = [(place.name, place.seq) for place in leaf.streams]
        if [(claim["name"], claim["seq"]) for claim in claims] != places:
            raise NotVerified("streams-differ", "i flussi firmati non sono quelli della foglia")
        for claim in claims:
            name, prev = claim["name"], claim["prev"]
            before = self._digests.get(name)
            if before is None:
                self.judged.claims.append(FirstClaim(name, prev, index))
            elif prev != before:
                sentence = f"nel flusso {name} non nomina la busta che la precede, {before}"
                raise NotVerified(CHAIN_BROKEN, sentence)

    def _check_signature(self, index: int, envelope: Envelope, leaf: EventLeaf) -> None:
        verify(envelope, find_signer(self._book, index, envelope).public)
        self.judged.verified += 1
        self._check_role(index, envelope, leaf)

    def _check_role(self, index: int, envelope: Envelope, leaf: EventLeaf) -> None:
        if envelope.role is None:
            return
        day = legal_day(leaf.received_at)
        if envelope.role not in self._directory.roles_at(envelope.actor, index, day):
            raise NotVerified(
                "role-not-granted",
                f"il ruolo {envelope.role!r} non era concesso a chi firma",
            )

    def _check_form(self, index: int, envelope: Envelope, leaf: EventLeaf) -> None:
        declared = self._types.get(envelope.type)
        if declared is not None:
            law, day = self._law.at(index), legal_day(leaf.received_at)
            _check_type(envelope, declared, signers(declared, law, day))
            read_event(envelope, index, leaf.received_at)
        elif envelope.type != ERASURE:
            sentence = (
                f"il tipo {envelope.type} è di un'altra versione del programma: non giudicato"
            )
            found = remark("type-unknown", sentence, table="event", key=f"position {index + 1}")
            self.judged.findings.append(found)

    def _note_basis(self, index: int, envelope: Envelope) -> None:
        size, root = envelope.payload["basis"]["size"], envelope.payload["basis"]["root"]
        rests = envelope.header.kid, size, root
        if self._last != rests:
            self._last = rests
            self.judged.rests.append(Rest(index, *rests))


def _check_type(envelope: Envelope, declared: EventType, by: Collection[str]) -> None:
    """Accept the members around the data that the type asks for."""
    if not all(
        claim["name"].startswith(declared.stream_kinds) for claim in envelope.payload["streams"]
    ):
        raise NotVerified("streams-not-of-type", f"{envelope.type} non può stare in questi flussi")
    admitted = {None} if declared.is_ledger else {*by}
    if envelope.role not in admitted:
        raise NotVerified("role-not-of-type", f"{envelope.type} non si firma in questo ruolo")
    if not declared.is_ledger and envelope.occurred_on is None:
        raise NotVerified("occurred-on-missing", f"{envelope.type} non ha la data del fatto")
    objects = () if declared.with_files else envelope.objects
    extra = (envelope.occurred_on, *envelope.corrects, *objects)
    if declared.is_ledger and any(one is not None for one in extra):
        raise Refused(
            "ledger-event-not-bare", f"{envelope.type} non ha data del fatto, correzioni, né file"
        )
