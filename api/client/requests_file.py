"""A file of requests, one command a line, and what is known of each line between two runs.

    acts.ndjson              {"command":"register-determina/1", ...}    one a line
    act.json                 one JSON object, on as many lines as one likes
    acts.ndjson.ids          line number, event id, SHA-256 of the line: so that a second run resumes

The id of a line is kept before anything is signed, so that the same line is never recorded twice.
Source: EXPERIENCE section 3, `record`.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.client.book import append_line, read_whole_lines
from ledger.errors import Fault, Malformed, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

LINE_LIMIT = 1024 * 1024
_PARTS = 3


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
            Malformed: `malformed-request`, naming the line, when it is no JSON object, too long
                or too deep.
        """
        sentence = f"riga {self.number}: non è un oggetto JSON"
        if len(self.text) > LINE_LIMIT:
            limit = f"una richiesta ha al massimo {LINE_LIMIT} caratteri"
            raise Malformed(sentence, [Fault("", "malformed-request", limit)])
        try:
            value = json.loads(self.text, object_pairs_hook=_without_duplicates)
        except (ValueError, RecursionError) as error:
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


def read_lines(text: Iterable[str]) -> Iterator[RequestLine]:
    """Yield the requests of a stream of lines; from a line with a lone bracket on, all is one.

    Blank lines and those that begin with # are passed over.
    """
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
    """The ids given to the lines of one file: to the n-th line with the same text, the n-th id.

    A line that moves because others were added or taken out keeps its id. Lines are asked for in
    the order of the file, each once a run.
    """

    def __init__(self, path: Path, new_id: Callable[[], str]) -> None:
        """Read what earlier runs gave.

        Raises:
            StorageError: `ids-unreadable`, when the file is none of ours.
        """
        self._path = path
        self._new_id = new_id
        self._known: dict[str, list[str]] = {}
        self._asked: Counter[str] = Counter()
        for line in read_whole_lines(path):
            parts = line.split(" ")
            if len(parts) != _PARTS:
                raise StorageError(
                    "ids-unreadable",
                    f"Il file {path} non è quello degli identificativi: spostarlo altrove e"
                    " controllare nella cronologia che cosa è già registrato.",
                )
            self._known.setdefault(parts[2], []).append(parts[1])

    def id_of(self, line: RequestLine) -> str:
        """Return the id of a line, given and kept durably the first time."""
        ids = self._known.setdefault(line.digest, [])
        place = self._asked[line.digest]
        self._asked[line.digest] += 1
        if place == len(ids):
            ids.append(self._new_id())
            append_line(self._path, f"{line.number} {ids[place]} {line.digest}")
        return ids[place]
