"""Keys and signatures as the log is read closely.

Events of keys are folded in order; ranges are judged by other processes meanwhile. Where an event of
keys was changed or is missing, what it enrolled is not known: that later signatures cannot be
verified is then told once a key, with their number, and not once an event.

Source: design FORMATS section 4.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ledger.errors import PistaError
from ledger.fsck.judging import OF_KEYS, JudgeAsk, judge
from ledger.fsck.plan import NEW
from ledger.signing.envelope import parse
from ledger.signing.keys import KeyDirectory

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ledger.fsck.entry import Entry
    from ledger.fsck.finding import Finding
    from ledger.fsck.judging import Judged
    from ledger.fsck.workers import Answer, Workers

_OF_KEYS: Final = ("actor/", "sys/")


class WalkedKeys:
    """The keys so far, and what is being judged."""

    def __init__(self, workers: Workers, origin: str, size: int) -> None:
        """Begin before leaf 0 of a log of so many leaves."""
        self.events = 0
        self.verified = 0
        self._workers = workers
        self._origin = origin
        self._size = size
        self._directory = KeyDirectory()
        self._lost_at: int | None = None
        self._kids: set[str] = set()
        self._begun_at = 0
        self._asked: deque[Answer[Judged]] = deque()
        self._findings: list[tuple[str, Finding]] = []

    def take(self, entry: Entry) -> None:
        """Take the next event."""
        if entry.header is not None:
            self._kids.add(entry.header.kid)
        if not entry.is_of_keys:
            return
        try:
            self._directory.apply(entry.index, parse(entry.raw))
        except PistaError as error:
            if not entry.findings:
                entry.note(error.code, f"registrazione {entry.index}: {error.sentence}")
            self._lose(entry.index)

    def lose(self, index: int, streams: Collection[str]) -> None:
        """Know that an event of these streams cannot be read."""
        if any(name.startswith(_OF_KEYS) for name in streams):
            self._lose(index)

    def pass_by(self, size: int) -> None:
        """Let the leaves so far be judged, when they are enough."""
        if size - self._begun_at >= NEW:
            self._ask(size)

    def judged(self, known: Collection[int | None]) -> Iterator[Finding]:
        """Yield what is found, but for positions where more was found; consequences once a key."""
        self._ask(self._size)
        while self._asked:
            self._settle()
        grouped: dict[tuple[str, str], list[Finding]] = {}
        for kid, found in self._findings:
            at = found.position or 0
            if found.position in known and found.is_fault:
                continue
            if found.code in OF_KEYS and self._lost_at is not None and at > self._lost_at:
                grouped.setdefault((found.code, kid), []).append(found)
            else:
                yield found
        for (_, kid), alike in grouped.items():
            yield _consequence(kid, alike, self._lost_at or 0)

    def _lose(self, index: int) -> None:
        if self._lost_at is None:
            self._lost_at = index

    def _ask(self, size: int) -> None:
        question = JudgeAsk(self._begun_at, size, self._origin, self._directory.extract(self._kids))
        self._asked.append(self._workers.ask(judge, question))
        self._begun_at, self._kids = size, set()
        while len(self._asked) > 3 * self._workers.jobs:
            self._settle()

    def _settle(self) -> None:
        judged = self._asked.popleft().result()
        self.events += judged.events
        self.verified += judged.verified
        self._findings += judged.findings


def _consequence(kid: str, alike: list[Finding], lost_at: int) -> Finding:
    """Return one finding for all events of a key that say the same."""
    first = alike[0]
    if len(alike) == 1:
        return first
    sentence = (
        f"{len(alike)} registrazioni firmate con {kid}, dalla posizione {first.position}: non si"
        f" verificano, perché la registrazione {lost_at} è guasta"
    )
    return replace(first, sentence=sentence)
