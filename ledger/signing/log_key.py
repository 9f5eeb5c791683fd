"""The log's public key as the founding event names it: a note verifier key.

    pnrr.comune.lecce.it/c_e506+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k
    name = origin of the ledger, key id, base64 of 0x01 || Ed25519 public key

    key id = first 4 bytes of SHA-256(name || 0x0A || 0x01 || public key), in lower-case hex

The name must be the origin, since a checkpoint is signed under the origin of its log. Notes
themselves belong to the journal; here the key is only read, to know that it is sound.

Source: C2SP signed-note, "Verifier keys"; design FORMATS sections 3 and 4.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from ledger.errors import NotVerified
from ledger.signing.edwards25519 import is_sound_key
from ledger.signing.octets import format_base64, format_base64url, parse_base64

_ED25519: Final = b"\x01"
_KEY_BYTES: Final = 33


def format_log_key(origin: str, public: bytes) -> str:
    """Return the verifier key of a log for its Ed25519 public key of 32 bytes."""
    key = _ED25519 + public
    key_id = hashlib.sha256(origin.encode("ascii") + b"\n" + key).digest()[:4]
    return f"{origin}+{key_id.hex()}+{format_base64(key)}"


def log_key_jwk(public: bytes) -> dict[str, str]:
    """Return the JWK of a log key, under which it proves possession when it is rotated in."""
    return {"crv": "Ed25519", "kty": "OKP", "x": format_base64url(public)}


def parse_log_key(text: str, origin: str) -> bytes:
    """Return the Ed25519 public key (32 bytes) of the verifier key of a log.

    Raises:
        NotVerified: `log-key-malformed`, when it is not the one text of a key under this origin;
            `key-unsound`.
        Unreadable: `base64-not-canonical`, `wrong-length`.
    """
    found = re.fullmatch(f"{re.escape(origin)}[+][0-9a-f]{{8}}[+](.*)", text)
    public = parse_base64(found[1], _KEY_BYTES)[1:] if found else b""
    if format_log_key(origin, public) != text:
        raise NotVerified(
            "log-key-malformed",
            f"{text!r} non è la chiave Ed25519 di verifica di nome {origin}: copiarla dal file di"
            " fiducia.",
        )
    if not is_sound_key(public):
        raise NotVerified(
            "key-unsound", f"La chiave del registro {text!r} non è di ordine primo: farne un'altra."
        )
    return public
