"""What a person keeps of a ledger, in each form, and how the forms break.

forms = kept_forms(home, folder)        {"receipt": Path(...), ...}, all of the same checkpoint
cosigned(note, WITNESS)                 a note with the cosignature of a witness
"""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.journal.checkpoint import Ed25519Cosigner
from ledger.journal.note import Note, format_note, parse_note
from tests.api.home_kit import CUP, key, run

if TYPE_CHECKING:
    from pathlib import Path

    from api.home import Home

_WITNESS_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
WITNESS = Ed25519Cosigner(
    "w1.example", _WITNESS_KEY.sign, _WITNESS_KEY.public_key().public_bytes_raw()
)


def kept_forms(home: Home, folder: Path) -> dict[str, Path]:
    """Export a package with its receipt; return note, proof, receipt, ZIP and folder.

    Their names tell nothing of what they are. The receipt, and the proof in it, are two leaves
    later than the package, whose checkpoint the note is.
    """
    ran = run(home, "--json", "export", CUP, "--key", key(home, "rup"), "--to", str(folder))
    assert ran.exit_code == 0, ran.stderr
    (package,) = folder.glob("*.zip")
    names = ("nota", "prova", "ricevuta", "pacchetto", "spacchettato")
    note, proof, receipt, zipped, unpacked = (folder / name for name in names)
    with zipfile.ZipFile(package) as archive:
        archive.extractall(unpacked)
    (inner,) = unpacked.rglob("log/checkpoint")
    note.write_bytes(inner.read_bytes())
    beside = package.with_name(f"{package.name}.receipt")
    proof.write_text(json.loads(beside.read_bytes())["proof"], encoding="utf-8")
    beside.rename(receipt)
    package.rename(zipped)
    return {
        "note": note,
        "proof": proof,
        "receipt": receipt,
        "package": zipped,
        "unpacked package": unpacked,
    }


def cosigned(data: bytes, witness: Ed25519Cosigner, time: int) -> bytes:
    """Return a checkpoint note with the cosignature of a witness."""
    note = parse_note(data)
    return format_note(Note(note.text, (*note.signatures, witness.cosign(note.text, time))))
