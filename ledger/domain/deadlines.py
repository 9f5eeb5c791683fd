"""Deadlines of a notice: until when the contract is signed, until when the work is completed.

    rule                               notices                        size        contract
    padigitale-1.2-comuni-fino-20000   padigitale-1.2-comuni-2022-04  to 20000    180 days from notification
    padigitale-1.2-comuni-oltre-20000  padigitale-1.2-comuni-2022-04  from 20001  270 days from notification

The clock starts when the decree was *notified*, and with the contract signed first: documents added
later do not move it (FAQ p-011). Of the extensions granted the latest wins. A notice is known by its
code, the band by kind and size of the body on the day of the decree (settings `body.kind` and
`body.size`). What is missing is told, never guessed. Source: DOMAIN sections 5.3, 9.13.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, Literal

from ledger.domain.codes import NoticeCode
from ledger.domain.dated import Dated, on_day
from ledger.domain.days import months_after
from ledger.domain.identifiers import ShortId
from ledger.domain.schedule import DeadlineKind

if TYPE_CHECKING:
    from ledger.domain.dossier import Dossier
    from ledger.domain.funding import FundingEntry
    from ledger.domain.law import Law
    from ledger.domain.registration import Registration

Unit = Literal["days", "months"]
StartOf = Literal["notifica", "contratto"]
Missing = Literal["avviso", "termini", "fascia", "decreto", "notifica", "contratto", "intervento"]
BODY_KIND: Final = "body.kind"
BODY_SIZE: Final = "body.size"


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
        due = start + days if self.unit == "days" else months_after(start, self.count)
        return due if self.not_after is None else min(due, self.not_after)


@dataclass(frozen=True, kw_only=True)
class DeadlineRow(Dated):
    """The two terms of some notices, for bodies of a kind and of a size, both bounds included.

    Without `kind` the notices are of one kind of body; without `least` and `most` of any size.
    """

    rule: str
    notices: tuple[NoticeCode, ...]
    kind: str | None = None
    least: int | None = None
    most: int | None = None
    contratto: Term
    completamento: Term

    def fits(self, kind: str, size: int | None) -> bool:
        """Return whether a body of that kind and size is in the band; a size that is unknown is in none."""
        if self.kind not in {None, kind}:
            return False
        if self.least is None and self.most is None:
            return True
        return (
            size is not None
            and (self.least or 0) <= size
            and (self.most is None or size <= self.most)
        )


@dataclass(frozen=True, kw_only=True)
class DeadlineStatement:
    """One deadline on a day; `missing` says what must be recorded before it can be computed."""

    deadline: DeadlineKind
    notice: NoticeCode | None = None
    due_on: date | None = None
    rule_id: str | None = None
    counted_from: date | None = None
    extension: ShortId | None = None
    missing: Missing | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """What is known of the terms that hold: the notice, its row, or what is missing to find it."""

    notice: NoticeCode | None = None
    row: DeadlineRow | None = None
    missing: Missing | None = None


def state_deadlines(dossier: "Dossier", law: "Law") -> tuple[DeadlineStatement, ...]:
    """Return the two deadlines of an intervention, with the rule that gives each."""
    grant = _grant(dossier)
    found = _terms(dossier, grant, law)
    contract = dossier.contracts.first_signed()
    starts = {
        "notifica": grant.notified_on if grant else None,
        "contratto": contract.on if contract else None,
    }
    kinds: tuple[DeadlineKind, ...] = ("contratto", "completamento")
    return tuple(_deadline(dossier, kind, found, starts) for kind in kinds)


def _deadline(
    dossier: "Dossier", kind: DeadlineKind, found: _Found, starts: dict[str, date | None]
) -> DeadlineStatement:
    """Return a deadline by its term, or by the extension that was granted for longer."""
    if found.row is None:
        return DeadlineStatement(deadline=kind, notice=found.notice, missing=found.missing)
    term = found.row.contratto if kind == "contratto" else found.row.completamento
    start = starts[term.since]
    due = term.due_on(start) if start is not None else None
    granted = dossier.schedule.granted(kind)
    until = granted.granted_until if granted else None
    is_extended = until is not None and (due is None or until > due)
    return DeadlineStatement(
        deadline=kind,
        notice=found.notice,
        due_on=until if is_extended else due,
        rule_id=found.row.rule,
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


def _terms(dossier: "Dossier", grant: "FundingEntry | None", law: "Law") -> _Found:
    """Return the terms of the notice for the body on the day of the decree."""
    if len(dossier.registrations) != 1:
        return _Found(missing="intervento")
    notice = _notice(dossier.registrations[0], law)
    if grant is None:
        return _Found(notice, missing="decreto")
    if notice is None:
        return _Found(missing="avviso")
    day = grant.decree.on
    rows = [row for row in on_day(law.deadlines, day) if notice in row.notices]
    if not rows:
        return _Found(notice, missing="termini")
    size = law.setting(BODY_SIZE, day)
    kind, number = law.setting(BODY_KIND, day), int(size) if size.isdecimal() else None
    fitting = [row for row in rows if row.fits(kind, number)]
    return _Found(notice, fitting[0]) if fitting else _Found(notice, missing="fascia")


def _notice(registration: "Registration", law: "Law") -> NoticeCode | None:
    """Return the code of the notice; an event of before there were codes has its name alone."""
    if registration.notice is not None or registration.avviso is None:
        return registration.notice
    named = law.notices.named(registration.avviso, registration.measure)
    return None if named is None else named.notice
