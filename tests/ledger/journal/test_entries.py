"""Reading a log that grows under the reader: nothing is missing, and nothing is called missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from ledger.errors import StorageError
from ledger.journal.entries import read_entries
from ledger.journal.memory import MemoryRecorder
from ledger.journal.row import pack
from ledger.journal.store import Head, KeyedEvent

if TYPE_CHECKING:
    from eventsourcing.dcb.api import DCBSequencedEvent

ORIGIN = "pnrr.comune.lecce.it/c_e506"
LEAF = b"pista/leaf/v1\nheads\n0\n" + b"A" * 43 + b"=\n0\n" + b"A" * 43 + b"=\n"


class Growing(MemoryRecorder):
    """A log in which another process writes a row whenever someone asks where it ends."""

    @override
    def head(self) -> Head:
        """Let a row be written first."""
        self.append([KeyedEvent("heads", pack(LEAF, b""))])
        return super().head()


class Lossy(Growing):
    """One whose last row is never found."""

    @override
    def rows(self, after: int, limit: int) -> list[DCBSequencedEvent]:
        """Return nothing."""
        return []


def test_a_log_that_grows_while_it_is_read_beyond_its_end_misses_nothing() -> None:
    recorder = Growing(ORIGIN)
    assert [index for index, _, _ in read_entries(recorder, 0, 5)] == [0, 1, 2, 3, 4]


def test_a_row_that_is_asked_for_again_and_is_not_there_is_missing() -> None:
    with pytest.raises(StorageError, match="row-missing: La foglia 0 "):
        list(read_entries(Lossy(ORIGIN), 0, 5))
