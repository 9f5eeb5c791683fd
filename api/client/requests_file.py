"""A file of requests, one command a line, and what is known of each line between two runs.

    acts.ndjson              {"command":"register-determina/1", ...}    one a line, or one JSON object
    acts.ndjson.ids          line number, event id, SHA-256 of the line: so that a second run resumes

The id of a line is kept before anything is signed, so that the same line is never recorded twice.
Source: EXPERIENCE section 3, `record`.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ledger.errors import Fault, Malformed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LINE_LIMIT = 1024 * 1024


@dataclass(frozen=True, slots=True)
class RequestLine:
    """One line: its number from 1, its text."""

    number: int
    text: str

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the text, hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def parse(self) -> dict[str, Any]:
        """Return the request.

        Raises:
            Malformed: `malformed-request`, naming the line, when it is no JSON object.
        """
        sentence = f"riga {self.number}: non è un oggetto JSON"
        try:
            value = json.loads(self.text, object_pairs_hook=_without_duplicates)
        except ValueError as error:
            raise Malformed(sentence, [Fault("", "malformed-request", str(error))]) from error
        if not isinstance(value, dict):
            raise Malformed(sentence, [Fault("", "malformed-request", "serve un oggetto")])
        return value


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        message = "una chiave è scritta due volte"
        raise ValueError(message)
    return found


def read_lines(text: Iterator[str]) -> Iterator[RequestLine]:
    """Yield the requests of a stream of lines; a file that is one JSON object is one request."""
    held: list[str] = []
    for number, raw in enumerate(text, start=1):
        stripped = raw.strip()
        if (not held and stripped in ("{", "[")) or held:
            held.append(raw)
        elif stripped and not stripped.startswith("#"):
            yield RequestLine(number, stripped)
    if held:
        yield RequestLine(1, "".join(held))


class IdBook:
    """The ids given to the lines of one file."""

    def __init__(self, path: Path, new_id: Callable[[], str]) -> None:
        """Read what earlier runs gave."""
        self._path = path
        self._new_id = new_id
        self._known: dict[tuple[int, str], str] = {}
        if path.exists():
            for line in path.read_text(encoding="ascii").splitlines():
                number, event_id, digest = line.split(" ")
                self._known[int(number), digest] = event_id

    def id_of(self, line: RequestLine) -> str:
        """Return the id of a line, given and kept durably the first time."""
        key = (line.number, line.digest)
        if key not in self._known:
            self._known[key] = self._new_id()
            with self._path.open("a", encoding="ascii") as stream:
                stream.write(f"{line.number} {self._known[key]} {line.digest}\n")
                stream.flush()
                os.fsync(stream.fileno())
        return self._known[key]
