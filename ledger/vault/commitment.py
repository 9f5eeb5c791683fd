"""Commitments: what the log holds of a document, and nothing that tells which document it is.

    commitment = SHA-256(salt || content)           salt = 32 random bytes, one for each object

Whoever holds the salt and the content checks the commitment of an event with stock commands:

    cat salt content | openssl dgst -sha256 -binary | base64        as written in the event
    cat salt content | sha256sum                                    the same in hex

Without the salt nobody can test a guess of the content against the commitment; so destroying the
salt makes what stays in the log meaningless. As a file name a commitment is base64url, no padding:

    47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU     43 characters

Source: design FORMATS sections 1 and 5, decision D10; SHA-256 of FIPS 180-4; RFC 4648 section 5.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING, Final

from ledger.errors import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SALT_BYTES: Final = 32
COMMIT_BYTES: Final = 32

_COMMIT: Final = re.compile(r"[A-Za-z0-9_-]{43}")


class Measure:
    """What passes through `over`, summed up: commitment, plain SHA-256 and size in bytes."""

    __slots__ = ("_commit", "_sha256", "size_bytes")

    def __init__(self, salt: bytes) -> None:
        """Start from the salt.

        Raises:
            ValueError: when the salt is not 32 bytes; callers make or parse salts themselves.
        """
        if len(salt) != SALT_BYTES:
            raise ValueError(f"a salt has {SALT_BYTES} bytes, not {len(salt)}")
        self._commit = hashlib.sha256(salt)
        self._sha256 = hashlib.sha256()
        self.size_bytes = 0

    def over(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the chunks unchanged and add each to the sums."""
        for chunk in chunks:
            self._commit.update(chunk)
            self._sha256.update(chunk)
            self.size_bytes += len(chunk)
            yield chunk

    @property
    def commit(self) -> bytes:
        """SHA-256(salt || what has passed so far), 32 bytes."""
        return self._commit.digest()

    @property
    def sha256(self) -> bytes:
        """SHA-256 of what has passed so far, unsalted, 32 bytes."""
        return self._sha256.digest()


def commit(salt: bytes, chunks: Iterable[bytes]) -> bytes:
    """Return the 32 bytes SHA-256(salt || chunks joined).

    >>> commit(bytes(32), [b"deter", b"mina"]).hex()
    '34f2a097a01be2bdb82c87b92437bb3cf765cad47b1990944d7f2a5260c7371e'

    Raises:
        ValueError: when the salt is not 32 bytes.
    """
    measure = Measure(salt)
    for _ in measure.over(chunks):
        pass
    return measure.commit


def format_commit(value: bytes) -> str:
    """Return a commitment as the 43 characters of base64url that name its files."""
    return base64.urlsafe_b64encode(value).decode("ascii").rstrip("=")


def parse_commit(text: str) -> bytes:
    """Return the 32 bytes of a commitment; `format_commit` gives back the same text.

    Raises:
        Unreadable: for anything but 43 characters of canonical base64url (`commit-malformed`).
    """
    value = base64.urlsafe_b64decode(text + "=") if _COMMIT.fullmatch(text) else b""
    if len(value) != COMMIT_BYTES or format_commit(value) != text:
        raise Unreadable(
            "commit-malformed",
            f"{text[:60]!r} non è l'impronta di un contenuto del deposito (43 caratteri di"
            " base64url senza riempimento): copiarla dalla registrazione o dal nome della sua"
            " cartella.",
        )
    return value
