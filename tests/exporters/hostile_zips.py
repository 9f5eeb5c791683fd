"""ZIP files that nobody should open, each named by what is wrong with it.

They are made of our own headers, so that each is wrong in that one thing only.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import replace
from typing import Final

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


def stored(name: str, content: bytes = b"row") -> tuple[Entry, bytes]:
    """Return a stored member."""
    crc = zlib.crc32(content)
    return Entry(name, STORED, crc, crc, len(content), len(content), 0), content


def deflated(name: str, content: bytes, after: bytes = b"", **lies: int) -> tuple[Entry, bytes]:
    """Return a deflated member; `after` follows the stream, `lies` are fields of its headers."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    data = deflate.compress(content) + deflate.flush() + after
    crcs = zlib.crc32(content), zlib.crc32(data)
    entry = Entry(name, DEFLATED, *crcs, len(data), len(content), 0)
    return replace(entry, **lies), data


def zipped(*members: tuple[Entry, bytes], between: bytes = b"") -> bytes:
    """Return a ZIP of members in this order; `between` follows the data of each."""
    body, central = b"", b""
    for entry, data in members:
        placed = replace(entry, offset=len(body))
        body += format_local(placed) + data + between
        central += format_central(placed)
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


def of_the_library(**options: int) -> bytes:
    """Return a ZIP as Python's zipfile writes it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", **options) as archive:
        archive.writestr("row", b"row")
    return file.getvalue()


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
    "a ZIP of another program, deflated": of_the_library(compression=zipfile.ZIP_DEFLATED),
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
    "a claim of 4 GiB and a byte": zipped(
        (replace(ROW, packed_bytes=2**32 + 1, size_bytes=2**32 + 1), b"")
    ),
    "claims of over 4 GiB together": zipped(
        *((replace(ROW, name=f"{n}", packed_bytes=2**30, size_bytes=2**30), b"") for n in range(5))
    ),
    "a claim of 600,000 members": format_ends(Ends(600_000, 0, 0)),
}

DAMAGED: Final = {
    "another checksum": zipped(deflated("a", b"x" * 99, crc=1)),
    "another checksum of the compressed bytes": zipped(deflated("a", b"x" * 99, packed_crc=1)),
    "more content than claimed": zipped(deflated("a", bytes(MIB), size_bytes=9_999)),
    "less content than claimed": zipped(deflated("a", b"x" * 99, size_bytes=100)),
    "bytes after the deflate stream": zipped(deflated("a", b"x" * 99, after=b"\0")),
    "many bytes after the deflate stream": zipped(
        deflated("a", b"x" * 200_000, after=bytes(70_000), crc=zlib.crc32(b"x" * 200_000))
    ),
    "no deflate stream": zipped((deflated("a", b"x" * 99)[0], b"\xff" * 9)),
    "half a deflate stream": zipped(
        (replace(deflated("a", b"x" * 99)[0], packed_bytes=3), deflated("a", b"x" * 99)[1][:3])
    ),
    "stored, another checksum": zipped((replace(stored("a")[0], crc=1, packed_crc=1), b"row")),
}
