"""The streams of a log as it is read closely: where each ends, and every place that was taken.

    found = ends.take(entry)             what does not go on where a stream ended
    ends.suppose(12, [("cup/...", 4, 17)])   an event that cannot be read took these places

All positions are kept, eight bytes each, so that the tables of streams can be compared row by row:
this is done only when something is wrong.

Source: design FORMATS sections 1 and 2.
"""

from __future__ import annotations

from array import array
from base64 import b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ledger.fsck.finding import differs
from ledger.fsck.rows_tree import RowsTree
from ledger.fsck.streams import row_hash

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.fsck.entry import Entry
    from ledger.fsck.finding import Finding

UNKNOWN = 0


@dataclass(slots=True)
class End:
    """One stream: the positions of its events, and the digests its last envelope may have."""

    name: str
    positions: array[int] = field(default_factory=lambda: array("q"))
    digests: tuple[bytes, ...] = ()


class Ends:
    """All streams, in order of creation."""

    def __init__(self) -> None:
        """Begin with none."""
        self.every: list[End] = []
        self.lost_places = 0
        self._ordinals: dict[str, int] = {}
        self._rows = RowsTree()
        self._changed: set[int] = set()
        self._unsure: set[int] = set()

    def take(self, entry: Entry) -> list[Finding]:
        """Let an event take its places; return what does not go on where its streams ended."""
        places, claims = entry.places or (), entry.said.streams if entry.said else ()
        prevs = {claim.name: claim.prev for claim in claims}
        before = len(entry.findings)
        ordinals = []
        for place in places:
            end = self._end(place.name)
            self._check_place(entry, end, place.seq)
            if not before and entry.raw and end.digests:
                self._check_prev(entry, end, prevs.get(place.name))
            end.positions.append(entry.position)
            end.digests = entry.digests
            ordinals.append(self._ordinals[place.name])
        self._note_changed(ordinals, is_sure=len(entry.digests) == 1)
        expected = ",".join(map(str, ordinals))
        if entry.streams != expected:
            named, position = f"position {entry.position}", entry.position
            entry.findings.append(
                differs("event", named, "streams", entry.streams, expected, position=position)
            )
        return entry.findings[before:]

    def suppose(self, index: int, places: list[tuple[str, int, int]]) -> None:
        """Let an event that cannot be read take places (name, ordinal, seq), as far as they fit."""
        ordinals = []
        for name, ordinal, seq in sorted(places, key=lambda place: place[1]):
            if self._ordinals.get(name, len(self.every)) != ordinal:
                continue
            end = self._end(name)
            if len(end.positions) == seq:
                end.positions.append(index + 1)
                end.digests = ()
                ordinals.append(ordinal)
        self._note_changed(ordinals, is_sure=False)

    def rows_root(self) -> bytes | None:
        """Return the root of all rows, None when the digest of one is not known."""
        if self._unsure:
            return None
        changes = {}
        for ordinal in self._changed:
            end = self.every[ordinal]
            digest = b64encode(end.digests[0])
            count, last = len(end.positions), end.positions[-1] - 1
            changes[ordinal] = row_hash(end.name, count, last, digest)
        self._rows.put(changes)
        self._changed.clear()
        return self._rows.root()

    def rows(self) -> Iterator[tuple[int, str, int, int]]:
        """Yield what the table `stream` should hold."""
        for ordinal, end in enumerate(self.every):
            yield ordinal, end.name, len(end.positions), end.positions[-1]

    def places(self) -> Iterator[tuple[int, int, int | None]]:
        """Yield what the table `stream_event` should hold; None for a position not known."""
        for ordinal, end in enumerate(self.every):
            for seq, position in enumerate(end.positions):
                yield ordinal, seq, position if position != UNKNOWN else None

    def _end(self, name: str) -> End:
        ordinal = self._ordinals.get(name)
        if ordinal is None:
            ordinal = self._ordinals[name] = len(self.every)
            self.every.append(End(name))
        return self.every[ordinal]

    def _check_place(self, entry: Entry, end: End, seq: int) -> None:
        count = len(end.positions)
        if seq == count:
            return
        if 0 < seq - count <= self.lost_places:
            end.positions.extend([UNKNOWN] * (seq - count))
            end.digests = ()
            return
        sentence = f"nel flusso {end.name} prende il posto {seq}, il primo libero è {count}"
        entry.note("place-not-next", sentence)

    def _check_prev(self, entry: Entry, end: End, prev: str | None) -> None:
        if prev not in [b64encode(digest).decode() for digest in end.digests]:
            sentence = f"nel flusso {end.name} non nomina la busta che la precede"
            entry.note("chain-broken", sentence)

    def _note_changed(self, ordinals: list[int], *, is_sure: bool) -> None:
        self._changed.update(ordinals)
        if is_sure:
            self._unsure.difference_update(ordinals)
        else:
            self._unsure.update(ordinals)
