"""Reading a package that is a ZIP: every byte of its structure is checked before any content.

What is checked, in this order: the ends; every central header, against limits and names, in byte
order; every local header, each just after the data of the one before, the last data ending where
the central headers begin. As all headers have one form (zip_format.py), what is checked is that the
file has exactly the bytes our writer gives for these members. Content is checked when it is read:
size, CRC-32, and for deflate also the CRC-32 of the compressed bytes and that the stream ends with
the last of them. Nothing is extracted, and no member is held in memory unless it is asked for.

Source: PKWARE APPNOTE.TXT 6.3.10; RFC 1951; design FORMATS section 6.
"""

from __future__ import annotations

import io
import zlib
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO, Self

from exporters.members import (
    MAX_NAME_BYTES,
    PIECE_BYTES,
    Inventory,
    PieceStream,
    damaged,
    malformed,
    missing,
    read_limited,
    unsafe,
    verified_pieces,
)
from exporters.zip_format import (
    CENTRAL_BYTES,
    DEFLATE_BELOW_BYTES,
    DEFLATED,
    END64_BYTES,
    END_BYTES,
    STORED,
    Ends,
    Entry,
    central_rest,
    format_local,
    parse_central,
    parse_ends,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from exporters.members import Limits

_MAX_REST_BYTES = MAX_NAME_BYTES + 4 + 3 * 8 + 8


class ZipContainer:
    """The members of a ZIP file in our form; may be read from many threads."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        """Check the whole structure; the file is closed with the container, or when refused.

        Raises:
            Unopenable: when it is not a ZIP in our form (`container-malformed`), or claims what
                is not safe to open (`container-unsafe`).
        """
        self._file = file
        self._lock = Lock()
        try:
            self._entries = {entry.name: entry for entry in _entries(file, limits)}
        except BaseException:
            file.close()
            raise

    def names(self) -> list[str]:
        """Return the names of all members in byte order."""
        return list(self._entries)

    def size(self, name: str) -> int:
        """Return the size of a member's content in bytes.

        Raises:
            NotVerified: when there is no such member (`member-missing`).
        """
        return self._entry(name).size_bytes

    def open(self, name: str) -> BinaryIO:
        """Return a stream over a member; the last bytes come only when all of it is right.

        Raises:
            NotVerified: when there is no such member (`member-missing`); from `read`, when its
                data is not what the headers say (`member-damaged`).
        """
        return io.BufferedReader(PieceStream(self._pieces(self._entry(name))), PIECE_BYTES)

    def read(self, name: str, limit_bytes: int) -> bytes:
        """Return the content of a member.

        Raises:
            NotVerified: when there is no such member (`member-missing`), it is over the limit
                (`member-too-large`), or not what the headers say (`member-damaged`).
        """
        entry = self._entry(name)
        return read_limited(name, self._pieces(entry), entry.size_bytes, limit_bytes)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        """Return the container itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Close the file."""
        self.close()

    def _entry(self, name: str) -> Entry:
        """Return the entry of a member that must be there."""
        try:
            return self._entries[name]
        except KeyError as error:
            raise missing(name) from error

    def _pieces(self, entry: Entry) -> Iterator[bytes]:
        """Yield the verified content of a member."""
        pieces = self._packed(entry)
        if entry.method == DEFLATED:
            pieces = _inflated(entry, pieces)
        return verified_pieces(entry.name, pieces, entry.size_bytes, entry.crc)

    def _packed(self, entry: Entry) -> Iterator[bytes]:
        """Yield the data of a member as it lies in the file."""
        place = entry.offset + len(format_local(entry))
        end = place + entry.packed_bytes
        while place < end:
            with self._lock:
                self._file.seek(place)
                piece = self._file.read(min(PIECE_BYTES, end - place))
            if not piece:
                raise damaged(entry.name, "il file si è accorciato durante la lettura")
            place += len(piece)
            yield piece


def _inflated(entry: Entry, packed: Iterator[bytes]) -> Iterator[bytes]:
    """Yield inflated pieces of bounded size, and check that the stream is all there is."""
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    packed_crc = 0
    try:
        for piece in packed:
            if inflate.eof:
                raise damaged(entry.name, "altri byte seguono il suo flusso compresso")
            packed_crc = zlib.crc32(piece, packed_crc)
            left = piece
            while left and not inflate.eof:
                yield inflate.decompress(left, PIECE_BYTES)
                left = inflate.unconsumed_tail
        while not inflate.eof and (piece := inflate.decompress(b"", PIECE_BYTES)):
            yield piece
    except zlib.error as error:
        raise damaged(entry.name, "il suo flusso compresso si interrompe") from error
    if not inflate.eof or inflate.unused_data or packed_crc != entry.packed_crc:
        raise damaged(entry.name, "il suo flusso compresso non è quello scritto")


def _entries(file: BinaryIO, limits: Limits) -> list[Entry]:
    """Return the members in the order of the file, after every byte outside data was checked."""
    ends = _read_ends(file)
    if ends.count > limits.members:
        raise unsafe(f"dichiara {ends.count} file, più di {limits.members}")
    entries = _read_central(file, ends, limits)
    for entry in entries:
        expected = format_local(entry)
        file.seek(entry.offset)
        if file.read(len(expected)) != expected:
            raise malformed(f"l'intestazione locale di {entry.name} non è quella dovuta")
    return entries


def _read_ends(file: BinaryIO) -> Ends:
    """Return what the end of the file tells."""
    file_bytes = file.seek(0, io.SEEK_END)
    file.seek(max(0, file_bytes - END64_BYTES - END_BYTES))
    ends = parse_ends(file.read(), file_bytes)
    if ends is None:
        raise malformed("non termina come dovuto")
    return ends


def _read_central(file: BinaryIO, ends: Ends, limits: Limits) -> list[Entry]:
    """Return the members of the central headers."""
    inventory = Inventory(limits)
    entries: list[Entry] = []
    offset, central_bytes, last_name = 0, 0, ""
    file.seek(ends.central_offset)
    for number in range(ends.count):
        entry, header_bytes = _read_entry(file, number, offset)
        if entry.name <= last_name:
            raise malformed(f"{entry.name} non segue {last_name} in ordine di byte")
        inventory.admit(entry.name, entry.size_bytes)
        _check_method(entry, limits)
        entries.append(entry)
        last_name = entry.name
        central_bytes += header_bytes
        offset += len(format_local(entry)) + entry.packed_bytes
    if offset != ends.central_offset or central_bytes != ends.central_bytes:
        raise malformed("contiene byte che non sono di alcun file")
    return entries


def _read_entry(file: BinaryIO, number: int, offset: int) -> tuple[Entry, int]:
    """Return the next member and the length of its central header."""
    fixed = file.read(CENTRAL_BYTES)
    rest_bytes = central_rest(fixed) if len(fixed) == CENTRAL_BYTES else 0
    if not 0 < rest_bytes <= _MAX_REST_BYTES:
        raise malformed(f"l'intestazione centrale {number} è tronca o troppo lunga")
    entry = parse_central(fixed, file.read(rest_bytes), offset)
    if entry is None:
        raise malformed(f"l'intestazione centrale {number} non è quella dovuta")
    return entry, CENTRAL_BYTES + rest_bytes


def _check_method(entry: Entry, limits: Limits) -> None:
    """Refuse methods and sizes that our writer does not give, and bombs."""
    size, packed = entry.size_bytes, entry.packed_bytes
    if entry.method == STORED and size == packed:
        return
    if entry.method != DEFLATED or not packed < size < DEFLATE_BELOW_BYTES:
        raise malformed(f"{entry.name} non è intero né compresso a meno byte")
    if size > limits.ratio * packed:
        raise unsafe(
            f"{entry.name} dichiara {size} byte da {packed}, più di {limits.ratio} volte tanto"
        )
