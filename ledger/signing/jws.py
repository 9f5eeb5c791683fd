"""JWS compact serialisation: three base64url texts joined by dots (RFC 7515 section 7.1).

    eyJhbGciOiJFUzI1NiIs...   .   eyJhY3RvciI6ImFhYW...   .   MEUCIQDx...
    protected header              payload                     signature

Header and payload are canonical JSON objects of the signed profile. The signing input is the first
two texts with their dot, as they stand: to verify, nothing is encoded again. Exactly the bytes of
`format_jws` are parsed; padding, blanks, a fourth part, other base64url are refused. Limits count
decoded bytes.

Source: RFC 7515; design FORMATS section 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from ledger.errors import Unreadable
from ledger.signing.algorithms import ALGORITHMS, is_signature_length
from ledger.signing.canonical import decode_signed, encode_signed
from ledger.signing.octets import format_base64url, parse_base64url

MAX_HEADER_BYTES: Final = 4 * 1024
MAX_PAYLOAD_BYTES: Final = 64 * 1024
MAX_JWS_BYTES: Final = (MAX_HEADER_BYTES + MAX_PAYLOAD_BYTES + 1024) * 4 // 3 + 8
JOSE: Final = "JOSE"


@dataclass(frozen=True, slots=True)
class CompactJWS:
    """The parts of a JWS whose grammar holds; nothing is verified."""

    header: dict[str, Any]
    payload: dict[str, Any]
    signing_input: bytes
    signature: bytes


def format_signing_input(header: dict[str, Any], payload: dict[str, Any]) -> bytes:
    """Return the bytes to sign: base64url of header and payload with a dot between.

    Raises:
        Unreadable: `not-in-signed-profile`; `too-long`, when a part is over its limit.
    """
    parts = [
        _within(encode_signed(header), MAX_HEADER_BYTES, "L'intestazione"),
        _within(encode_signed(payload), MAX_PAYLOAD_BYTES, "Il contenuto"),
    ]
    return ".".join(map(format_base64url, parts)).encode("ascii")


def format_jws(signing_input: bytes, signature: bytes) -> bytes:
    """Return the compact JWS of a signing input and the signature over it."""
    return signing_input + b"." + format_base64url(signature).encode("ascii")


def parse_jws(raw: bytes) -> CompactJWS:
    """Return the parts of a compact JWS.

    Raises:
        Unreadable: `jws-malformed`, when it is not three dotted texts, or a part is no JSON object;
            `too-long`; `algorithm-unknown`; `wrong-length`, when the signature cannot be of the
            algorithm; the codes of octets.py and canonical.py.
    """
    parts = raw.split(b".")
    if len(raw) > MAX_JWS_BYTES:
        raise Unreadable(
            "too-long",
            f"Una busta firmata di {len(raw)} byte supera ogni limite: dividerla in più"
            " registrazioni collegate.",
        )
    if len(parts) != 3 or not raw.isascii():  # noqa: PLR2004  header, payload, signature
        raise Unreadable(
            "jws-malformed",
            "Una busta firmata (JWS compatto) è fatta di tre testi ASCII uniti da due punti:"
            " prenderla di nuovo dall'origine.",
        )
    head, body, tail = (parse_base64url(part.decode("ascii")) for part in parts)
    header = _parse_object(_within(head, MAX_HEADER_BYTES, "L'intestazione"))
    payload = _parse_object(_within(body, MAX_PAYLOAD_BYTES, "Il contenuto"))
    _check_signature_length(header.get("alg"), tail)
    return CompactJWS(header, payload, raw[: raw.rindex(b".")], tail)


def _check_signature_length(alg: object, signature: bytes) -> None:
    """Accept a known algorithm and a length of signature that it can give.

    Raises:
        Unreadable: `algorithm-unknown`; `wrong-length`.
    """
    if not isinstance(alg, str) or alg not in ALGORITHMS:
        raise Unreadable(
            "algorithm-unknown",
            f"L'algoritmo {alg!r} non è fra {', '.join(sorted(ALGORITHMS))}: firmare di nuovo con"
            " uno di questi.",
        )
    if not is_signature_length(alg, len(signature)):
        raise Unreadable(
            "wrong-length",
            f"Una firma di {len(signature)} byte non può essere {alg}: prendere di nuovo la busta"
            " dall'origine.",
        )


def _parse_object(data: bytes) -> dict[str, Any]:
    """Return the JSON object that these canonical bytes are.

    Raises:
        Unreadable: `jws-malformed`, when it is another kind of value; codes of canonical.py.
    """
    value = decode_signed(data)
    if not isinstance(value, dict):
        raise Unreadable(
            "jws-malformed",
            "Intestazione e contenuto di una busta firmata sono oggetti JSON: prendere di nuovo"
            " la busta dall'origine.",
        )
    return value


def _within(data: bytes, limit: int, part: str) -> bytes:
    """Return the bytes of a part, when they are not over its limit.

    Raises:
        Unreadable: `too-long`.
    """
    if len(data) > limit:
        raise Unreadable(
            "too-long",
            f"{part} ha {len(data)} byte, più di {limit}: continuare in una registrazione"
            " collegata.",
        )
    return data
