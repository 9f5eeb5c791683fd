"""How a finding is declared: code, severity, sentences and source, beside its condition.

    @finding("phase-disagrees-national", severity="serious", it="...", en="...", source="DOMAIN 5.5")
    def phase_disagrees_national(view):
        ...
        yield {"subject": "C81C22001220006", "index": 7, "local": "ESECUZIONE", "state": "E"}

A finding is computed from state and never stored; its identity is (code, subject). The condition
yields the parameters of its sentences: `subject` (natural key), `index` (the event that raised it)
and, where it is not the declared one, `severity`. Source: DOMAIN section 10.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from ledger.domain.dossier import Dossier
    from ledger.domain.law import Law

Severity = Literal["critical", "serious", "minor", "info"]
SEVERITIES: tuple[Severity, ...] = ("critical", "serious", "minor", "info")


@dataclass(frozen=True, slots=True)
class View:
    """What a finding is computed from: one dossier, on one legal day, under dated law."""

    dossier: Dossier
    day: date
    law: Law

    def setting(self, *names: str) -> tuple[int, ...]:
        """Return the thresholds of these settings on the day, whole numbers."""
        return tuple(int(self.law.setting(name, self.day)) for name in names)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One irregularity that is real and recorded (on the pages: anomalia)."""

    code: str
    severity: Severity
    subject: str
    sentence: str
    source: str
    index: int


Raised = Iterator[dict[str, object]]
Condition = Callable[[View], Raised]


@dataclass(frozen=True, slots=True)
class FindingRule:
    """One finding as declared: `it` and `en` are format strings over what the condition yields."""

    code: str
    severity: Severity
    it: str
    en: str
    source: str
    condition: Condition
    of_cup: bool = False

    def find(self, view: View) -> Iterator[Finding]:
        """Yield the findings of this code in the dossier."""
        for raised in self.condition(view):
            yield Finding(
                code=self.code,
                severity=raised.get("severity", self.severity),  # type: ignore[arg-type]  # a Severity by contract
                subject=str(raised["subject"]),
                sentence=self.it.format(**raised),
                source=self.source,
                index=int(str(raised["index"])),
            )


_rules: dict[str, FindingRule] = {}


def finding(  # noqa: PLR0913  the columns of the table
    code: str, *, severity: Severity, it: str, en: str, source: str, of_cup: bool = False
) -> Callable[[Condition], FindingRule]:
    """Declare the decorated condition as the finding of that code.

    `of_cup` says that it is about the CUP itself, also where several interventions share it.
    """

    def declare(condition: Condition) -> FindingRule:
        if code in _rules:
            message = f"declared twice: {code}"
            raise ValueError(message)
        rule = FindingRule(code, severity, it, en, source, condition, of_cup)
        _rules[code] = rule
        return rule

    return declare


def declared_findings() -> Mapping[str, FindingRule]:
    """Return the findings declared so far by code; rules.findings imports them all."""
    return _rules
