"""How a finding stands: open, acknowledged, remedied, closed; its identity is (code, subject).

An acknowledgement counts for what was raised before it: what a later event raises is open again. One
that names its remedy makes it remedied. A finding that was acknowledged and is no longer true is
closed. Source: DOMAIN section 10.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.checks import Acknowledgement, Checks
from ledger.domain.dossier import Dossier
from ledger.domain.law import Law
from ledger.domain.rules.finding import Finding, Severity, View, declared_findings

Standing = Literal["open", "acknowledged", "remedied", "closed"]


@dataclass(frozen=True, kw_only=True)
class FindingStatement:
    """A finding as the exported state shows it, with what was said of it.

    `intervention` is, where several share the CUP, the place of the registration of the one it is of.
    """

    code: str
    severity: Severity
    subject: str
    sentence: str
    source: str
    index: int
    state: Standing
    history: tuple[Acknowledgement, ...] = ()
    intervention: int | None = None


@dataclass(frozen=True, kw_only=True)
class PastFinding:
    """A finding that was acknowledged and is no longer true."""

    code: str
    subject: str
    state: Standing
    history: tuple[Acknowledgement, ...] = ()
    intervention: int | None = None


def open_findings(code: str, dossier: Dossier, day: date, law: Law) -> Iterator[Finding]:
    """Yield the findings of a code that are true on a day and that nobody has acknowledged."""
    rule = declared_findings().get(code)
    if rule is not None:
        for one in rule.find(View(dossier, day, law)):
            if standing(one, dossier.checks) == "open":
                yield one


def standing(found: Finding, checks: Checks) -> Standing:
    """Return how a finding that is true stands."""
    said = checks.acknowledged(found.code, found.subject)
    last = said[-1] if said else None
    if last is None or last.index <= found.index:
        return "open"
    return "acknowledged" if last.remedy is None else "remedied"


def state_findings(found: Iterable[Finding], checks: Checks) -> tuple[FindingStatement, ...]:
    """Return the findings that are true, each with how it stands."""
    return tuple(
        FindingStatement(
            **{name: getattr(one, name) for name in Finding.__dataclass_fields__},
            state=standing(one, checks),
            history=checks.acknowledged(one.code, one.subject),
        )
        for one in found
    )


def past_findings(found: Iterable[Finding], checks: Checks) -> tuple[PastFinding, ...]:
    """Return the findings that were acknowledged and are not among those that are true."""
    true = {(one.code, one.subject) for one in found}
    past = dict.fromkeys((one.code, one.subject) for one in checks.acknowledgements)
    return tuple(_past(*of, checks) for of in past if of not in true)


def _past(code: str, subject: str, checks: Checks) -> PastFinding:
    said = checks.acknowledged(code, subject)
    state: Standing = "closed" if said[-1].remedy is None else "remedied"
    return PastFinding(code=code, subject=subject, state=state, history=said)
