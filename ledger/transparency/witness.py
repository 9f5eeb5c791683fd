"""A witness: it cosigns the head of a log when that head goes on from the last one it cosigned.

    witness = Witness(cosigner, logs, clock)
    witness.add_checkpoint(body)        the signature line to answer with, or an error

A cosignature says: at this time, the largest consistent head of this log that I have seen is this.
So the state is written first, durably, and signed after; a head never goes back, in size or in time;
two roots of one size are never signed; the same head is signed anew with the time of now, which
tells that it is still the last one. One key, one state: nothing else may sign with it.

A second key, named <name>/rescan, says more: every leaf was read again and every heads leaf computed
anew. It has a state of its own, and follows the first key wherever that has been.

A note that bears a cosignature of this very key that the state does not account for shows that the
state was put back from a copy: the witness signs nothing more for that log. A second root that the
log signed for the size cosigned last is kept: it proves what the log did.

Source: C2SP tlog-witness and tlog-cosignature.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from ledger.errors import Absent, Busy, Drifted, StorageError
from ledger.journal.note import Note, format_note, keep_signatures, parse_note, verify_note
from ledger.transparency.protocol import (
    AddCheckpoint,
    format_signatures,
    parse_add_checkpoint,
    submitted_checkpoint,
)
from ledger.transparency.witness_rules import (
    HeadBehind,
    beyond,
    check_growth,
    check_memory,
    not_witnessed,
)
from ledger.transparency.witness_state import Head

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from ledger.journal.checkpoint import Checkpoint, Ed25519Cosigner
    from ledger.journal.note import Signature, VerifierKey
    from ledger.transparency.witness_state import HeadFile, Turn

    Scan: TypeAlias = Callable[[Checkpoint, Sequence[Checkpoint]], None]

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

    @property
    def rescan(self) -> HeadFile:
        """What was cosigned last with the key of the stronger statement."""

    def keep_fork(self, note: bytes) -> None:
        """Keep the proof that the log signed two roots of one size; must not fail."""


class Witness:
    """A key that cosigns, and one that says more; safe for threads, and for processes."""

    def __init__(
        self,
        cosigner: Ed25519Cosigner,
        find: Callable[[str], WitnessedLog | None],
        clock: Callable[[], datetime],
        rescanner: Ed25519Cosigner | None = None,
    ) -> None:
        """Join the key, the logs by origin, a clock of aware UTC times, the key of rescans."""
        self._cosigner = cosigner
        self._find = find
        self._clock = clock
        self._rescanner = rescanner

    @property
    def vkey(self) -> str:
        """The key that verifies its cosignatures, as text."""
        return self._cosigner.vkey

    def check_clock(self) -> None:
        """Return when the clock is believed; raises as the clock does."""
        self._clock()

    def add_checkpoint(self, data: bytes) -> bytes:
        """Return the answer to the bytes of a request: the lines of `cosign`.

        Raises:
            Unreadable: when they are no request (`add-checkpoint-unreadable`, `note-unreadable`,
                `checkpoint-unreadable`).
            PistaError: as `cosign`.
        """
        return format_signatures(self.cosign(parse_add_checkpoint(data)))

    def cosign(self, request: AddCheckpoint) -> list[Signature]:
        """Return the cosignature of a checkpoint that goes on from the last one.

        When this very head was rescanned, the cosignature that says so follows it.

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
        note, checkpoint, log = self.opened(request.note)
        if request.old_size > checkpoint.size:
            raise beyond(request.old_size, checkpoint.size)
        with log.state.turn() as turn:
            check_memory(turn, note, self._cosigner)
            check_growth(log, turn.head, request, checkpoint)
            time = self._keep(turn, checkpoint, note, log)
        return [self._cosigner.cosign(note.text, time), *self._rescanned(log, note, checkpoint)]

    def cosign_rescanned(self, data: bytes, scan: Scan) -> Signature:
        """Return the cosignature of a note whose leaves `scan` read and found right, every one.

        `scan` is called with the checkpoint and the heads that must be beginnings of it: what both
        keys cosigned last. It raises for what is wrong.

        Raises:
            NotVerified, Absent, Drifted, StorageError: as `cosign`.
            HeadBehind: when one of the keys has already cosigned more leaves.
            Busy: when another rescan ended meanwhile (`witness-busy`).
            PistaError: as `scan`.
        """
        if self._rescanner is None:
            raise TypeError("this witness has no key for rescans")
        note, checkpoint, log = self.opened(data)
        heads = [file.read().checkpoint for file in (log.state, log.rescan)]
        for head in heads:
            if head.size > checkpoint.size:
                raise HeadBehind(log.origin, checkpoint.size, head.size)
        scan(checkpoint, heads)
        with log.rescan.turn() as turn:
            check_memory(turn, note, self._rescanner)
            if turn.head.checkpoint not in heads:
                raise Busy(
                    "witness-busy",
                    f"Intanto un'altra rilettura del registro {log.origin} è finita: ripetere.",
                )
            time = self._keep(turn, checkpoint, note, log)
        return self._rescanner.cosign(note.text, time)

    def cosigned(self, log: WitnessedLog) -> bytes:
        """Return the note cosigned last, as the log signed it, with the cosignatures it was given.

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
        lines = [self._cosigner.cosign(note.text, head.time)]
        if self._rescanner is not None:
            with suppress(StorageError):
                again = log.rescan.read()
                if again.note and parse_note(again.note).text == note.text:
                    lines.append(self._rescanner.cosign(note.text, again.time))
        return format_note(Note(note.text, (*note.signatures, *lines)))

    def opened(self, data: bytes) -> tuple[Note, Checkpoint, WitnessedLog]:
        """Return a note that a log of the operator signed, what it states, and the log.

        Raises:
            Unreadable, Absent, NotVerified: as `cosign`.
        """
        note = parse_note(data)
        checkpoint = submitted_checkpoint(note.text)
        log = self._find(checkpoint.origin)
        if log is None:
            raise not_witnessed(checkpoint.origin)
        verify_note(note, log.keys)
        return note, checkpoint, log

    def _keep(self, turn: Turn, checkpoint: Checkpoint, note: Note, log: WitnessedLog) -> int:
        """Make a head the last one, durably, and return the time to sign it with."""
        time = self._time(turn.head.time)
        turn.keep(Head(checkpoint, time, format_note(keep_signatures(note, log.keys))))
        return time

    def _rescanned(self, log: WitnessedLog, note: Note, checkpoint: Checkpoint) -> list[Signature]:
        """Return the stronger cosignature, when this head is the one that was rescanned last.

        A state of rescans that cannot be used does not keep the witness from its first duty.
        """
        if self._rescanner is None:
            return []
        try:
            with log.rescan.turn() as turn:
                check_memory(turn, note, self._rescanner)
                if not turn.head.note or turn.head.checkpoint != checkpoint:
                    return []
                time = self._keep(turn, checkpoint, note, log)
        except StorageError:
            return []
        return [self._rescanner.cosign(note.text, time)]

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
