"""What a member of a package may be: its name, its size, and how its bytes are taken.

    data/<package-id>/representations/rep1/data/events/17.jws

A name is the path from the root of the package: segments of `[A-Za-z0-9._-]` joined by "/", 200
bytes at most. Nothing in it climbs, is hidden from a system, or means something else on another:
no segment is "." or "..", ends with a dot, or is a device of Windows (`con`, `nul`, `com1` ...);
no two names differ only in case; no name is also the folder of another.

Sizes are bounded before anything is read, and a member is passed on in chunks, the last one only
when the whole was what its container promised.

Source: design FORMATS section 6; APPNOTE.TXT 6.3.10, 4.4.17; Microsoft, "Naming Files".
"""

from __future__ import annotations

import io
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.errors import NotVerified, Unopenable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from _typeshed import WriteableBuffer

PIECE_BYTES: Final = 64 * 1024
MAX_NAME_BYTES: Final = 200

_GIB: Final = 1024**3
_NAME: Final = re.compile(r"[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*")
_DEVICE: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a container may claim to hold; `ratio` is size over compressed size."""

    total_bytes: int = 4 * _GIB
    member_bytes: int = 4 * _GIB
    members: int = 500_000
    ratio: int = 200


DEFAULT_LIMITS: Final = Limits()


class Inventory:
    """The members of a container, admitted one by one, so that a bomb is refused early."""

    def __init__(self, limits: Limits) -> None:
        """Start with nothing admitted."""
        self._limits = limits
        self._total_bytes = 0
        self._folders: set[str] = set()
        self._files: set[str] = set()

    def admit(self, name: str, size_bytes: int) -> None:
        """Admit a member.

        Raises:
            Unopenable: when the name is outside the grammar or collides with another, or the
                sizes or the count are over the limits (`container-unsafe`).
        """
        check_name(name)
        self._check_collision(name)
        self._total_bytes += size_bytes
        if size_bytes > self._limits.member_bytes:
            raise unsafe(f"{name} dichiara {size_bytes} byte, più di {self._limits.member_bytes}")
        if self._total_bytes > self._limits.total_bytes:
            raise unsafe(f"fino a {name} dichiara più di {self._limits.total_bytes} byte")
        if len(self._files) > self._limits.members:
            raise unsafe(f"dichiara più di {self._limits.members} file")

    def _check_collision(self, name: str) -> None:
        """Refuse a name that some file system would take for another one."""
        folded = name.lower()
        above = folded.split("/")
        folders = {"/".join(above[:depth]) for depth in range(1, len(above))}
        if folded in self._files:
            raise unsafe(f"{name} compare due volte, senza distinguere maiuscole e minuscole")
        if folded in self._folders or folders & self._files:
            raise unsafe(f"{name} è insieme un file e una cartella")
        self._files.add(folded)
        self._folders |= folders


def check_name(name: str) -> None:
    """Return when a name may be the name of a member.

    Raises:
        Unopenable: when it is outside the grammar (`container-unsafe`).
    """
    if len(name) > MAX_NAME_BYTES:
        raise unsafe(f"un nome ha {len(name)} byte, più di {MAX_NAME_BYTES}: {name[:60]!a}...")
    if not _NAME.fullmatch(name):
        raise unsafe(
            f"{name!a} non è un percorso relativo di lettere, cifre, punto, trattino, trattino"
            " basso"
        )
    for segment in name.lower().split("/"):
        if segment.endswith(".") or _DEVICE.fullmatch(segment):
            raise unsafe(
                f"{name!a} risale a una cartella superiore, o non è un nome di file valido ovunque"
            )


def verified_pieces(
    name: str, pieces: Iterable[bytes], size_bytes: int, crc: int | None
) -> Iterator[bytes]:
    """Yield the pieces of a member, the last one only when size and CRC-32 are as promised.

    Raises:
        NotVerified: when they are not (`member-damaged`).
    """
    total, sum_, held = 0, 0, b""
    for piece in pieces:
        total += len(piece)
        sum_ = zlib.crc32(piece, sum_)
        if total > size_bytes:
            raise damaged(name, f"prosegue dopo {size_bytes} byte")
        if held and piece:
            yield held
        held = piece or held
    if total != size_bytes:
        raise damaged(name, f"finisce dopo {total} byte su {size_bytes}")
    if crc is not None and sum_ != crc:
        raise damaged(name, "la sua somma di controllo è un'altra")
    if held:
        yield held


class PieceStream(io.RawIOBase):
    """A stream over pieces of bytes; errors of the iterator come out of `read`."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        """Read from an iterator of pieces."""
        super().__init__()
        self._pieces = pieces
        self._left = memoryview(b"")

    def close(self) -> None:
        """Let go of the iterator, and with it of what it holds open."""
        self._pieces = iter(())
        super().close()

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill the buffer with what is at hand; return 0 at the end."""
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = memoryview(piece)
        target = memoryview(buffer).cast("B")
        count = min(len(target), len(self._left))
        target[:count] = self._left[:count]
        self._left = self._left[count:]
        return count


def read_limited(name: str, pieces: Iterator[bytes], size_bytes: int, limit_bytes: int) -> bytes:
    """Return a whole member that is not over the limit.

    Raises:
        NotVerified: when it is over the limit (`member-too-large`), or damaged (`member-damaged`).
    """
    if size_bytes > limit_bytes:
        raise NotVerified(
            "member-too-large",
            f"Il file {name} ha {size_bytes} byte, più dei {limit_bytes} che può avere: il"
            " pacchetto non è di questo programma, chiederlo di nuovo a chi lo ha emesso.",
        )
    return b"".join(pieces)


def missing(name: str) -> NotVerified:
    """Return the error of a member that is not in the container."""
    return NotVerified(
        "member-missing",
        f"Nel pacchetto manca il file {name}: chiedere il pacchetto intero a chi lo ha emesso.",
    )


def damaged(name: str, reason: str) -> NotVerified:
    """Return the error of a member that is not what the container promised."""
    return NotVerified(
        "member-damaged",
        f"Il file {name} è rovinato: {reason}. Prendere di nuovo il pacchetto da dove è venuto.",
    )


def unsafe(reason: str) -> Unopenable:
    """Return the error of a container that would harm whoever opens it."""
    return Unopenable(
        "container-unsafe",
        f"Il pacchetto non si può aprire in sicurezza: {reason}. Il resto non è stato letto:"
        " prenderlo di nuovo da dove è venuto.",
    )


def malformed(reason: str) -> Unopenable:
    """Return the error of a container that is not in the one form packages have."""
    return Unopenable(
        "container-malformed",
        f"Il pacchetto non è uno ZIP nella forma prevista, o è stato cambiato: {reason}. Prenderlo"
        " di nuovo da dove è venuto.",
    )
