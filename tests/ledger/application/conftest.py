"""The ledger of these tests, on every store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ledger.application.door_kit import ORIGIN, House, build
from tests.ledger.journal.stores import empty_recorder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ledger.journal.recorder import JournalRecorder


@pytest.fixture
def recorder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[JournalRecorder]:
    """An empty store: in memory, unless a test asks for the others (EVERY_STORE)."""
    made = empty_recorder(request, tmp_path, ORIGIN)
    yield made
    made.close()


@pytest.fixture
def house(tmp_path: Path, recorder: JournalRecorder) -> House:
    """A founded ledger with its people."""
    return build(tmp_path, recorder)
