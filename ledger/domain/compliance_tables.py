"""What the law asks of DNSH, checks, checklists and keeping, as tables that the ledger adopts.

    sheets      2024  6   hosting e cloud               key of a sheet = (edition, number)
    due         M1C1I1.2  sheets 3 6 8                  over legal days
    templates   dnsh-6-ex-post 2024  rows, final        which rows demand evidence
    checks      ardi4  double-funding-checked           what an attestation rests on
    retention   ret-rrf  tutto  2031-12-31              until when contents are kept

The rows are data (schemas/codes: dnsh_sheets.json, dnsh_due.json, checklists.json, checks.json and
retention.json); the domain receives them as values. Source: DOMAIN sections 7.1, 7.2, 8 and 9.13.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.dated import Dated, on_day
from ledger.domain.identifiers import Measure
from ledger.domain.money import EUR

Kept = Literal["tutto", "servizi", "giustificativi", "pubblicati", "albo"]
Basis = Literal["erogazione", "saldo", "pubblicazione", "albo"]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One sheet of an edition of the guide."""

    edition: str
    number: int
    title: str
    source: str


@dataclass(frozen=True, kw_only=True)
class SheetsDue(Dated):
    """Which sheets a measure has to answer."""

    rule: str
    measure: Measure
    sheets: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class TemplateRow:
    """One question; `evidence` says that SI needs a file."""

    row: str
    text: str
    evidence: bool = False


@dataclass(frozen=True, kw_only=True)
class Template:
    """The questions of a list by (template, version); a `final` one admits no NON_ANCORA."""

    template: str
    version: str
    rows: tuple[TemplateRow, ...]
    final: bool = False
    source: str

    def row(self, name: str) -> TemplateRow | None:
        """Return the question of that name, None when the template does not have it."""
        return next((one for one in self.rows if one.row == name), None)


@dataclass(frozen=True, kw_only=True)
class Check(Dated):
    """What an attestation rests on: a file, and events of these types in the record.

    `findings` are those that contradict it while they are open and critical; `dnsh` says that an
    ex post NO or uncovered days of a certificate do.
    """

    check: str
    name: str
    mandatory: Literal["si", "misura"]
    evidence: str
    demands: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    dnsh: bool = False


@dataclass(frozen=True, kw_only=True)
class RetentionRule(Dated):
    """Until when something is kept: a fixed day, or years after the end of the year of an event.

    `kinds` are the kinds of document that it is of, where `applies` is `giustificativi`;
    `basis` is the event that the years run from; `whole_years` counts them from the 31 December of
    its year; up to `small` euro of funding, `small_years` take their place. What is not `confirmed`
    is told, and refuses nothing.
    """

    rule: str
    what: str
    applies: Kept
    kinds: tuple[str, ...] = ()
    until: date | None = None
    basis: Basis | None = None
    years: int = 0
    whole_years: bool = False
    small: EUR | None = None
    small_years: int = 0
    confirmed: bool = False


@dataclass(frozen=True, kw_only=True)
class ComplianceTables:
    """The tables, in the order of their files."""

    sheets: tuple[Sheet, ...] = ()
    due: tuple[SheetsDue, ...] = ()
    templates: tuple[Template, ...] = ()
    checks: tuple[Check, ...] = ()
    retention: tuple[RetentionRule, ...] = ()

    def title(self, edition: str, number: int) -> str | None:
        """Return the title of a sheet, None when the table does not have it."""
        named = (one for one in self.sheets if (one.edition, one.number) == (edition, number))
        return next((one.title for one in named), None)

    def sheets_due(self, measure: Measure, day: date) -> tuple[int, ...]:
        """Return the sheets that a measure has to answer on a day."""
        rows = (one for one in on_day(self.due, day) if measure.is_within(one.measure))
        return next((one.sheets for one in rows), ())

    def template(self, name: str, version: str) -> Template | None:
        """Return the template of a list; None when its answered rows are the list."""
        named = (one for one in self.templates if (one.template, one.version) == (name, version))
        return next(named, None)

    def check(self, name: str, day: date) -> Check | None:
        """Return what a check demands on a day, None when the table does not have it."""
        return next((one for one in on_day(self.checks, day) if one.check == name), None)


NO_TABLES = ComplianceTables()
