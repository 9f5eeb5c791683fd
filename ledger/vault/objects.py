r"""The ciphertext of one object: AES-256-GCM in chunks, so that a large file streams.

    header     32 bytes    "pista/object/v1" 0x0A, then the object id, 16 random bytes
    chunk 0    1 MiB + 16  ciphertext and tag
    chunk 1    1 MiB + 16
    ...
    chunk n    up to 1 MiB + 16     the last; holds 0 bytes only when the whole object does

    nonce            12 bytes = chunk number, 11 bytes big-endian || 0x01 for the last, else 0x00
    associated data  40 bytes = header || chunk number, 8 bytes big-endian
    key              32 random bytes for this object alone, so that counted nonces never repeat

The number in the nonce refuses chunks that are reordered, the flag a truncation or an extension,
the header in the associated data a chunk or a file of another object. It is the STREAM
construction. GCM encrypts as CTR does from counter 2, so openssl shows what a chunk holds (it
leaves the tag unchecked), here of chunk 0 when it is also the last:

    tail -c +33 FILE | head -c -16 \
      | openssl enc -d -aes-256-ctr -K KEY_HEX -iv 000000000000000000000001''00000002

Source: design FORMATS section 5; NIST SP 800-38D (GCM); Hoang, Reyhanitabar, Rogaway, Vizar,
"Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", CRYPTO 2015 (STREAM).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.errors import NotVerified

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK_BYTES: Final = 1024 * 1024
KEY_BYTES: Final = 32
OBJECT_ID_BYTES: Final = 16

_MAGIC: Final = b"pista/object/v1\n"
_TAG_BYTES: Final = 16
_HEADER_BYTES: Final = len(_MAGIC) + OBJECT_ID_BYTES


class Readable(Protocol):
    """Whatever gives bytes one after the other: an open file, an upload, a buffer."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""


def encrypt_object(key: bytes, object_id: bytes, content: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the header and the encrypted chunks of an object.

    Args:
        key: 32 random bytes that encrypt nothing else, ever.
        object_id: 16 bytes.
        content: chunks of exactly 1 MiB but the last, as `read_chunks` gives them; none is empty.

    Raises:
        ValueError: when a chunk before the last is not 1 MiB, or the key or id has another size.
    """
    header = _header(object_id)
    aead = AESGCM(key)
    yield header
    number, held = 0, next(content, b"")
    for following in content:
        if len(held) != CHUNK_BYTES:
            raise ValueError(f"chunk {number} has {len(held)} bytes, not {CHUNK_BYTES}")
        yield aead.encrypt(_nonce(number, last=False), held, _associated(header, number))
        number, held = number + 1, following
    yield aead.encrypt(_nonce(number, last=True), held, _associated(header, number))


def decrypt_object(key: bytes, object_id: bytes, ciphertext: Readable) -> Iterator[bytes]:
    """Yield the content in chunks of 1 MiB but the last, each only when it is authentic.

    That the object is whole is known when the iterator ends without raising, and not before.

    Raises:
        NotVerified: for another header (`object-header-wrong`), and for a chunk that was changed,
            cut, added, moved, or encrypted under another key or id (`object-damaged`).
    """
    header = _header(object_id)
    if read_whole(ciphertext, _HEADER_BYTES) != header:
        raise NotVerified(
            "object-header-wrong",
            f"Il file dell'oggetto {object_id.hex()} comincia con l'intestazione di altro:"
            " rimettere il file da una copia di riserva.",
        )
    aead = AESGCM(key)
    sealed = read_chunks(ciphertext, CHUNK_BYTES + _TAG_BYTES)
    number, held = 0, next(sealed, b"")
    for following in sealed:
        yield _open(aead, header, number, held, last=False)
        number, held = number + 1, following
    content = _open(aead, header, number, held, last=True)
    if number and not content:
        raise _damaged(object_id, number, "alla fine è stato aggiunto un blocco vuoto")
    if content:
        yield content


def encrypted_size(size_bytes: int) -> int:
    """Return how many bytes the file of an object has whose content has `size_bytes`."""
    chunks = max(1, -(-size_bytes // CHUNK_BYTES))
    return _HEADER_BYTES + size_bytes + chunks * _TAG_BYTES


def read_chunks(source: Readable, size: int = CHUNK_BYTES) -> Iterator[bytes]:
    """Yield what a source gives in chunks of exactly `size` bytes but the last; none is empty."""
    while chunk := read_whole(source, size):
        yield chunk


def read_whole(source: Readable, size: int) -> bytes:
    """Return `size` bytes, fewer only at the end: sockets and pipes give less than was asked."""
    first = source.read(size)
    if len(first) in {0, size}:
        return first
    parts = bytearray(first)
    while len(parts) < size and (part := source.read(size - len(parts))):
        parts += part
    return bytes(parts)


def _open(aead: AESGCM, header: bytes, number: int, sealed: bytes, *, last: bool) -> bytes:
    """Return the content of one chunk."""
    object_id = header[len(_MAGIC) :]
    if len(sealed) < _TAG_BYTES:
        raise _damaged(object_id, number, "è tronco")
    try:
        return aead.decrypt(_nonce(number, last=last), sealed, _associated(header, number))
    except InvalidTag as error:
        raise _damaged(object_id, number, "il suo sigillo non corrisponde") from error


def _header(object_id: bytes) -> bytes:
    """Return magic, version and id."""
    if len(object_id) != OBJECT_ID_BYTES:
        raise ValueError(f"an object id has {OBJECT_ID_BYTES} bytes, not {len(object_id)}")
    return _MAGIC + object_id


def _nonce(number: int, *, last: bool) -> bytes:
    """Return the 12 bytes of the nonce of a chunk."""
    return number.to_bytes(11, "big") + bytes([last])


def _associated(header: bytes, number: int) -> bytes:
    """Return the associated data of a chunk."""
    return header + number.to_bytes(8, "big")


def _damaged(object_id: bytes, number: int, reason: str) -> NotVerified:
    """Return the error of a chunk that is not what was written."""
    return NotVerified(
        "object-damaged",
        f"Il blocco {number} dell'oggetto {object_id.hex()} non è quello conservato: {reason}."
        " Rimettere il file da una copia di riserva.",
    )
