"""The questions to raw tables that every SQL database answers alike; see tables.py.

A store gives the mark of a value in its driver and runs a bounded query; the statements are those
of tables.py.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Final

from ledger.journal.tables import (
    HEADS_QUERY,
    count_query,
    greatest_query,
    matching_query,
    next_ledger_query,
    page_query,
    repeated_query,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.journal.tables import Key, Row, Table

_LEAST: Final = -(2**63)


class QueriedTables(ABC):
    """The part of a `TableReader` that rests on queries alone."""

    mark: ClassVar[str]
    _ledger: int

    @abstractmethod
    def _all(self, query: str, *arguments: object) -> list[tuple[Any, ...]]:
        """Return all rows of a bounded query; raises as `TableReader` says."""

    def heads(self) -> Sequence[tuple[int, str, int, int]]:
        """Return the heads of all ledgers in the store."""
        return self._all(HEADS_QUERY)

    def ledgers(self, table: Table) -> Sequence[int]:
        """Return the ledger ids in a table, jumping from one to the next."""
        found: list[int] = []
        query, last = next_ledger_query(table, self.mark), _LEAST
        while (following := self._all(query, last)[0][0]) is not None:
            found.append(following)
            last = following
        return found

    def count(self, table: Table) -> int:
        """Return the number of rows of the ledger in a table."""
        return int(self._all(count_query(table, self.mark), self._ledger)[0][0])

    def greatest(self, table: Table, column: str) -> int | None:
        """Return the greatest number in a column."""
        found: int | None = self._all(greatest_query(table, self.mark, column), self._ledger)[0][0]
        return found

    def page(
        self, table: Table, after: Key | None, limit: int, *, ledger: int | None = None
    ) -> list[Row]:
        """Return rows after a key."""
        query = page_query(table, self.mark, is_first=after is None)
        return self._all(query, self._ledger if ledger is None else ledger, *(after or ()), limit)

    def matching(self, table: Table, column: str, value: object, limit: int) -> list[Row]:
        """Return rows that have a value in a column."""
        return self._all(matching_query(table, self.mark, column), self._ledger, value, limit)

    def repeated(self, table: Table, column: str, limit: int) -> list[object]:
        """Return values that more than one row has in a column."""
        found = self._all(repeated_query(table, self.mark, column), self._ledger, limit)
        return [value for (value,) in found]
