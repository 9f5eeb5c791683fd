"""Publication at the albo pretorio: a term, its interruptions and its end.

    non-pubblicata -> in-pubblicazione (interrotta) -> pubblicata -> defissa        ritirata

Terms include both ends. After an interruption the term begins again, or goes on, as the body has set
(`albo.interruption`: restart, resume); the ten days after which a deliberazione has force are counted
from the start of the term or from its end (`albo.count_from`: start, end).

Source: DOMAIN sections 4.3, 8 and 9.13; TUEL arts. 124 c. 1, 134 c. 3; L. 69/2009 art. 32.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from ledger.domain.law import Law
from ledger.domain.taken import taken_over

Version = Literal["integrale", "omissis"]
COUNT_FROM = "albo.count_from"
INTERRUPTION = "albo.interruption"
TEN_DAYS = "tuel-134-3"
TERM_RULES = {"deliberazione": "tuel-124-1", "determina": "albo-determine-days"}


@dataclass(frozen=True, kw_only=True)
class Interval:
    """Days from the first to the last, both included."""

    from_: date
    to: date

    @property
    def days(self) -> int:
        """Return how many days it has."""
        return (self.to - self.from_).days + 1

    def holds(self, day: date) -> bool:
        """Return whether the day is one of them."""
        return self.from_ <= day <= self.to


@dataclass(frozen=True, kw_only=True)
class Withdrawal:
    """The end of a publication before its term."""

    on: date
    index: int
    cause: str
    legal_basis: str
    replaced_by: str | None = None


@dataclass(frozen=True, kw_only=True)
class PublicationTerms:
    """A term at the albo pretorio as it is told; both days included."""

    index: int
    albo_number: str
    from_: date
    to: date
    version: str
    url: str | None = None
    interruptions: tuple[Interval, ...] = ()
    completed_on: date | None = None
    withdrawal: Withdrawal | None = None


@dataclass(frozen=True, kw_only=True)
class Publication(PublicationTerms):
    """A term at the albo pretorio."""

    @property
    def ended_on(self) -> date | None:
        """Return the day of the defissione or of the withdrawal, None when neither is recorded."""
        return self.withdrawal.on if self.withdrawal is not None else self.completed_on

    def is_ended_by(self, day: date) -> bool:
        """Return whether it had ended by that day."""
        return self.ended_on is not None and self.ended_on <= day

    def state_on(self, day: date) -> str:
        """Return the state of the track of publication on that day."""
        if day < self.from_:
            return "non-pubblicata"
        if self.withdrawal is not None and self.withdrawal.on <= day:
            return "ritirata"
        if self.completed_on is not None and self.completed_on <= day:
            return "defissa"
        if any(one.holds(day) for one in self.interruptions):
            return "interrotta"
        return "in-pubblicazione" if day <= self.to else "pubblicata"

    def starts_on(self, law: Law) -> date:
        """Return the day from which the term is counted: anew after an interruption, or not."""
        if self.interruptions and law.setting(INTERRUPTION, self.from_) == "restart":
            return self.interruptions[-1].to + timedelta(days=1)
        return self.from_

    def days(self, law: Law) -> int:
        """Return for how many days it is published, without those of an interruption."""
        start = self.starts_on(law)
        lost = sum(one.days for one in self.interruptions if one.from_ >= start)
        return (self.to - start).days + 1 - lost

    def enforceable_from(self, law: Law) -> date | None:
        """Return the first day on which a deliberazione has force by tuel-134-3.

        None when the rule sets no number of days on the day on which the publication begins.
        """
        days = law.days(TEN_DAYS, self.from_)
        if days is None:
            return None
        if law.setting(COUNT_FROM, self.from_) == "end":
            return self.to + timedelta(days=days)
        start = self.starts_on(law)
        first = start + timedelta(days=days)
        for one in self.interruptions:
            if one.from_ >= start and one.from_ < first:
                first += timedelta(days=one.days)
        return first

    def whole_on(self, days: int, law: Law) -> date:
        """Return the last of so many days at the albo, counted as the body has set."""
        start = self.starts_on(law)
        last = start + timedelta(days=days - 1)
        for one in self.interruptions:
            if start <= one.from_ <= last:
                last += timedelta(days=one.days)
        return last


@dataclass(frozen=True, kw_only=True)
class PublicationStatement(PublicationTerms):
    """A term with the days that law computes of it, each by the rule in force when it began.

    `counted_from` follows `albo.interruption`; `whole_on` is the last of the days that `term_rule`
    asks; `enforceable_from` is the first day of force by `rule_id`, counted as `albo.count_from` says,
    None when it was withdrawn before.
    """

    days: int
    counted_from: date
    whole_on: date | None = None
    term_rule: str | None = None
    enforceable_from: date | None = None
    rule_id: str | None = None


def state_publication(term: Publication, kind: str, law: Law) -> PublicationStatement:
    """Return a term of an act of that kind with the days that law computes of it."""
    rule = TERM_RULES.get(kind)
    least = None if rule is None else law.days(rule, term.from_)
    first = term.enforceable_from(law) if kind == "deliberazione" else None
    if first is not None and term.withdrawal is not None and term.withdrawal.on < first:
        first = None
    return taken_over(
        PublicationStatement,
        term,
        days=term.days(law),
        counted_from=term.starts_on(law),
        whole_on=None if least is None else term.whole_on(least, law),
        term_rule=None if least is None else rule,
        enforceable_from=first,
        rule_id=None if first is None else TEN_DAYS,
    )
