"""How a refusal is declared: code, sentences, source in law and way out, beside the condition.

    @refusal("phase-not-entered", it="La fase {phase} non risulta avviata.", en="...",
             source="controllo nazionale 042", remedy="enter-phase/1")
    def phase_not_entered(event, situation):
        ...
        yield {"item": "ESECUZIONE", "phase": "ESECUZIONE"}

The condition yields the parameters of its sentences, `item` among them; yielding means refusing. A
`remedy` that it yields takes the place of the declared one.
Source: DOMAIN section 9.12, which also gives the order in which refusals are answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger.domain.event import Event
    from ledger.domain.situation import Situation

Broken = Iterator[dict[str, object]]
Condition = Callable[["Event", "Situation"], Broken]


@dataclass(frozen=True, slots=True)
class Rule:
    """One refusal: `it` and `en` are format strings over what the condition yields."""

    code: str
    it: str
    en: str
    source: str
    remedy: str
    condition: Condition

    def check(self, event: Event, situation: Situation) -> Iterator[Refused]:
        """Yield a Refused for each way in which the event breaks the rule."""
        for found in self.condition(event, situation):
            yield Refused(
                self.code,
                self.it.format(**found),
                english=self.en.format(**found),
                source=self.source,
                item=str(found.get("item", "")),
                remedy=str(found.get("remedy", self.remedy)),
            )


_rules: dict[str, Rule] = {}


def refusal(
    code: str, *, it: str, en: str, source: str, remedy: str
) -> Callable[[Condition], Rule]:
    """Declare the decorated condition as the rule of that code."""

    def declare(condition: Condition) -> Rule:
        if code in _rules:
            message = f"declared twice: {code}"
            raise ValueError(message)
        rule = Rule(code, it, en, source, remedy, condition)
        _rules[code] = rule
        return rule

    return declare


def declared_rules() -> Mapping[str, Rule]:
    """Return the rules declared so far by code; events.catalogue has imported them all."""
    return _rules
