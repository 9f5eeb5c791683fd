"""Members of a package, and the manifests that list them.

    7d865e959b2466918c9863afca942d0fb89d7c9ac0c99bafc3749504ded97730  data/C81.../leaves/0.leaf

A line is the lower-case hexadecimal SHA-256, two spaces and the path from the root of the bag,
sorted bytewise by path; `sha256sum --strict -c manifest-sha256.txt` checks it. The payload manifest
lists what is below `data/`, the tag manifest every other file but itself.

Source: RFC 8493 (BagIt 1.0) sections 2.1.3 and 2.2.1; design FORMATS section 6.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from exporters.members import PieceStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PAYLOAD: Final = "data/"
PAYLOAD_MANIFEST: Final = "manifest-sha256.txt"
TAG_MANIFEST: Final = "tagmanifest-sha256.txt"

_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """One file to be: its path from the root of the bag, and how its bytes are opened.

    `open` may be called several times and gives the same bytes each time.
    """

    name: str
    open: Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True)
class Listed:
    """A member that was read once: its size in bytes and its SHA-256, hexadecimal."""

    member: Member
    size_bytes: int
    sha256: str

    @property
    def name(self) -> str:
        """The path from the root of the bag."""
        return self.member.name


def member_of_bytes(name: str, data: bytes) -> Member:
    """Return the member whose content is at hand."""
    return Member(name, lambda: io.BytesIO(data))


def member_read_by(name: str, read: Callable[[], bytes]) -> Member:
    """Return the member whose content is read each time it is opened."""
    return Member(name, lambda: io.BytesIO(read()))


def member_of_chunks(name: str, chunks: Callable[[], Iterator[bytes]]) -> Member:
    """Return the member that is never held in memory whole."""
    return Member(name, lambda: io.BufferedReader(PieceStream(chunks()), _CHUNK))


def list_member(member: Member) -> Listed:
    """Read a member once, a mebibyte at a time, and return its size and digest."""
    digest, size = hashlib.sha256(), 0
    with member.open() as stream:
        while block := stream.read(_CHUNK):
            digest.update(block)
            size += len(block)
    return Listed(member, size, digest.hexdigest())


def format_manifest(listed: Iterable[Listed]) -> bytes:
    """Return the text of a manifest, sorted by path."""
    lines = sorted((one.name.encode("ascii"), one.sha256) for one in listed)
    return b"".join(sha256.encode("ascii") + b"  " + name + b"\n" for name, sha256 in lines)
