"""The checkpoint in whatever a person kept, recognised by its content and not by its name.

    checkpoint      the note itself, of a witness or of `pista checkpoint show`
    *.tlog-proof    c2sp.org/tlog-proof@v1, of which the note is the last part
    *.receipt       {"envelope":...,"leaf":...,"proof":"c2sp.org/tlog-proof@v1...","v":1}
    *.zip, folder   an audit package, whose note is log/checkpoint

Nothing is verified here: what is returned is the note as it stands there, for a policy to judge.

Source: C2SP tlog-checkpoint, tlog-proof; design FORMATS sections 3 and 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from exporters.container import open_container
from exporters.verification.package_reader import Package
from exporters.verification.receipt import MAX_RECEIPT_BYTES, parse_receipt
from ledger.errors import Fault, Malformed, NotVerified, Unreadable
from ledger.journal.checkpoint import parse_checkpoint
from ledger.journal.note import parse_note
from ledger.journal.proofs import parse_proof

if TYPE_CHECKING:
    from pathlib import Path

NOTE: Final = "punto di controllo"
PROOF: Final = "prova"
RECEIPT: Final = "ricevuta"
PACKAGE: Final = "pacchetto"

_ZIP: Final = b"PK"
_JSON: Final = b"{"
_PROOF: Final = b"c2sp.org/tlog-proof@"
_OF_PACKAGES: Final = "bagit.txt"


@dataclass(frozen=True, slots=True)
class FoundCheckpoint:
    """A checkpoint note, unverified, and the form of what it was found in."""

    form: str
    note: bytes


def find_checkpoint(path: Path) -> FoundCheckpoint:
    """Return the checkpoint note that a file holds, or the folder of an unpacked package.

    Raises:
        Malformed: when nothing can be read there (`file-missing`).
        Unreadable: when it is none of the forms, or of a form that is broken
            (`checkpoint-not-found`); the sentence says in what.
    """
    try:
        if path.is_dir():
            return FoundCheckpoint(PACKAGE, _of_package(path))
        with path.open("rb") as file:
            data = file.read(MAX_RECEIPT_BYTES + 1)
        if data.startswith(_ZIP):
            return FoundCheckpoint(PACKAGE, _of_package(path))
        return _of_bytes(data)
    except OSError as error:
        sentence = f"il file {path} non si può leggere ({error.strerror}): indicarne un altro"
        raise Malformed(sentence, [Fault("/checkpoint", "file-missing", sentence)]) from error
    except NotVerified as error:
        raise Unreadable(
            "checkpoint-not-found",
            f"In {path} non c'è un punto di controllo che si possa leggere ({error.sentence})"
            " Servono il punto di controllo stesso, una prova .tlog-proof, una ricevuta o un"
            " pacchetto.",
        ) from error


def _of_bytes(data: bytes) -> FoundCheckpoint:
    """Return the note in bytes that begin as one form does.

    Raises:
        Unreadable: as the parser of that form.
    """
    if len(data) > MAX_RECEIPT_BYTES:
        raise Unreadable("checkpoint-not-found", "Supera un mebibyte.")
    if data.startswith(_JSON):
        return FoundCheckpoint(RECEIPT, parse_receipt(data).proof.checkpoint)
    if data.startswith(_PROOF):
        return FoundCheckpoint(PROOF, parse_proof(data).checkpoint)
    parse_checkpoint(parse_note(data).text)
    return FoundCheckpoint(NOTE, data)


def _of_package(path: Path) -> bytes:
    """Return the note of a package.

    Raises:
        NotVerified: when it is no package, or holds none (`member-missing`).
    """
    if path.is_dir() and not (path / _OF_PACKAGES).is_file():
        raise NotVerified("member-missing", "La cartella non è quella di un pacchetto.")
    with open_container(path) as container:
        note = Package(container).read("checkpoint")
    parse_checkpoint(parse_note(note).text)
    return note
