"""Reading: the state of one CUP and all views, against the naive ways to the same rows.

The naive fold reads the same rows with one query, takes the payload out of each, `json.loads` it, and
keeps the data by type: it checks nothing, makes no value of any type, knows no rule and no finding,
and writes nothing. So these ratios say what the whole state, with its findings, and the views cost
over the least one can do.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import ExitStack
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from ledger.journal.journal import Journal
from ledger.journal.row import unpack_payload
from ledger.journal.sqlite import SQLiteRecorder
from ledger.records import load_law
from ledger.views.replay import replay
from ledger.views.runner import Runner
from ledger.views.sqlite import SQLiteViewStore
from tests.bench import big_ledger
from tests.bench.grown_ledger import grown
from tests.bench.harness import Line, at_least, timed
from tests.bench.library import Library
from tests.bench.signing_client import typical_data
from tests.exporters.ledger_writer import ORIGIN

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

AS_OF: Final = date(2026, 6, 30)
GROWN: Final = 10_000
TURNS: Final = 4
_OF_STREAM: Final = """SELECT e.data FROM stream s
    JOIN stream_event p ON p.ledger_id = s.ledger_id AND p.ordinal = s.ordinal
    JOIN event e ON e.ledger_id = p.ledger_id AND e.position = p.position
    WHERE s.name = ? ORDER BY p.seq"""
_ALL: Final = "SELECT data FROM event ORDER BY position"


def lines(folder: Path) -> Generator[Line, None, None]:
    """Yield the reading lines; ledger, views and the library's store are in the folder."""
    with ExitStack() as stack:
        path = folder / "ledger.sqlite"
        recorder = SQLiteRecorder(path, ORIGIN, create=True)
        stack.callback(recorder.close)
        evidence = big_ledger.build(recorder, folder, [])
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

        yield from _rebuilding(folder, stack)


def _rebuilding(folder: Path, stack: ExitStack) -> Generator[Line, None, None]:
    path = grown(GROWN, folder.parent / "bench")
    recorder = SQLiteRecorder(path, ORIGIN)
    stack.callback(recorder.close)
    naive = sqlite3.connect(path)
    stack.callback(naive.close)
    journal = Journal(recorder)
    views = SQLiteViewStore(folder / "views.sqlite", ORIGIN)
    stack.callback(views.close)
    runner = Runner(journal, views, load_law())
    measure = timed(lambda: runner.rebuild, lambda: lambda: _fold(naive, _ALL), 1)
    name = f"rebuild all views, {GROWN:,} events"
    yield Line(name, "json.loads over the same rows", measure, at_least(2))


def _fold(connection: sqlite3.Connection, query: str, *arguments: str) -> dict[str, list[Any]]:
    """Return the data of events until the day, by type."""
    state: dict[str, list[Any]] = {}
    for (row,) in connection.execute(query, arguments):
        payload = unpack_payload(row)
        if payload is not None:
            members = json.loads(payload)
            if (members["occurred_on"] or "") <= AS_OF.isoformat():
                state.setdefault(members["type"], []).append(members["data"])
    return state
