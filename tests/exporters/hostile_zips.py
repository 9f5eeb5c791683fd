"""ZIP files that nobody should open, each named by what is wrong with it.

They are made of our own headers, so that each is wrong in one thing only.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import replace
from typing import Final

from exporters.members import PIECE_BYTES
from exporters.zip_format import (
    DEFLATED,
    STORED,
    Ends,
    Entry,
    format_central,
    format_ends,
    format_local,
)

ROW: Final = Entry("row", STORED, zlib.crc32(b"row"), zlib.crc32(b"row"), 3, 3, 0)
MIB: Final = 1024 * 1024
EMPTY_BLOCK: Final = b"\x00\x00\x00\xff\xff"  # RFC 1951 section 3.2.4


def stored(name: str, content: bytes = b"row") -> tuple[Entry, bytes]:
    """Return a stored member."""
    crc = zlib.crc32(content)
    return Entry(name, STORED, crc, crc, len(content), len(content), 0), content


def deflated(name: str, content: bytes, after: bytes = b"") -> tuple[Entry, bytes]:
    """Return a deflated member; `after` follows the stream."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    data = deflate.compress(content) + deflate.flush() + after
    crcs = zlib.crc32(content), zlib.crc32(data)
    return Entry(name, DEFLATED, *crcs, len(data), len(content), 0), data


def deflated_to_a_piece(after: bytes) -> bytes:
    """Return a ZIP of a deflated member whose stream ends with a piece of 64 KiB.

    Readers that look for what follows only within the piece do not see what comes `after`.
    """
    for filling in range(16):
        entry, data = deflated("a", bytes(range(256)) * 800 + b"x" * filling)
        blocks, left = divmod(PIECE_BYTES - len(data), len(EMPTY_BLOCK))
        if not left:
            whole = EMPTY_BLOCK * blocks + data + after
            return zipped(
                (replace(entry, packed_crc=zlib.crc32(whole), packed_bytes=len(whole)), whole)
            )
    raise AssertionError("no filling gives a whole number of blocks")


def lying(content: bytes, *, crc: int = -1, packed_crc: int = -1, size: int = -1) -> bytes:
    """Return a ZIP of the deflated member `a` with some fields of its headers replaced."""
    entry, data = deflated("a", content)
    entry = replace(entry, crc=entry.crc if crc < 0 else crc)
    entry = replace(entry, packed_crc=entry.packed_crc if packed_crc < 0 else packed_crc)
    return zipped((replace(entry, size_bytes=entry.size_bytes if size < 0 else size), data))


def zipped(*members: tuple[Entry, bytes], between: bytes = b"") -> bytes:
    """Return a ZIP of members in this order, placed by the sizes they claim.

    `between` follows the data of each.
    """
    body, central, offset = b"", b"", 0
    for entry, data in members:
        placed = replace(entry, offset=offset)
        local = format_local(placed)
        body += local + data + between
        central += format_central(placed)
        offset += len(local) + entry.packed_bytes + len(between)
    return body + central + format_ends(Ends(len(members), len(central), len(body)))


def patched(data: bytes, *changes: tuple[bytes, bytes]) -> bytes:
    """Return data in which each first text became the second, which is as long, wherever it is."""
    for before, after in changes:
        assert before in data
        assert len(before) == len(after)
        data = data.replace(before, after)
    return data


def in_headers(offset_local: int, offset_central: int, value: bytes) -> bytes:
    """Return a ZIP of one stored member with bytes overwritten in both its headers."""
    data = bytearray(GOOD)
    start = GOOD.index(b"PK\x01\x02")
    for place in (offset_local, start + offset_central):
        data[place : place + len(value)] = value
    return bytes(data)


def of_the_library(compression: int = zipfile.ZIP_STORED) -> bytes:
    """Return a ZIP as Python's zipfile writes it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        archive.writestr("row", b"row")
    return file.getvalue()


def claiming(name: str, size: int) -> tuple[Entry, bytes]:
    """Return a stored member that claims a size and has no data."""
    return replace(ROW, name=name, packed_bytes=size, size_bytes=size), b""


def overlapping() -> bytes:
    """Return a ZIP of which two central headers share one member's data."""
    local = format_local(ROW) + b"row"
    central = format_central(ROW) + format_central(replace(ROW, name="row2"))
    return local + central + format_ends(Ends(2, len(central), len(local)))


def hidden() -> bytes:
    """Return a ZIP with a member that no central header names."""
    local = format_local(ROW) + b"row"
    unseen = format_local(replace(ROW, name="row2")) + b"row"
    central = format_central(ROW)
    ends = format_ends(Ends(1, len(central), len(local + unseen)))
    return local + unseen + central + ends


def loose_central() -> bytes:
    """Return a ZIP that counts a byte to the central headers which is part of none."""
    local, central = format_local(ROW) + b"row", format_central(ROW)
    return local + central + b"\0" + format_ends(Ends(1, len(central) + 1, len(local)))


def needless_zip64() -> bytes:
    """Return a ZIP with a ZIP64 end that its numbers do not need."""
    many = format_ends(Ends(0xFFFF, 0, 0))
    start = GOOD.index(b"PK\x05\x06")
    return GOOD[:start] + many[:76] + GOOD[start:]


GOOD: Final = zipped(stored("row"))

MALFORMED: Final = {
    "an empty file": b"",
    "a PDF": b"%PDF-1.7\n" + bytes(200),
    "only the ends, one byte short": format_ends(Ends(0, 0, 0))[:-1],
    "a ZIP of another program": of_the_library(),
    "a ZIP of another program, deflated": of_the_library(zipfile.ZIP_DEFLATED),
    "a byte before": b"\0" + GOOD,
    "a byte after": GOOD + b"\0",
    "a comment": GOOD[:-2] + b"\x03\x00abc",
    "a second end": GOOD + GOOD[GOOD.index(b"PK\x05\x06") :],
    "a gap after a member": zipped(stored("a"), stored("b"), between=b"\0"),
    "two members over the same bytes": overlapping(),
    "a member that the end does not name": hidden(),
    "a member twice": zipped(stored("a"), stored("a")),
    "names that do not rise": zipped(stored("b"), stored("a")),
    "a name in one header, another in the other": GOOD.replace(b"row", b"raw", 1),
    "encrypted": in_headers(6, 8, b"\x01\x00"),
    "sizes after the data": in_headers(6, 8, b"\x08\x00"),
    "names in UTF-8": in_headers(6, 8, b"\x00\x08"),
    "bzip2": in_headers(8, 10, b"\x0c\x00"),
    "another time": in_headers(10, 12, b"\x01\x00"),
    "another date": in_headers(12, 14, b"\x22\x00"),
    "stored, with two sizes": in_headers(22, 24, b"\x04\x00\x00\x00"),
    "deflated to more": zipped(deflated("a", b"x")),
    "a count too high": GOOD[:-14] + b"\x02\x00\x02\x00" + GOOD[-10:],
    "central headers beyond the end": GOOD[:-6] + b"\xff\xff\xff\x7f" + GOOD[-2:],
    "a byte after the central headers": loose_central(),
    "ZIP64 without need": needless_zip64(),
    "a letter beyond ASCII": patched(GOOD, (b"row", b"r\xe8w")),
}

HOSTILE_NAMES: Final = {
    "climbs": "../row",
    "climbs in the middle": "a/../../row",
    "stays": "a/./row",
    "absolute": "/etc/passwd",
    "a drive": "C:row",
    "a backslash": "a\\row",
    "climbs by backslash": "..\\row",
    "a stream of another file": "row:stream",
    "a zero": "row\0.txt",
    "a newline": "row\nrow",
    "an escape": "\x1b[2Jrow",
    "a delete": "row\x7f",
    "a space": "a row",
    "a tilde": "~row",
    "an empty segment": "a//row",
    "a folder": "a/",
    "a dot at the end": "a./row",
    "a device of Windows": "a/NUL",
    "a device of Windows with an ending": "com1.txt",
    "201 bytes": "a" * 201,
}

UNSAFE: Final = {
    **{f"a name that is {why}": zipped(stored(name)) for why, name in HOSTILE_NAMES.items()},
    "two names but for case": zipped(stored("A/row"), stored("a/row")),
    "a file that is a folder": zipped(stored("a"), stored("a/row")),
    "a file that is a folder but for case": zipped(stored("A/row"), stored("a")),
    "a bomb": zipped(deflated("a", bytes(MIB))),
    "a claim of 4 GiB and a byte": zipped(claiming("row", 2**32 + 1)),
    "claims of over 4 GiB together": zipped(
        claiming("1", 3 * 2**29), claiming("2", 3 * 2**29), claiming("3", 3 * 2**29)
    ),
    "a claim of 600,000 members": format_ends(Ends(600_000, 0, 0)),
}

LENGTH: Final = len(deflated("a", b"x" * 99)[1])

DAMAGED: Final = {
    "another checksum": lying(b"x" * 99, crc=1),
    "another checksum of the compressed bytes": lying(b"x" * 99, packed_crc=1),
    "more content than claimed": lying(bytes(MIB), size=9_999),
    "less content than claimed": lying(b"x" * 99, size=100),
    "bytes after the deflate stream": zipped(deflated("a", b"x" * 99, after=b"\0")),
    "a byte after a deflate stream that ends with a piece": deflated_to_a_piece(b"\0"),
    "many bytes after the deflate stream": zipped(
        deflated("a", bytes(range(256)) * 800, after=bytes(70_000))
    ),
    "no deflate stream": zipped((deflated("a", b"x" * 99)[0], b"\xff" * LENGTH)),
    "half a deflate stream": zipped(
        (replace(deflated("a", b"x" * 99)[0], packed_bytes=3), deflated("a", b"x" * 99)[1][:3])
    ),
    "stored, another checksum": zipped((replace(stored("a")[0], crc=1, packed_crc=1), b"row")),
}
