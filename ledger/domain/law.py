"""Law as a dated table: the value of a rule on a legal day, with its source.

    rule          value  from        to          source
    tuel-124-1    15                             TUEL art. 124 c. 1
    l3-11-2bis    yes    2022-01-01              L. 3/2003 art. 11 c. 2-bis

The rows are data (schemas/codes/law.json), and so are the phase map, the deadlines of notices, the
kinds of procedure and what compliance asks, in files of their own; the domain receives them as values.
The rule in force on the legal date applies, not today's. Source: DOMAIN section 4.3 and D13.
"""

from dataclasses import dataclass
from datetime import date

from ledger.domain.compliance_tables import NO_TABLES, ComplianceTables
from ledger.domain.deadlines import DeadlineRow
from ledger.domain.phase_map import NO_MAP, PhaseMap


@dataclass(frozen=True, kw_only=True)
class LawRow:
    """One rule with its value over an interval of legal days, both included; None is open."""

    rule: str
    value: str
    from_: date | None = None
    to: date | None = None
    source: str

    def in_force(self, day: date) -> bool:
        """Return whether the row holds on that legal day."""
        return (self.from_ is None or self.from_ <= day) and (self.to is None or day <= self.to)


@dataclass(frozen=True, kw_only=True)
class ProcedureKind:
    """One kind of procedure of the ReGiS list, over legal days as a row of the law."""

    code: str
    name: str
    from_: date | None = None
    to: date | None = None
    source: str

    def in_force(self, day: date) -> bool:
        """Return whether the list has it on that legal day."""
        return (self.from_ is None or self.from_ <= day) and (self.to is None or day <= self.to)


@dataclass(frozen=True, slots=True)
class Law:
    """The rows that the ledger has adopted."""

    rows: tuple[LawRow, ...]
    phase_map: PhaseMap = NO_MAP
    deadlines: tuple[DeadlineRow, ...] = ()
    procedure_kinds: tuple[ProcedureKind, ...] = ()
    compliance: ComplianceTables = NO_TABLES

    def procedure_kind(self, code: str, day: date) -> ProcedureKind | None:
        """Return the kind of procedure of that code on a day, None when the list has none."""
        found = (kind for kind in self.procedure_kinds if kind.code == code and kind.in_force(day))
        return next(found, None)

    def row(self, rule: str, day: date) -> LawRow | None:
        """Return the row of a rule in force on a day, None when there is none."""
        return next((r for r in self.rows if r.rule == rule and r.in_force(day)), None)

    def days(self, rule: str, day: date) -> int | None:
        """Return a number of days that a rule sets, None when it sets none on that day."""
        found = self.row(rule, day)
        return int(found.value) if found else None

    def setting(self, name: str, day: date) -> str:
        """Return what the body has set, such as `albo.count_from`, or its default.

        Raises:
            KeyError: when no row has that name on the day; each setting has a default.
        """
        found = self.row(name, day)
        if found is None:
            raise KeyError(name)
        return found.value

    def knows(self, rule: str) -> bool:
        """Return whether any row has that rule id."""
        kept = (row.rule for row in self.compliance.retention)
        return rule in kept or any(row.rule == rule for row in self.rows)
