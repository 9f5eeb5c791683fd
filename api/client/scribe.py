"""The scribe: one person's hand. It drafts, compares, signs, keeps the envelope, sends, verifies.

    scribe = Scribe(opened.ledger, signer, actor=..., policy=..., desk=Desk(folder))
    receipt = scribe.write(command)

The envelope is on the disk of the signer before it is sent, so that nothing signed is lost; the
receipt is verified against the log key of the trust policy and the checkpoint that this key saw
before. Witnesses sign later, when the head is published: nobody waits for them to record.
Source: FORMATS sections 1 (basis), 3 (receipt) and 5; EXPERIENCE section 6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api.client.book import remove_unfinished, write_whole
from api.client.drafting import STREAMS, Hand, drafted
from api.client.receipts import format_receipt, read_kept
from ledger.application.door import Identity
from ledger.errors import Absent, Conflict, NotVerified, Refused
from ledger.journal.leaf import EventLeaf, parse_leaf
from ledger.journal.merkle import (
    EMPTY_ROOT,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from ledger.journal.proofs import parse_proof
from ledger.records import piece_id
from ledger.signing.algorithms import parse_jwk
from ledger.signing.certificates import certificate_digest
from ledger.signing.envelope import Basis, parse, verify

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.client.desk import Desk
    from ledger.application.door import Draft, Ledger
    from ledger.domain.commands.command import Command
    from ledger.journal.batch import Receipt
    from ledger.journal.checkpoint import Checkpoint
    from ledger.journal.policy import Policy
    from ledger.signing.envelope import Envelope
    from ledger.signing.signer import Signer


RACES: Final = 20  # drafts of one command against others on the same CUPs


class Scribe:
    """Writes in the name of one key."""

    def __init__(  # noqa: PLR0913  who signs, where, and how much
        self,
        ledger: Ledger,
        signer: Signer,
        policy: Policy,
        desk: Desk,
        actor: str | None = None,
        *,
        streams: Sequence[int] = STREAMS,
    ) -> None:
        """Take the key; `actor` is looked up among the enrolled keys unless given.

        `streams` are the most that an event joins, and fewer for when its envelope is too long.
        """
        self._ledger = ledger
        self._signer = signer
        self._policy = policy
        self._desk = desk
        self._actor = actor
        self._streams = tuple(streams)
        self._seen: tuple[bytes, Checkpoint] | None = None
        desk.folder.mkdir(parents=True, exist_ok=True)
        remove_unfinished(desk.folder)

    @property
    def identity(self) -> Identity:
        """Return who signs, with which certificate.

        Raises:
            Absent: `key-unknown`, when the key was never enrolled here.
        """
        found = self._ledger.judge.keys.find_key(self._signer.kid)
        if found is None:
            raise Absent(
                "key-unknown",
                f"La firma {self._signer.kid} non è abilitata in questo registro:"
                " `pista key enrol` la richiede, un amministratore la approva.",
            )
        return Identity(
            actor=self._actor or found.actor,
            kid=self._signer.kid,
            alg=self._signer.alg,
            certificate_digest=certificate_digest(found.certificate_pem),
        )

    def write(self, command: Command) -> Receipt:
        """Draft, sign, keep, send, verify; return the receipt, of several events that of the first.

        Raises: as `write_all`.
        """
        return self.write_all(command)[0]

    def write_all(self, command: Command) -> list[Receipt]:
        """Record a command and return the receipts of its events: of one, or of pieces sent together.

        When others recorded something on the same CUPs between draft and arrival, the command is
        drafted again, and its rules are asked again: it is as if it had come a moment later. When
        an act has moved, or a key, the person is told.

        Raises:
            Conflict: `stream-moved`, when anything but CUPs has moved in the meantime, or a CUP
                moved each time.
            PistaError: as Ledger.draft and Ledger.record; nothing is recorded then.
            NotVerified: when the receipt does not prove what was signed.
        """
        for _ in range(RACES - 1):
            raws = self._signed(command)
            try:
                return self.send_all(raws)
            except Refused as refusal:
                if not any(_is_mere_race(refusal, parse(raw)) for raw in raws):
                    raise
        return self.send_all(self._signed(command))

    def _signed(self, command: Command) -> list[bytes]:
        """Return the envelopes of what is proposed now; they are on the disk."""
        signed = self._drafted(command)
        for draft, raw in signed:
            write_whole(self._desk.envelope_file(draft.event.id), raw)
        return [raw for _, raw in signed]

    def drafts(self, command: Command) -> list[Draft]:
        """Return what would be signed now; nothing is kept or sent."""
        return [draft for draft, _ in self._drafted(command)]

    def _drafted(self, command: Command) -> list[tuple[Draft, bytes]]:
        hand = Hand(self.identity, self._signer.sign, self.basis(), self._streams)
        return drafted(self._ledger, command, hand)

    def resume_all(self, event_id: str) -> list[Receipt] | None:
        """Return the receipts of all events that were signed for this id, as `resume` does for one."""
        found = []
        receipt = self.resume(event_id)
        while receipt is not None:
            found.append(receipt)
            receipt = self.resume(piece_id(event_id, len(found) + 1))
        return found or None

    def resume(self, event_id: str) -> Receipt | None:
        """Return the receipt of what was signed for this id, when it was recorded; else forget it.

        A receipt that was kept is not asked for again. What was signed and never recorded is
        drafted anew by the caller: its streams may have moved, and nothing of it is in the log.
        """
        waiting = self._desk.envelope_file(event_id)
        index = self._ledger.journal.find(event_id)
        if index is None or not waiting.exists():
            return None
        if self._seen is None:
            self.basis()  # what is looked up below is in the log that this key has seen
        entry = self._ledger.journal.entry(index)
        kept = read_kept(self._desk.receipt_file(event_id), event_id, index, entry)
        return kept or self.send(waiting.read_bytes())

    def send(self, raw: bytes) -> Receipt:
        """Send signed bytes, verify the receipt and keep it."""
        return self._kept(self._ledger.record(raw), raw)

    def send_all(self, raws: Sequence[bytes]) -> list[Receipt]:
        """Send envelopes together, of which all are recorded or none; verify and keep each receipt."""
        if len(raws) == 1:
            return [self.send(raws[0])]
        receipts = self._ledger.record_together(raws)
        return [self._kept(one, raw) for one, raw in zip(receipts, raws, strict=True)]

    def _kept(self, receipt: Receipt, raw: bytes) -> Receipt:
        """Return a receipt that proves an envelope; it is on the disk."""
        self._verify(receipt, raw)
        write_whole(self._desk.receipt_file(receipt.event_id), format_receipt(receipt))
        return receipt

    def basis(self) -> Basis:
        """Return the newest head, verified: signed by the log, and a continuation of the last seen.

        Raises:
            NotVerified: when the log shows a head that is not a continuation: a fork.
        """
        if self._ledger.journal.size == 0:
            return Basis(0, EMPTY_ROOT)
        before = self._kept_head()
        head = self._see(self._ledger.sequencer.checkpoint(), before)
        if before is not None and head.size < before.size:
            # The same key writes in another program, whose events are not yet read here.
            self._ledger.sequencer.submit_many(())
            head = self._see(self._ledger.sequencer.checkpoint(), before)
            if head.size < before.size:
                raise _older(head.size, before.size)
        return Basis(head.size, head.root)

    def _see(self, note: bytes, before: Checkpoint | None) -> Checkpoint:
        """Return the head of a checkpoint, verified and compared with one seen before.

        The newest one is kept for the next program. Raises as `_compare`.
        """
        if self._seen is not None and self._seen[0] == note:
            return self._seen[1]
        head = self._policy.verify_signatures(note).checkpoint
        self._compare(before, head)
        if before is None or head.size > before.size:
            write_whole(self._desk.head_file(self._signer.kid), note)
        if self._seen is None or head.size > self._seen[1].size:
            self._seen = note, head
        return head

    def _kept_head(self) -> Checkpoint | None:
        """Return the last head that this key has verified, None before the first."""
        kept = self._desk.head_file(self._signer.kid)
        if not kept.exists():
            return None
        note = kept.read_bytes()
        if self._seen is not None and self._seen[0] == note:
            return self._seen[1]
        return self._policy.verify_signatures(note).checkpoint

    def _compare(self, seen: Checkpoint | None, head: Checkpoint) -> None:
        """Verify that a head and the last one that this key saw are of one log.

        Raises:
            NotVerified: `consistency-not-proven`, when neither continues the other: a fork;
                `head-older`, when the log no longer has what it showed before.
        """
        if seen is None:
            return
        old, new = sorted((seen, head), key=lambda one: one.size)
        try:
            proof = self._ledger.sequencer.journal.consistency(old.size, new.size)
        except IndexError:
            raise _older(self._ledger.journal.size, new.size) from None
        verify_consistency(old.size, old.root, new.size, new.root, proof)

    def _verify(self, receipt: Receipt, raw: bytes) -> None:
        """Verify that the receipt proves the envelope that was signed, in the log that was seen.

        The first receipt of an id holds the envelope that was stored: the same signing input under
        a signature by the same key, of which ECDSA has many.
        """
        mine, theirs = parse(raw), parse(receipt.envelope)
        if mine.signing_input != theirs.signing_input or not _is_leaf_of(receipt.leaf, theirs):
            raise NotVerified("receipt-other", "La ricevuta non è della registrazione firmata.")
        verify(theirs, parse_jwk(self._signer.jwk()))
        proof = parse_proof(receipt.proof)
        head = self._policy.verify_signatures(proof.checkpoint).checkpoint
        verify_inclusion(leaf_hash(receipt.leaf), proof.index, head.size, proof.path, head.root)
        self._see(proof.checkpoint, self._kept_head())


def _is_mere_race(refusal: Refused, sent: Envelope) -> bool:
    """Tell whether nothing was wrong but that others were faster, on the CUPs or with this key."""
    if refusal.code == "basis-older":
        return True
    if not isinstance(refusal, Conflict) or refusal.code != "stream-moved":
        return False
    claims = {claim.name: claim.seq for claim in sent.streams}
    if refusal.heads.keys() != claims.keys():  # of another of those that were sent together
        return False
    moved = [name for name, count in refusal.heads.items() if count != claims[name]]
    return bool(moved) and all(name.startswith("cup/") for name in moved)


def _is_leaf_of(data: bytes, envelope: Envelope) -> bool:
    """Tell whether a leaf names this envelope, at the places that it claims."""
    leaf = parse_leaf(data)
    if not isinstance(leaf, EventLeaf):
        return False
    places = [(place.name, place.seq) for place in leaf.streams]
    claims = [(claim.name, claim.seq) for claim in envelope.streams]
    return leaf.envelope_digest == envelope.digest and places == claims


def _older(size: int, before: int) -> NotVerified:
    return NotVerified(
        "head-older",
        f"Il registro mostra {size} registrazioni, prima ne mostrava {before}:"
        " avvisare chi lo gestisce e un testimone.",
    )
