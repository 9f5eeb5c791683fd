"""Until when each content is kept, what holds it, whether it may be erased: computed, never stored.

    due date = the latest day of the rules that apply          a hold suspends it
    holds(dossier)                                             the holds in force

A rule applies by what a document is, or because its classification names it. What is not confirmed
by the official text counts for the due date that is told, and not for the one that refuses.
Source: DOMAIN section 8.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from ledger.domain.compliance_tables import RetentionRule
from ledger.domain.dated import on_day
from ledger.domain.documents import Document, PersonContent
from ledger.domain.dossier import Dossier
from ledger.domain.law import Law

OVERRIDING = "ret-overridden-by"  # the rule that lists the legal bases that do not wait
ALL = "intervento"  # the scope of a hold over all contents
Content = Document | PersonContent


@dataclass(frozen=True, kw_only=True)
class HoldInForce:
    """What holds contents: a hold that was set, or what holds by itself."""

    hold: str
    cause: str
    scope: str


@dataclass(frozen=True, kw_only=True)
class KeptBy:
    """A rule that applies to a content, the day it is counted from, and the last on which it does."""

    rule: str
    counted_from: date | None = None
    until: date
    confirmed: bool


@dataclass(frozen=True, kw_only=True)
class KeptContent:
    """A content with the rules that keep it; `due_on` is the latest day of them, by rule `rule_id`."""

    name: str
    commit: str
    index: int
    due_on: date | None = None
    rule_id: str | None = None
    rules: tuple[KeptBy, ...] = ()
    holds: tuple[str, ...] = ()
    erasable: bool = False


def holds(dossier: Dossier) -> tuple[HoldInForce, ...]:
    """Return the holds in force: those that were set, and each open audit by itself."""
    return (
        *(_held(one.hold, one.cause, one.scope) for one in dossier.retention.in_force),
        *(_held(one.audit, "audit", ALL) for one in dossier.audits.open()),
    )


def _held(hold: str, cause: str, scope: str) -> HoldInForce:
    return HoldInForce(hold=hold, cause=cause, scope=scope)


@dataclass(frozen=True)
class Keeper:
    """What a dossier says once for all contents: days that rules count from, holds, names in use."""

    tables: tuple[RetentionRule, ...]
    money: Mapping[str, date]
    is_small: Callable[[RetentionRule], bool]
    albo: Mapping[str, date]
    holds: tuple[HoldInForce, ...]
    names: frozenset[str]

    @classmethod
    def of(cls, dossier: Dossier, law: Law, day: date) -> "Keeper":
        """Return the keeper of a dossier by the rules that are in force on a legal day."""
        funding = int(dossier.funding.statement().valore_post_incremento)
        in_force = holds(dossier)
        named = dossier.documents.files if in_force else ()
        return cls(
            tables=on_day(law.compliance.retention, day),
            money=_money(dossier),
            is_small=lambda rule: rule.small is not None and funding <= rule.small,
            albo=_albo(dossier),
            holds=in_force,
            names=frozenset(name for one in named for name in _names(one)),
        )

    def holding(self, content: Content | None) -> tuple[HoldInForce, ...]:
        """Return the holds over a content; None stands for what is no content of its own."""
        mine = _names(content) if isinstance(content, Document) else frozenset()
        return tuple(one for one in self.holds if one.scope in mine or one.scope not in self.names)

    def kept_by(self, content: Content | None) -> tuple[KeptBy, ...]:
        """Return the rules that apply to a content and have a last day, in order of the table."""
        rules = (rule for rule in self.tables if self._applies(rule, content))
        found = (self._kept_by(rule, content) for rule in rules)
        return tuple(one for one in found if one is not None)

    def _applies(self, rule: RetentionRule, content: Content | None) -> bool:
        """Return whether a rule is of a content by what it is, or by its classification."""
        if rule.applies == "tutto":
            return True
        if not isinstance(content, Document):
            return False
        if content.classification is not None and content.classification.retention == rule.rule:
            return True
        return {
            "servizi": content.item is not None,
            "giustificativi": content.kind in rule.kinds,
            "pubblicati": content.public,
            "albo": self._albo_end(content) is not None,
        }[rule.applies]

    def _kept_by(self, rule: RetentionRule, content: Content | None) -> KeptBy | None:
        """Return until when a rule keeps, None while what it counts from is not there."""
        start = None if rule.basis is None else self._start(rule.basis, content)
        until = rule.until
        if until is None and start is not None:
            years = rule.small_years if self.is_small(rule) else rule.years
            until = year_end(start, years) if rule.whole_years else years_after(start, years)
        if until is None:
            return None
        return KeptBy(rule=rule.rule, counted_from=start, until=until, confirmed=rule.confirmed)

    def _start(self, basis: str, content: Content | None) -> date | None:
        """Return the day of the event that the years run from."""
        if basis in ("erogazione", "saldo"):
            return self.money.get(basis)
        if not isinstance(content, Document):
            return None
        return content.on if basis == "pubblicazione" else self._albo_end(content)

    def _albo_end(self, document: Document) -> date | None:
        """Return the last day at the albo of the act whose file it is, or that it belongs to."""
        return self.albo.get(document.act or "", self.albo.get(document.name))


def running_until(rules: tuple[KeptBy, ...]) -> date | None:
    """Return the last day on which a confirmed rule keeps a content, None when none does."""
    return max((one.until for one in rules if one.confirmed), default=None)


def _names(document: Document) -> frozenset[str]:
    """Return what the scope of a hold may call a document by."""
    own = {str(document.name), document.kind}
    if document.act is not None:
        own.add(str(document.act))
    if document.classification is not None:
        own.add(document.classification.class_)
    return frozenset(own)


def _money(dossier: Dossier) -> dict[str, date]:
    """Return the days of the last disbursement and of the last balance."""
    received = dossier.incomes.disbursements
    balances = [one for one in received if one.kind in ("saldo", "unica")]
    by_basis = {"erogazione": list(received), "saldo": balances}
    return {basis: max(one.on for one in found) for basis, found in by_basis.items() if found}


def _albo(dossier: Dossier) -> dict[str, date]:
    """Return the last day at the albo by key of the act and by name of its file."""
    ends: dict[str, date] = {}
    for act in dossier.acts.values():
        terms = [term.to for term in act.publications]
        if terms:
            ends[act.key] = ends[act.file] = max(terms)
    return ends


def year_end(day: date, years: int) -> date:
    """Return the last day of the year, some years later."""
    return date(day.year + years, 12, 31)


def years_after(day: date, years: int) -> date:
    """Return the same day some years later; of 29 February, where there is none, 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def state_contents(dossier: Dossier, day: date, law: Law) -> tuple[KeptContent, ...]:
    """Return each content that was not erased, with what keeps it, on a legal day."""
    contents: tuple[Content, ...] = (*dossier.documents.files, *dossier.documents.persons)
    keeper = Keeper.of(dossier, law, day)
    return tuple(_kept(one, keeper, day) for one in contents if one.erased is None)


def _kept(content: Content, keeper: Keeper, day: date) -> KeptContent:
    rules = keeper.kept_by(content)
    running = running_until(rules)
    held = tuple(one.hold for one in keeper.holding(content))
    last = max(rules, key=lambda one: one.until, default=None)
    return KeptContent(
        name=content.name,
        commit=content.commit,
        index=content.index,
        due_on=None if last is None else last.until,
        rule_id=None if last is None else last.rule,
        rules=rules,
        holds=held,
        erasable=not held and (running is None or day > running),
    )
