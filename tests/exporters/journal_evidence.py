"""What exporters read, over a journal and a vault of this process: for tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from exporters.evidence import HeadStamp
from ledger.journal.checkpoint import Checkpoint, sign_checkpoint

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ledger.journal.journal import Journal
    from ledger.journal.note import Ed25519NoteSigner
    from ledger.vault.folder import FolderVault
    from ledger.vault.vault import StoredObject


@dataclass(frozen=True)
class VaultDocument:
    """One object of the vault, as an Evidence gives it."""

    vault: FolderVault
    stored: StoredObject

    @property
    def salt(self) -> bytes:
        """The 32 bytes before the content."""
        return self.stored.salt

    @property
    def size_bytes(self) -> int:
        """The size of the content."""
        return self.stored.size_bytes

    def chunks(self) -> Iterator[bytes]:
        """Yield the content."""
        return self.vault.open(self.stored.commit)


@dataclass(frozen=True)
class JournalEvidence:
    """An Evidence over a journal and a vault in this process."""

    journal: Journal
    note_signer: Ed25519NoteSigner
    vault: FolderVault
    policy: bytes
    ca: bytes
    stamps: dict[int, bytes] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """The origin of the log."""
        return self.journal.origin

    def policy_at(self, size: int) -> bytes:
        """Return the policy, which is the same at every head."""
        del size
        return self.policy

    def last_head(self) -> int:
        """Return the size of the last published tree."""
        return self.journal.last_heads_size()

    def checkpoint(self, size: int) -> bytes:
        """Return the note of a published tree; Ed25519 gives the same bytes each time."""
        head = Checkpoint(self.origin, size, self.journal.root_at(size))
        return sign_checkpoint(head, self.note_signer)

    def stamp_sizes(self, size: int) -> list[int]:
        """Return the sizes of the heads that have a time stamp."""
        return sorted(one for one in self.stamps if one <= size)

    def stamp(self, size: int) -> HeadStamp | None:
        """Return the time stamp of a head; an empty one proves nothing."""
        head = Checkpoint(self.origin, size, self.journal.root_at(size))
        note = sign_checkpoint(head, self.note_signer)
        token = self.stamps[size]
        return HeadStamp(size, note, token) if token else None

    def leaf(self, index: int) -> bytes:
        """Return a leaf."""
        return self.journal.leaf(index)

    def envelope(self, index: int) -> bytes:
        """Return an envelope."""
        return self.journal.envelope(index)

    def stream(self, name: str, size: int) -> Sequence[int]:
        """Return the indexes of a stream."""
        return self.journal.stream_indexes(name, size)

    def inclusion(self, index: int, size: int) -> Sequence[bytes]:
        """Return an inclusion path."""
        return self.journal.inclusion(index, size)

    def consistency(self, old_size: int, size: int) -> Sequence[bytes]:
        """Return a consistency proof."""
        return self.journal.consistency(old_size, size)

    def rows(
        self, names: Sequence[str], size: int
    ) -> tuple[int, dict[str, tuple[int, bytes, list[bytes]]]]:
        """Return number of rows and the rows asked, with their paths."""
        _, count, found = self.journal.row_proofs(names, size)
        return count, found

    def document(self, commit: bytes) -> VaultDocument | None:
        """Return an object of the vault."""
        if not self.vault.exists(commit):
            return None
        return VaultDocument(self.vault, self.vault.describe(commit))
