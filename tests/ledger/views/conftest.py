"""A told ledger in memory, and views of it in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.journal.memory import MemoryRecorder
from ledger.views.store import ViewStore
from tests.ledger.application.door_kit import CUP, ORIGIN, OTHER_CUP, House, build
from tests.ledger.application.door_story import determina, phase, register, visto

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A ledger with two interventions, a determina with its visto and two phases."""
    made = build(tmp_path, MemoryRecorder(ORIGIN))
    register(made)
    register(made, OTHER_CUP)
    made.ledger.record(determina(made))
    name, data, beside = visto()
    made.write("ragioneria", name, data, **beside)
    for phase_name, on in (("PROGETTAZIONE", "2026-02-01"), ("AFFIDAMENTO", "2026-03-01")):
        name, data, beside = phase(phase_name, on)
        made.write("rup", name, data, **beside)
    assert made.journal.stream_head(f"cup/{CUP}") is not None
    return made


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ViewStore]:
    """An empty views database."""
    made = ViewStore(tmp_path / "views.sqlite", ORIGIN)
    yield made
    made.close()
