"""Leaves: the thin entries of the log, and the plain text fields that all its formats share.

An event leaf names an event without showing it: when it was received, the digest of its signed
envelope, and for each stream it joins the place it takes there.

    pista/leaf/v1
    event
    2026-07-21T10:11:13.123456Z                     received_at, UTC, always six digits
    47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=    base64 SHA-256 of the envelope
    act/c_e506/registro-generale/2023/1234 0        stream and sequence number, sorted bytewise
    cup/C81C22001220006 17

A heads leaf is the last leaf of every published tree and sums up what lies before it.

    pista/leaf/v1
    heads
    1290                                            leaves covered, the index of this leaf
    <base64 root of the leaves covered>
    312                                             streams
    <base64 root of the rows, see heads.py>

(The remarks on the right and the indent are not part of the bytes.) Every line ends with one
0x0A. There is exactly one text for a leaf: what `parse_leaf` accepts, `format_leaf` gives back
byte for byte.

Source: design FORMATS section 2; base64 of RFC 4648 section 4, with padding.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from ledger.errors import Unreadable

HASH_BYTES: Final = 32
MAX_NUMBER: Final = 2**63 - 1
MAX_STREAMS: Final = 500
MAX_LEAF_BYTES: Final = 2**16 - 1

_NAMES: Final = {
    "add-checkpoint": "La richiesta al testimone",
    "anchor": "L'ancora",
    "bag-info": "La riga",
    "checkpoint": "Il punto di controllo",
    "clock": "Il file dell'orologio",
    "consistency": "La prova di coerenza",
    "erasure": "La cancellazione registrata",
    "hash": "L'impronta",
    "kept": "Il punto verificato",
    "key": "La chiave",
    "leaf": "La foglia",
    "misbehaviour": "La prova contro un registro",
    "monitor": "Lo stato del controllo",
    "note": "La nota firmata",
    "number": "Il numero",
    "policy": "Il file di fiducia",
    "proof": "La prova di presenza",
    "reasons": "Il file reasons.json",
    "row": "La riga del flusso",
    "row-proof": "La prova della riga",
    "witness": "Il file del testimone",
    "witness-answer": "La risposta del testimone",
    "witness-state": "Lo stato del testimone",
}
_HEADER: Final = "pista/leaf/v1"
_EVENT_START: Final = f"{_HEADER}\nevent\n".encode("ascii")
_TIME_CHARACTERS: Final = 27
_STREAM_NAME: Final = re.compile(r"[A-Za-z0-9._/-]{1,100}")
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")


@dataclass(frozen=True, slots=True)
class StreamPlace:
    """The place an event takes in one stream; `seq` counts from 0."""

    name: str
    seq: int


@dataclass(frozen=True, slots=True)
class EventLeaf:
    """One event: aware UTC time of receipt, SHA-256 of its envelope, its streams sorted by name."""

    received_at: datetime
    envelope_digest: bytes
    streams: tuple[StreamPlace, ...]


@dataclass(frozen=True, slots=True)
class HeadsLeaf:
    """The closing leaf of a tree: leaves covered and their root, streams and root of their rows."""

    size: int
    root: bytes
    streams: int
    rows_root: bytes


def format_leaf(leaf: EventLeaf | HeadsLeaf) -> bytes:
    """Return the bytes of a leaf.

    Raises:
        Unreadable: when the value could not be read back (`leaf-unreadable`): a time without UTC
            zone, streams that are missing, unsorted, repeated or out of grammar, a number out of
            range, a hash that is not 32 bytes long.
    """
    if isinstance(leaf, EventLeaf):
        _check_streams(leaf.streams)
        lines = [_HEADER, "event", format_time(leaf.received_at), format_hash(leaf.envelope_digest)]
        lines += [f"{place.name} {format_number(place.seq)}" for place in leaf.streams]
    else:
        covered = [format_number(leaf.size), format_hash(leaf.root)]
        rows = [format_number(leaf.streams), format_hash(leaf.rows_root)]
        lines = [_HEADER, "heads", *covered, *rows]
    return ("\n".join(lines) + "\n").encode("ascii")


def parse_leaf(data: bytes) -> EventLeaf | HeadsLeaf:
    """Return the leaf that these bytes are; `format_leaf` of it gives the same bytes.

    Raises:
        Unreadable: when the bytes are not exactly one leaf (`leaf-unreadable`).
    """
    lines = parse_lines(data, "leaf")
    match lines:
        case [header, "event", time, digest, *places] if header == _HEADER:
            streams = tuple(_parse_place(line) for line in places)
            _check_streams(streams)
            return EventLeaf(parse_time(time), parse_hash(digest, "leaf"), streams)
        case [header, "heads", size, root, streams_count, rows_root] if header == _HEADER:
            return HeadsLeaf(
                size=parse_number(size, "leaf"),
                root=parse_hash(root, "leaf"),
                streams=parse_number(streams_count, "leaf"),
                rows_root=parse_hash(rows_root, "leaf"),
            )
    reason = f"non comincia con '{_HEADER}' e 'event' o 'heads', o ha righe in più o in meno"
    raise _unreadable("leaf", reason)


def received_at_of(data: bytes) -> datetime | None:
    """Return the time in a leaf that was parsed before, None for a heads leaf.

    Raises:
        Unreadable: when there is no time where an event leaf has it (`leaf-unreadable`).
    """
    if not data.startswith(_EVENT_START):
        return None
    time = data[len(_EVENT_START) : len(_EVENT_START) + _TIME_CHARACTERS]
    return parse_time(time.decode("ascii", "replace"))


def is_stream_name(text: str) -> bool:
    """Tell whether the text can name a stream: 1 to 100 of `A-Z a-z 0-9 . _ / -`."""
    return _STREAM_NAME.fullmatch(text) is not None


def parse_lines(data: bytes, what: str) -> list[str]:
    """Return the lines of an ASCII text, without their 0x0A; no bytes give no lines.

    Raises:
        Unreadable: when a byte is not ASCII or the last line has no 0x0A (`<what>-unreadable`).
    """
    if not data.isascii() or not (data == b"" or data.endswith(b"\n")):
        raise _unreadable(what, "non è testo ASCII in cui ogni riga termina con 0x0A")
    return data.decode("ascii").split("\n")[:-1]


def format_number(number: int) -> str:
    """Return the plain decimal of a number from 0 to 2**63 - 1.

    Raises:
        Unreadable: when the number is out of range (`number-unreadable`).
    """
    if not 0 <= number <= MAX_NUMBER:
        raise _unreadable("number", f"{number} non è da 0 a {MAX_NUMBER}")
    return str(number)


def parse_number(text: str, what: str) -> int:
    """Return the number that a plain decimal means, 0 to 2**63 - 1.

    Raises:
        Unreadable: for a sign, space, leading zero, other digits than ASCII, or a number out of
            range (`<what>-unreadable`).
    """
    number = int(text) if _NUMBER.fullmatch(text) else -1
    if not 0 <= number <= MAX_NUMBER:
        reason = f"non è un decimale da 0 a {MAX_NUMBER} senza zeri iniziali"
        raise _unreadable(what, f"{text[:40]!r} {reason}")
    return number


def parse_base64(text: str, what: str) -> bytes:
    """Return the bytes of canonical padded base64 (RFC 4648 section 4).

    Raises:
        Unreadable: for other characters, wrong padding, or stray bits in the last character
            (`<what>-unreadable`).
    """
    try:
        data = base64.b64decode(text, validate=True) if _BASE64.fullmatch(text) else None
    except binascii.Error:
        data = None
    if data is None or base64.b64encode(data).decode("ascii") != text:
        raise _unreadable(what, f"{text[:60]!r} non è base64 canonico con riempimento")
    return data


def format_hash(digest: bytes) -> str:
    """Return the base64 text, 44 characters, of a 32-byte hash.

    Raises:
        Unreadable: when it is not 32 bytes long (`hash-unreadable`).
    """
    if len(digest) != HASH_BYTES:
        raise _unreadable("hash", f"ha {len(digest)} byte invece di {HASH_BYTES}")
    return base64.b64encode(digest).decode("ascii")


def parse_hash(text: str, what: str) -> bytes:
    """Return the 32 bytes of a hash in base64.

    Raises:
        Unreadable: when the text is not canonical base64 of 32 bytes (`<what>-unreadable`).
    """
    digest = parse_base64(text, what)
    if len(digest) != HASH_BYTES:
        raise _unreadable(what, f"un'impronta ha {len(digest)} byte invece di {HASH_BYTES}")
    return digest


def format_time(moment: datetime) -> str:
    """Return the text of an aware UTC time, with six digits of a second and `Z`.

    Raises:
        Unreadable: when the time has no zone or another than UTC (`leaf-unreadable`).
    """
    offset = moment.utcoffset()
    if offset is None or offset:
        raise _unreadable("leaf", f"{moment} non è un'ora in UTC")
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def parse_time(text: str) -> datetime:
    """Return the aware UTC time of a text such as `2026-07-21T10:11:13.123456Z`.

    Raises:
        Unreadable: for another form or a moment that does not exist (`leaf-unreadable`).
    """
    try:
        if _TIME.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise Unreadable(
        "leaf-unreadable",
        f"{text[:40]!r} non è un'ora in UTC con i microsecondi: confrontare con un'altra copia.",
    )


def _parse_place(line: str) -> StreamPlace:
    name, _, seq = line.partition(" ")
    return StreamPlace(name, parse_number(seq, "leaf"))


def _check_streams(streams: tuple[StreamPlace, ...]) -> None:
    """Refuse streams that are none, over 500, out of grammar, repeated or not sorted bytewise."""
    names = [place.name for place in streams]
    in_order = all(left < right for left, right in pairwise(names))
    if not 0 < len(names) <= MAX_STREAMS or not in_order or not all(map(is_stream_name, names)):
        reason = f"flussi ripetuti, disordinati, malformati o non da 1 a {MAX_STREAMS}: {names[:5]}"
        raise _unreadable("leaf", reason)


def _unreadable(what: str, reason: str) -> Unreadable:
    """Return the error of one text; a `what` without a name above is shown as it is."""
    return Unreadable(
        f"{what}-unreadable",
        f"{_NAMES.get(what, what)} non è leggibile: {reason}. Confrontare con un'altra copia.",
    )
