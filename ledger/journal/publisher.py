"""What the writer gives out: the anchor moves, then a checkpoint is signed, then come receipts.

    publisher.publish(1291, root)        the anchor stands at the tree, and only then it is signed
    publisher.checkpoint()               the signed note
    publisher.receipt(candidate, accepted)

Ed25519 is deterministic: a checkpoint that is signed again has the same bytes, so none is stored.

Source: design FORMATS section 5, steps 3 and 4.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ledger.errors import Absent, Frozen, NotVerified
from ledger.journal.anchor import settle
from ledger.journal.batch import Receipt
from ledger.journal.checkpoint import Checkpoint, sign_checkpoint
from ledger.journal.leaf import EventLeaf, parse_leaf
from ledger.journal.merkle import EMPTY_ROOT, leaf_hash, verify_consistency, verify_inclusion
from ledger.journal.proofs import LogProof, format_proof

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.journal.anchor import Anchor
    from ledger.journal.batch import Accepted, Candidate
    from ledger.journal.journal import Journal
    from ledger.journal.note import NoteSigner


class Publisher:
    """Stands for the trees of one log; used by its one writer."""

    def __init__(self, journal: Journal, signer: NoteSigner, anchor: Anchor) -> None:
        """Join the parts; nothing is read or signed yet."""
        self._journal = journal
        self._signer = signer
        self._anchor = anchor
        self._published = -1
        self._root = EMPTY_ROOT
        self._checkpoint = b""

    def checkpoint(self) -> bytes:
        """Return the last checkpoint that was signed.

        Raises:
            Absent: when the log is empty (`no-checkpoint`).
        """
        if not self._checkpoint:
            raise Absent(
                "no-checkpoint",
                f"Il registro {self._journal.origin} non ha ancora registrazioni: la prima lo"
                " fonda.",
            )
        return self._checkpoint

    def publish(self, size: int, root: bytes) -> None:
        """Move the anchor to a tree that is stored, and only then sign its checkpoint.

        Raises:
            Frozen, StorageError: as `anchor.settle`; nothing was signed.
        """
        if size == self._published:
            return
        is_empty = size == 0 and self._journal.size == 0
        settle(self._anchor, size, root, self._journal.root_at, store_is_empty=is_empty)
        if size:
            self._checkpoint = self._sign(size, root)
        self._published, self._root = size, root

    def receipt(self, candidate: Candidate, accepted: Accepted, path: Sequence[bytes]) -> Receipt:
        """Return the receipt of an event by its audit path in the published tree.

        The published tree is the first one to cover it.
        """
        index, checkpoint = accepted.index, self._checkpoint
        proof = format_proof(LogProof(index, tuple(path), checkpoint))
        return Receipt(
            index, candidate.id, candidate.raw, accepted.leaf, proof, checkpoint, first=True
        )

    def first_receipt(self, event_id: str, index: int) -> Receipt:
        """Return the receipt of an event that was recorded before, as it was given then.

        What the store says of it today is signed only when it is proven by the published tree.

        Raises:
            Frozen: when the store no longer holds what was published (`stored-differs`).
        """
        try:
            leaf, envelope = self._entry(index)
            size = self._journal.closing_size(index)
            root = self._root if size == self._published else self._journal.root_at(size)
            path = tuple(self._journal.inclusion(index, size))
            verify_inclusion(leaf_hash(leaf), index, size, path, root)
            beginning = self._journal.consistency(size, self._published)
            verify_consistency(size, root, self._published, self._root, beginning)
        except NotVerified as error:
            raise _differs(index) from error
        checkpoint = self._checkpoint
        if size != self._published:
            checkpoint = self._sign(size, root)
        proof = format_proof(LogProof(index, path, checkpoint))
        return Receipt(index, event_id, envelope, leaf, proof, checkpoint, first=False)

    def _entry(self, index: int) -> tuple[bytes, bytes]:
        """Return leaf and envelope of an event, of which one names the other.

        Raises:
            Frozen: when it does not (`stored-differs`).
        """
        leaf, envelope = self._journal.entry(index)
        parsed = parse_leaf(leaf)
        digest = hashlib.sha256(envelope).digest()
        if not isinstance(parsed, EventLeaf) or (envelope and digest != parsed.envelope_digest):
            raise _differs(index)
        return leaf, envelope

    def _sign(self, size: int, root: bytes) -> bytes:
        return sign_checkpoint(Checkpoint(self._journal.origin, size, root), self._signer)


def _differs(index: int) -> Frozen:
    return Frozen(
        "stored-differs",
        f"L'archivio non ha più, alla foglia {index}, ciò che fu registrato e pubblicato: non"
        " firmo la ricevuta. Una persona deve esaminarlo con `pista fsck` e confrontarlo con una"
        " copia.",
    )
