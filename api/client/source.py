"""Where requests come from: a file, or standard input, with the books that belong to it.

    docs/acts.ndjson     docs/acts.ndjson.ids, docs/acts.ndjson.persons; paths relative to docs/
    act.json             the whole file is one request
    -                    outbox/stdin-<SHA-256 of all that was read, 16 digits>.ids and .persons

The same input given again is the same source, so that nothing of it is recorded twice; another
input is another source, whose persons are not those of the first.
Source: EXPERIENCE section 3, `record`.
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from api.client.requests_file import RequestLine, read_lines
from ledger.errors import Fault, Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

STDIN = "-"
_NAME_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Source:
    """The requests of one input; `folder` is what relative paths start from."""

    name: str
    text: str
    folder: Path
    ids: Path
    persons: Path

    def lines(self) -> Iterator[RequestLine]:
        """Yield the requests in their order."""
        if self.name.endswith(".json"):
            yield RequestLine(1, self.text)
        else:
            # Only the line feed ends a line: JSON texts may hold the other separators of Unicode.
            yield from read_lines(self.text.split("\n"))


def open_source(name: str, outbox: Path) -> Source:
    """Return the requests of a file, or of standard input for `-`.

    Raises:
        Malformed: `file-missing`, when it cannot be read or is not UTF-8.
    """
    try:
        data = sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes()
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        sentence = f"il file {name} non si può leggere: {error}"
        raise Malformed(sentence, [Fault("", "file-missing", sentence)]) from error
    if name == STDIN:
        outbox.mkdir(parents=True, exist_ok=True)
        beside = outbox / f"stdin-{hashlib.sha256(data).hexdigest()[:_NAME_DIGITS]}"
        folder = Path.cwd()
    else:
        beside, folder = Path(name), Path(name).parent
    ids, persons = (beside.with_name(f"{beside.name}.{kind}") for kind in ("ids", "persons"))
    return Source(name, text, folder, ids, persons)
