"""The closure: the least set of streams, and of their events, that proves what a CUP became.

    sys/log                                   who keeps the ledger
    cup/<CUP>                                 each CUP that was asked for
    act/<ipa>/<register>/<year>/<number>      each act that an event of those CUPs joins
    actor/<actor>                             each signer in the set, those who approved included
    sys/sources                               of it the files that events of the set cite, no more

A signer's stream holds events signed by others (an administrator enrolled the key, another one
approved), whose streams join the set in turn, until nothing new is found. An erased envelope
tells no signer; its leaf still names its streams.

Source: design FORMATS section 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from exporters.citations import SOURCES, cited_by, cited_places
from ledger.errors import Absent
from ledger.journal.leaf import EventLeaf, parse_leaf
from ledger.signing.envelope import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from exporters.citations import File

SYS_LOG: Final = "sys/log"


class StreamReader(Protocol):
    """What a closure is computed from; an Evidence is one, and so is an unpacked package."""

    def leaf(self, index: int) -> bytes:
        """Return the exact bytes of a leaf."""

    def envelope(self, index: int) -> bytes:
        """Return the envelope of an event leaf; empty when it was erased."""

    def stream(self, name: str, size: int) -> Sequence[int]:
        """Return the leaf indexes of a stream in the tree of that size, rising; none is empty."""


@dataclass(frozen=True, slots=True)
class Closure:
    """Streams sorted by name, and the indexes of all event leaves shown, rising.

    These are all leaves of the streams, and the files of `sys/sources` that their events cite.
    """

    cups: tuple[str, ...]
    size: int
    streams: tuple[str, ...]
    indexes: tuple[int, ...]


def closure_of(reader: StreamReader, cups: Sequence[str], size: int) -> Closure:
    """Return the closure of these CUPs in the tree of `size` leaves.

    One envelope at a time is held in memory.

    Raises:
        Absent: when a CUP has no event in that tree (`no-such-cup`).
        Unreadable: when a leaf or an envelope breaks its grammar.
    """
    asked = frozenset(f"cup/{cup}" for cup in cups)
    indexes = _indexes_of_cups(reader, cups, size)
    streams = {SYS_LOG, *asked}
    read: set[str] = set()
    cited: set[File] = set()
    shown: frozenset[int] = frozenset()
    while waiting := sorted(streams - read):
        for name in waiting:
            read.add(name)
            for index in indexes.setdefault(name, reader.stream(name, size)):
                streams.update(_joined(reader, index, asked, cited))
        if cited and not streams - read:
            shown = _cited(reader, size, cited)
            streams.update(f"actor/{parse(reader.envelope(index)).actor}" for index in shown)
    names = tuple(sorted(streams))
    return Closure(
        cups=tuple(sorted(set(cups))),
        size=size,
        streams=names,
        indexes=tuple(sorted({*shown, *(index for name in names for index in indexes[name])})),
    )


def _cited(reader: StreamReader, size: int, cited: set[File]) -> frozenset[int]:
    """Return the leaves of `sys/sources` that are shown because these files are cited."""
    found = ((index, reader.envelope(index)) for index in reader.stream(SOURCES, size))
    return cited_places({index: parse(raw) for index, raw in found if raw}, cited)


def _indexes_of_cups(
    reader: StreamReader, cups: Sequence[str], size: int
) -> dict[str, Sequence[int]]:
    found = {f"cup/{cup}": reader.stream(f"cup/{cup}", size) for cup in cups}
    for name, indexes in found.items():
        if not indexes:
            raise Absent(
                "no-such-cup",
                f"Il CUP {name[4:]} non ha registrazioni fra le prime {size} foglie del registro:"
                " controllare il codice, o chiedere un punto di controllo più recente.",
            )
    return found


def _joined(
    reader: StreamReader, index: int, asked: frozenset[str], cited: set[File]
) -> Iterator[str]:
    """Yield the streams that an event brings into the set: its signer's, and the acts of a CUP.

    The file of open data that it cites is added to `cited`.
    """
    leaf = parse_leaf(reader.leaf(index))
    names = [place.name for place in leaf.streams] if isinstance(leaf, EventLeaf) else []
    if not asked.isdisjoint(names):
        yield from (name for name in names if name.startswith("act/"))
    if raw := reader.envelope(index):
        envelope = parse(raw)
        file = cited_by(envelope)
        cited.update(() if file is None else (file,))
        yield f"actor/{envelope.actor}"
