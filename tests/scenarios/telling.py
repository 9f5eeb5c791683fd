"""The words in which a scenario is told: given what is recorded, when this is asked, then this.

    story = given(registered(), determina(), visto())
    answer = story.when(enforceable())
    then_recorded(answer)
    then_refused(story.when(enforceable()), "already-enforceable")
    assert story.act_on(ACT, "2023-02-01").enforceability == "esecutiva"
    assert story.amounts()["pagato"] == "12.000,00"
    assert story.told() == ["Registrato l'intervento ...", "Registrata la determina ..."]

What is asked is a request as people and programs send it; what is shown is the exported state: on a
legal day (`on`), as it was known at the end of a day of receipt (`known_on`). Source: DOMAIN 14.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from ledger.domain.event import Event
from ledger.domain.evolve import fold
from ledger.domain.sentences import sentence
from ledger.domain.statement import state
from ledger.errors import Malformed, Refused
from ledger.records import load_law
from tests.ledger.domain.facts import but
from tests.ledger.domain.worlds import CUP, TODAY, World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.domain.act_statement import ActStatement
    from ledger.domain.law import Law
    from ledger.domain.statement import InterventionState
    from ledger.errors import Fault
    from tests.ledger.domain.worlds import Request


@dataclass
class Story(World):
    """A record that is told; what it shows is in the words of the exported state."""

    by_stream: dict[str, list[Event]] = field(default_factory=dict)
    indexed: int = 0

    def history(self, stream: str, number: int | None = None) -> Sequence[Event]:
        """Return the events of a stream, of the first `number` recorded or of all."""
        for event in self.events[self.indexed :]:
            for name in event.streams:
                self.by_stream.setdefault(name, []).append(event)
        self.indexed = len(self.events)
        found = self.by_stream.get(stream, [])
        return found if number is None else [one for one in found if one.index < number]

    def _forget(self, before: int) -> None:
        """Forget events, in the streams too."""
        super()._forget(before)
        self.by_stream, self.indexed = {}, 0

    def shown(
        self, cup: str = CUP, on: str = TODAY, known_on: str | None = None
    ) -> InterventionState:
        """Return the state of a CUP on a legal day, as known at the end of a day of receipt."""
        number, stream, day = self._known(known_on), f"cup/{cup}", date.fromisoformat(on)
        dossier = fold(stream, self.history(stream, number), as_of=day)
        return state(dossier, as_of=day, known_at=number, known_at_time=None, law=self.law_now())

    def _known(self, on: str | None) -> int:
        """Return how many events were received up to a day, all without one."""
        last = date.fromisoformat(on or "9999-12-31")
        return sum(event.received_on <= last for event in self.events)

    def act_on(
        self, key: str, on: str = TODAY, cup: str = CUP, known_on: str | None = None
    ) -> ActStatement:
        """Return an act as the state of a CUP shows it."""
        [found] = [one for one in self.shown(cup, on, known_on).acts if one.key == key]
        return found

    def amounts(self, cup: str = CUP, on: str = TODAY) -> dict[str, str]:
        """Return the figures of a CUP as the page writes them."""
        shown = self.shown(cup, on)
        return {
            "finanziato": shown.funding.importo_finanziato.format_it(),
            "dopo l'incremento": shown.funding.valore_post_incremento.format_it(),
            "impegnato": shown.spending.committed.format_it(),
            "pagato": shown.spending.paid.format_it(),
        }

    def anomalies(self, cup: str = CUP, on: str = TODAY) -> set[tuple[str, str]]:
        """Return code and subject of the findings of a CUP."""
        return {(one.code, one.subject) for one in self.shown(cup, on).findings}

    def told(self, cup: str = CUP) -> list[str]:
        """Return the sentences of what is recorded on a CUP, in order of the log."""
        return [sentence(event) for event in self.history(f"cup/{cup}")]


def given(*requests: Request, law: Law | None = None) -> Story:
    """Begin a story with facts that must be accepted."""
    story = Story(law=law or load_law())
    story.given(*requests)
    return story


def late(request: Request, received: str) -> Request:
    """Return the request as it comes on that day."""
    return but(request, received=received)


def body_sets(setting: str, value: str) -> Law:
    """Return the law with one setting as the body has decided it."""
    law = load_law()
    rows = tuple(replace(r, value=value) if r.rule == setting else r for r in law.rows)
    assert rows != law.rows, setting
    return replace(law, rows=rows)


def then_recorded(answer: Event | Refused) -> Event:
    """Check that it is recorded, and return it."""
    assert isinstance(answer, Event), str(answer)
    return answer


def then_refused(answer: Event | Refused, code: str, *words: str) -> Refused:
    """Check the refusal by its code and the words of its sentence, and return it."""
    assert isinstance(answer, Refused), "recorded"
    assert answer.code == code, str(answer)
    for word in words:
        assert word in answer.sentence
    return answer


def then_proposed(answer: Event | Refused, code: str, proposal: str | None) -> Fault:
    """Check that the text is refused as one that is not a code, with what was perhaps meant."""
    assert isinstance(answer, Malformed), str(answer)
    [fault] = answer.faults
    assert (fault.code, fault.proposal) == (code, proposal)
    return fault
