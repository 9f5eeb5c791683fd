"""The data of a journal row: a leaf and the envelope that it names, side by side.

    2 bytes big-endian    length of the leaf
    leaf                  its exact bytes, see leaf.py
    nothing               a heads leaf, or an erased envelope
    0x01 | 2 bytes header length | 1 byte signature length (in 4s) | header | signature | payload
                          a JWS compact, its three parts decoded from base64url
    0x02 | bytes          another envelope that begins with 0x01 or 0x02, as it is
    other bytes           any other envelope, as it is

Signed bytes come back exactly as they came: base64url without padding is written in one way only,
so a JWS whose parts are canonical and the three decoded parts say the same, at three quarters of
the size; what is not canonical is kept as it is. The sequencer reads back and rehashes every row
before it signs anything, and so does fsck. The payload can be read without the way over base64.

Source: RFC 7515 section 3.1; RFC 4648 sections 3.5 and 5; design D6.
"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from typing import Final

from ledger.errors import Unreadable
from ledger.journal.leaf import MAX_LEAF_BYTES

_LENGTH_BYTES: Final = 2
_PARTS: Final = 1
_AS_IT_IS: Final = 2
_HEADER_AT: Final = 4
_SIGNATURE_UNIT: Final = 4
_MOST_SIGNATURE: Final = 255 * _SIGNATURE_UNIT
_MOST_HEADER: Final = 0xFFFF
_FROM_URL: Final = bytes.maketrans(b"-_", b"+/")
_PADDING: Final = (b"", b"===", b"==", b"=")


def pack(leaf: bytes, envelope: bytes) -> bytes:
    """Return the data of a journal row; `envelope` is empty when erased or for a heads leaf.

    Raises:
        Unreadable: when the leaf is empty or over 65,535 bytes (`row-unreadable`).
    """
    if not 0 < len(leaf) <= MAX_LEAF_BYTES:
        raise Unreadable(
            "row-unreadable",
            f"Una foglia ha da 1 a {MAX_LEAF_BYTES} byte, questa {len(leaf)}: non è stata scritta."
            " Dividere la registrazione in più registrazioni.",
        )
    return len(leaf).to_bytes(_LENGTH_BYTES, "big") + leaf + _kept(envelope)


def unpack(data: bytes) -> tuple[bytes, bytes]:
    """Return (leaf, envelope) of a journal row, each as it was packed.

    Raises:
        Unreadable: when the row ends before its leaf or the header of its envelope does, or its
            leaf is empty (`row-unreadable`).
    """
    end = _end_of_leaf(data)
    leaf = data[_LENGTH_BYTES:end]
    form = data[end] if len(data) > end else None
    if form == _PARTS:
        return leaf, join_parts(*_parts(data, end))
    return leaf, data[end + (form == _AS_IT_IS) :]


def unpack_leaf(data: bytes) -> bytes:
    """Return the leaf of a journal row alone; raises as `unpack` does when it ends too early."""
    return data[_LENGTH_BYTES : _end_of_leaf(data)]


def unpack_payload(data: bytes) -> bytes | None:
    """Return the payload that the envelope of a row signs, None when there is none.

    Nothing is verified: it is what the store holds. None stands for a heads leaf, an erased
    envelope and one that is no JWS.

    Raises:
        Unreadable: as `unpack`.
    """
    end = _end_of_leaf(data)
    if len(data) == end or data[end] != _PARTS:
        return None
    return _parts(data, end)[1]


def unpack_parts(data: bytes) -> tuple[bytes, bytes, bytes, bytes] | None:
    """Return (leaf, header, payload, signature) of a row, None unless its envelope is in parts.

    Raises:
        Unreadable: as `unpack`.
    """
    size = len(data)
    end = _LENGTH_BYTES + (data[0] << 8 | data[1]) if size > _LENGTH_BYTES else size + 1
    if not _LENGTH_BYTES < end <= size:
        raise _cut_off(data, "della sua foglia")
    if size == end or data[end] != _PARTS:
        return None
    start = end + _HEADER_AT
    if size < start:
        raise _cut_off(data, "della sua busta")
    header_end = start + (data[end + 1] << 8 | data[end + 2])
    last = header_end + data[end + 3] * _SIGNATURE_UNIT
    if last > size:
        raise _cut_off(data, "della sua busta")
    return data[_LENGTH_BYTES:end], data[start:header_end], data[last:], data[header_end:last]


def join_parts(header: bytes, payload: bytes, signature: bytes) -> bytes:
    """Return the compact JWS of three decoded parts."""
    text = b"%b.%b.%b" % (
        b2a_base64(header, newline=False),
        b2a_base64(payload, newline=False),
        b2a_base64(signature, newline=False),
    )
    return text.replace(b"=", b"").replace(b"+", b"-").replace(b"/", b"_")


def _end_of_leaf(data: bytes) -> int:
    end = _LENGTH_BYTES + int.from_bytes(data[:_LENGTH_BYTES], "big")
    if not _LENGTH_BYTES < end <= len(data):
        raise _cut_off(data, "della sua foglia")
    return end


def _parts(data: bytes, at: int) -> tuple[bytes, bytes, bytes]:
    """Return header, payload and signature of the envelope that begins at a place of the row."""
    start = at + _HEADER_AT
    header_end = start + int.from_bytes(data[at + 1 : at + 3], "big")
    end = header_end + data[at + 3] * _SIGNATURE_UNIT if len(data) >= start else len(data) + 1
    if end > len(data):
        raise _cut_off(data, "della sua busta")
    return data[start:header_end], data[end:], data[header_end:end]


def _kept(envelope: bytes) -> bytes:
    """Return an envelope as the row keeps it."""
    decoded = _decoded(envelope)
    if decoded is not None:
        return decoded
    return b"\x02" + envelope if envelope[:1] in {b"\x01", b"\x02"} else envelope


def _decoded(envelope: bytes) -> bytes | None:
    """Return the parts of a JWS side by side, None for what could not be told back exactly."""
    parts = envelope.translate(_FROM_URL).split(b".")
    try:
        header, payload, signature = (a2b_base64(p + _PADDING[len(p) % 4]) for p in parts)
    except ValueError:  # not three parts, or a length that base64 cannot have
        return None
    units, rest = divmod(len(signature), _SIGNATURE_UNIT)
    if rest or len(header) > _MOST_HEADER or len(signature) > _MOST_SIGNATURE:
        return None
    if join_parts(header, payload, signature) != envelope:
        return None
    sizes = len(header).to_bytes(2, "big") + units.to_bytes(1, "big")
    return b"".join((b"\x01", sizes, header, signature, payload))


def _cut_off(data: bytes, what: str) -> Unreadable:
    return Unreadable(
        "row-unreadable",
        f"Una riga dell'archivio, di {len(data)} byte, finisce prima {what}: rimettere l'archivio"
        " da una copia di riserva.",
    )
