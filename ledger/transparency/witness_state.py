"""The state of a witness for one log: the largest head that one of its keys has cosigned.

    pista/witness-state/v1
    n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V3sFbDwCgg=     SHA-256 of what follows, in base64
    pnrr.comune.lecce.it/c_e506                      origin of the log
    1790000000                                       time of the last cosignature, 0 before the first
    pnrr.comune.lecce.it/c_e506                      from here on the note as the log signed it;
    1291                                             nothing before the first cosignature
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — pnrr.comune.lecce.it/c_e506 Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zh...

    with file.turn() as turn:        nobody else, thread or process, is in its turn
        turn.head                    what was cosigned last
        turn.keep(head)              durable when it returns, and only then is it signed

The digest is reproduced by `tail -n +3 state | openssl dgst -sha256 -binary | base64`.

A head never goes back, neither in size nor in time, nor to another root of its size. A file that is
missing, torn or older than this program has seen freezes the witness for that log: whoever forgets
what he signed signs two truths. So no state is ever made for a log that had one, and none is put
back from a copy.

Source: C2SP tlog-witness, "MUST persist the new checkpoint before responding".
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.errors import Frozen, StorageError, Unreadable
from ledger.journal.checkpoint import Checkpoint
from ledger.journal.leaf import format_hash, format_number, parse_hash, parse_number
from ledger.journal.merkle import EMPTY_ROOT
from ledger.journal.note import parse_note
from ledger.transparency.disk import Disk, replace
from ledger.transparency.protocol import submitted_checkpoint

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE_SECONDS: Final = 5.0

_HEADER: Final = b"pista/witness-state/v1"
_NEVER_BACK: Final = (
    "Il testimone non firma per questo registro: non cancellare il file e non rimetterlo da una"
    " copia, che non sa ciò che è stato firmato dopo. Se il file vero è perduto, fare un testimone"
    " nuovo, con un nome e una chiave nuovi, e dirlo a chi lo nomina nel proprio file di fiducia."
)


@dataclass(frozen=True, slots=True)
class Head:
    """What was cosigned last: checkpoint, seconds since 1970, the note that the log signed."""

    checkpoint: Checkpoint
    time: int
    note: bytes


def never_cosigned(origin: str) -> Head:
    """Return the head before the first cosignature: the empty tree, which every tree goes on."""
    return Head(Checkpoint(origin, 0, EMPTY_ROOT), 0, b"")


def format_head(head: Head) -> bytes:
    """Return the bytes of a state.

    Raises:
        Unreadable: when they could not be read back as this head (`witness-state-unreadable`), or
            a number is out of range.
    """
    origin = head.checkpoint.origin
    rest = f"{origin}\n{format_number(head.time)}\n".encode() + head.note
    digest = format_hash(hashlib.sha256(rest).digest()).encode("ascii")
    data = b"\n".join((_HEADER, digest, rest))
    if parse_head(data, origin) != head:
        raise _unreadable("riletto, sarebbe un altro")
    return data


def parse_head(data: bytes, origin: str) -> Head:
    """Return the head that the bytes of a state tell, of the log with this origin.

    Raises:
        Unreadable: when they are not exactly the state of that log (`witness-state-unreadable`, or
            as for a note and a checkpoint).
    """
    header, _, after = data.partition(b"\n")
    digest, _, rest = after.partition(b"\n")
    expected = parse_hash(digest.decode("ascii", "replace"), "witness-state")
    if header != _HEADER or hashlib.sha256(rest).digest() != expected:
        raise _unreadable("non comincia come uno stato, o la sua impronta è un'altra")
    named, _, after = rest.partition(b"\n")
    seconds, _, note = after.partition(b"\n")
    time = parse_number(seconds.decode("ascii", "replace"), "witness-state")
    found = Head(_checkpoint_of(note, origin), time, note)
    if {named, found.checkpoint.origin.encode()} != {origin.encode()} or (time > 0) != bool(note):
        raise _unreadable(f"non è del registro {origin}, o ha un'ora senza firma")
    return found


class HeadFile:
    """A state in a file, which threads and processes share."""

    def __init__(
        self, path: Path, origin: str, disk: Disk, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        """Name the file of one log; its folder must exist."""
        self._path = path
        self._origin = origin
        self._disk = disk
        self._patience_seconds = patience_seconds
        self._seen = never_cosigned(origin)

    @property
    def evidence(self) -> Path:
        """Where a note is kept that freezes this state for good."""
        return self._path.with_name(f"{self._path.name}.frozen")

    def create(self) -> None:
        """Write the state of a log that was never cosigned; one that is there stays as it is."""
        with self._locked():
            try:
                self._disk.read(self._path)
            except FileNotFoundError:
                replace(self._disk, self._path, format_head(never_cosigned(self._origin)))

    def read(self) -> Head:
        """Return the head; whoever goes on from it takes a turn.

        Raises:
            Frozen: when there is no file (`witness-state-absent`), it is not this log's state
                (`witness-state-damaged`), or the witness was shown to have signed more
                (`witness-rolled-back`).
            StorageError: when the disk fails (`witness-state-failed`).
        """
        with self._translated():
            return self._read()

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """Let nobody else change the state while the block runs.

        Raises:
            Frozen, StorageError: as `read`; also when the file is behind what this program has
                seen of it (`witness-rolled-back`).
            Busy: when others do not let go of it (`witness-busy`).
        """
        with self._locked():
            head = self._read()
            if is_back(self._seen, head):
                raise _rolled_back(self._origin, f"{self._path} è tornato indietro")
            self._seen = head
            yield Turn(self, head)

    def keep(self, before: Head, head: Head) -> None:
        """Write a head over the one before, durably; `Turn` calls it."""
        if head.checkpoint.origin != self._origin or is_back(before, head):
            raise _rolled_back(self._origin, "gli si chiede di tornare indietro")
        replace(self._disk, self._path, format_head(head))
        self._seen = head

    def freeze(self, note: bytes) -> Frozen:
        """Keep the note that shows that this state was forgotten; return the error to raise."""
        replace(self._disk, self.evidence, note)
        return _rolled_back(self._origin, f"{self.evidence} lo prova")

    def _read(self) -> Head:
        if self._has_evidence():
            raise _rolled_back(self._origin, f"{self.evidence} lo prova")
        try:
            return parse_head(self._disk.read(self._path), self._origin)
        except FileNotFoundError as error:
            raise Frozen(
                "witness-state-absent",
                f"Manca {self._path}, in cui il testimone tiene ciò che ha firmato del registro"
                f" {self._origin}. {_NEVER_BACK}",
            ) from error
        except Unreadable as error:
            raise Frozen(
                "witness-state-damaged",
                f"{self._path} è rovinato: {error.sentence} {_NEVER_BACK}",
            ) from error

    def _has_evidence(self) -> bool:
        try:
            self._disk.read(self.evidence)
        except FileNotFoundError:
            return False
        return True

    @contextmanager
    def _locked(self) -> Iterator[None]:
        place = self._path.with_name(f"{self._path.name}.lock")
        with self._translated(), self._disk.lock(place, self._patience_seconds):
            yield

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StorageError(
                "witness-state-failed",
                f"Il disco non prende o non dà {self._path} ({error.strerror or error}): nulla è"
                " stato firmato. Controllare disco, spazio e permessi, poi ripetere.",
            ) from error


class Turn:
    """The one who may change a state: what it was, and the way to the next."""

    def __init__(self, file: HeadFile, head: Head) -> None:
        """Hold what was read."""
        self._file = file
        self.head = head

    def keep(self, head: Head) -> None:
        """Put a head in the place of the last one; durable on return, and only then to be signed.

        Raises:
            Frozen: `witness-rolled-back`, for a smaller size, an earlier time, another root of the
                same size, or another log.
            StorageError: `witness-state-failed`, at the end of the turn: it is not known then which
                of the two is on the disk, and neither may be signed before it was kept again.
        """
        self._file.keep(self.head, head)
        self.head = head

    def freeze(self, note: bytes) -> Frozen:
        """Let nothing more be signed for this log; `note` shows why. Return the error to raise."""
        return self._file.freeze(note)


def is_back(before: Head, after: Head) -> bool:
    """Tell whether a head can not come after another: smaller, earlier, or a second root."""
    old, new = before.checkpoint, after.checkpoint
    return (
        new.size < old.size
        or after.time < before.time
        or (new.size == old.size and new.root != old.root)
    )


def _checkpoint_of(note: bytes, origin: str) -> Checkpoint:
    if not note:
        return never_cosigned(origin).checkpoint
    return submitted_checkpoint(parse_note(note).text)


def _unreadable(reason: str) -> Unreadable:
    return Unreadable("witness-state-unreadable", f"Lo stato del testimone non vale: {reason}.")


def _rolled_back(origin: str, reason: str) -> Frozen:
    return Frozen(
        "witness-rolled-back",
        f"Lo stato del testimone per il registro {origin} non è l'ultimo che ha firmato: {reason}."
        f" {_NEVER_BACK}",
    )
