"""What an examination of the log leaves for what is examined after it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ledger.fsck.erasures import Absent, Erasures
from ledger.fsck.finding import Finding, of_log

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class Named:
    """An object of the vault as an event names it: media type, size, index of the event."""

    media_type: str
    size_bytes: int
    index: int


@dataclass(slots=True)
class Outcome:
    """The log as far as it was read; `last` is the last row that is there.

    `is_doubted` when it was read closely; `is_whole` is False when events could not be read, so that
    it is not known whether they name an object that no other event does. `roots` are those that were
    asked for, by size, None when not known; `objects` are by commitment in base64.
    """

    size: int = 0
    last: int = 0
    events: int = 0
    verified: int = 0
    is_doubted: bool = False
    is_whole: bool = True
    roots: dict[int, bytes | None] = field(default_factory=dict)
    objects: dict[str, Named] = field(default_factory=dict)
    erasures: Erasures = field(default_factory=Erasures)
    absent: list[Absent] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def take_objects(self, said: Iterable[tuple[str, str, int, int]]) -> Iterator[Finding]:
        """Take (commitment, media type, size, index); yield what contradicts an earlier event."""
        for commit, media_type, size, index in said:
            named = Named(media_type, size, index)
            first = self.objects.setdefault(commit, named)
            if (first.media_type, first.size_bytes) != (media_type, size):
                sentence = f"dice di un file altro da quanto ne dice la registrazione {first.index}"
                yield of_log("object-said-otherwise", index + 1, sentence)
