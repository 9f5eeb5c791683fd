"""Keys and signatures as the log is read closely.

Events of keys are folded in order; ranges are judged by other processes meanwhile. Where an event of
keys was changed or is missing, what it enrolled is not known: that later events cannot be verified is
then told once for all that say the same, with their number.

Source: design FORMATS section 4.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ledger.errors import PistaError
from ledger.fsck.finding import Finding, of_log
from ledger.fsck.judging import CHAIN_BROKEN, OF_KEYS, JudgeAsk, judge
from ledger.fsck.plan import NEW
from ledger.signing.envelope import parse
from ledger.signing.keys import KeyDirectory

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ledger.fsck.entry import Entry
    from ledger.fsck.judging import Judged
    from ledger.fsck.workers import Answer, Workers

_OF_KEYS: Final = ("actor/", "sys/log")


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
        self._findings: list[Finding] = []
        self._consequences: dict[str, list[Finding]] = {}

    def take(self, entry: Entry) -> None:
        """Take the next event."""
        if entry.header is not None:
            self._kids.add(entry.header.kid)
        if not entry.is_of_keys:
            return
        try:
            self._directory.apply(entry.index, parse(entry.raw))
        except PistaError as error:
            sentence = f"registrazione {entry.index}: {error.sentence}"
            if self._lost_at is not None:
                found = of_log(error.code, entry.position, sentence)
                self._consequences.setdefault(error.code, []).append(found)
            elif not entry.findings:
                entry.note(error.code, sentence)
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
        """Yield what is found, but for positions where more was found; consequences together.

        The chain is compared where the streams are (ends.py), with what must have been there.
        """
        self._ask(self._size)
        while self._asked:
            self._settle()
        for found in self._findings:
            at = found.position or 0
            if found.is_fault and (found.position in known or found.code == CHAIN_BROKEN):
                continue
            if found.code in OF_KEYS and self._lost_at is not None and at > self._lost_at:
                self._consequences.setdefault(found.code, []).append(found)
            else:
                yield found
        for alike in self._consequences.values():
            yield _consequence(alike, self._lost_at or 0)

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


def _consequence(alike: list[Finding], lost_at: int) -> Finding:
    """Return one finding for all events that say the same after an event of keys was lost."""
    first = min(alike, key=lambda found: found.position or 0)
    if len(alike) == 1:
        return first
    sentence = (
        f"{len(alike)} registrazioni, dalla posizione {first.position}, non si verificano perché la"
        f" registrazione {lost_at} è guasta o manca"
    )
    return replace(first, sentence=sentence)
