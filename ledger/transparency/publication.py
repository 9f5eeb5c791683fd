"""Publishing the newest head of a log: its tiles, the signatures of witnesses, then its name.

    outcome = publish(parts, seconds=20)
    outcome.is_published       False: it waits in checkpoint.pending, and `said` tells for whom

The tiles come first, since a witness may want to read them before it signs. The head is published
with the quorum of the policy and not before; publishing the same head again renews the signatures,
which shows that the log is alive. A witness that proves that the key of the log signed another
history keeps the head from being published, whatever the others say.

Source: design FORMATS section 3; C2SP tlog-witness, tlog-tiles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.errors import Absent
from ledger.journal.policy import QuorumMissing, parse_policy
from ledger.transparency.asking import Question
from ledger.transparency.public_files import folder_locked
from ledger.transparency.quorum import gather, known_sizes, merge

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ledger.journal.journal import Journal
    from ledger.journal.policy import Policy
    from ledger.transparency.asking import Ask, Said
    from ledger.transparency.kept_checkpoints import KeptCheckpoints
    from ledger.transparency.static_log import StaticLog, Told

LOCK_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Parts:
    """What publishing is made from.

    `policy` is the text of the policy in force; `sign` gives the note of a head with the signature
    of the log alone, and signs nothing that the anchor denies; `now` is in seconds since 1970.
    """

    journal: Journal
    static: StaticLog
    kept: KeptCheckpoints
    policy: bytes
    sign: Callable[[int], bytes]
    ask: Ask
    now: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done: the head and its note, whether it is published, and what witnesses said."""

    size: int
    note: bytes
    is_published: bool
    said: tuple[Said, ...]
    written: int
    removed: int = 0

    @property
    def alarms(self) -> list[Said]:
        """What witnesses said that concerns the ledger itself."""
        return [one for one in self.said if one.is_alarm]


def publish(parts: Parts, seconds: float, told: Told | None = None) -> Outcome:
    """Publish the newest head, or leave it waiting; witnesses have so many seconds.

    Raises:
        Absent: when the log is empty (`no-checkpoint`).
        Frozen: when the store contradicts its anchor or what was published before.
        NotVerified: when the policy does not name the key of the log, or what is in the folder
            does not lead to the head.
        Busy: when another program publishes (`publication-busy`).
        StorageError: when the disk or the store fails.
    """
    with folder_locked(parts.static.folder, LOCK_SECONDS):
        parts.static.check_follows(parts.journal)
        parts.kept.check_follows(parts.journal)
        policy = parse_policy(parts.policy)
        note = parts.sign(_newest(parts.journal))
        head = policy.verify_log(note).checkpoint
        written = parts.static.write_tiles(parts.journal, head, told, parts.kept.sizes())
        earlier = _earlier(parts, head.size)
        question = Question(note, policy, parts.journal, parts.now, known_sizes(policy, earlier))
        said = tuple(gather(question, parts.ask, seconds))
        merged = merge(question, said, earlier)
        if any(one.proof for one in said) or not _has_quorum(policy, merged):
            parts.static.write_pending(merged)
            return Outcome(head.size, merged, is_published=False, said=said, written=written)
        parts.kept.keep(merged)
        parts.static.write_checkpoint(merged, parts.policy)
        removed = parts.static.remove_partial(head.size)
        return Outcome(
            head.size, merged, is_published=True, said=said, written=written, removed=removed
        )


def _newest(journal: Journal) -> int:
    size = journal.last_heads_size()
    if size == 0:
        raise Absent(
            "no-checkpoint",
            f"Il registro {journal.origin} non ha ancora registrazioni: la prima lo fonda.",
        )
    return size


def _earlier(parts: Parts, size: int) -> Sequence[bytes]:
    """Return the notes that witnesses may have signed before."""
    found = (parts.static.checkpoint(), parts.static.pending(), parts.kept.read(size))
    return [note for note in found if note is not None]


def _has_quorum(policy: Policy, note: bytes) -> bool:
    try:
        policy.verify_checkpoint(note)
    except QuorumMissing:
        return False
    return True
