"""DNSH and checklists: "do no significant harm", sheets, answers, signatures, reviews.

    DA_COMPILARE -> BOZZA -> COMPILATA -> COMPLETATA -> FIRMATA -> (reviews)        SUPERATA

A draft (BOZZA) lacks answers to rows of its template; a list that is COMPILATA has one in each row, of
which some are NON_ANCORA. Without a template the answered rows are the list. A sheet is (edition,
number): numbers differ between editions. An answer newer than a review makes the review stale.
Source: DOMAIN section 7.1; Guida operativa DNSH 2024 (circ. RGS 22/2024) p. 20-21.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.altered import altered
from ledger.domain.compliance_tables import Template
from ledger.domain.files import FileName
from ledger.domain.identifiers import ShortId

Regime = Literal["1", "2", "esente"]
Edition = Literal["2021", "2022", "2024"]
Stage = Literal["ex-ante", "ex-post", "gara", "spesa", "autocontrollo"]
Answer = Literal["SI", "NO", "NON_APPLICABILE", "NON_ANCORA"]
Level = Literal["2", "3"]
Outcome = Literal["OK", "KO"]


@dataclass(frozen=True, kw_only=True)
class RegimeStatement:
    """Which sheets of which edition bind the intervention, and why."""

    regime: Regime
    edition: Edition
    sheets: tuple[int, ...]
    cause: str
    rule_id: str | None = None
    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class RowAnswer:
    """The answer to one row; a later one takes its place and history keeps both."""

    row: str
    answer: Answer
    comment: str | None = None
    remedy: str | None = None
    due_on: date | None = None
    evidence: tuple[FileName, ...] = ()
    on: date
    index: int
    actor: str


@dataclass(frozen=True, kw_only=True)
class Review:
    """The outcome of a second or third level check."""

    level: int
    outcome: Outcome
    row: str | None = None
    comment: str | None = None
    on: date
    index: int
    actor: str


@dataclass(frozen=True, kw_only=True)
class ChecklistSupersession:
    """The list that took the place of another, and why."""

    by: ShortId
    cause: str
    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class Checklist:
    """One checklist with its rows in order of first answer.

    `authors` are all who ever answered or signed, also where another answer has come since.
    """

    checklist: ShortId
    template: str
    version: str
    stage: Stage
    edition: Edition | None = None
    sheet: int | None = None
    opened_on: date
    index: int
    rows: tuple[RowAnswer, ...] = ()
    signed_on: date | None = None
    signed_index: int | None = None
    reviews: tuple[Review, ...] = ()
    authors: frozenset[str] = frozenset()
    superseded: ChecklistSupersession | None = None

    def answered(self, answer: RowAnswer) -> "Checklist":
        """Return the list with the answer in its row; a signature before it no longer stands."""
        place = next(
            (n for n, row in enumerate(self.rows) if row.row == answer.row), len(self.rows)
        )
        return altered(
            self,
            rows=(*self.rows[:place], answer, *self.rows[place + 1 :]),
            signed_on=None,
            signed_index=None,
            authors=self.authors | {answer.actor},
        )

    def signed(self, on: date, index: int, actor: str) -> "Checklist":
        """Return the list with its signature."""
        return altered(self, signed_on=on, signed_index=index, authors=self.authors | {actor})

    @property
    def is_signed(self) -> bool:
        """Return whether it stands signed as it is."""
        return self.signed_index is not None

    @property
    def has_no(self) -> bool:
        """Return whether a row is NO."""
        return any(row.answer == "NO" for row in self.rows)

    @property
    def pending(self) -> tuple[str, ...]:
        """Return the rows answered NON_ANCORA."""
        return tuple(row.row for row in self.rows if row.answer == "NON_ANCORA")

    def unanswered(self, template: Template | None) -> tuple[str, ...]:
        """Return the rows of its template that have no answer."""
        answered = {row.row for row in self.rows}
        rows = template.rows if template is not None else ()
        return tuple(one.row for one in rows if one.row not in answered)

    def to_answer(self, template: Template | None) -> tuple[str, ...]:
        """Return the rows that keep it from being signed; a final list admits no NON_ANCORA."""
        is_final = template is None or template.final
        return (*self.unanswered(template), *(self.pending if is_final else ()))

    def state(self, template: Template | None) -> str:
        """Return the state of DOMAIN 7.1."""
        if self.superseded is not None:
            return "SUPERATA"
        if self.is_signed:
            return "FIRMATA"
        if not self.rows:
            return "DA_COMPILARE"
        if self.unanswered(template):
            return "BOZZA"
        return "COMPILATA" if self.pending else "COMPLETATA"

    @property
    def last_answer_index(self) -> int:
        """Return the place of the newest answer, -1 without any."""
        return max((row.index for row in self.rows), default=-1)


@dataclass(frozen=True)
class Compliance:
    """Regimes and checklists, in order of the log."""

    regimes: tuple[RegimeStatement, ...] = ()
    checklists: tuple[Checklist, ...] = ()

    def checklist(self, key: str) -> Checklist | None:
        """Return the checklist of that short id."""
        return next((found for found in self.checklists if found.checklist == key), None)

    @property
    def current(self) -> tuple[Checklist, ...]:
        """Return the checklists whose place no other has taken."""
        return tuple(found for found in self.checklists if found.superseded is None)

    def determined(self, regime: RegimeStatement) -> "Compliance":
        """Return the compliance with a regime determined."""
        return altered(self, regimes=(*self.regimes, regime))

    def opened(self, checklist: Checklist) -> "Compliance":
        """Return the compliance with one more checklist."""
        return altered(self, checklists=(*self.checklists, checklist))

    def changed(self, checklist: Checklist) -> "Compliance":
        """Return the compliance with that checklist in its new form."""
        return altered(
            self,
            checklists=tuple(
                checklist if found.checklist == checklist.checklist else found
                for found in self.checklists
            ),
        )
