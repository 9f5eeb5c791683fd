"""Following a log: what is new in it, and what it did that it must not do.

    look = look_at(source, policy, recall, terms)
    look.state         "grown", "same", "first", "alarm", or the code of what kept it from being read
    look.news          the events since the last look, with their streams
    look.alarms        each judged; those that are proofs need nobody's word
    look.memory        what to keep for the next time, None when there is nothing to keep

A look reads the checkpoint, holds it against the policy and against the last one that was kept, and
reads every leaf since: the root is computed anew, and so is what each heads leaf says. A log that was
caught keeps the memory of before, so that the next look says the same. Whatever the place answers is a
state with a sentence: none is an error here, and none passes unseen.

Source: C2SP tlog-checkpoint, tlog-tiles; RFC 6962 section 5.3; design FORMATS sections 2, 3 and 8.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ledger.errors import NotVerified, PistaError
from ledger.journal.leaf import EventLeaf, parse_leaf
from ledger.journal.note import MAX_NOTE_BYTES, format_note, format_vkey, keep_signatures
from ledger.journal.policy import NO_QUORUM, QuorumMissing
from ledger.transparency.judging import judge_misbehaviour
from ledger.transparency.leaf_scan import LeafScan
from ledger.transparency.misbehaviour import (
    LEAF_CONTRADICTS,
    NOT_CONSISTENT,
    NOT_COSIGNED,
    ROLLED_BACK,
    STALE,
    TWO_ROOTS,
    Misbehaviour,
    fork_evidence,
    leaf_evidence,
)
from ledger.transparency.source import CHECKPOINT_PATH
from ledger.transparency.tile_reader import open_tiles

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ledger.journal.checkpoint import Checkpoint, VerifiedCheckpoint
    from ledger.journal.policy import Policy
    from ledger.transparency.judging import Judged
    from ledger.transparency.source import Source
    from ledger.transparency.tile_reader import TileReader

FIRST: Final = "first"
GROWN: Final = "grown"
SAME: Final = "same"
ALARM: Final = "alarm"
DEFAULT_AGE: Final = timedelta(hours=48)

# A cosignature that is further ahead of our clock says nothing of how fresh the head is.
_MOST_AHEAD: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Terms:
    """When it is, in UTC, and how old the newest cosignature may be."""

    now: datetime
    max_age: timedelta = DEFAULT_AGE


@dataclass(frozen=True, slots=True)
class Memory:
    """The last head that was seen, as a note and verified, and the scan of its leaves."""

    note: bytes
    head: Checkpoint
    scan: LeafScan


@dataclass(frozen=True, slots=True)
class News:
    """An event since the last look: the index of its leaf, and the leaf."""

    index: int
    leaf: EventLeaf


@dataclass(frozen=True, slots=True)
class Alarm:
    """What the log did, as a file that others can judge, and what it shows."""

    evidence: Misbehaviour
    judged: Judged


@dataclass(slots=True)
class Look:
    """What one look at a log came to; `head` is None when there was no checkpoint to believe."""

    state: str
    sentence: str
    head: Checkpoint | None = None
    news: list[News] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)
    memory: Memory | None = None

    @property
    def is_proven(self) -> bool:
        """Tell whether the log was caught by something that needs nobody's word."""
        return any(alarm.judged.is_proof for alarm in self.alarms)

    @property
    def is_quiet(self) -> bool:
        """Tell whether the log was read, and nothing is wrong with it."""
        return self.state in {FIRST, GROWN, SAME} and not self.alarms


def look_at(
    source: Source, policy: Policy, recall: Callable[[str], Memory | None], terms: Terms
) -> Look:
    """Look at a log once; `recall` gives what was kept of a log, by its origin.

    On the first look nothing is news: `memory.scan.rows()` has the events of each stream.

    Raises:
        StorageError: when `recall` does.
    """
    found = _Watch(policy, terms)
    try:
        verified = found.opened(source.read(CHECKPOINT_PATH, MAX_NOTE_BYTES))
    except PistaError as error:
        return Look(error.code, error.sentence)
    memory = recall(verified.checkpoint.origin)
    try:
        found.compare(source, verified.checkpoint, memory)
    except PistaError as error:
        found.look.state, found.look.sentence = error.code, error.sentence
    return found.look


class _Watch:
    """One look while it is being made."""

    def __init__(self, policy: Policy, terms: Terms) -> None:
        self._policy = policy
        self._terms = terms
        self._note = b""
        self._key = ""
        self.look = Look(SAME, "")

    def opened(self, data: bytes) -> VerifiedCheckpoint:
        """Return the head that is shown; what the policy asks and it lacks is an alarm.

        Raises:
            NotVerified: as `Policy.verify_signatures`.
        """
        lacks = False
        try:
            verified = self._policy.verify_checkpoint(data)
        except QuorumMissing as missing:
            verified, lacks = missing.verified, True
        known = (verified.log_key, *(one.key for one in verified.cosigners))
        self._note = format_note(keep_signatures(verified.note, known))
        self._key = format_vkey(verified.log_key)
        self.look.head = verified.checkpoint
        if lacks:
            self._alarm(NOT_COSIGNED, self._note)
        elif self._policy.quorum != NO_QUORUM and self._is_stale(verified):
            self._alarm(STALE, self._note)
        return verified

    def _is_stale(self, verified: VerifiedCheckpoint) -> bool:
        """Tell whether no cosignature is as fresh as asked; one from the future counts for nothing."""
        now = self._terms.now
        oldest, latest = now - self._terms.max_age, now + _MOST_AHEAD
        times = (one.time for one in verified.cosigners)
        return not any(oldest.timestamp() <= time <= latest.timestamp() for time in times)

    def compare(self, source: Source, head: Checkpoint, memory: Memory | None) -> None:
        """Hold the head against what is kept, and read what came since."""
        if memory is not None and head.size < memory.head.size:
            self._went_back(source, head, memory)
            return
        if memory is not None and head.size == memory.head.size:
            self._stayed(head, memory)
            return
        tiles = open_tiles(source, head)
        if memory is not None and tiles.root_at(memory.head.size) != memory.head.root:
            self._forked(tiles, memory.note, self._note, memory.head.size)
            return
        self._read_on(tiles, memory)

    def _stayed(self, head: Checkpoint, memory: Memory) -> None:
        if head.root != memory.head.root:
            self._alarm(TWO_ROOTS, memory.note, self._note)
            return
        self.look.memory = Memory(self._note, head, memory.scan)
        self.look.sentence = f"{head.origin}: {head.size} foglie, come l'ultima volta."

    def _went_back(self, source: Source, head: Checkpoint, memory: Memory) -> None:
        """Tell of a head with fewer leaves; what still stands of the kept one may prove more."""
        self._alarm(ROLLED_BACK, memory.note, self._note)
        with suppress(PistaError):
            tiles = open_tiles(source, memory.head)
            if tiles.root_at(head.size) != head.root:
                self._forked(tiles, self._note, memory.note, head.size)

    def _forked(self, tiles: TileReader, old: bytes, new: bytes, size: int) -> None:
        before, after = fork_evidence(tiles, size)
        self._alarm(NOT_CONSISTENT, old, new, before=tuple(before), after=tuple(after))

    def _read_on(self, tiles: TileReader, memory: Memory | None) -> None:
        head = tiles.checkpoint
        scan = LeafScan() if memory is None else memory.scan
        start = scan.tree.size
        news: list[News] = []
        for index, data in tiles.entries(start, head.size):
            if not self._is_sound(tiles, scan, index, data):
                return
            leaf = parse_leaf(data)
            if memory is not None and isinstance(leaf, EventLeaf):
                news.append(News(index, leaf))
        if not self._is_closed(tiles, scan):
            return
        self.look.news = news
        self.look.memory = Memory(self._note, head, scan)
        if self.look.state != ALARM:
            self.look.state = FIRST if memory is None else GROWN
        self.look.sentence = (
            f"{head.origin}: foglie da {start} a {head.size} rilette, chiusure ricalcolate."
        )

    def _is_sound(self, tiles: TileReader, scan: LeafScan, index: int, data: bytes) -> bool:
        try:
            scan.add(data)
        except NotVerified:
            self._contradicts(tiles, index)
            return False
        return True

    def _is_closed(self, tiles: TileReader, scan: LeafScan) -> bool:
        try:
            scan.check_closed()
        except NotVerified:
            self._contradicts(tiles, tiles.size - 1)
            return False
        return True

    def _contradicts(self, tiles: TileReader, index: int) -> None:
        first, before, leaves, after = leaf_evidence(tiles, index)
        self._alarm(
            LEAF_CONTRADICTS,
            self._note,
            first=first,
            before=tuple(before),
            leaves=tuple(leaves),
            after=tuple(after),
        )

    def _alarm(
        self,
        kind: str,
        *notes: bytes,
        first: int = 0,
        before: tuple[bytes, ...] = (),
        leaves: tuple[bytes, ...] = (),
        after: tuple[bytes, ...] = (),
    ) -> None:
        """Raise an alarm, once what it rests on shows it."""
        now = self._terms.now
        evidence = Misbehaviour(kind, self._key, notes, now, first, before, leaves, after)
        judged = judge_misbehaviour(evidence, self._policy)
        self.look.alarms.append(Alarm(evidence, judged))
        self.look.state, self.look.sentence = ALARM, judged.sentence
