"""The ledger that the scribe writes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.journal.memory import MemoryRecorder
from tests.ledger.application.door_kit import ORIGIN, House, build
from tests.ledger.application.door_story import register

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A ledger with one intervention."""
    made = build(tmp_path, MemoryRecorder(ORIGIN))
    register(made)
    return made
