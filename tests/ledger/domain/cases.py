"""Rows of the tables of decisions: what is accepted and changes the dossier, what is refused.

Accepted(given, when, shows, becomes)    `shows` of the dossier is `becomes` after, not before
Refusal(given, when, code)               `code` is the first answer, and nothing is recorded
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ledger.domain.event import Event
from ledger.domain.sentences import sentence
from ledger.errors import Refused
from tests.ledger.domain.worlds import CUP, World

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
        assert self.shows(world.dossier(self.stream)) == self.becomes
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
