"""What the command line prints: data on stdout, progress and errors on stderr.

    --json   NDJSON, one object a line: {"schema":"pista.cli/1","kind":"item|warning|summary",...}

Source: EXPERIENCE section 3.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

from ledger.errors import Conflict, Malformed, PistaError, Refused, ShapeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SCHEMA = "pista.cli/1"


def language() -> str:
    """Return `it`, or `en` when PISTA_LANG asks for it."""
    return "en" if os.environ.get("PISTA_LANG", "").lower().startswith("en") else "it"


def line(text: str = "") -> None:
    """Print one line of data."""
    sys.stdout.write(text + "\n")


def flush() -> None:
    """Let the reader have what was printed, even when the program is stopped right after."""
    sys.stdout.flush()


def note(text: str) -> None:
    """Print one line of progress."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def data(kind: str, members: Mapping[str, Any]) -> None:
    """Print one JSON line."""
    line(json.dumps({"schema": SCHEMA, "kind": kind, **members}, ensure_ascii=False))


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under their headings, in columns as wide as they need; the last one is free."""
    every = [list(headings), *[list(row) for row in rows]]
    widths = [max(len(row[column]) for row in every) for column in range(len(headings))]
    for row in every:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        line("  ".join(cells).rstrip())


def sentence_of(error: PistaError) -> str:
    """Return the sentence of an error in the language of the person."""
    english = getattr(error, "english", "")
    return english if english and language() == "en" else error.sentence


def describe(error: PistaError) -> dict[str, Any]:
    """Return the members that a program reads of an error."""
    members: dict[str, Any] = {"code": error.code, "sentence": sentence_of(error)}
    if isinstance(error, Refused):
        members |= {"item": error.item, "source": error.source, "remedy": error.remedy}
        members["others"] = [other.code for other in error.others]
    if isinstance(error, Conflict):
        members["heads"] = error.heads
    if isinstance(error, Malformed):
        members["errors"] = [
            {"pointer": f.pointer, "code": f.code, "sentence": f.sentence, "proposal": f.proposal}
            for f in error.faults
        ]
    if isinstance(error, ShapeError) and error.proposal:
        members["proposal"] = error.proposal
    return members


def explain(error: PistaError) -> None:
    """Print an error for a person: code, sentence, item, what to do."""
    note(f"{error.code}: {sentence_of(error)}")
    if isinstance(error, Malformed):
        for fault in error.faults:
            proposal = f" Forse: {fault.proposal}" if fault.proposal else ""
            note(f"  {fault.pointer or '/'}  {fault.code}: {fault.sentence}{proposal}")
    if isinstance(error, Refused):
        _explain_refusal(error)
    if isinstance(error, ShapeError) and error.proposal:
        note(f"  forse: {error.proposal}")


def _explain_refusal(error: Refused) -> None:
    for name, count in sorted(error.heads.items()) if isinstance(error, Conflict) else ():
        note(f"  ora: {name} ha {count} registrazioni")
    if error.item:
        note(f"  riguarda: {error.item}")
    if error.source:
        note(f"  fonte: {error.source}")
    if error.remedy:
        note(f"  rimedio: {error.remedy}")
    for other in error.others:
        note(f"  inoltre {other.code}: {sentence_of(other)}")
