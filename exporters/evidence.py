"""What an exporter reads of a ledger: a protocol that `api/app.py` hands it.

Nothing here decides or writes. Indexes are leaf indexes from 0; sizes are numbers of leaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class HeadStamp:
    """A time-stamp token (RFC 3161) and the very note, signed by the log alone, that it is over."""

    size: int
    note: bytes
    token: bytes


class Document(Protocol):
    """One object of the vault, not yet read."""

    @property
    def salt(self) -> bytes:
        """Return the 32 bytes that precede the content in its commitment."""

    @property
    def size_bytes(self) -> int:
        """Return the size of the content."""

    def chunks(self) -> Iterator[bytes]:
        """Yield the content; raises NotVerified at the end when it is not what was committed."""


class Evidence(Protocol):
    """The journal, its proofs and the vault, read only."""

    @property
    def origin(self) -> str:
        """Return the origin of the log."""

    @property
    def ca(self) -> bytes:
        """Return the certificate of the ledger's own CA, PEM."""

    def policy_at(self, size: int) -> bytes:
        """Return the tlog-policy text that was in force at a published tree."""

    def last_head(self) -> int:
        """Return the size of the last published tree (its last leaf is a heads leaf)."""

    def checkpoint(self, size: int) -> bytes:
        """Return the checkpoint note of a published tree."""

    def stamp_sizes(self, size: int) -> Sequence[int]:
        """Return the sizes, up to that one and rising, of the heads that have a time stamp."""

    def stamp(self, size: int) -> HeadStamp | None:
        """Return the time stamp of a head, None when it proves nothing of a tree of this log."""

    def leaf(self, index: int) -> bytes:
        """Return the exact bytes of a leaf."""

    def envelope(self, index: int) -> bytes:
        """Return the envelope of an event leaf; empty for heads leaves and erased envelopes."""

    def stream(self, name: str, size: int) -> Sequence[int]:
        """Return the leaf indexes of a stream in the tree of that size, rising."""

    def inclusion(self, index: int, size: int) -> Sequence[bytes]:
        """Return the RFC 6962 inclusion path of a leaf in the tree of that size."""

    def consistency(self, old_size: int, size: int) -> Sequence[bytes]:
        """Return the RFC 6962 consistency proof between two trees."""

    def rows(
        self, names: Sequence[str], size: int
    ) -> tuple[int, Mapping[str, tuple[int, bytes, Sequence[bytes]]]]:
        """Return the number of rows and, by stream, (ordinal, row, path) as of a published tree."""

    def document(self, commit: bytes) -> Document | None:
        """Return an object of the vault by its commitment, None when it is not there."""
