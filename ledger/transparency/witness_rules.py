"""What a witness refuses, and what makes it fall silent.

    check_memory(turn, note, cosigner)       the note shows a cosignature that the state forgot
    check_growth(log, head, request, ...)    the checkpoint does not go on from the head

Source: C2SP tlog-witness, "add-checkpoint".
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from ledger.errors import Absent, Conflict, NotVerified, Unreadable
from ledger.journal.checkpoint import verify_cosignatures
from ledger.journal.merkle import EMPTY_ROOT, verify_consistency
from ledger.journal.note import Note, format_note, keep_signatures
from ledger.transparency.protocol import AddCheckpoint, OtherSize, submitted_checkpoint

if TYPE_CHECKING:
    from ledger.journal.checkpoint import Checkpoint, Cosigner, Ed25519Cosigner
    from ledger.transparency.witness_state import Head, Turn


class HeadBehind(Conflict):
    """The head that a log shows has fewer leaves than what the witness has cosigned of it."""

    def __init__(self, origin: str, shown: int, cosigned: int) -> None:
        """Name both sizes."""
        super().__init__(
            "head-behind",
            f"Il registro {origin} mostra {shown} foglie, questo testimone ne ha già firmate"
            f" {cosigned}: se il registro attende ancora altre firme è normale, riprovare; se dura"
            " più di un giorno è tornato indietro, e va detto pubblicamente.",
            heads={origin: cosigned},
        )


class ForkKeeper(Protocol):
    """Whoever keeps the proof that a log signed two roots of one size."""

    @property
    def origin(self) -> str:
        """What the checkpoints of the log begin with."""

    def keep_fork(self, note: bytes) -> None:
        """Keep the note that was not the first of its size; must not fail."""


def check_memory(turn: Turn, note: Note, cosigner: Ed25519Cosigner) -> None:
    """Freeze when the note bears a cosignature of this key that the state does not know of.

    Raises:
        Frozen: `witness-rolled-back`.
    """
    shown, last = submitted_checkpoint(note.text), turn.head.checkpoint
    is_other = shown.size > last.size or (shown.size == last.size and shown.root != last.root)
    if any(is_other or one.time > turn.head.time for one in _own(note, cosigner)):
        raise turn.freeze(format_note(note))


def _own(note: Note, cosigner: Ed25519Cosigner) -> list[Cosigner]:
    """Return the cosignatures of this key on a note that verify; the others say nothing."""
    found: list[Cosigner] = []
    for line in keep_signatures(note, [cosigner.key]).signatures:
        with suppress(NotVerified):
            found += verify_cosignatures(Note(note.text, (line,)), [cosigner.key])
    return found


def check_growth(
    log: ForkKeeper, head: Head, request: AddCheckpoint, checkpoint: Checkpoint
) -> None:
    """Refuse a checkpoint that does not go on from the head, in the order of the specification.

    Raises:
        OtherSize, NotVerified: as `Witness.cosign`.
    """
    last = head.checkpoint
    if request.old_size != last.size:
        raise OtherSize(log.origin, last.size)
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise NotVerified(
            "empty-root-differs",
            "La radice di un albero vuoto è l'impronta SHA-256 di nessun byte, questa no:"
            " correggere il registro.",
        )
    if checkpoint.size == last.size and checkpoint.root != last.root:
        log.keep_fork(request.note)
        raise NotVerified(
            "root-differs",
            f"Il registro {log.origin} ha firmato due radici diverse per {last.size} foglie: questa"
            " e quella già testimoniata. Chi lo gestisce deve dire pubblicamente quale è vera.",
        )
    verify_consistency(last.size, last.root, checkpoint.size, checkpoint.root, request.proof)


def not_witnessed(origin: str) -> Absent:
    """Return the error of a log that the operator did not name."""
    return Absent(
        "log-not-witnessed",
        f"Questo testimone non firma per il registro {origin[:120]!r}: chiederlo a chi lo gestisce.",
    )


def beyond(old: int, size: int) -> Unreadable:
    """Return the error of a request that goes from more leaves to fewer."""
    return Unreadable(
        "old-size-beyond",
        f"La richiesta va da {old} foglie a {size}: la prova di coerenza è da meno a più foglie.",
    )
