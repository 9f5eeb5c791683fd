"""Rows of the tables of decisions: what is accepted and changes the dossier, what is refused.

Accepted(given, when, shows, becomes)    `shows` of the dossier is `becomes` after, not before
Refusal(given, when, code)               `code` is the first answer, and nothing is recorded
Raised(given, code, subjects, on)         the findings of `code` on a day are about these
Told(given, when, reasons)                 all that is refused of it, code and item
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ledger.domain.event import Event
from ledger.domain.sentences import sentence
from ledger.errors import Refused
from tests.ledger.domain.worlds import CUP, TODAY, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.ledger.domain.worlds import Request

Given = tuple["Request", ...]


@dataclass(frozen=True)
class Accepted:
    """A request that is recorded; what `shows` finds in the dossier of the stream becomes that."""

    given: Given
    when: Request
    shows: Callable[[Any], Any]  # of a Dossier; what is not there shows as an error of the test
    becomes: object
    stream: str = CUP

    def check(self) -> None:
        """Check that it is recorded, changes the dossier as said, and can be told."""
        world = World().given(*self.given)
        assert self._before(world.dossier(self.stream)) != self.becomes
        answer = world.when(self.when)
        assert isinstance(answer, Event), answer
        shown = self.shows(world.dossier(self.stream))
        assert shown == self.becomes, shown
        told = sentence(answer)
        assert told
        assert "{" not in told
        assert "None" not in told

    def _before(self, dossier: object) -> object:
        """Return what is shown of what may not be there yet."""
        try:
            return self.shows(dossier)
        except (AttributeError, LookupError):
            return self.shows


@dataclass(frozen=True)
class Refusal:
    """A request that is refused with this code."""

    given: Given
    when: Request
    code: str

    def check(self) -> None:
        """Check the first answer, that it is told in two languages, and that nothing is recorded."""
        world = World().given(*self.given)
        answer = world.when(self.when)
        assert isinstance(answer, Refused), "recorded"
        assert answer.code == self.code, str(answer)
        assert answer.sentence.rstrip(".») ")
        assert "None" not in answer.sentence + answer.english
        assert len(world.events) == len(self.given)


@dataclass(frozen=True)
class Raised:
    """Facts that raise a finding of a code about these subjects on a day, in order, and no other."""

    given: Given
    code: str
    subjects: tuple[str, ...]
    on: str = TODAY

    def check(self) -> None:
        """Check the subjects, none of them when there are none."""
        found = World().given(*self.given).findings(as_of=self.on)
        subjects = tuple(one.subject for one in found if one.code == self.code)
        assert subjects == self.subjects, subjects


@dataclass(frozen=True)
class Told:
    """A request that is refused for these reasons, each with its item, and for no other."""

    given: Given
    when: Request
    reasons: tuple[tuple[str, str], ...]

    def check(self) -> None:
        """Check code and item of every reason, in the order in which they are told."""
        answer = World().given(*self.given).when(self.when)
        assert isinstance(answer, Refused), "recorded"
        told = tuple((one.code, one.item) for one in (answer, *answer.others))
        assert told == self.reasons, told
