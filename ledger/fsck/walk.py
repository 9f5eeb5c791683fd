"""The examination when something is wrong: from the first leaf on, row by row, naming what it is.

    outcome = Walk(reader, workers, target, strangers, told).run()

Each fault is named where it is, and the walk goes on with what must have been there, so that one
change gives few findings: a leaf that disagrees with its tile or its envelope is taken as these say
it (entry.py, guesses.py); of a row that is missing the tables of streams tell which places it took.

Source: design FORMATS sections 2, 5 and 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.errors import Busy, StorageError
from ledger.fsck.compare import compare_table
from ledger.fsck.ends import Ends
from ledger.fsck.entry import Entry, read_entry
from ledger.fsck.erasures import Absent
from ledger.fsck.event_rows import event_rows
from ledger.fsck.finding import Finding, missing, of_log, remark, surplus
from ledger.fsck.outcome import Outcome
from ledger.fsck.skim import ERASURE
from ledger.fsck.walk_keys import WalkedKeys
from ledger.fsck.walk_rests import Rests
from ledger.fsck.walk_tree import WalkedTree
from ledger.journal.leaf import EventLeaf, format_hash
from ledger.journal.tables import (
    DAMAGED,
    EVENT,
    LEDGER_HEAD,
    STREAM,
    STREAM_EVENT,
    TILE,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from ledger.fsck.quick import Target
    from ledger.fsck.strangers import Strangers
    from ledger.fsck.workers import Workers
    from ledger.journal.tables import Row, TableReader

_MOST_PLACES: Final = 500
_MOST_SUPPOSED: Final = 1000
_MANY: Final = 10
_NOT_COMPARED: Final = remark(
    "tables-not-compared", "le altre tabelle non si confrontano con un registro interrotto"
)


class Walk:
    """One walk through a log."""

    def __init__(
        self,
        reader: TableReader,
        workers: Workers,
        target: Target,
        strangers: Strangers,
        told: Callable[[int], None],
    ) -> None:
        """`told` hears how many leaves are done."""
        self.outcome = Outcome(target.size, is_doubted=True)
        self._reader = reader
        self._target = target
        self._strangers = strangers
        self._told = told
        self._ends = Ends()
        self._tree = WalkedTree(reader, self._ends, target.size, target.known)
        self._keys = WalkedKeys(workers, target.origin, target.size)
        self._rests = Rests()
        self._ids: dict[str, int] = {}
        self._last_time: datetime | None = None
        self._supposed = 0
        self._is_cut = False

    def run(self) -> Outcome:
        """Return what the log says, with all that was found in it and in the other tables."""
        outcome = self.outcome
        found = [*self._walked()]
        found += self._tree.finish(is_cut=self._is_cut)
        outcome.roots = self._tree.roots
        found += outcome.erasures.judge(outcome.absent)
        judged = [*self._keys.judged({one.position for one in found})]
        outcome.events, outcome.verified = self._keys.events, self._keys.verified
        outcome.findings = sorted([*found, *judged], key=lambda one: one.position or 0)
        outcome.findings += self._strangers.findings
        self._strangers.findings = []
        outcome.findings += [_NOT_COMPARED] if self._is_cut else self._tables()
        outcome.findings += [*self._strangers.findings, *self._strangers.left()]
        return outcome

    def _walked(self) -> Iterator[Finding]:
        """Yield what is found in the rows of the log, and in what lies between them."""
        expected = 1
        try:
            for position, row in event_rows(self._reader):
                if not expected <= position <= self._target.size:
                    yield surplus(EVENT.name, f"position {position}", "position", position=position)
                    continue
                yield from self._gaps(expected, position)
                if self._is_cut:
                    return
                yield from self._at(position, row)
                expected = position + 1
                self.outcome.last = position
        except Busy:
            raise
        except StorageError as error:
            yield Finding(error.code, error.sentence, EVENT.name, f"position {expected}")
        yield from self._gaps(expected, self._target.size + 1)

    def _gaps(self, first: int, stop: int) -> Iterator[Finding]:
        """Go on where rows are missing; they may stand under the number of another ledger."""
        if stop - first > _MANY:
            key = f"position {first}-{stop - 1}"
            yield missing(EVENT.name, key, "position", position=first)
        self._is_cut = stop - first > _MOST_SUPPOSED and not self._strangers.rows
        for position in range(first, first if self._is_cut else stop):
            row = self._strangers.like(EVENT, (position,))
            if row is not None:
                yield from self._at(position, row)
                continue
            if stop - first <= _MANY:
                yield missing(EVENT.name, f"position {position}", "position", position=position)
            yield from self._suppose(Entry(position - 1))

    def _at(self, position: int, row: Row | str) -> Iterator[Finding]:
        """Look at one row."""
        if isinstance(row, str):
            yield of_log(DAMAGED, position, row)
            yield from self._suppose(Entry(position - 1))
            return
        entry = read_entry(position - 1, row)
        if entry.places is None:
            yield from entry.findings
            yield from self._suppose(entry)
            return
        if not entry.is_heads:
            self._ends.take(entry)
            self._take_event(entry)
        yield from entry.findings
        if entry.findings and not entry.is_heads:
            self.outcome.is_whole = False
        yield from self._tree.take(entry)
        if isinstance(entry.leaf, EventLeaf) and not self._tree.is_open:
            self._last_time = entry.leaf.received_at
        if entry.is_heads:
            self._rests.publish(position, self._tree.root)
        self._keys.pass_by(position)
        if position % 1024 == 0:
            self._told(position)

    def _take_event(self, entry: Entry) -> None:
        """Take what an event says for those after it, and compare it with those before."""
        self._check_time(entry)
        self._check_id(entry)
        if entry.said is not None and entry.header is not None and not entry.findings:
            self._rests.check(entry, entry.header.kid)
        self._keys.take(entry)
        if not entry.raw and isinstance(entry.leaf, EventLeaf):
            lines = "\n".join(f"{place.name} {place.seq}" for place in entry.leaf.streams)
            digest = format_hash(entry.leaf.envelope_digest)
            self.outcome.absent.append(Absent(entry.index, digest, lines))
        if entry.said is None:
            return
        if entry.said.type == ERASURE:
            self.outcome.erasures.take(entry.index, entry.payload)
        objects = [(o.commit, o.media_type, o.size, entry.index) for o in entry.said.objects]
        entry.findings += self.outcome.take_objects(objects)

    def _check_time(self, entry: Entry) -> None:
        leaf, last = entry.leaf, self._last_time
        if last is None or not isinstance(leaf, EventLeaf) or self._tree.is_open:
            return
        if leaf.received_at < last:
            entry.note("received-back", "l'ora di ricezione torna indietro")

    def _check_id(self, entry: Entry) -> None:
        if entry.said is None:
            return
        first = self._ids.setdefault(entry.said.id, entry.index)
        if first != entry.index:
            entry.note("id-repeated", f"ha lo stesso identificativo della registrazione {first}")

    def _suppose(self, entry: Entry) -> Iterator[Finding]:
        """Go on after a row that cannot be read, with the places that the other tables give it."""
        self.outcome.is_whole = False
        places = self._places_of(entry.position)
        if places:
            self._ends.suppose(entry.index, places)
            self._keys.lose(entry.index, [name for name, _, _ in places])
        else:
            self._ends.lost_places += 1
            self._rests.publish(entry.position, None)
        yield from self._tree.suppose(entry, is_heads=not places)

    def _places_of(self, position: int) -> list[tuple[str, int, int]]:
        """Return (name, ordinal, seq) of the places that the tables of streams give a row."""
        self._supposed += 1
        if self._supposed > _MOST_SUPPOSED:
            return []
        found = []
        try:
            rows = self._reader.matching(STREAM_EVENT, "position", position, _MOST_PLACES)
            for ordinal, seq, _ in rows:
                for _, name, *_ in self._reader.matching(STREAM, "ordinal", ordinal, 1):
                    found.append((name, ordinal, seq))
        except StorageError:
            return []
        return found

    def _tables(self) -> Iterator[Finding]:
        """Yield what differs in the other tables."""
        reader, strangers = self._reader, self._strangers
        head = (self._target.origin, self._target.size, len(self._ends.every))
        yield from compare_table(reader, LEDGER_HEAD, iter([head]), strangers)
        yield from compare_table(reader, STREAM, self._ends.rows(), strangers)
        yield from compare_table(reader, STREAM_EVENT, self._ends.places(), strangers)
        yield from compare_table(reader, TILE, self._tree.tiles(), strangers)
