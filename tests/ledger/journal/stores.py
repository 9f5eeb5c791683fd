"""An empty recorder of the kind that a test is run on: memory, sqlite, postgres."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.journal.memory import MemoryRecorder
from ledger.journal.postgres import PostgresRecorder
from ledger.journal.sqlite import SQLiteRecorder

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from ledger.journal.recorder import JournalRecorder


def empty_recorder(request: pytest.FixtureRequest, folder: Path, origin: str) -> JournalRecorder:
    """Return a recorder of the kind that is the parameter of a fixture; memory without any."""
    match getattr(request, "param", "memory"):
        case "postgres":
            return PostgresRecorder(request.getfixturevalue("postgres_url"), origin, create=True)
        case "sqlite":
            return SQLiteRecorder(folder / "ledger.sqlite", origin, create=True)
    return MemoryRecorder(origin)
