"""Writing a history: JSON Lines against the XML of the same entries, element by element.

Our XML is what a per-element `lxml.etree.xmlfile` writer gives, so it is the base here and has no line
of its own. The entries are those of a CUP of 200 events, made before.
"""

from __future__ import annotations

from contextlib import closing
from io import BytesIO
from typing import TYPE_CHECKING, Final

from exporters.history import HistoryHeading, history_of
from exporters.state_files import read_stream
from exporters.to_json import history_lines
from exporters.to_xml import write_history
from ledger.journal.sqlite import SQLiteRecorder
from tests.bench import big_ledger
from tests.bench.harness import Line, at_least, timed
from tests.exporters.ledger_writer import ORIGIN

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

TURNS: Final = 4


def lines(folder: Path) -> Generator[Line, None, None]:
    """Yield the line; the ledger is in the folder."""
    with closing(SQLiteRecorder(folder / "ledger.sqlite", ORIGIN, create=True)) as recorder:
        evidence = big_ledger.build(recorder, folder, [])
        size, stream = evidence.last_head(), f"cup/{big_ledger.CUP}"
        entries = history_of(stream, list(read_stream(evidence, stream, size)), size=size).events
    heading = HistoryHeading(v=1, stream=stream, size=size)

    def ours() -> object:
        return b"".join(history_lines(entries))

    def base() -> object:
        return write_history(BytesIO(), heading, entries)

    measure = timed(lambda: ours, lambda: base, TURNS)
    name = f"write a history of {len(entries)} events as JSON Lines"
    yield Line(
        name, "the same as XML, a per-element lxml.etree.xmlfile writer", measure, at_least(4)
    )
