"""Octets as text: base64 with padding in payloads, base64url without in JWS and JWK.

    47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=        base64       RFC 4648 section 4
    47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU         base64url    RFC 4648 section 5

Each sequence of octets has exactly one text: other alphabets, padding, blanks, and unused bits that
are not zero are refused, so that a changed character is never the same value.
"""

from __future__ import annotations

import base64
import binascii

from ledger.errors import Unreadable


def format_base64(octets: bytes) -> str:
    """Return the base64 text, with padding."""
    return base64.b64encode(octets).decode("ascii")


def parse_base64(text: str, length: int | None = None) -> bytes:
    """Return the octets of a canonical base64 text, exactly `length` of them when it is given.

    Raises:
        Unreadable: `base64-not-canonical`; `wrong-length`.
    """
    try:
        octets = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise _not_canonical("base64", text) from error
    if format_base64(octets) != text:
        raise _not_canonical("base64", text)
    return _of_length(octets, length)


def format_base64url(octets: bytes) -> str:
    """Return the base64url text, without padding."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def parse_base64url(text: str, length: int | None = None) -> bytes:
    """Return the octets of a canonical base64url text, exactly `length` of them when it is given.

    Raises:
        Unreadable: `base64url-not-canonical`; `wrong-length`.
    """
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        octets = base64.b64decode(padded, altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
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
