"""The witness protocol: what a log sends to a witness, and what a witness answers, as bytes.

    POST <prefix>/add-checkpoint

    old 1287                                             size that the witness cosigned last
    PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=         consistency proof of RFC 6962, from the
    jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=         old size to that of the checkpoint

    pnrr.comune.lecce.it/c_e506                          from here on the checkpoint, verbatim
    1291
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — pnrr.comune.lecce.it/c_e506 Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zh...

A cosignature is answered with its line alone, as it stands below a note (200); a wrong old size with
the size that the witness knows and one 0x0A, as `text/x.tlog.size` (409). The old size is 0 and the
proof empty for a log that was never cosigned. At most 63 hashes are sent. Nothing is verified here.

Source: C2SP tlog-witness, https://c2sp.org/tlog-witness.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.errors import Conflict, Unreadable
from ledger.journal.checkpoint import Checkpoint
from ledger.journal.leaf import format_hash, format_number, parse_hash, parse_lines, parse_number
from ledger.journal.note import MAX_NOTE_BYTES, Note, format_note, parse_note

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.journal.note import Signature

SIZE_TYPE: Final = "text/x.tlog.size"
MAX_PROOF: Final = 63
MAX_REQUEST_BYTES: Final = len(f"old {2**63 - 1}\n") + MAX_PROOF * 45 + 1 + MAX_NOTE_BYTES

_OLD: Final = "old "
_TEXT: Final = "-\n"


class OtherSize(Conflict):
    """The old size of a request is not the one that the witness cosigned last, which is `size`."""

    def __init__(self, origin: str, size: int) -> None:
        """Name the log and the size that the next request must begin from."""
        sentence = (
            f"Il testimone ha firmato per ultime {size} foglie del registro {origin}: ripetere la"
            " richiesta con la prova di coerenza da lì."
        )
        super().__init__("old-size-differs", sentence, heads={origin: size})
        self.size = size


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A request: the size cosigned last, the proof from there, the note; nothing verified."""

    old_size: int
    proof: tuple[bytes, ...]
    note: bytes


def format_add_checkpoint(request: AddCheckpoint) -> bytes:
    """Return the bytes of a request.

    Raises:
        Unreadable: when it could not be read back: more than 63 hashes (`add-checkpoint-unreadable`),
            one that is not 32 bytes long, a number out of range, or what is no checkpoint.
    """
    _check_length(len(request.proof))
    submitted_checkpoint(parse_note(request.note).text)
    lines = [f"{_OLD}{format_number(request.old_size)}", *map(format_hash, request.proof)]
    return ("\n".join(lines) + "\n\n").encode("ascii") + request.note


def parse_add_checkpoint(data: bytes) -> AddCheckpoint:
    """Return the request that these bytes are; `format_add_checkpoint` gives the same bytes.

    Raises:
        Unreadable: when the first line is not `old` and a plain decimal, a line of the proof is no
            hash, there are more than 63, there is no empty line (`add-checkpoint-unreadable`), or
            what is no checkpoint follows it (`note-unreadable`, `checkpoint-unreadable`).
    """
    what = "add-checkpoint"
    head, separator, note = data.partition(b"\n\n")
    match parse_lines(head + b"\n", what):
        case [old, *proof] if old.startswith(_OLD) and separator:
            _check_length(len(proof))
            size = parse_number(old.removeprefix(_OLD), what)
            submitted_checkpoint(parse_note(note).text)
            return AddCheckpoint(size, tuple(parse_hash(line, what) for line in proof), note)
    raise Unreadable(
        "add-checkpoint-unreadable",
        "La richiesta al testimone non è una riga 'old N', le impronte della prova, una riga vuota"
        " e il punto di controllo: comporla secondo C2SP tlog-witness.",
    )


def submitted_checkpoint(text: str) -> Checkpoint:
    """Return origin, size and root that the text of a note states, as a log may submit it.

    Extension lines, which the checkpoints of Pista do not have, are let through: a cosignature
    covers them and says nothing of them. That an empty tree has its root is for the witness to say.

    Raises:
        Unreadable: for less than three lines, an empty line among them, a size that is no plain
            decimal, a root that is no hash (`checkpoint-unreadable`).
    """
    origin, *lines = text.removesuffix("\n").split("\n")
    match lines:
        case [size, root, *extensions] if origin and all(extensions):
            what = "checkpoint"
            return Checkpoint(origin, parse_number(size, what), parse_hash(root, what))
    raise Unreadable(
        "checkpoint-unreadable",
        "Il punto di controllo non ha, ciascuna su una riga, origine, dimensione e radice, o ha una"
        " riga vuota: prenderlo di nuovo dal registro.",
    )


def format_signatures(signatures: Iterable[Signature]) -> bytes:
    """Return signature lines, each as it stands below a note.

    Raises:
        Unreadable: when there are none, or they could not be read back (`note-unreadable`).
    """
    return format_note(Note(_TEXT, tuple(signatures))).removeprefix(f"{_TEXT}\n".encode())


def parse_signatures(data: bytes) -> tuple[Signature, ...]:
    """Return the signatures of an answer; nothing is verified.

    Raises:
        Unreadable: for anything but whole signature lines (`note-unreadable`,
            `witness-answer-unreadable`).
    """
    note = parse_note(f"{_TEXT}\n".encode() + data)
    if note.text != _TEXT:
        raise Unreadable(
            "witness-answer-unreadable",
            "La risposta del testimone non è fatta di sole righe di firma: dirlo a chi lo gestisce.",
        )
    return note.signatures


def format_size(size: int) -> bytes:
    """Return the body of the answer to a wrong old size."""
    return f"{format_number(size)}\n".encode("ascii")


def parse_size(data: bytes) -> int:
    """Return the size that an answer to a wrong old size names.

    Raises:
        Unreadable: when it is not one plain decimal and 0x0A (`witness-answer-unreadable`).
    """
    what = "witness-answer"
    match parse_lines(data, what):
        case [size]:
            return parse_number(size, what)
    raise Unreadable(
        "witness-answer-unreadable",
        "La risposta del testimone non è una dimensione su una riga: dirlo a chi lo gestisce.",
    )


def _check_length(length: int) -> None:
    if length > MAX_PROOF:
        raise Unreadable(
            "add-checkpoint-unreadable",
            f"La prova di coerenza ha {length} impronte, ne sono ammesse {MAX_PROOF}: comporla"
            " secondo RFC 6962, sezione 2.1.2.",
        )
