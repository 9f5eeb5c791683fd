"""The examination as it goes when nothing is wrong: ranges in parallel, put together in order.

    quick = Quick(reader, workers, ...)
    quick.run()         True: everything is as it follows from the data, but for quick.outcome.findings

Ranges are skimmed and, beyond the kept size, judged by other processes; the ranges that come back
are put together here. False means that something does not fit, and says nothing of what it is: then
everything found here is dropped, and walk.py begins at the first leaf.

Source: design FORMATS section 5 and 7; PERFORMANCE.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from ledger.errors import Busy, StorageError
from ledger.fsck.erasures import Absent
from ledger.fsck.fold import Fold
from ledger.fsck.heads_seen import PublishedRoots
from ledger.fsck.judging import JudgeAsk, judge
from ledger.fsck.outcome import Outcome
from ledger.fsck.place_sums import PlacesAsk, sum_places
from ledger.fsck.plan import ranges
from ledger.fsck.skim import Doubt, skim
from ledger.journal.leaf import format_hash
from ledger.journal.tables import EVENT, LEDGER_HEAD, PAGE, STREAM, STREAM_EVENT, TABLES, TILE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ledger.fsck.fold import Before
    from ledger.fsck.judging import Judged
    from ledger.fsck.skim import Ask, Skimmed
    from ledger.fsck.workers import Answer, Workers
    from ledger.journal.tables import Key, Row, Table, TableReader

KEPT_EVERY: Final = 8192

_STREAMS_A_TASK: Final = 8192


@dataclass(frozen=True, slots=True)
class Target:
    """What is examined: origin, leaves, roots that are known from elsewhere, by size.

    Leaves below `kept` are not judged again, when the root at that size is the one that is known.
    """

    origin: str
    size: int
    kept: int
    known: dict[int, bytes]
    x: int


@dataclass(frozen=True, slots=True)
class _Judging:
    """A range that is being judged, and what it found when it came."""

    before: Before
    answer: Answer[Judged]
    last_heads: int
    root: bytes


class Quick:
    """One attempt."""

    def __init__(
        self,
        reader: TableReader,
        workers: Workers,
        target: Target,
        told: Callable[[int], None],
        keep: Callable[[int, bytes], None],
    ) -> None:
        """`told` hears how many leaves are done; `keep` takes size and root of what is verified."""
        self.outcome = Outcome(target.size, target.size)
        self._reader = reader
        self._workers = workers
        self._target = target
        self._told = told
        self._keep = keep
        self._fold = Fold(target.x, self._is_tile)
        self._published = PublishedRoots(reader, self._fold.roots)
        self._judging: deque[_Judging] = deque()

    def run(self) -> bool:
        """Return whether all is as it should be; raises Busy."""
        try:
            self._check_counts()
            self._read_log()
            self._check_tables()
        except Busy:
            raise
        except (Doubt, StorageError):
            return False
        return True

    def _read_log(self) -> None:
        skims: deque[Answer[Skimmed | None]] = deque()
        target = self._target
        for ask in ranges(target.size, kept=target.kept, ends=target.known, x=target.x):
            skims.append(self._workers.ask(skim, ask))
            if len(skims) > 2 * self._workers.jobs:
                self._take(skims.popleft().result())
        while skims:
            self._take(skims.popleft().result())
        while self._judging:
            self._settle(self._judging.popleft())
        if self._fold.last_heads != target.size - 1:
            raise Doubt
        self.outcome.findings += self.outcome.erasures.judge(self.outcome.absent)

    def _take(self, skimmed: Skimmed | None) -> None:
        """Put the next range to those before, and let it be judged when it is new."""
        if skimmed is None:
            raise Doubt
        before = self._fold.take(skimmed)
        outcome, tree = self.outcome, self._fold.tree
        outcome.findings += outcome.take_objects(skimmed.objects)
        for index, payload in skimmed.erasures:
            outcome.erasures.take(index, payload)
        outcome.absent += [
            Absent(index, digest.decode(), places.decode())
            for index, digest, places in skimmed.absent
        ]
        known = self._target.known.get(tree.size)
        if known is not None:
            if known != tree.root():
                raise Doubt
            outcome.roots[tree.size] = known
        if skimmed.ask.is_new:
            self._ask_to_judge(skimmed.ask, before, skimmed)
        else:
            self._told(skimmed.ask.stop)

    def _ask_to_judge(self, ask: Ask, before: Before, skimmed: Skimmed) -> None:
        keys = self._fold.keys.extract(skimmed.newest_basis.keys())
        question = JudgeAsk(ask.first, ask.stop, self._target.origin, keys)
        answer = self._workers.ask(judge, question)
        size = skimmed.last_heads + 1
        root = self._fold.roots[size] if size else b""
        self._judging.append(_Judging(before, answer, size, root))
        while len(self._judging) > 3 * self._workers.jobs:
            self._settle(self._judging.popleft())

    def _settle(self, judging: _Judging) -> None:
        """Take what a range says, and compare what it rests on with what came before it."""
        judged, before = judging.answer.result(), judging.before
        if judged.is_cut:
            raise Doubt
        self.outcome.events += judged.events
        self.outcome.verified += judged.verified
        self.outcome.findings += judged.findings
        for claim in judged.claims:
            if before.digests[claim.name] != (claim.prev and claim.prev.encode()):
                raise Doubt
        newest = before.newest_basis
        for rest in judged.rests:
            if not newest.get(rest.kid, 0) <= rest.size <= rest.index:
                raise Doubt
            newest[rest.kid] = rest.size
            root = self._published.root(rest.size)
            if root is None or format_hash(root) != rest.root:
                raise Doubt
        is_due = judged.stop % KEPT_EVERY == 0 and judging.last_heads > 0
        if is_due and not any(one.is_fault for one in self.outcome.findings):
            self._keep(judging.last_heads, judging.root)
        self._told(judged.stop)

    def _is_tile(self, number: int, hashes: bytes) -> bool:
        return self._reader.page(TILE, (0, number - 1), 1) == [(0, number, hashes)]

    def _check_counts(self) -> None:
        """Doubt when there are more or fewer rows of the log than it has leaves."""
        if self._reader.count(EVENT) != self._target.size or self._reader.repeated(EVENT, "key", 1):
            raise Doubt

    def _check_tables(self) -> None:
        """Doubt unless every other table holds exactly what follows from the log."""
        reader, streams, size = self._reader, self._fold.streams, self._target.size
        asked = [
            self._workers.ask(sum_places, PlacesAsk(first, stop, size, self._target.x))
            for first, stop in _parts(len(streams))
        ]
        upper = list(self._fold.tree.upper_tiles())
        tiles = size // 256 + len(upper)
        self._compare(iter(upper), TILE, (0, 2**62))
        self._compare(streams.rows(), STREAM, (-1,))
        head = [(self._target.origin, size, len(streams))]
        counts = {LEDGER_HEAD: 1, EVENT: size, STREAM: len(streams), TILE: tiles}
        counts[STREAM_EVENT] = streams.places
        if reader.page(LEDGER_HEAD, None, 2) != head:
            raise Doubt
        if any(reader.count(table) != counts[table] for table in TABLES):
            raise Doubt
        for answer in asked:
            sums = answer.result()
            if sums is None:
                raise Doubt
            part = slice(sums.ask.first, sums.ask.stop)
            if sums.counts != streams.counts[part] or sums.sums != streams.sums[part]:
                raise Doubt

    def _compare(self, expected: Iterator[Row], table: Table, after: Key) -> None:
        """Doubt unless the rows after a key are those that are expected."""
        while rows := self._reader.page(table, after, PAGE):
            if rows != list(islice(expected, len(rows))):
                raise Doubt
            after = table.key_of(rows[-1])
        if next(expected, None) is not None:
            raise Doubt


def _parts(streams: int) -> Iterator[tuple[int, int]]:
    for first in range(0, streams, _STREAMS_A_TASK):
        yield first, min(first + _STREAMS_A_TASK, streams)
