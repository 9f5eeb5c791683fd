"""State and history as JSON: canonical (RFC 8785), UTF-8, one line and its line feed.

    {"as_of":"2026-11-24","cup":"C81C22001220006","funding":{...},...,"v":1}

Members are those of the data classes (ledger.domain.statement, exporters.history); a member that
has nothing to say is left out. The same value gives the same bytes, so that a verifier folds the
events and compares. The schemas are schemas/state-1.json and schemas/history-1.json.
Source: RFC 8785; design FORMATS section 6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exporters.history import HistoryHeading
from ledger.domain.shapes import shape_of
from ledger.domain.statement import InterventionState
from ledger.signing.canonical import encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from exporters.history import History, HistoryEntry


def state_to_json(state: InterventionState) -> bytes:
    """Return the canonical JSON of a state, with a final line feed."""
    return encode(shape_of(InterventionState).told(state)) + b"\n"


def history_to_json(history: History) -> bytes:
    """Return the canonical JSON of a history, with a final line feed."""
    plain = shape_of(HistoryHeading).plain(history)
    return encode({**plain, "events": [entry.plain() for entry in history.events]}) + b"\n"


def history_lines(entries: Iterable[HistoryEntry]) -> Iterator[bytes]:
    """Yield each entry as one line of canonical JSON (JSON Lines)."""
    for entry in entries:
        yield encode(entry.plain()) + b"\n"
