"""The door: a draft is proposed, the client signs it, the signed envelope is recorded.

    draft = ledger.draft(command, kid=..., basis=...)      decided, with the exact bytes to sign
    envelope = assemble(draft.signing_input, signer.sign(draft.signing_input))     at the client
    receipt = ledger.record(envelope)                      checked, decided again, appended

Keys never pass through here. The server re-decides before it appends, at the place in the log.
Source: D15; FORMATS section 5; EXPERIENCE section 4.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ledger.application.ahead import Ahead, claims_after, read_ahead
from ledger.application.erasing import carry_out, try_out
from ledger.application.judge import PlaceJudge, Submission
from ledger.domain.decide import judge as decide
from ledger.domain.decide import propose
from ledger.domain.division import divided
from ledger.domain.pieces import STREAMS_LIMIT
from ledger.domain.sentences import sentence
from ledger.errors import NotAuthorised, NotVerified, PistaError, Refused
from ledger.journal.batch import Candidate
from ledger.records import payload_of, piece_id, read_event
from ledger.signing import envelope as envelopes
from ledger.signing.algorithms import parse_jwk
from ledger.signing.envelope import Header, StreamClaim

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from ledger.domain.commands.command import Command
    from ledger.domain.event import Event
    from ledger.journal.batch import Receipt
    from ledger.journal.journal import Journal
    from ledger.journal.sequencer import Sequencer
    from ledger.signing.algorithms import PublicKey
    from ledger.signing.envelope import Basis, Envelope
    from ledger.vault.vault import Vault

TYP = "JOSE"
CONTENT_TYPE = "pista-event+json"


@dataclass(frozen=True, slots=True)
class Identity:
    """The public side of a signer: who, with which key, algorithm and certificate digest."""

    actor: str
    kid: str
    alg: str
    certificate_digest: bytes


@dataclass(frozen=True, slots=True)
class Draft:
    """What is proposed for signature: the event, its sentence and the exact bytes."""

    event: Event
    sentence: str
    signing_input: bytes


class Ledger:
    """One ledger, open for writing in this process."""

    def __init__(  # noqa: PLR0913  the parts that app.py joins
        self,
        *,
        journal: Journal,
        sequencer: Sequencer,
        judge: PlaceJudge,
        vault: Vault,
        clock: Callable[[], datetime],
        random: Callable[[int], bytes],
    ) -> None:
        """Join the parts; nothing is read or written yet."""
        self.journal = journal
        self.sequencer = sequencer
        self.judge = judge
        self.vault = vault
        self._clock = clock
        self._random = random

    def plan(
        self, command: Command, identity: Identity, limit: int = STREAMS_LIMIT
    ) -> tuple[Command, ...]:
        """Return the commands by which a command is recorded: itself, or its pieces, sent together.

        Raises:
            Malformed, Refused: when it cannot be said which streams it joins.
        """
        with self.judge.turn:
            self.judge.follow()
            situation = self.judge.situation(identity.actor, self.journal.size, self._clock())
            return divided(command, situation, name=piece_id, limit=limit)

    def draft(
        self,
        command: Command,
        identity: Identity,
        basis: Basis,
        *,
        before: Sequence[bytes] = (),
        more_follows: bool = False,
    ) -> Draft:
        """Return what the actor would sign for this command now.

        `before` are the envelopes that are signed and will be sent together with this one, before it.

        Raises:
            Refused: when a rule says no, by authority first; nothing is recorded either way.
        """
        now = self._clock()
        with self.judge.turn:
            self.judge.follow()
            size = self.journal.size
            situation = self.judge.situation(identity.actor, size, now)
            record = Ahead(situation.record, read_ahead(before, size, now))
            situation = replace(situation, record=record, more_follows=more_follows)
            index = size + len(before)
            event = propose(command, situation, actor=identity.actor, now=now, index=index)
            decide(event, situation)
        payload = payload_of(
            event,
            origin=self.journal.origin,
            claims=self._claims(event.streams, claims_after(before)),
            basis=basis,
            nonce=self._random(16),
        )
        header = Header(
            alg=identity.alg,
            cty=CONTENT_TYPE,
            iat=int(event.claimed_at.timestamp()),
            kid=identity.kid,
            typ=TYP,
            certificate_digest=identity.certificate_digest,
        )
        return Draft(event, sentence(event), envelopes.signing_input(header, payload))

    def _claims(
        self, streams: Sequence[str], ahead: Mapping[str, StreamClaim]
    ) -> tuple[StreamClaim, ...]:
        """Return the next place in each stream, chained to its last envelope, recorded or ahead."""
        claims = []
        for name in streams:
            end = self.journal.stream_head(name)
            count, digest = (0, None) if end is None else (end[0], end[2])
            claims.append(ahead.get(name) or StreamClaim(name, count, digest))
        return tuple(claims)

    def record(self, raw: bytes) -> Receipt:
        """Append one signed envelope and return its receipt.

        Raises:
            Unreadable: when the envelope breaks its grammar.
            NotAuthorised: when its key or signature does not hold.
            Refused: when a rule says no at its place in the log.
            Conflict: when a stream has moved, or the id was used with other bytes.
            StorageError: `erasure-unfinished`, when it is recorded and the vault still has what it erases.
        """
        candidate = self.candidate(raw)
        return carry_out(candidate, self.sequencer.submit(candidate), self.vault)

    def record_together(self, raws: Sequence[bytes]) -> list[Receipt]:
        """Append signed envelopes together, all or none, and return their receipts.

        Raises:
            PistaError: as `record`, of the first that is refused; nothing is recorded then.
        """
        checked = [self.candidate(raw) for raw in raws]
        name, last = checked[0].id, len(checked) - 1
        outcomes = self.sequencer.submit_many(
            [_together(one, name, more_follows=at < last) for at, one in enumerate(checked)]
        )
        refused = [one for one in outcomes if isinstance(one, PistaError)]
        if refused:
            raise refused[0]
        done = [one for one in outcomes if not isinstance(one, PistaError)]
        return [carry_out(*one, self.vault) for one in zip(checked, done, strict=True)]

    def record_many(self, raws: Sequence[bytes]) -> list[Receipt | PistaError]:
        """Append several in one commit; return the receipt or the refusal of each, in order.

        What fails its checks outside the lock is refused alone, like what the judge refuses.

        Raises:
            StorageError: as Sequencer.submit_many; it concerns the whole call.
        """
        checked = [self._checked(raw) for raw in raws]
        candidates = [one for one in checked if isinstance(one, Candidate)]
        outcomes = self.sequencer.submit_many(candidates) if candidates else []
        done = (try_out(*one, self.vault) for one in zip(candidates, outcomes, strict=True))
        return [next(done) if isinstance(one, Candidate) else one for one in checked]

    def _checked(self, raw: bytes) -> Candidate | PistaError:
        try:
            return self.candidate(raw)
        except (Refused, NotVerified) as refusal:
            return refusal

    def candidate(self, raw: bytes) -> Candidate:
        """Return the checked candidate of an envelope (FORMATS 5 step 1, outside the lock).

        An id that is recorded is only looked up again, by the sequencer, which compares what was
        signed: whoever asks for a receipt need not have the key in force or the files any more.

        Raises:
            Unreadable, NotAuthorised, Refused: as `record`, but for what the place decides.
        """
        envelope = envelopes.parse(raw)
        self._check_ledger(envelope)
        event = read_event(envelope, self.journal.size, self._clock())
        if self.journal.find(envelope.id) is None:
            self._check_signature(envelope, event)
            self._check_objects(event)
        return Candidate(
            raw=raw,
            id=envelope.id,
            type=envelope.type,
            signing_input=envelope.signing_input,
            streams=envelope.streams,
            basis_size=envelope.basis.size,
            basis_root=envelope.basis.root,
            kid=envelope.header.kid,
            token=Submission(envelope, event),
        )

    def _check_ledger(self, envelope: Envelope) -> None:
        if envelope.ledger != self.journal.origin:
            raise Refused(
                "other-ledger",
                f"La registrazione è firmata per il registro {envelope.ledger}, non per"
                f" {self.journal.origin}.",
                item=envelope.id,
            )

    def _check_signature(self, envelope: Envelope, event: Event) -> None:
        """Verify the signature with the key of its kid; founding brings its own key."""
        try:
            envelopes.verify(envelope, self._signing_key(envelope, event))
        except NotVerified as error:
            raise NotAuthorised(error.code, error.sentence, item=envelope.actor) from error

    def _signing_key(self, envelope: Envelope, event: Event) -> PublicKey:
        """Return the key by which the envelope should be signed.

        Raises:
            NotVerified: as KeyDirectory.signer_at; `not-founded`, when leaf 0 names nobody.
        """
        if event.type.name != "ledger-founded/1" or self.journal.size > 0:
            with self.judge.turn:
                self.judge.follow()
                return self.judge.keys.signer_at(self.journal.size, envelope).public
        founders = envelope.data["administrators"]
        if not founders:
            raise NotVerified("not-founded", "La fondazione non nomina alcun amministratore.")
        return parse_jwk(founders[0]["jwk"])

    def _check_objects(self, event: Event) -> None:
        """Refuse an envelope whose files are not in the vault as it says."""
        for ref in event.objects:
            commit = base64.b64decode(ref.commit)
            if not self.vault.exists(commit):
                raise Refused(
                    "object-missing",
                    f"Il file {ref.name} ({ref.commit}) non è nell'archivio:"
                    " caricarlo, poi inviare di nuovo la registrazione.",
                    item=ref.name,
                )
            stored = self.vault.describe(commit)
            if (stored.size_bytes, stored.media_type) != (ref.size_bytes, ref.media_type):
                raise Refused(
                    "object-differs",
                    f"Il file {ref.name} nell'archivio è di {stored.size_bytes} byte, tipo"
                    f" {stored.media_type}; la registrazione ne dichiara {ref.size_bytes}, tipo"
                    f" {ref.media_type}: preparare e firmare di nuovo.",
                    item=ref.name,
                )


def _together(candidate: Candidate, name: str, *, more_follows: bool) -> Candidate:
    """Return a candidate that is recorded with others of that name, or not at all."""
    token = candidate.token
    if isinstance(token, Submission):
        token = replace(token, more_follows=more_follows)
    return replace(candidate, together=name, token=token)
