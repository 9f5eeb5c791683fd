"""Writing the members of a ZIP: the same ones give the same bytes, in constant memory.

A member that is worth it is deflated at level 6, always with the same settings; where that would
not make it smaller, or would make it smaller than readers believe, it is stored. The bytes of a
deflate stream are those of the zlib that is linked: they are the same on every machine with the
same release of it, and every reader reads those of all releases. Sizes and checksums are known only
after the data, so each local header is written twice.

Source: design FORMATS section 6; zip_format.py for the form; RFC 1951.
"""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO, Final

from exporters.members import PIECE_BYTES
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

_LEVEL: Final = 6
_MEMORY_LEVEL: Final = 8


Source = tuple[str, int, "Callable[[], BinaryIO]"]


def write_members(
    file: BinaryIO, sources: Iterable[Source], deflate: Callable[[str], bool], ratio: int
) -> None:
    """Write a whole ZIP to an empty file that can seek.

    Args:
        file: where.
        sources: name, size in bytes, and how to open the content, possibly more than once; names
            rise in byte order.
        deflate: tells by name which members are worth compressing.
        ratio: how many times smaller deflate may make a member.

    Raises:
        StorageError: when a member has another size than it says (`member-size-changed`).
    """
    entries = []
    for source in sources:
        entry = _write_deflated(file, source, ratio) if deflate(source[0]) else None
        entries.append(entry or _write_stored(file, source))
    offset = file.tell()
    for entry in entries:
        file.write(format_central(entry))
    file.write(format_ends(Ends(len(entries), file.tell() - offset, offset)))


def _write_stored(file: BinaryIO, source: Source) -> Entry:
    """Write a member as it is."""
    name, size, _ = source
    draft = Entry(name, STORED, 0, 0, size, size, file.tell())
    file.write(format_local(draft))
    crc = 0
    for piece in _pieces(source):
        crc = zlib.crc32(piece, crc)
        file.write(piece)
    return _finish(file, replace(draft, crc=crc, packed_crc=crc))


def _write_deflated(file: BinaryIO, source: Source, ratio: int) -> Entry | None:
    """Write a member deflated; write nothing and return None when it should be stored."""
    name, size, _ = source
    if not 0 < size < DEFLATE_BELOW_BYTES:
        return None
    draft = Entry(name, DEFLATED, 0, 0, 0, size, file.tell())
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
    name, size, open_ = source
    left = size
    with open_() as content:
        while piece := content.read(min(PIECE_BYTES, left + 1)):
            left -= len(piece)
            if left < 0:
                break
            yield piece
    if left:
        raise StorageError(
            "member-size-changed",
            f"{name} non ha i {size} byte annunciati: esportare di nuovo quando nessuno lo sta"
            " cambiando.",
        )
