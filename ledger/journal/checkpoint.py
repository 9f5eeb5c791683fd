"""Checkpoints: the signed head of a log, and the cosignatures of its witnesses.

    pnrr.comune.lecce.it/c_e506                          origin, the identity of the log
    1291                                                 leaves
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=         base64 root

    — pnrr.comune.lecce.it/c_e506 Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zh...
    — witness.example/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2...

The log signs the three lines (Ed25519, type 0x01). A witness signs, with a key of type 0x04, two
lines more: `cosignature/v1`, `time <seconds since 1970>`, then the three lines; its signature
is the time as 8 bytes big-endian followed by 64 bytes of Ed25519. It says that at that time this
was the largest consistent head it had seen. Extension lines are refused: nobody audits them.

Source: C2SP tlog-checkpoint v1.0.0 and tlog-cosignature, https://c2sp.org/tlog-checkpoint.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.errors import NotVerified, Unreadable
from ledger.journal.leaf import MAX_NUMBER, format_hash, format_number, parse_hash, parse_number
from ledger.journal.merkle import EMPTY_ROOT
from ledger.journal.note import (
    COSIGNATURE_V1,
    Note,
    NoteSigner,
    Signature,
    VerifierKey,
    find_signature,
    format_note,
    format_vkey,
    parse_note,
    verifier_key,
    verify_note,
)
from ledger.signing.algorithms import verify_ed25519

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_TIME_BYTES: Final = 8
_COSIGNATURE_BYTES: Final = _TIME_BYTES + 64


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: origin, number of leaves, 32-byte root."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Cosigner:
    """A witness that cosigned: its key, and when by its own clock in seconds since 1970."""

    key: VerifierKey
    time: int

    @property
    def name(self) -> str:
        """The key name of the witness."""
        return self.key.name


@dataclass(frozen=True, slots=True)
class VerifiedCheckpoint:
    """A checkpoint whose log signature, and every cosignature of a known witness, verified.

    `unknown` are the signature lines that no given key explains: they prove nothing, and a reader
    of a closed package refuses them.
    """

    checkpoint: Checkpoint
    log_key: VerifierKey
    cosigners: tuple[Cosigner, ...]
    unknown: tuple[Signature, ...]
    note: Note


class Ed25519Cosigner:
    """A witness key of type 0x04 over a function that signs bytes with an Ed25519 key."""

    def __init__(self, name: str, sign: Callable[[bytes], bytes], public: bytes) -> None:
        """Name the key; `sign` gives 64 bytes that verify under the 32 bytes of `public`.

        Raises:
            Unreadable: when the name or the public key does not fit a vkey (`key-unreadable`).
        """
        self.key = verifier_key(name, COSIGNATURE_V1, public)
        self._sign = sign

    @property
    def name(self) -> str:
        """The key name."""
        return self.key.name

    @property
    def vkey(self) -> str:
        """The verifier key as text."""
        return format_vkey(self.key)

    def cosign(self, body: str, time: int) -> Signature:
        """Return the cosignature of a checkpoint body at `time`, in seconds since 1970.

        Raises:
            Unreadable: when the time is not from 0 to 2**63 - 1 (`number-unreadable`).
        """
        signature = self._sign(cosigned_message(body, time))
        stamped = time.to_bytes(_TIME_BYTES, "big") + signature
        return Signature(self.name, self.key.key_id, stamped)


def format_checkpoint(checkpoint: Checkpoint) -> str:
    """Return the body of a checkpoint: three lines, each with its 0x0A.

    Raises:
        Unreadable: when the value could not be read back (`checkpoint-unreadable`), a number is
            out of range or the root is not 32 bytes long.
    """
    _check(checkpoint)
    size, root = format_number(checkpoint.size), format_hash(checkpoint.root)
    return f"{checkpoint.origin}\n{size}\n{root}\n"


def parse_checkpoint(body: str) -> Checkpoint:
    """Return the checkpoint that a note text is; `format_checkpoint` gives the same text.

    Raises:
        Unreadable: for anything but three lines (extension lines included), an empty origin, a
            size that is no plain decimal, a root that is no hash, or an empty tree whose root is
            not that of the empty tree (`checkpoint-unreadable`).
    """
    match body.split("\n"):
        case [origin, size, root, ""]:
            what = "checkpoint"
            found = Checkpoint(origin, parse_number(size, what), parse_hash(root, what))
            _check(found)
            return found
    raise _unreadable("non sono le sole tre righe origine, dimensione, radice")


def sign_checkpoint(checkpoint: Checkpoint, signer: NoteSigner) -> bytes:
    """Return the checkpoint as a note signed by the log.

    Raises:
        Unreadable: when the signer is named otherwise than the origin (`checkpoint-unreadable`),
            or the checkpoint could not be read back.
    """
    if signer.name != checkpoint.origin:
        raise _unreadable(
            f"il registro {checkpoint.origin!r} non firma con il nome {signer.name!r}"
        )
    body = format_checkpoint(checkpoint)
    return format_note(Note(body, (signer.sign_note(body),)))


def open_checkpoint(
    data: bytes,
    log_key: VerifierKey,
    witnesses: Iterable[VerifierKey] = (),
    *,
    rotated: Iterable[VerifierKey] = (),
) -> VerifiedCheckpoint:
    """Verify a checkpoint note under the key of its log and return it with its cosigners.

    `rotated` are further keys of the same log, while it goes from one to another: one of all must
    have signed. Quorum is not asked here, see policy.py.

    Raises:
        Unreadable: when the bytes are no checkpoint note (`note-unreadable`,
            `checkpoint-unreadable`).
        NotVerified: when the origin is not the name of the log key (`origin-mismatch`), the log
            did not sign (`signature-missing`), or a signature of the log or of a known witness is
            wrong (`signature-invalid`) or there twice (`signature-repeated`).
    """
    note = parse_note(data)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != log_key.name:
        raise NotVerified(
            "origin-mismatch",
            f"Il punto di controllo è del registro {checkpoint.origin!r}, non di {log_key.name!r}:"
            " usare il file di fiducia di quel registro.",
        )
    log_keys = verify_note(note, (log_key, *(key for key in rotated if key.name == log_key.name)))
    cosigners = verify_cosignatures(note, witnesses)
    known = {(key.name, key.key_id) for key in (*log_keys, *(one.key for one in cosigners))}
    unknown = tuple(one for one in note.signatures if (one.name, one.key_id) not in known)
    return VerifiedCheckpoint(checkpoint, log_keys[0], cosigners, unknown, note)


def verify_cosignatures(note: Note, witnesses: Iterable[VerifierKey]) -> tuple[Cosigner, ...]:
    """Return the witnesses, of those given, that cosigned the note; none is no error.

    Raises:
        NotVerified: when a cosignature of a known witness does not verify (`signature-invalid`)
            or is there twice (`signature-repeated`).
        Unreadable: when a key given is not of type 0x04 (`key-unreadable`).
    """
    lines = ((key, find_signature(note, key)) for key in witnesses)
    return tuple(_verify_cosignature(note, key, line) for key, line in lines if line is not None)


def cosigned_message(body: str, time: int) -> bytes:
    """Return the bytes that a witness signs: header line, time line, checkpoint body.

    Raises:
        Unreadable: when the time is not from 0 to 2**63 - 1 (`number-unreadable`).
    """
    return f"cosignature/v1\ntime {format_number(time)}\n{body}".encode()


def _verify_cosignature(note: Note, key: VerifierKey, line: Signature) -> Cosigner:
    if key.type != COSIGNATURE_V1:
        raise Unreadable(
            "key-unreadable",
            f"La chiave {key.name!r} non è di un testimone (tipo 0x04): correggere il file di"
            " fiducia, o chiederlo di nuovo a chi lo dà.",
        )
    time = int.from_bytes(line.signature[:_TIME_BYTES], "big")
    if len(line.signature) != _COSIGNATURE_BYTES or time > MAX_NUMBER:
        raise NotVerified(
            "signature-invalid",
            f"La firma del testimone {key.name} non è un'ora con 64 byte: chiedere di nuovo al"
            " testimone la sua firma.",
        )
    verify_ed25519(key.public, line.signature[_TIME_BYTES:], cosigned_message(note.text, time))
    return Cosigner(key, time)


def _check(checkpoint: Checkpoint) -> None:
    origin = checkpoint.origin
    if not origin or any(char < " " for char in origin):
        raise _unreadable(f"l'origine {origin[:80]!r} è vuota o ha un carattere di controllo")
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise _unreadable("la radice di un albero vuoto non è l'impronta SHA-256 di nessun byte")


def _unreadable(reason: str) -> Unreadable:
    return Unreadable(
        "checkpoint-unreadable",
        f"Il punto di controllo non è leggibile: {reason}. Prenderlo di nuovo dal registro.",
    )
