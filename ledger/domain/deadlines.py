"""Deadlines of a notice: until when the contract is signed, until when the work is completed.

    rule                              band         contract                     completion
    padigitale-1.2-comuni-fino-20000  fino-20000   180 days from notification   450 days from contract
    padigitale-1.2-comuni-oltre-20000 oltre-20000  270 days from notification   540 days from contract

The clock starts when the decree was *notified*, and with the contract signed first: documents added
later do not move it (FAQ p-011). Of the extensions granted the latest wins. Which band holds is told
by a row of the law for the body (`deadline-band:c_e506`); without it a date is computed only where
the notice has one band. What is missing is told, never guessed. Source: DOMAIN sections 5.3, 9.13.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from ledger.domain.dated import Dated
from ledger.domain.identifiers import ShortId
from ledger.domain.schedule import DeadlineKind

if TYPE_CHECKING:
    from ledger.domain.dossier import Dossier
    from ledger.domain.funding import FundingEntry
    from ledger.domain.law import Law

Unit = Literal["days", "months"]
StartOf = Literal["notifica", "contratto"]
Missing = Literal["avviso", "fascia", "decreto", "notifica", "contratto", "intervento"]


@dataclass(frozen=True, kw_only=True)
class Term:
    """So many days or months from a fact, and not after a day."""

    count: int
    unit: Unit
    since: StartOf
    not_after: date | None = None

    def due_on(self, start: date) -> date:
        """Return the last day of a term that starts with a fact of that day."""
        days = timedelta(days=self.count)
        due = start + days if self.unit == "days" else _months_after(start, self.count)
        return due if self.not_after is None else min(due, self.not_after)


@dataclass(frozen=True, kw_only=True)
class DeadlineRow(Dated):
    """The two terms of a notice for a band; the notice is known by words of its name."""

    rule: str
    notice: tuple[str, ...]
    band: str
    contratto: Term
    completamento: Term

    def is_of(self, words: frozenset[str], day: date) -> bool:
        """Return whether the row is of that notice and holds on that legal day."""
        return words.issuperset(self.notice) and self.in_force(day)


@dataclass(frozen=True, kw_only=True)
class DeadlineStatement:
    """One deadline on a day; `missing` says what must be recorded before it can be computed."""

    deadline: DeadlineKind
    due_on: date | None = None
    rule_id: str | None = None
    counted_from: date | None = None
    extension: ShortId | None = None
    missing: Missing | None = None


def state_deadlines(dossier: "Dossier", law: "Law") -> tuple[DeadlineStatement, ...]:
    """Return the two deadlines of an intervention, with the rule that gives each."""
    grant = _grant(dossier)
    row, missing = _row(dossier, grant, law)
    contract = dossier.contracts.first_signed()
    starts = {
        "notifica": grant.notified_on if grant else None,
        "contratto": contract.on if contract else None,
    }
    if row is None:
        kinds: tuple[DeadlineKind, ...] = ("contratto", "completamento")
        return tuple(DeadlineStatement(deadline=kind, missing=missing) for kind in kinds)
    return (
        _deadline(dossier, "contratto", row, row.contratto, starts),
        _deadline(dossier, "completamento", row, row.completamento, starts),
    )


def _deadline(
    dossier: "Dossier",
    kind: DeadlineKind,
    row: DeadlineRow,
    term: Term,
    starts: dict[str, date | None],
) -> DeadlineStatement:
    """Return a deadline by its term, or by the extension that was granted for longer."""
    start = starts[term.since]
    due = term.due_on(start) if start is not None else None
    granted = dossier.schedule.granted(kind)
    until = granted.granted_until if granted else None
    is_extended = until is not None and (due is None or until > due)
    return DeadlineStatement(
        deadline=kind,
        due_on=until if is_extended else due,
        rule_id=row.rule,
        counted_from=start,
        extension=granted.extension if granted and is_extended else None,
        missing=None if is_extended or due is not None else term.since,
    )


def _grant(dossier: "Dossier") -> "FundingEntry | None":
    """Return the last grant on the PNRR, the one whose clock runs."""
    granted = [
        entry
        for entry in dossier.funding.entries
        if entry.cause == "concessione" and any(m.source == "PNRR" for m in entry.movements)
    ]
    return max(granted, key=lambda entry: (entry.decree.on, entry.index), default=None)


def _row(
    dossier: "Dossier", grant: "FundingEntry | None", law: "Law"
) -> tuple[DeadlineRow | None, Missing]:
    """Return the row of the notice for the band of the body, or what is missing to find it."""
    if len(dossier.registrations) != 1:
        return None, "intervento"
    [registration] = dossier.registrations
    if grant is None:
        return None, "decreto"
    day = grant.decree.on
    words = _words(registration.avviso or "")
    rows = [row for row in law.deadlines if row.is_of(words, day)]
    if not rows:
        return None, "avviso"
    setting = law.row(f"deadline-band:{registration.body.ipa}", day)
    banded = [row for row in rows if setting is not None and row.band == setting.value]
    if len(rows) > 1 and len(banded) != 1:
        return None, "fascia"
    return (rows[0] if len(rows) == 1 else banded[0]), "fascia"


def _words(notice: str) -> frozenset[str]:
    """Return the words of the name of a notice, in lower case; `1.2` is one."""
    kept = "".join(c if c.isalnum() or c == "." else " " for c in notice.lower())
    return frozenset(word.strip(".") for word in kept.split())


def _months_after(day: date, months: int) -> date:
    """Return the same day of a later month, or its last day where it has no such day."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
