"""Witnesses in memory: one that does what C2SP tlog-witness says, and many that do not.

witness = HonestWitness(1, clock)
asked = Asked({"W1": witness})          what `gather` speaks to
policy_text(1, quorum="all")            the policy that asks for it
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.errors import Absent, NotVerified
from ledger.journal.checkpoint import Checkpoint, Ed25519Cosigner, parse_checkpoint
from ledger.journal.merkle import EMPTY_ROOT, verify_consistency
from ledger.journal.note import Note, format_note, format_vkey, parse_note, verify_note
from ledger.transparency.asking import Reply
from ledger.transparency.protocol import format_signatures, format_size, parse_add_checkpoint
from tests.ledger.journal.sequencer_kit import SIGNER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ledger.journal.note import Signature, VerifierKey
    from ledger.journal.policy import Witness

NOW = 1_790_000_000


def cosigner(number: int) -> Ed25519Cosigner:
    """Return a witness key that is always the same."""
    key = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
    return Ed25519Cosigner(f"w{number}.example", key.sign, key.public_key().public_bytes_raw())


def policy_text(*numbers: int, quorum: str | int = "all", silent: tuple[int, ...] = ()) -> bytes:
    """Return a policy with witnesses W1, W2, ...; the `silent` ones have no address."""
    lines = [f"log {format_vkey(SIGNER.key)}"]
    for number in numbers:
        url = "" if number in silent else f"http://w{number}.example"
        lines.append(f"witness W{number} {cosigner(number).vkey} {url}")
    if numbers:
        names = " ".join(f"W{number}" for number in numbers)
        lines += [f"group Q {quorum} {names}", "quorum Q"]
    else:
        lines.append("quorum none")
    return "".join(line.rstrip() + "\n" for line in lines).encode()


class HonestWitness:
    """A witness of one log, as the standard says; `state` is what it signed last."""

    def __init__(
        self,
        number: int,
        clock: Callable[[], float] = lambda: NOW,
        log_key: VerifierKey = SIGNER.key,
    ) -> None:
        """Begin without having signed anything."""
        self.key = cosigner(number)
        self.log_key = log_key
        self.clock = clock
        self.state = Checkpoint("", 0, EMPTY_ROOT)
        self.note = b""
        self.requests: list[bytes] = []

    def add_checkpoint(self, data: bytes) -> Reply:
        """Answer a request."""
        self.requests.append(data)
        request = parse_add_checkpoint(data)
        note = parse_note(request.note)
        head = parse_checkpoint(note.text)
        verify_note(note, [self.log_key])
        if request.old_size != self.state.size:
            return Reply(409, format_size(self.state.size))
        try:
            verify_consistency(
                self.state.size, self.state.root, head.size, head.root, request.proof
            )
        except NotVerified:
            return Reply(422, b"")
        line = self.sign(note.text)
        self.state = head
        self.note = format_note(Note(note.text, (*note.signatures, line)))
        return Reply(200, format_signatures([line]))

    def sign(self, text: str) -> Signature:
        """Return the cosignature of a head, now."""
        return self.key.cosign(text, int(self.clock()))

    def latest(self) -> bytes:
        """Return the note that it signed last."""
        if not self.note:
            raise Absent("witness-shows-nothing", "Il testimone non mostra nulla.")
        return self.note


@dataclass
class Answering:
    """A witness that answers by a function of the request, whatever the standard says."""

    answer: Callable[[bytes], Reply]
    shown: Callable[[], bytes] = field(default=lambda: b"")
    requests: list[bytes] = field(default_factory=list)

    def add_checkpoint(self, data: bytes) -> Reply:
        """Answer a request."""
        self.requests.append(data)
        return self.answer(data)

    def latest(self) -> bytes:
        """Return what it shows."""
        return self.shown()


class Asked:
    """Witnesses by their name in the policy."""

    def __init__(self, witnesses: Mapping[str, HonestWitness | Answering]) -> None:
        """Speak to these."""
        self.witnesses = dict(witnesses)

    def add_checkpoint(self, witness: Witness, request: bytes) -> Reply:
        """Send a request."""
        return self.witnesses[witness.name].add_checkpoint(request)

    def latest(self, witness: Witness, origin: str) -> bytes:
        """Return the newest note of a log."""
        del origin
        return self.witnesses[witness.name].latest()
