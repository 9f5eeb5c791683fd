"""What a store over SQL is asked, in whatever database: the statements, and the rows they give.

    class SQLiteStore(SQLStore):
        spelling = Spelling("?", texts="IN (SELECT value FROM json_each(?))", ...)

The statements stand here once, with `?` for a value and `AMONG TEXTS` or `AMONG NUMBERS` for a list
of values; a store says how its driver spells that, hands over its lists, and runs a query. How a
batch is written is the store's own, since there it counts how many round trips are made.

Source: design ARCHITECTURE D2, D4; schema.py for the tables.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Final

from eventsourcing.dcb.api import DCBSequencedEvent

from ledger.journal.store import Head, KeyedEvent, StreamHead, name_range

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ledger.journal.store import NewRow

HEAD: Final = "SELECT position, streams FROM ledger_head WHERE ledger_id = ?"

_STREAM: Final = """SELECT name, ordinal, count, last_position FROM stream
    WHERE ledger_id = ? AND name = ?"""
_STREAM_HEADS: Final = """SELECT name, ordinal, count, last_position FROM stream
    WHERE ledger_id = ? AND name AMONG TEXTS"""
_STREAM_NAMES: Final = """SELECT name FROM stream
    WHERE ledger_id = ? AND name >= ? AND name < ? ORDER BY ordinal"""
_STREAMS: Final = """SELECT name, ordinal, count, last_position FROM stream
    WHERE ledger_id = ? AND ordinal > ? ORDER BY ordinal LIMIT ?"""
_NAMES: Final = """SELECT ordinal, name FROM stream
    WHERE ledger_id = ? AND ordinal AMONG NUMBERS"""
_PLACES: Final = """SELECT position FROM stream_event
    WHERE ledger_id = ? AND ordinal = ? AND seq >= ? ORDER BY seq LIMIT ?"""
_ROWS: Final = """SELECT position, type, key, streams, data FROM event
    WHERE ledger_id = ? AND position > ? ORDER BY position LIMIT ?"""
_ROWS_AT: Final = """SELECT position, type, key, streams, data FROM event
    WHERE ledger_id = ? AND position AMONG NUMBERS ORDER BY position"""
_FIND: Final = "SELECT position FROM event WHERE ledger_id = ? AND key = ?"
_POSITIONS_OF: Final = """SELECT key, position FROM event
    WHERE ledger_id = ? AND key AMONG TEXTS"""
_TILE: Final = "SELECT hashes FROM tile WHERE ledger_id = ? AND level = ? AND number = ?"


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a driver marks a value, and how it says that a column is among texts, or numbers."""

    mark: str
    texts: str
    numbers: str


@cache
def spelled(statement: str, spelling: Spelling) -> str:
    """Return a statement of this file as a driver takes it."""
    marked = statement.replace("?", spelling.mark)
    return marked.replace("AMONG TEXTS", spelling.texts).replace("AMONG NUMBERS", spelling.numbers)


class SQLStore(ABC):
    """The primitives of a `StoreReader` over one connection; every statement names the ledger."""

    spelling: ClassVar[Spelling]

    @abstractmethod
    def _fetch(self, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        """Return the rows of a query in the spelling of the driver, its ledger first."""

    @abstractmethod
    def _listed(self, values: Collection[str] | Collection[int]) -> object:
        """Return the one value that stands for a list of values."""

    def head(self) -> Head:
        """Return where the ledger ends."""
        return Head(*self._all(HEAD)[0])

    def stream(self, name: str) -> StreamHead | None:
        """Return where a stream ends."""
        rows = self._all(_STREAM, name)
        return StreamHead(*rows[0]) if rows else None

    def stream_heads(self, names: Collection[str]) -> list[StreamHead]:
        """Return where those of the streams end that are there, in any order."""
        return [StreamHead(*row) for row in self._all(_STREAM_HEADS, self._listed(names))]

    def stream_names(self, prefix: str) -> list[str]:
        """Return the names of the streams that begin with an ASCII text, in order of creation."""
        return [name for (name,) in self._all(_STREAM_NAMES, *name_range(prefix))]

    def streams(self, after_ordinal: int, limit: int) -> list[StreamHead]:
        """Return streams with a larger ordinal, in order of creation."""
        return [StreamHead(*row) for row in self._all(_STREAMS, after_ordinal, limit)]

    def places(self, ordinal: int, from_seq: int, limit: int) -> list[int]:
        """Return positions of a stream's events from number `from_seq` on."""
        return [position for (position,) in self._all(_PLACES, ordinal, from_seq, limit)]

    def rows(self, after: int, limit: int) -> list[DCBSequencedEvent]:
        """Return rows with a larger position, ascending."""
        return self._events(self._all(_ROWS, after, limit))

    def rows_at(self, positions: Sequence[int]) -> list[DCBSequencedEvent]:
        """Return the rows at these positions, ascending."""
        return self._events(self._all(_ROWS_AT, self._listed(positions)))

    def find(self, key: str) -> int | None:
        """Return the position of the row with this key."""
        rows = self._all(_FIND, key)
        return int(rows[0][0]) if rows else None

    def positions_of(self, keys: Collection[str]) -> dict[str, int]:
        """Return the positions of the rows with these keys; a key that is not there is left out."""
        return dict(self._all(_POSITIONS_OF, self._listed(keys)))

    def tile(self, level: int, number: int) -> bytes | None:
        """Return the 8,192 bytes of a full tile."""
        rows = self._all(_TILE, level, number)
        return bytes(rows[0][0]) if rows else None

    def _all(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query of this file; pages are bounded."""
        return self._fetch(spelled(statement, self.spelling), values)

    def _events(self, rows: list[tuple[Any, ...]]) -> list[DCBSequencedEvent]:
        """Return rows with the names of their streams in the order in which they were given."""
        ordinals = [[int(text) for text in row[3].split(",") if text] for row in rows]
        wanted = {ordinal for each in ordinals for ordinal in each}
        names: dict[int, str] = dict(self._all(_NAMES, self._listed(wanted)) if wanted else ())
        return [
            DCBSequencedEvent(
                event=KeyedEvent(type_, bytes(data), [names[ordinal] for ordinal in each], key),
                position=position,
            )
            for (position, type_, key, _, data), each in zip(rows, ordinals, strict=True)
        ]


def columns_of(row: NewRow) -> tuple[int, str, str | None, str, bytes]:
    """Return position, type, key, streams and data of a row; streams are ordinals, as in '0,17'."""
    streams = ",".join(str(ordinal) for ordinal, _ in row.places)
    return row.position, row.event.type, row.event.key, streams, row.event.data
