"""Publishing the newest head of a log: its tiles, the signatures of witnesses, then its name.

    outcome = publish(parts, ask, seconds=20)
    outcome.is_published       False: it waits in checkpoint.pending, and `said` tells for whom
    add_signatures(parts, note)        those of a witness that has no server, or has read all leaves

The tiles come first, since a witness may want to read them before it signs. The head is published
with the quorum of the policy and not before; publishing the same head again renews the signatures,
which shows that the log is alive. A witness that proves that the key of the log signed another
history keeps the head from being published, whatever the others say.

Source: design FORMATS section 3; C2SP tlog-witness, tlog-tiles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.errors import Absent, NotVerified, Unreadable
from ledger.journal.checkpoint import parse_checkpoint
from ledger.journal.note import parse_note
from ledger.journal.policy import QuorumMissing, parse_policy
from ledger.transparency.asking import MOST_SECONDS_APART, Question
from ledger.transparency.kept_checkpoints import WAITING_FOLDER, KeptCheckpoints
from ledger.transparency.public_files import folder_locked
from ledger.transparency.quorum import gather, known_sizes, merge
from ledger.transparency.static_log import check_is_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ledger.journal.checkpoint import VerifiedCheckpoint
    from ledger.journal.journal import Journal
    from ledger.journal.policy import Policy
    from ledger.transparency.asking import Ask, Said
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
    now: Callable[[], float]

    @property
    def waiting(self) -> KeptCheckpoints:
        """The heads that wait for signatures."""
        return KeptCheckpoints(self.static.folder, WAITING_FOLDER)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done: the head and its note, whether it is published, and what witnesses said."""

    size: int
    note: bytes
    is_published: bool
    said: tuple[Said, ...]
    written: int

    @property
    def alarms(self) -> list[Said]:
        """What witnesses said that concerns the ledger itself."""
        return [one for one in self.said if one.is_alarm]


def publish(parts: Parts, ask: Ask, seconds: float, told: Told | None = None) -> Outcome:
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
        older = [*parts.kept.sizes(), *parts.waiting.sizes()]
        written = parts.static.write_tiles(parts.journal, head, told, older)
        earlier = _earlier(parts, head.size)
        question = Question(note, policy, parts.journal, parts.now, known_sizes(policy, earlier))
        said = tuple(gather(question, ask, seconds))
        merged = merge(question, said, earlier)
        is_published = not any(one.proof for one in said) and _has_quorum(policy, merged)
        if is_published:
            _name(parts, merged, head.size)
        else:
            parts.waiting.replace(merged)
            parts.static.write_pending(merged)
        return Outcome(head.size, merged, is_published, said, written)


def add_signatures(parts: Parts, carried: bytes) -> Outcome:
    """Take the signatures of a note that a witness gave without a server; publish what has enough.

    Its head is one of the log, the newest or one that was published or waits since before; a
    published head takes further signatures too.

    Raises:
        Unreadable, NotVerified: when it is no note of the log, or a signature of a witness is wrong
            (`Policy.verify_signatures`), or of a time that has not come (`cosignature-early`).
        Absent: when no witness of the policy signed it (`cosignature-absent`), or the log closed no
            tree of that size (`no-such-head`).
        Frozen: when the log signed it and does not have it (`published-ahead`, `published-forked`).
        PistaError: as `publish`.
    """
    with folder_locked(parts.static.folder, LOCK_SECONDS):
        policy = parse_policy(parts.policy)
        verified = policy.verify_signatures(carried)
        _check_times(verified, parts.now())
        size = verified.checkpoint.size
        check_is_of(parts.journal, carried, parts.static.folder)
        note, written = parts.sign(size), 0
        if size > _size_of(parts.static.checkpoint()):
            written = parts.static.write_tiles(parts.journal, verified.checkpoint)
        question = Question(note, policy, parts.journal, parts.now)
        merged = merge(question, (), [carried, *_earlier(parts, size)])
        is_published = _has_quorum(policy, merged)
        if is_published:
            _name(parts, merged, size)
        else:
            parts.waiting.replace(merged)
        return Outcome(size, merged, is_published, (), written)


def _name(parts: Parts, note: bytes, size: int) -> None:
    """Publish a head that has its quorum: keep it, and show it unless a larger one is shown."""
    parts.kept.keep(note)
    if size >= _size_of(parts.static.checkpoint()):
        parts.static.write_checkpoint(note, parts.policy)
    parts.waiting.remove_up_to(size)
    if size >= _size_of(parts.static.pending()):
        parts.static.remove_pending()
    parts.static.remove_partial(size)


def _size_of(note: bytes | None) -> int:
    """Return the size of a head, 0 of none, and of what is none."""
    try:
        return 0 if note is None else parse_checkpoint(parse_note(note).text).size
    except Unreadable:
        return 0


def _check_times(verified: VerifiedCheckpoint, now: float) -> None:
    """Refuse signatures of nobody, and of a time that has not come."""
    if not verified.cosigners:
        raise Absent(
            "cosignature-absent",
            "La nota non ha la firma di alcun testimone del file di fiducia: farla firmare, o usare"
            " la nota che il testimone ha restituito.",
        )
    for one in verified.cosigners:
        if one.time - now > MOST_SECONDS_APART:
            raise NotVerified(
                "cosignature-early",
                f"{one.name} ha firmato con un'ora che qui deve ancora venire: controllare l'orologio"
                " qui e là, poi farla firmare di nuovo.",
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
    found = (
        parts.static.checkpoint(),
        parts.static.pending(),
        parts.kept.read(size),
        parts.waiting.read(size),
    )
    return [note for note in found if note is not None]


def _has_quorum(policy: Policy, note: bytes) -> bool:
    try:
        policy.verify_checkpoint(note)
    except QuorumMissing:
        return False
    return True
