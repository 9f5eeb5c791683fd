"""Octets as text: base64 with padding in payloads, base64url without in JWS and JWK.

    47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=        base64       RFC 4648 section 4
    47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU         base64url    RFC 4648 section 5

Each sequence of octets has exactly one text: other alphabets, padding, blanks, and unused bits that
are not zero are refused, so that a changed character is never the same value. What is decoded is
encoded again and compared, so nothing rests on what the decoder of a platform lets pass.
"""

from __future__ import annotations

import binascii
from typing import Final

from ledger.errors import Unreadable

_TO_URL: Final = bytes.maketrans(b"+/", b"-_")
_FROM_URL: Final = str.maketrans("-_", "+/")


def format_base64(octets: bytes) -> str:
    """Return the base64 text, with padding."""
    return binascii.b2a_base64(octets, newline=False).decode("ascii")


def parse_base64(text: str, length: int | None = None) -> bytes:
    """Return the octets of a canonical base64 text, exactly `length` of them when it is given.

    Raises:
        Unreadable: `base64-not-canonical`; `wrong-length`.
    """
    try:
        octets = binascii.a2b_base64(text)
    except ValueError as error:
        raise _not_canonical("base64", text) from error
    if format_base64(octets) != text:
        raise _not_canonical("base64", text)
    return _of_length(octets, length)


def format_base64url(octets: bytes) -> str:
    """Return the base64url text, without padding."""
    text = binascii.b2a_base64(octets, newline=False).rstrip(b"=")
    return text.translate(_TO_URL).decode("ascii")


def parse_base64url(text: str, length: int | None = None) -> bytes:
    """Return the octets of a canonical base64url text, exactly `length` of them when it is given.

    Raises:
        Unreadable: `base64url-not-canonical`; `wrong-length`.
    """
    try:
        octets = binascii.a2b_base64(text.translate(_FROM_URL) + "=" * (-len(text) % 4))
    except ValueError as error:
        raise _not_canonical("base64url", text) from error
    if format_base64url(octets) != text:
        raise _not_canonical("base64url", text)
    return _of_length(octets, length)


def _not_canonical(form: str, text: str) -> Unreadable:
    """Return the error for a text that is not the one text of its octets."""
    return Unreadable(
        f"{form}-not-canonical",
        f"{text[:40]!r} non è {form} canonico (RFC 4648): scriverlo di nuovo.",
    )


def _of_length(octets: bytes, length: int | None) -> bytes:
    """Return the octets, when they are as many as they must be.

    Raises:
        Unreadable: `wrong-length`.
    """
    if length is not None and len(octets) != length:
        raise Unreadable(
            "wrong-length",
            f"Ci sono {len(octets)} byte al posto di {length}: copiare di nuovo il valore intero.",
        )
    return octets
