"""The rows of `stream_event` summed up a stream, to be compared with what the log itself says.

Rows of places beyond the size that is looked at belong to events that came later, and are left out.
The sums are those of skim.py: a polynomial in a secret number, in the order of the places.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.fsck.skim import MODULUS
from ledger.journal.tables import PAGE, STREAM_EVENT

if TYPE_CHECKING:
    from ledger.journal.tables import Key, TableReader


@dataclass(frozen=True, slots=True)
class PlacesAsk:
    """Which streams, by ordinal, and the leaves that are looked at; `x` is the secret number."""

    first: int
    stop: int
    size: int
    x: int


@dataclass(frozen=True, slots=True)
class PlaceSums:
    """For each stream, how many places and the sum of their positions."""

    ask: PlacesAsk
    counts: array[int]
    sums: array[int]


def sum_places(reader: TableReader, ask: PlacesAsk) -> PlaceSums | None:
    """Return the sums of some streams, None when the places of one have a gap."""
    width = ask.stop - ask.first
    found = PlaceSums(ask, array("q", bytes(8 * width)), array("q", bytes(8 * width)))
    counts, sums = found.counts, found.sums
    after: Key = (ask.first, -1)
    while rows := reader.page(STREAM_EVENT, after, 8 * PAGE):
        for ordinal, seq, position in rows:
            if ordinal >= ask.stop:
                return found
            if position <= ask.size:
                at = ordinal - ask.first
                if counts[at] != seq:
                    return None
                counts[at] += 1
                sums[at] = (sums[at] * ask.x + position) % MODULUS
        after = STREAM_EVENT.key_of(rows[-1])
    return found
