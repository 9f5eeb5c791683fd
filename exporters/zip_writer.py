"""Writing a package as a ZIP: the same members give the same bytes, in constant memory.

    write_zip(
        Path("package.zip"),
        [Source("bagit.txt", 55, lambda: io.BytesIO(...)), ...],
        deflate=lambda name: name.endswith((".json", ".xml")),
    )

Members are written in byte order of their names. Text is deflated at level 6, always with the same
settings; where that would not make it smaller, or smaller than a two hundredth, it is stored. (The
bytes of a deflate stream are those of the zlib that is linked: the same release gives the same.)
The file appears under its name when it is whole and on disk, or not at all.

Source: design FORMATS section 6; zip_format.py for the form; RFC 1951.
"""

from __future__ import annotations

import os
import secrets
import zlib
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO, Final

from exporters.members import DEFAULT_LIMITS, PIECE_BYTES, Inventory, Limits
from exporters.zip_format import (
    DEFLATE_BELOW_BYTES,
    DEFLATED,
    STORED,
    Ends,
    Entry,
    format_central,
    format_ends,
    format_local,
)
from ledger.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_LEVEL: Final = 6
_MEMORY_LEVEL: Final = 8


@dataclass(frozen=True, slots=True)
class Source:
    """A member to be: its name, its size in bytes, and how to open it, possibly more than once."""

    name: str
    size_bytes: int
    open: Callable[[], BinaryIO]


def write_zip(
    path: Path,
    sources: Iterable[Source],
    deflate: Callable[[str], bool],
    limits: Limits = DEFAULT_LIMITS,
) -> None:
    """Write the members to a ZIP, which replaces whatever was at the path.

    Args:
        path: where; a hidden file beside it is used while writing.
        sources: the members, in any order.
        deflate: tells by name which members are worth compressing.
        limits: those of whoever will read the package.

    Raises:
        Unopenable: when nobody could open the package, because of a name or the limits
            (`container-unsafe`).
        StorageError: when a member has another size than it says (`member-size-changed`).
    """
    ordered = sorted(sources, key=lambda source: source.name)
    inventory = Inventory(limits)
    for source in ordered:
        inventory.admit(source.name, source.size_bytes)
    beside = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with beside.open("xb") as file:
            _write(file, ordered, deflate, limits.ratio)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            beside.unlink()
        raise


def _write(
    file: BinaryIO, sources: list[Source], deflate: Callable[[str], bool], ratio: int
) -> None:
    """Write members, central headers and ends."""
    entries = []
    for source in sources:
        entry = _write_deflated(file, source, ratio) if deflate(source.name) else None
        entries.append(entry or _write_stored(file, source))
    offset = file.tell()
    for entry in entries:
        file.write(format_central(entry))
    file.write(format_ends(Ends(len(entries), file.tell() - offset, offset)))


def _write_stored(file: BinaryIO, source: Source) -> Entry:
    """Write a member as it is."""
    size = source.size_bytes
    draft = Entry(source.name, STORED, 0, 0, size, size, file.tell())
    file.write(format_local(draft))
    crc = 0
    for piece in _pieces(source):
        crc = zlib.crc32(piece, crc)
        file.write(piece)
    return _finish(file, replace(draft, crc=crc, packed_crc=crc))


def _write_deflated(file: BinaryIO, source: Source, ratio: int) -> Entry | None:
    """Write a member deflated; write nothing and return None when it should be stored."""
    size = source.size_bytes
    if not 0 < size < DEFLATE_BELOW_BYTES:
        return None
    draft = Entry(source.name, DEFLATED, 0, 0, 0, size, file.tell())
    file.write(format_local(draft))
    crc = packed_crc = packed_bytes = 0
    for packed, piece in _deflated(_pieces(source)):
        crc = zlib.crc32(piece, crc)
        packed_crc = zlib.crc32(packed, packed_crc)
        packed_bytes += len(packed)
        file.write(packed)
    if not packed_bytes < size <= ratio * packed_bytes:
        file.seek(draft.offset)
        file.truncate()
        return None
    return _finish(file, replace(draft, crc=crc, packed_crc=packed_crc, packed_bytes=packed_bytes))


def _deflated(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield what each piece adds to the deflate stream, and the piece; last the end and nothing."""
    deflate = zlib.compressobj(
        _LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, _MEMORY_LEVEL, zlib.Z_DEFAULT_STRATEGY
    )
    for piece in pieces:
        yield deflate.compress(piece), piece
    yield deflate.flush(), b""


def _finish(file: BinaryIO, entry: Entry) -> Entry:
    """Write the local header again, now that all is known, and go on behind the data."""
    end = file.tell()
    file.seek(entry.offset)
    file.write(format_local(entry))
    file.seek(end)
    return entry


def _pieces(source: Source) -> Iterator[bytes]:
    """Yield the content of a member in pieces of bounded size, and count it."""
    left = source.size_bytes
    with source.open() as content:
        while piece := content.read(min(PIECE_BYTES, left + 1)):
            left -= len(piece)
            if left < 0:
                break
            yield piece
    if left:
        raise StorageError(
            "member-size-changed",
            f"{source.name} does not have the {source.size_bytes} bytes that were announced;"
            " export again when nothing is changing it.",
        )
