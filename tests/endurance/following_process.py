"""A program that follows a log while others write it, and says what it saw.

    python -m tests.endurance.following_process HOME subscription|pages FOLDER

It reads until the file `end` in the folder names the last position, and prints how many rows it saw
and the SHA-256 of all of them: position, leaf and envelope. A gap, or a row that comes twice, ends
it with an error.
"""

from __future__ import annotations

import hashlib
import json
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from api.home import Home
from ledger.journal.opening import open_recorder
from ledger.journal.row import unpack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventsourcing.dcb.api import DCBSequencedEvent

    from ledger.journal.recorder import JournalRecorder

PAGE = 50
PAUSE = 0.02


class Digest:
    """The rows that were seen, in their order."""

    def __init__(self) -> None:
        """Begin before the first row."""
        self.position = 0
        self._digest = hashlib.sha256()

    def add(self, position: int, data: bytes) -> None:
        """Add the next row; AssertionError when it is another one."""
        assert position == self.position + 1, f"{position} after {self.position}"
        self.position = position
        leaf, envelope = unpack(data)
        for part in (position.to_bytes(8, "big"), leaf, envelope):
            self._digest.update(len(part).to_bytes(4, "big") + part)

    def hex(self) -> str:
        """Return the digest of all rows."""
        return self._digest.hexdigest()


def digest_of(recorder: JournalRecorder) -> Digest:
    """Return what one who reads the whole log sees now."""
    seen = Digest()
    while page := recorder.rows(seen.position, 500):
        for row in page:
            seen.add(row.position, row.event.data)
    return seen


def last_position(folder: Path) -> int | None:
    """Return where the log ends, once it is known."""
    end = folder / "end"
    return int(end.read_text(encoding="ascii")) if end.exists() else None


def by_subscription(recorder: JournalRecorder, folder: Path) -> Iterator[DCBSequencedEvent]:
    """Yield rows as they come, from one subscription; one thread watches for the end."""
    seen = 0
    with recorder.subscribe(after=0, poll_seconds=PAUSE) as rows:

        def watch() -> None:
            while (last := last_position(folder)) is None or seen < last:
                time.sleep(PAUSE)
            rows.stop()

        threading.Thread(target=watch, daemon=True).start()
        for row in rows:
            yield row
            seen = row.position


def by_pages(recorder: JournalRecorder, folder: Path) -> Iterator[DCBSequencedEvent]:
    """Yield rows page after page; a page that is not full is the end for now."""
    seen = 0
    while (last := last_position(folder)) is None or seen < last:
        page = recorder.rows(seen, PAGE)
        yield from page
        seen += len(page)
        if len(page) < PAGE:
            time.sleep(PAUSE)


def main(home: str, how: str, folder: str) -> None:
    """Follow, then tell."""
    place = Home(Path(home))
    settings = place.read_settings()
    recorder = open_recorder(place.journal_address(settings), settings.origin)
    seen = Digest()
    follow = {"subscription": by_subscription, "pages": by_pages}[how]
    for row in follow(recorder, Path(folder)):
        seen.add(row.position, row.event.data)
    recorder.close()
    told = {"kind": "followed", "how": how, "rows": seen.position, "digest": seen.hex()}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
