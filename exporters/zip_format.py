"""The one form of our ZIP files, to the byte: there are values, and all else follows from them.

    for each member, names rising in byte order:
        local header       50 4B 03 04, 30 bytes, then name, then extra field
        data               stored (method 0) or deflate (method 8)
    for each member, in the same order:
        central header     50 4B 01 02, 46 bytes, then name, then extra field
    the ends               ZIP64 record and locator only when a number does not fit; 22 bytes

Every field that says nothing is fixed: time 1980-01-01 00:00, version 2.0 (4.5 for a member with
ZIP64 numbers), made on Unix with mode 0100644, no flags, comments, disks or data descriptors; no
base directory, no directory entries, no gap and no overlap. So a reader takes name, method, sizes
and checksums, writes the headers again with these functions, and compares: no changed byte passes.

Extra fields, in this order:

    01 00 len ...              ZIP64: the numbers that do not fit in 32 bits, 8 bytes each
    50 53 04 00 crc32          deflate only: CRC-32 of the compressed bytes

The second is ours and other programs skip it. There are many deflate streams of one content (the
bits that pad the last byte, a match at another distance), so without it a changed byte of the data
could go unseen. A deflated member is smaller than its content and below 2 GiB.

Source: PKWARE APPNOTE.TXT 6.3.10, sections 4.3 to 4.5; RFC 1951; design FORMATS section 6.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

STORED: Final = 0
DEFLATED: Final = 8
DEFLATE_BELOW_BYTES: Final = 2 * 1024**3
LOCAL_BYTES: Final = 30
CENTRAL_BYTES: Final = 46
END_BYTES: Final = 22
END64_BYTES: Final = 56 + 20

_MAX16: Final = 0xFFFF
_MAX32: Final = 0xFFFFFFFF
_LOCAL: Final = struct.Struct("<4s5H3I2H")
_CENTRAL: Final = struct.Struct("<4s6H3I5H2I")
_END: Final = struct.Struct("<4s4H2IH")
_END64: Final = struct.Struct("<4sQ2H2I4Q")
_LOCATOR: Final = struct.Struct("<4sIQI")
_PACKED_CRC: Final = struct.Struct("<2H I")

_VERSION: Final = 20
_VERSION_ZIP64: Final = 45
_UNIX: Final = 3 << 8
_REGULAR_FILE: Final = 0o100644 << 16
_DATE: Final = 1 << 5 | 1
_ZIP64_ID: Final = 0x0001
_PACKED_CRC_ID: Final = 0x5350


@dataclass(frozen=True, slots=True)
class Entry:
    """A member as its headers tell it; the offset is of its local header.

    `packed_bytes` and `packed_crc` are of the data as it lies in the file, `size_bytes` and `crc`
    of the content; for a stored member the two are the same.
    """

    name: str
    method: int
    crc: int
    packed_crc: int
    packed_bytes: int
    size_bytes: int
    offset: int


@dataclass(frozen=True, slots=True)
class Ends:
    """What the end of a file tells: where the central headers are, and how many."""

    count: int
    central_bytes: int
    central_offset: int


def format_local(entry: Entry) -> bytes:
    """Return the local header of a member."""
    sizes = (entry.packed_bytes, entry.size_bytes)
    wide = max(sizes) >= _MAX32
    extra = _extra((entry.size_bytes, entry.packed_bytes) if wide else (), entry)
    fixed = _LOCAL.pack(
        b"PK\x03\x04",
        _VERSION_ZIP64 if wide else _VERSION,
        0,
        entry.method,
        0,
        _DATE,
        entry.crc,
        *((_MAX32, _MAX32) if wide else sizes),
        len(entry.name),
        len(extra),
    )
    return fixed + entry.name.encode("ascii") + extra


def format_central(entry: Entry) -> bytes:
    """Return the central header of a member."""
    numbers = (entry.size_bytes, entry.packed_bytes, entry.offset)
    wide = tuple(number for number in numbers if number >= _MAX32)
    extra = _extra(wide, entry)
    version = _VERSION_ZIP64 if wide else _VERSION
    fixed = _CENTRAL.pack(
        b"PK\x01\x02",
        _UNIX | version,
        version,
        0,
        entry.method,
        0,
        _DATE,
        entry.crc,
        min(entry.packed_bytes, _MAX32),
        min(entry.size_bytes, _MAX32),
        len(entry.name),
        len(extra),
        0,
        0,
        0,
        _REGULAR_FILE,
        min(entry.offset, _MAX32),
    )
    return fixed + entry.name.encode("ascii") + extra


def parse_central(fixed: bytes, rest: bytes, offset: int) -> Entry | None:
    """Return the member of a central header, or None unless all bytes are the one form of it.

    Args:
        fixed: the first 46 bytes.
        rest: name and extra field, of the lengths that `central_rest` gives.
        offset: where the local header of this member must be.
    """
    _, _, _, _, method, _, _, crc, packed, size, name_length, *_ = _CENTRAL.unpack(fixed)
    name, extra = rest[:name_length], rest[name_length:]
    packed_crc = crc
    if method == DEFLATED and len(extra) >= _PACKED_CRC.size:
        *_, packed_crc = _PACKED_CRC.unpack(extra[-_PACKED_CRC.size :])
    sizes = _parse_sizes(size, packed, extra)
    if sizes is None or not name.isascii():
        return None
    size, packed = sizes
    entry = Entry(name.decode("ascii"), method, crc, packed_crc, packed, size, offset)
    return entry if format_central(entry) == fixed + rest else None


def central_rest(fixed: bytes) -> int:
    """Return how many bytes follow the first 46 of a central header."""
    *_, name_length, extra_length, comment_length, _, _, _, _ = _CENTRAL.unpack(fixed)
    return int(name_length + extra_length + comment_length)


def format_ends(ends: Ends) -> bytes:
    """Return what follows the central headers; the ZIP64 part only when a number needs it."""
    count, size, offset = ends.count, ends.central_bytes, ends.central_offset
    end64 = b""
    if count >= _MAX16 or max(size, offset) >= _MAX32:
        end64 = _END64.pack(
            b"PK\x06\x06",
            _END64.size - 12,
            _UNIX | _VERSION_ZIP64,
            _VERSION_ZIP64,
            0,
            0,
            count,
            count,
            size,
            offset,
        ) + _LOCATOR.pack(b"PK\x06\x07", 0, offset + size, 1)
    narrow = min(count, _MAX16)
    end = _END.pack(b"PK\x05\x06", 0, 0, narrow, narrow, min(size, _MAX32), min(offset, _MAX32), 0)
    return end64 + end


def parse_ends(tail: bytes, file_bytes: int) -> Ends | None:
    """Return what the last 98 bytes of a file tell, or None unless they are the one form of it.

    Args:
        tail: the last `END64_BYTES + END_BYTES` bytes, fewer in a shorter file.
        file_bytes: the size of the whole file.
    """
    if len(tail) < END_BYTES:
        return None
    _, _, _, count, _, size, offset, _ = _END.unpack(tail[-END_BYTES:])
    end64 = tail[:-END_BYTES][-END64_BYTES:]
    if (count == _MAX16 or _MAX32 in {size, offset}) and len(end64) == END64_BYTES:
        *_, count, size, offset = _END64.unpack(end64[: _END64.size])
    ends = Ends(count, size, offset)
    if offset + size > file_bytes:
        return None
    expected = format_ends(ends)
    return ends if tail.endswith(expected) and offset + size + len(expected) == file_bytes else None


def _parse_sizes(size: int, packed: int, extra: bytes) -> tuple[int, int] | None:
    """Return size and packed size, from the ZIP64 field where they are not in the header."""
    wide = [number == _MAX32 for number in (size, packed)]
    if not any(wide):
        return size, packed
    if len(extra) < 4 + 8 * sum(wide):
        return None
    numbers = list(struct.unpack_from(f"<{sum(wide)}Q", extra, 4))
    return (numbers.pop(0) if wide[0] else size), (numbers.pop(0) if wide[1] else packed)


def _extra(wide: tuple[int, ...], entry: Entry) -> bytes:
    """Return the extra field of a header with these ZIP64 numbers."""
    extra = struct.pack(f"<2H{len(wide)}Q", _ZIP64_ID, 8 * len(wide), *wide) if wide else b""
    if entry.method == DEFLATED:
        extra += _PACKED_CRC.pack(_PACKED_CRC_ID, 4, entry.packed_crc)
    return extra
