"""A told ledger in memory, and views of it in each kind of database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.journal.memory import MemoryRecorder
from ledger.views.postgres import PostgresViewStore
from ledger.views.sqlite import SQLiteViewStore
from tests.ledger.application.door_kit import CUP, ORIGIN, OTHER_CUP, House, build
from tests.ledger.application.door_story import determina, phase, register, visto

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ledger.views.store import ViewStore

    OpenViews = Callable[[str], ViewStore]
    NewPlace = Callable[[], OpenViews]


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


@pytest.fixture(params=["sqlite", "postgres"])
def new_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NewPlace]:
    """What makes an empty views database; a call of what it returns opens it for a ledger."""
    opened: list[ViewStore] = []

    def place() -> OpenViews:
        if request.param == "sqlite":
            path = tmp_path / f"views-{len(opened)}.sqlite"
            open_one: OpenViews = lambda ledger: SQLiteViewStore(path, ledger)  # noqa: E731  one of two
        else:
            url = request.getfixturevalue("postgres_server").new_schema()
            open_one = lambda ledger: PostgresViewStore(url, ledger, create=True)  # noqa: E731

        def open_and_remember(ledger: str) -> ViewStore:
            opened.append(open_one(ledger))
            return opened[-1]

        return open_and_remember

    yield place
    for store in opened:
        store.close()


@pytest.fixture
def open_store(new_place: NewPlace) -> OpenViews:
    """What opens the views database of this test, once more with each call."""
    return new_place()


@pytest.fixture
def store(open_store: OpenViews) -> ViewStore:
    """An empty views database."""
    return open_store(ORIGIN)
