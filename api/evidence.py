"""The evidence that exporters read, over an open ledger. Source: exporters.evidence."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exporters.evidence import HeadStamp
from ledger.errors import Absent, NotVerified
from ledger.journal.anchor import settle
from ledger.journal.checkpoint import Checkpoint, sign_checkpoint
from ledger.journal.note import format_note, keep_signatures
from ledger.journal.policy import parse_policy
from ledger.transparency.kept_checkpoints import join_notes
from ledger.transparency.kept_stamps import proves

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from api.policies import Policies
    from ledger.journal.anchor import Anchor
    from ledger.journal.journal import Journal
    from ledger.journal.note import NoteSigner
    from ledger.transparency.kept_checkpoints import KeptCheckpoints
    from ledger.transparency.kept_stamps import KeptStamps
    from ledger.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class VaultDocument:
    """One object of the vault, read when asked."""

    vault: Vault
    commit: bytes
    salt: bytes
    size_bytes: int

    def chunks(self) -> Iterator[bytes]:
        """Yield the content, checked against the commitment at the end."""
        return self.vault.open(self.commit)


class JournalEvidence:
    """Journal, proofs and vault of one ledger, read only."""

    def __init__(  # noqa: PLR0913  the parts of a ledger
        self,
        journal: Journal,
        anchor: Anchor,
        vault: Vault,
        signer: NoteSigner,
        *,
        kept: KeptCheckpoints,
        policies: Policies,
        stamps: KeptStamps,
        ca: bytes,
    ) -> None:
        """Read from these parts; checkpoints are signed by the log's key, which is deterministic."""
        self._journal = journal
        self._anchor = anchor
        self._vault = vault
        self._signer = signer
        self._kept = kept
        self.policies = policies
        self._stamps = stamps
        self.ca = ca

    @property
    def origin(self) -> str:
        """The origin of the log."""
        return self._journal.origin

    @property
    def policy(self) -> bytes:
        """The policy in use."""
        return self.policies.in_use

    def policy_at(self, size: int) -> bytes:
        """Return the policy that was in force at a head; Absent `policy-not-kept` when it is gone."""
        return self.policies.at(size)

    def last_head(self) -> int:
        """Return the size of the last published tree."""
        return self._journal.last_heads_size()

    def checkpoint(self, size: int) -> bytes:
        """Return the checkpoint note of a published tree, with the witnesses that signed it.

        They are those of the policy in force at that head: the newest signature of each below the
        newest head that was published, the first one below an older head.

        Raises:
            Frozen: as `signed`, and when another root was published for the size
                (`published-forked`).
            NotVerified: when a published signature of the policy is wrong, or no note at all.
            Absent: as `policy_at`.
            StorageError: as `signed`.
        """
        note = self.signed(size)
        published = self._kept.published(size)
        if published is None:
            return note
        policy = parse_policy(self.policy_at(size))
        verified = policy.verify_signatures(join_notes(note, published))
        known = (verified.log_key, *(one.key for one in verified.cosigners))
        return format_note(keep_signatures(verified.note, known))

    def signed(self, size: int) -> bytes:
        """Return the checkpoint of a tree signed by the log; nothing that the anchor denies.

        Raises:
            Frozen: when the store contradicts its anchor, or there is none; see `anchor.settle`.
            StorageError: when the anchor cannot be read, or moved to a tree that it lacks.
        """
        self._journal.heads_leaf(size)
        root = self._journal.root_at(size)
        settle(self._anchor, size, root, self._journal.root_at, store_is_empty=False)
        return sign_checkpoint(Checkpoint(self.origin, size, root), self._signer)

    def stamp_sizes(self, size: int) -> Sequence[int]:
        """Return the sizes, up to that one, of the heads that have a time stamp."""
        return [one for one in self._stamps.sizes() if one <= size]

    def stamp(self, size: int) -> HeadStamp | None:
        """Return the time stamp of a head, None when it proves nothing of a tree of this log.

        Raises:
            StorageError: when the disk fails.
        """
        kept = self._stamps.read(size)
        expected = Checkpoint(self.origin, size, self._journal.root_at(size))
        if kept is None or not self._is_signed(kept.note, expected) or not proves(kept):
            return None
        return HeadStamp(size, kept.note, kept.token)

    def _is_signed(self, note: bytes, head: Checkpoint) -> bool:
        """Tell whether a note is of this head, signed by a key that the log has or had, alone."""
        policies = [self.policy]
        with suppress(Absent):
            policies.append(self.policy_at(head.size))
        for policy in policies:
            with suppress(NotVerified):
                verified = parse_policy(policy).verify_log(note)
                return verified.checkpoint == head and not verified.unknown
        return False

    def leaf(self, index: int) -> bytes:
        """Return the exact bytes of a leaf."""
        return self._journal.leaf(index)

    def envelope(self, index: int) -> bytes:
        """Return an envelope; empty for heads leaves and erased ones."""
        return self._journal.envelope(index)

    def stream(self, name: str, size: int) -> Sequence[int]:
        """Return the leaf indexes of a stream in the tree of that size."""
        return self._journal.stream_indexes(name, size)

    def inclusion(self, index: int, size: int) -> Sequence[bytes]:
        """Return the inclusion path of a leaf."""
        return self._journal.inclusion(index, size)

    def consistency(self, old_size: int, size: int) -> Sequence[bytes]:
        """Return the consistency proof between two trees."""
        return self._journal.consistency(old_size, size)

    def rows(
        self, names: Sequence[str], size: int
    ) -> tuple[int, Mapping[str, tuple[int, bytes, Sequence[bytes]]]]:
        """Return the number of rows and (ordinal, row, path) by stream."""
        _, count, found = self._journal.row_proofs(names, size)
        return count, found

    def document(self, commit: bytes) -> VaultDocument | None:
        """Return an object of the vault, None when it is not there."""
        if not self._vault.exists(commit):
            return None
        stored = self._vault.describe(commit)
        return VaultDocument(self._vault, commit, self._vault.salt(commit), stored.size_bytes)
