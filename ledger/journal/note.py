"""Signed notes: a text and, below one empty line, who signed it.

    This is an example message.

    — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXm...

A signature line is em dash, space, key name, space, base64 of (4 bytes key id || signature). The
key to check it with is written as a *vkey*, `name+hex key id+base64(type byte || public key)`:

    example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k

    key id = SHA-256(name || 0x0A || type || public key)[:4]

Type 0x01 signs the text itself; type 0x04, the cosignature, is in checkpoint.py. Notes are
bounded at 64 KiB and 32 signatures. Unknown signatures are never trusted; a known key that
appears twice or whose signature fails rejects the whole note.

Source: C2SP signed-note v1.0.0, https://c2sp.org/signed-note.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Protocol

from ledger.errors import NotVerified, Unreadable
from ledger.journal.leaf import parse_base64
from ledger.signing.algorithms import verify_ed25519

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ED25519: Final = 0x01
COSIGNATURE_V1: Final = 0x04
MAX_NOTE_BYTES: Final = 64 * 1024
MAX_SIGNATURES: Final = 32

_KEY_ID_BYTES: Final = 4
_PUBLIC_BYTES: Final = 32
_KEY_ID: Final = re.compile(r"[0-9a-f]{8}")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: key name, 4 bytes of key id, the bytes signed with that key."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A text, final 0x0A included, and its signatures in the order of their lines; unverified."""

    text: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with its name and signature type (0x01 or 0x04); `public` has 32 bytes."""

    name: str
    key_id: bytes
    type: int
    public: bytes


class NoteSigner(Protocol):
    """Whoever can sign the text of a note under a name; `vkey` is the key that verifies it."""

    @property
    def name(self) -> str:
        """The key name."""

    @property
    def vkey(self) -> str:
        """The verifier key as text."""

    def sign_note(self, text: str) -> Signature:
        """Return the signature of a note text that ends with 0x0A."""


class Ed25519NoteSigner:
    """A signer of type 0x01 over a function that signs bytes with an Ed25519 key."""

    def __init__(self, name: str, sign: Callable[[bytes], bytes], public: bytes) -> None:
        """Name the key; `sign` gives 64 bytes that verify under the 32 bytes of `public`.

        Raises:
            Unreadable: when the name or the public key does not fit a vkey (`key-unreadable`).
        """
        self.key = verifier_key(name, ED25519, public)
        self._sign = sign

    @property
    def name(self) -> str:
        """The key name."""
        return self.key.name

    @property
    def vkey(self) -> str:
        """The verifier key as text."""
        return format_vkey(self.key)

    def sign_note(self, text: str) -> Signature:
        """Return the signature of a note text that ends with 0x0A."""
        return Signature(self.name, self.key.key_id, self._sign(text.encode("utf-8")))


def format_note(note: Note) -> bytes:
    """Return the bytes of a note.

    Raises:
        Unreadable: when the note could not be read back as it is (`note-unreadable`).
    """
    lines = "".join(
        f"\u2014 {one.name} {base64.b64encode(one.key_id + one.signature).decode('ascii')}\n"
        for one in note.signatures
    )
    data = f"{note.text}\n{lines}".encode()
    if parse_note(data) != note:
        raise _unreadable("riletta, sarebbe un'altra nota")
    return data


def parse_note(data: bytes) -> Note:
    """Return the note that these bytes are, nothing verified; `format_note` gives the same bytes.

    Raises:
        Unreadable: for bytes that are not UTF-8, control characters, a text without final 0x0A,
            anything but signature lines after the last empty line, more than 32 of them, or more
            than 64 KiB (`note-unreadable`).
    """
    if len(data) > MAX_NOTE_BYTES:
        raise _unreadable(f"ha {len(data)} byte, più di {MAX_NOTE_BYTES}")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _unreadable(f"il byte {error.start} non è UTF-8") from error
    if _CONTROL.search(whole):
        raise _unreadable("ha un carattere di controllo")
    text, separator, lines = whole.rpartition("\n\n")
    if not separator or not lines.endswith("\n"):
        raise _unreadable("non ha una riga vuota seguita da righe di firma intere")
    signatures = tuple(_parse_signature(line) for line in lines[:-1].split("\n"))
    if len(signatures) > MAX_SIGNATURES:
        raise _unreadable(f"ha {len(signatures)} firme, più di {MAX_SIGNATURES}")
    return Note(text + "\n", signatures)


def verifier_key(name: str, type_: int, public: bytes) -> VerifierKey:
    """Return the key with its id computed from the other parts.

    Raises:
        Unreadable: for a name that is empty or holds a space, a plus or a control character, a
            type other than 0x01 and 0x04, or a public key that is not 32 bytes (`key-unreadable`).
    """
    if not _is_key_name(name):
        raise _key_unreadable(
            name, "il nome è vuoto o ha uno spazio, un più o un carattere di controllo"
        )
    if type_ not in {ED25519, COSIGNATURE_V1} or len(public) != _PUBLIC_BYTES:
        raise _key_unreadable(name, "sono ammesse solo chiavi Ed25519 di tipo 0x01 e 0x04")
    preimage = name.encode("utf-8") + b"\n" + bytes([type_]) + public
    return VerifierKey(name, hashlib.sha256(preimage).digest()[:_KEY_ID_BYTES], type_, public)


def format_vkey(key: VerifierKey) -> str:
    """Return the text of a verifier key."""
    material = base64.b64encode(bytes([key.type]) + key.public).decode("ascii")
    return f"{key.name}+{key.key_id.hex()}+{material}"


def parse_vkey(text: str) -> VerifierKey:
    """Return the verifier key that a text is.

    Raises:
        Unreadable: when the text is not three parts joined by plus, the parts break their grammar,
            or the key id is not the hash of the others (`key-unreadable`).
    """
    name, _, rest = text.partition("+")
    key_id, _, material = rest.partition("+")
    data = parse_base64(material, "key")
    if not data or not _KEY_ID.fullmatch(key_id):
        raise _key_unreadable(
            text, "non è nome+id+chiave con l'id in 8 cifre esadecimali minuscole"
        )
    key = verifier_key(name, data[0], data[1:])
    if key.key_id.hex() != key_id:
        raise _key_unreadable(text, f"l'id della chiave dovrebbe essere {key.key_id.hex()}")
    return key


def verify_note(note: Note, keys: Iterable[VerifierKey]) -> list[VerifierKey]:
    """Return those of the keys, all of type 0x01, that signed the text of the note.

    Raises:
        NotVerified: when a known key signed twice (`signature-repeated`), its signature does not
            verify (`signature-invalid`), the key itself is of low order (`key-unsound`), or no
            known key signed (`signature-missing`).
    """
    verified = []
    for key in keys:
        line = find_signature(note, key)
        if line is None:
            continue
        if key.type != ED25519:
            raise _key_unreadable(key.name, "una nota si firma con una chiave di tipo 0x01")
        verify_ed25519(key.public, line.signature, note.text.encode("utf-8"))
        verified.append(key)
    if not verified:
        raise NotVerified(
            "signature-missing",
            "La nota non porta la firma di alcuna chiave nota: chiedere la nota firmata a chi"
            " l'ha emessa, o correggere il file di fiducia.",
        )
    return verified


def find_signature(note: Note, key: VerifierKey) -> Signature | None:
    """Return the signature line that bears the name and id of this key, unverified.

    Raises:
        NotVerified: when there is more than one (`signature-repeated`).
    """
    wanted = (key.name, key.key_id)
    lines = [line for line in note.signatures if (line.name, line.key_id) == wanted]
    if len(lines) > 1:
        raise NotVerified(
            "signature-repeated",
            f"La nota porta {len(lines)} firme di {key.name}, ne è ammessa una: prenderla di nuovo"
            " da chi l'ha emessa.",
        )
    return lines[0] if lines else None


def keep_signatures(note: Note, keys: Iterable[VerifierKey]) -> Note:
    """Return the note with the signature lines of these keys only, in their order."""
    wanted = {(key.name, key.key_id) for key in keys}
    kept = (line for line in note.signatures if (line.name, line.key_id) in wanted)
    return Note(note.text, tuple(kept))


def _parse_signature(line: str) -> Signature:
    dash, *fields = line.split(" ")
    match fields:
        case [name, encoded] if dash == "\u2014" and _is_key_name(name):
            data = parse_base64(encoded, "note")
            if len(data) > _KEY_ID_BYTES:
                return Signature(name, data[:_KEY_ID_BYTES], data[_KEY_ID_BYTES:])
    raise _unreadable(f"{line[:60]!r} non è una riga di firma")


@lru_cache(maxsize=256)
def _is_key_name(name: str) -> bool:
    """Tell whether a text can name a key; the same few names come again and again."""
    printable = not any(char.isspace() or char == "+" for char in name)
    return bool(name) and printable and not _CONTROL.search(name) and not _SURROGATE.search(name)


def _unreadable(reason: str) -> Unreadable:
    return Unreadable(
        "note-unreadable",
        f"La nota firmata non è leggibile: {reason}. Prenderla di nuovo da chi l'ha emessa.",
    )


def _key_unreadable(text: str, reason: str) -> Unreadable:
    return Unreadable(
        "key-unreadable",
        f"La chiave {text[:80]!r} non si può usare: {reason}. Chiederla di nuovo al suo titolare.",
    )
