"""A witness: it cosigns the head of a log when that head goes on from the last one it cosigned.

    witness = Witness(cosigner, logs, clock)
    witness.add_checkpoint(body)        the signature line to answer with, or an error

A cosignature says: at this time, the largest consistent head of this log that I have seen is this.
So the state is written first, durably, and signed after; a head never goes back, in size or in time;
two roots of one size are never signed; the same head is signed anew with the time of now, which
tells that it is still the last one. One key, one state: nothing else may sign with it.

A note that bears a cosignature of this very key that the state does not account for shows that the
state was put back from a copy: the witness signs nothing more for that log. A second root that the
log signed for the size cosigned last is kept: it proves what the log did.

Source: C2SP tlog-witness and tlog-cosignature.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from ledger.errors import Absent, Drifted, NotVerified, Unreadable
from ledger.journal.checkpoint import verify_cosignatures
from ledger.journal.merkle import EMPTY_ROOT, verify_consistency
from ledger.journal.note import Note, format_note, keep_signatures, parse_note, verify_note
from ledger.transparency.protocol import (
    AddCheckpoint,
    OtherSize,
    format_signatures,
    parse_add_checkpoint,
    submitted_checkpoint,
)
from ledger.transparency.witness_state import Head

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ledger.journal.checkpoint import Checkpoint, Cosigner, Ed25519Cosigner
    from ledger.journal.note import Signature, VerifierKey
    from ledger.transparency.witness_state import HeadFile, Turn

MAX_BEHIND: Final = timedelta(minutes=10)


class WitnessedLog(Protocol):
    """A log that the operator lets the witness cosign, and its state."""

    @property
    def origin(self) -> str:
        """What its checkpoints begin with."""

    @property
    def keys(self) -> tuple[VerifierKey, ...]:
        """The keys, of type 0x01, of which one must have signed."""

    @property
    def state(self) -> HeadFile:
        """What was cosigned last."""

    def keep_fork(self, note: bytes) -> None:
        """Keep the proof that the log signed two roots of one size; must not fail."""


class Witness:
    """One key that cosigns; safe for threads, and for processes over the same states."""

    def __init__(
        self,
        cosigner: Ed25519Cosigner,
        find: Callable[[str], WitnessedLog | None],
        clock: Callable[[], datetime],
    ) -> None:
        """Join the key, the logs by origin, and a clock of aware UTC times."""
        self._cosigner = cosigner
        self._find = find
        self._clock = clock

    @property
    def vkey(self) -> str:
        """The key that verifies its cosignatures, as text."""
        return self._cosigner.vkey

    def add_checkpoint(self, data: bytes) -> bytes:
        """Return the answer to the bytes of a request: the line of the cosignature.

        Raises:
            Unreadable: when they are no request (`add-checkpoint-unreadable`, `note-unreadable`,
                `checkpoint-unreadable`).
            PistaError: as `cosign`.
        """
        return format_signatures([self.cosign(parse_add_checkpoint(data))])

    def cosign(self, request: AddCheckpoint) -> Signature:
        """Return the cosignature of a checkpoint that goes on from the last one.

        Raises:
            Absent: when the log is none of those of the operator (`log-not-witnessed`).
            NotVerified: when no key of the log signed, or a signature of one is wrong or repeated
                (`signature-missing`, `signature-invalid`, `signature-repeated`, `key-unsound`); when
                the root is not that of an empty tree (`empty-root-differs`), another one of the
                size cosigned last (`root-differs`), or not proven (`consistency-not-proven`).
            Unreadable: when the old size is over that of the checkpoint (`old-size-beyond`).
            OtherSize: when the old size is not the one cosigned last.
            Drifted: when the clock cannot be right (`clock-behind`), or as the clock says.
            StorageError: as `HeadFile.turn`; nothing was signed.
        """
        note = parse_note(request.note)
        checkpoint = submitted_checkpoint(note.text)
        log = self._find(checkpoint.origin)
        if log is None:
            raise _not_witnessed(checkpoint.origin)
        signed = keep_signatures(note, verify_note(note, log.keys))
        if request.old_size > checkpoint.size:
            raise _beyond(request.old_size, checkpoint.size)
        with log.state.turn() as turn:
            self._check_memory(turn, note)
            _check_growth(log, turn.head, request, checkpoint)
            time = self._time(turn.head.time)
            turn.keep(Head(checkpoint, time, format_note(signed)))
        return self._cosigner.cosign(note.text, time)

    def cosigned(self, log: WitnessedLog) -> bytes:
        """Return the note cosigned last, as the log signed it, with the cosignature it was given.

        Raises:
            Absent: when the log was never cosigned (`never-cosigned`).
            StorageError: as `HeadFile.read`.
        """
        head = log.state.read()
        if not head.note:
            raise Absent(
                "never-cosigned",
                f"Il testimone non ha ancora firmato per il registro {log.origin}: chiederglielo.",
            )
        note = parse_note(head.note)
        line = self._cosigner.cosign(note.text, head.time)
        return format_note(Note(note.text, (*note.signatures, line)))

    def check_clock(self) -> None:
        """Return when the clock is believed; raises as the clock does."""
        self._clock()

    def _check_memory(self, turn: Turn, note: Note) -> None:
        """Freeze when the note bears a cosignature of this key that the state does not know of."""
        shown, last = submitted_checkpoint(note.text), turn.head.checkpoint
        is_other = shown.size > last.size or (shown.size == last.size and shown.root != last.root)
        if any(is_other or cosigner.time > turn.head.time for cosigner in self._own(note)):
            raise turn.freeze(format_note(note))

    def _own(self, note: Note) -> list[Cosigner]:
        """Return the cosignatures of this key on a note that verify; the others say nothing."""
        found: list[Cosigner] = []
        for line in keep_signatures(note, [self._cosigner.key]).signatures:
            try:
                found += verify_cosignatures(Note(note.text, (line,)), [self._cosigner.key])
            except NotVerified:
                continue
        return found

    def _time(self, last: int) -> int:
        """Return the time to sign with, never before the last one."""
        now = int(self._clock().timestamp())
        if last - now > MAX_BEHIND.total_seconds():
            raise Drifted(
                "clock-behind",
                f"L'ultima firma è di {(last - now) // 60} minuti avanti all'orologio della"
                " macchina: il testimone non firma. Regolare data e ora; se sono giuste, era"
                " sbagliata l'ora di quella firma, e si riprende quando l'orologio la raggiunge.",
            )
        return max(now, last)


def _check_growth(
    log: WitnessedLog, head: Head, request: AddCheckpoint, checkpoint: Checkpoint
) -> None:
    """Refuse a checkpoint that does not go on from the head, in the order of the specification."""
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


def _not_witnessed(origin: str) -> Absent:
    return Absent(
        "log-not-witnessed",
        f"Questo testimone non firma per il registro {origin[:120]!r}: chiederlo a chi lo gestisce.",
    )


def _beyond(old: int, size: int) -> Unreadable:
    return Unreadable(
        "old-size-beyond",
        f"La richiesta va da {old} foglie a {size}: la prova di coerenza è da meno a più foglie.",
    )
