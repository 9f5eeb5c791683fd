"""Heads of the log that lie in files: what a person hands in, and what the home has kept.

    checkpoint_in(data)                  the note in a checkpoint, a .tlog-proof or a receipt
    newer_than(home, policy, journal)    the file that proves more, or other, than the store holds

A receipt was given for something that was recorded: where one proves a larger tree than the store
has, or another one of the same size, the store is not the newest copy, and going on from it would
sign two truths. What does not read or verify proves nothing and is passed over.

Source: design FORMATS section 5 step 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from exporters.verification.receipt import parse_receipt
from ledger.errors import NotVerified, StorageError, Unreadable
from ledger.fsck.kept import read_kept
from ledger.journal.policy import QuorumMissing
from ledger.journal.proofs import parse_proof

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from api.home import Home
    from ledger.journal.journal import Journal
    from ledger.journal.policy import Policy

_PROOF: Final = b"c2sp.org/tlog-proof@v1\n"
_OBJECT: Final = b"{"
_KEPT: Final = ("*.receipt", "*.checkpoint")


@dataclass(frozen=True, slots=True)
class KeptHead:
    """A tree that a file stands for: number of leaves, 32-byte root."""

    file: Path
    size: int
    root: bytes


def checkpoint_in(data: bytes) -> bytes:
    """Return the checkpoint note in a file, whatever its name: a note, a proof of a leaf, a receipt.

    Raises:
        Unreadable: when a proof or a receipt breaks its grammar; a note is read by the policy.
    """
    if data.startswith(_PROOF):
        return parse_proof(data).checkpoint
    if data.startswith(_OBJECT):
        return parse_receipt(data).proof.checkpoint
    return data


def newer_than(home: Home, policy: Policy, journal: Journal) -> KeptHead | None:
    """Return what the home has kept of the largest tree that the store does not hold, if anything.

    Raises:
        StorageError: when the store cannot be read.
    """
    size = journal.size
    beyond = [
        head
        for head in _kept(home, policy)
        if head.size > size or journal.root_at(head.size) != head.root
    ]
    return max(beyond, key=lambda head: head.size, default=None)


def _kept(home: Home, policy: Policy) -> Iterator[KeptHead]:
    """Yield each tree that a file of the home stands for."""
    try:
        kept = read_kept(home.kept)
    except (Unreadable, StorageError):
        kept = None
    if kept is not None:
        yield KeptHead(home.kept, kept.size, kept.root)
    seen: set[bytes] = set()
    for pattern in _KEPT:
        for file in sorted(home.outbox.glob(pattern)):
            note = _note(file)
            if note is None or note in seen:
                continue
            seen.add(note)
            yield from _verified(file, note, policy)


def _note(file: Path) -> bytes | None:
    try:
        return checkpoint_in(file.read_bytes())
    except (OSError, Unreadable):
        return None


def _verified(file: Path, note: bytes, policy: Policy) -> Iterator[KeptHead]:
    """Yield the tree of a note that verifies; without its witnesses it was signed all the same."""
    try:
        head = policy.verify_checkpoint(note).checkpoint
    except QuorumMissing as missing:
        head = missing.verified.checkpoint
    except (Unreadable, NotVerified):
        return
    yield KeptHead(file, head.size, head.root)
