"""The ledger of these tests, on every store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.journal.memory import MemoryRecorder
from ledger.journal.sqlite import SQLiteRecorder
from tests.ledger.application.door_kit import ORIGIN, House, build

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ledger.journal.recorder import JournalRecorder


@pytest.fixture
def recorder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[JournalRecorder]:
    """An empty store: in memory, unless a test asks for the others (EVERY_STORE)."""
    kind = getattr(request, "param", "memory")
    made: JournalRecorder = (
        MemoryRecorder(ORIGIN)
        if kind == "memory"
        else SQLiteRecorder(tmp_path / "ledger.sqlite", ORIGIN, create=True)
    )
    yield made
    made.close()


@pytest.fixture
def house(tmp_path: Path, recorder: JournalRecorder) -> House:
    """A founded ledger with its people."""
    return build(tmp_path, recorder)
