"""Where streams end, as the writer remembers it between batches.

The writer takes over whatever is written to its log, so what it remembers is what the store holds.
Streams that it does not remember are asked for, those of a batch together.

Source: design ARCHITECTURE D4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ledger.journal.journal import Journal, StreamEnd

_KEPT: Final = 16_384


class StreamEnds:
    """The ends of streams in the trees of one writer; not safe for threads."""

    def __init__(self, journal: Journal) -> None:
        """Read from this journal what is not remembered."""
        self._journal = journal
        self._kept: dict[str, StreamEnd | None] = {}

    def end_of(self, name: str) -> StreamEnd | None:
        """Return where a stream ends in the trees, None when nothing ever joined it."""
        if name not in self._kept:
            self.look_up([name])
        return self._kept[name]

    def look_up(self, names: Collection[str]) -> None:
        """Ask the store for the ends of those streams that are not remembered."""
        asked = [name for name in names if name not in self._kept]
        if asked:
            self._make_room(len(asked))
            self._kept.update(dict.fromkeys(asked))
            self._kept.update(self._journal.stream_ends(asked))

    def keep(self, ends: Mapping[str, StreamEnd]) -> None:
        """Take over ends of the trees as they are now."""
        self._make_room(len(ends))
        self._kept.update(ends)

    def _make_room(self, count: int) -> None:
        """Forget everything rather than grow; what is needed again is asked for again."""
        if len(self._kept) + count > _KEPT:
            self._kept.clear()
