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
import os
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.client.book import append_lines, lock_book, read_whole_lines
from ledger.errors import Busy, Fault, Malformed, StorageError

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
    the order of the file, each once a run. Only one program has the book open: two that read the
    same file would each give an id of its own to the same line.
    """

    def __init__(self, path: Path, new_id: Callable[[], str]) -> None:
        """Open the book, until `close`, and read what earlier runs gave.

        Raises:
            Busy: `requests-busy`, when another program has it open.
            StorageError: `ids-unreadable`, when the file is none of ours.
        """
        self._path = path
        self._new_id = new_id
        self._known: dict[str, list[str]] = {}
        self._asked: Counter[str] = Counter()
        try:
            self._lock = lock_book(path)
        except BlockingIOError as error:
            raise Busy(
                "requests-busy",
                f"Un altro programma sta registrando le stesse richieste (tiene {path}):"
                " attendere che finisca; dare di nuovo le richieste non registra nulla due volte.",
            ) from error
        try:
            self._read()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let others open the book."""
        os.close(self._lock)

    def _read(self) -> None:
        for line in read_whole_lines(self._path):
            parts = line.split(" ")
            if len(parts) != _PARTS:
                raise StorageError(
                    "ids-unreadable",
                    f"Il file {self._path} non è quello degli identificativi: spostarlo altrove e"
                    " controllare nella cronologia che cosa è già registrato.",
                )
            self._known.setdefault(parts[2], []).append(parts[1])

    def prepare(self, lines: Iterable[RequestLine]) -> None:
        """Give an id to every line that has none, and keep all of them durably at once."""
        wanted: Counter[str] = Counter()
        added: list[str] = []
        for line in lines:
            ids = self._known.setdefault(line.digest, [])
            wanted[line.digest] += 1
            if wanted[line.digest] > len(ids):
                ids.append(self._new_id())
                added.append(f"{line.number} {ids[-1]} {line.digest}")
        if added:
            append_lines(self._path, added)

    def id_of(self, line: RequestLine) -> str:
        """Return the id of the next line; it was prepared."""
        place = self._asked[line.digest]
        self._asked[line.digest] += 1
        return self._known[line.digest][place]
