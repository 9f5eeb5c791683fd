"""What a vault does, wherever it keeps its objects: a local folder today, a bucket tomorrow.

    put      content in, a stored object out         salt, key and id are fresh each time
    open     commitment in, verified content out
    erase    key, salt, digest and ciphertext destroyed; the commitment in the log stays

The vault knows no events. Whoever erases has appended `content-erased/1` to the journal, and
whoever restores a vault from a backup applies every such event again.

Source: design FORMATS section 5, decision D10; Regulation (EU) 2016/679, articles 17 and 32.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ledger.vault.objects import Readable


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object of the vault; salt and digest stay out of `repr`, and so out of logs.

    `id` is 32 hex digits, `commit`, `salt` and `sha256` (of the content alone) 32 bytes each.
    """

    id: str
    commit: bytes
    salt: bytes = field(repr=False)
    size_bytes: int
    media_type: str
    sha256: bytes = field(repr=False)


class Vault(Protocol):
    """A keeper of encrypted, erasable objects, each known by its commitment of 32 bytes."""

    def put(self, source: Readable | Path, media_type: str) -> StoredObject:
        """Store what a source gives, durably, and return what it is known by.

        Raises:
            ShapeError: for a media type that is not `type/subtype` (`media-type-malformed`).
        """

    def open(self, commit: bytes) -> Iterator[bytes]:
        """Yield the content in chunks; it is verified only when the iterator has ended.

        Raises:
            Absent: when there is no such object (`object-absent`) or only its ciphertext is
                missing (`object-content-absent`).
            NotVerified: when key, ciphertext or content are not what was stored.
        """

    def describe(self, commit: bytes) -> StoredObject:
        """Return what is known of an object.

        Raises:
            Absent: when there is no such object (`object-absent`).
            NotVerified: when its record is not what was stored.
        """

    def salt(self, commit: bytes) -> bytes:
        """Return the 32 bytes of the salt; raises as `describe` does."""

    def exists(self, commit: bytes) -> bool:
        """Tell whether record and ciphertext are there, without reading the content."""

    def find_sha256(self, digest: bytes) -> StoredObject | None:
        """Return an object whose content has this SHA-256, if any; reads every record."""

    def list(self) -> Iterator[StoredObject]:
        """Yield every object, in the order of the commitments; raises as `describe` does."""

    def erase(self, commit: bytes) -> None:
        """Destroy key, salt, digest and ciphertext; works on damaged objects too.

        Raises:
            Absent: when there is no such object, so also the second time (`object-absent`).
        """
