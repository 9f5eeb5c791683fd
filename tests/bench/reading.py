"""Reading: the state of one CUP and all views, against the naive ways to the same rows.

The naive fold reads the same rows with one query, takes the payload out of the envelope and
`json.loads` it, and keeps the data by type: it checks no grammar, knows no rule and no finding. So
these ratios say what the strict reading and the whole state cost over the least one can do.
"""

from __future__ import annotations

import base64
import json
import sqlite3
from contextlib import ExitStack
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from ledger.domain.identifiers import CUP as CUP_CODE
from ledger.journal.row import unpack
from ledger.journal.sqlite import SQLiteRecorder
from ledger.records import load_law
from ledger.views.replay import replay
from ledger.views.runner import Runner
from ledger.views.sqlite import SQLiteViewStore
from tests.bench import big_ledger
from tests.bench.harness import Line, at_least, timed
from tests.bench.library import Library
from tests.bench.signing_client import typical_data
from tests.exporters.ledger_writer import ORIGIN

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

AS_OF: Final = date(2026, 6, 30)
SMALL_CUPS: Final = 12
TURNS: Final = 4
_OF_STREAM: Final = """SELECT e.data FROM stream s
    JOIN stream_event p ON p.ledger_id = s.ledger_id AND p.ordinal = s.ordinal
    JOIN event e ON e.ledger_id = p.ledger_id AND e.position = p.position
    WHERE s.name = ? ORDER BY p.seq"""
_ALL: Final = "SELECT data FROM event ORDER BY position"


def small_cups(count: int) -> list[str]:
    """Return so many well-formed CUPs."""
    return [str(CUP_CODE.parse(f"C81C2200{number:03}0006")) for number in range(200, 200 + count)]


def lines(folder: Path) -> Generator[Line, None, None]:
    """Yield the reading lines; ledger, views and the library's store are in the folder."""
    with ExitStack() as stack:
        path = folder / "ledger.sqlite"
        recorder = SQLiteRecorder(path, ORIGIN, create=True)
        stack.callback(recorder.close)
        evidence = big_ledger.build(recorder, folder, small_cups(SMALL_CUPS))
        law, journal = load_law(), evidence.journal
        naive = sqlite3.connect(path)
        stack.callback(naive.close)
        library = Library(folder / "library.sqlite")
        stack.callback(library.close)
        for number in range(1, big_ledger.EVENTS + 1):
            library.appending(typical_data(number), [1])()()

        def state() -> object:
            return replay(journal, big_ledger.CUP, law, as_of=AS_OF)

        def folded() -> object:
            return _fold(naive, _OF_STREAM, f"cup/{big_ledger.CUP}")

        name = "state of a CUP of 200 events as of a date"
        measure = timed(lambda: state, lambda: folded, TURNS)
        yield Line(name, "json.loads fold of the same rows", measure, at_least(2))
        measure = timed(lambda: state, lambda: library.getting, TURNS)
        yield Line(name, "eventsourcing 9.5.6 repository.get, 200 events", measure, at_least(3))

        views = SQLiteViewStore(folder / "views.sqlite", ORIGIN)
        stack.callback(views.close)
        runner = Runner(journal, views, law)
        measure = timed(lambda: runner.rebuild, lambda: lambda: _fold(naive, _ALL), 1)
        name = f"rebuild all views, {journal.size:,} leaves"
        yield Line(name, "json.loads over the same rows", measure, at_least(2))


def _fold(connection: sqlite3.Connection, query: str, *arguments: str) -> dict[str, list[Any]]:
    """Return the data of events until the day, by type."""
    state: dict[str, list[Any]] = {}
    for (row,) in connection.execute(query, arguments):
        raw = unpack(row)[1]
        if raw:
            payload = json.loads(_decoded(raw.split(b".")[1]))
            if (payload["occurred_on"] or "") <= AS_OF.isoformat():
                state.setdefault(payload["type"], []).append(payload["data"])
    return state


def _decoded(text: bytes) -> bytes:
    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
