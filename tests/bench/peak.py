"""One operation in a process of its own, and the peak of its memory in bytes on stdout.

    .venv/bin/python tests/bench/peak.py replay var/bench/grown-10000-1.sqlite
    71303168

The store is read only; views and documents go to a folder that is removed. The peak is that of the
resident set since the program began (VmHWM), which no parent process has a part in.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import closing
from io import BufferedIOBase
from pathlib import Path
from typing import TYPE_CHECKING, Final

from exporters.history import HistoryHeading, history_of
from exporters.to_json import history_lines
from exporters.to_xml import write_history
from ledger.journal.journal import Journal
from ledger.journal.leaf import EventLeaf, parse_leaf
from ledger.journal.row import unpack_leaf, unpack_payload
from ledger.journal.sqlite import SQLiteRecorder
from ledger.records import load_law, read_accepted
from ledger.views.replay import replay
from ledger.views.runner import Runner
from ledger.views.sqlite import SQLiteViewStore
from tests.bench.grown_ledger import cup_of
from tests.exporters.ledger_writer import ORIGIN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from exporters.history import History

HISTORIES: Final = 50
_STATUS: Final = Path("/proc/self/status")


class Nowhere(BufferedIOBase):
    """A file that keeps nothing."""

    def writable(self) -> bool:
        """Take all that is written."""
        return True

    def write(self, data: object, /) -> int:
        """Forget the bytes."""
        return len(memoryview(data))  # type: ignore[arg-type]  # a buffer, as files are given


def replayed(journal: Journal) -> None:
    """Return the state of one CUP."""
    replay(journal, cup_of(0), load_law())


def rebuilt(journal: Journal) -> None:
    """Make all views anew."""
    with tempfile.TemporaryDirectory(dir="var") as folder:
        store = SQLiteViewStore(Path(folder) / "views.sqlite", ORIGIN)
        with closing(store):
            Runner(journal, store, load_law()).rebuild()


def told_as_json(journal: Journal) -> None:
    """Write the histories of fifty CUPs as JSON Lines."""
    for history in _histories(journal):
        for line in history_lines(history.events):
            Nowhere().write(line)


def told_as_xml(journal: Journal) -> None:
    """Write the histories of fifty CUPs as XML."""
    for history in _histories(journal):
        heading = HistoryHeading(v=1, stream=history.stream, size=history.size)
        write_history(Nowhere(), heading, history.events)  # type: ignore[arg-type]  # bytes go in


OPERATIONS: Final[dict[str, Callable[[Journal], None]]] = {
    "replay": replayed,
    "views": rebuilt,
    "json": told_as_json,
    "xml": told_as_xml,
}


def _histories(journal: Journal) -> Iterator[History]:
    """Yield the history of fifty CUPs from all over the log, read as views read it."""
    size, every = journal.size, list(journal.stream_names("cup/"))
    for stream in every[:: max(1, len(every) // HISTORIES)][:HISTORIES]:
        recorded = []
        for index, data in journal.rows_of(journal.stream_indexes(stream, size)):
            leaf, payload = parse_leaf(unpack_leaf(data)), unpack_payload(data)
            if isinstance(leaf, EventLeaf) and payload is not None:
                event = read_accepted(payload, index, leaf.received_at)
                recorded.append((event, leaf.envelope_digest))
        yield history_of(stream, recorded, size=size)


def peak_bytes() -> int:
    """Return the peak of the resident set of this process."""
    found = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(found.split()[1]) * 1024


def main(operation: str, path: str) -> None:
    """Run the operation over the store; print the peak."""
    with closing(SQLiteRecorder(Path(path), ORIGIN)) as recorder:
        OPERATIONS[operation](Journal(recorder))
    sys.stdout.write(f"{peak_bytes()}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
