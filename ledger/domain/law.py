"""Law as a dated table: the value of a rule on a legal day, with its source.

    rule          value  from        to          source
    tuel-124-1    15                             TUEL art. 124 c. 1
    l3-11-2bis    yes    2022-01-01              L. 3/2003 art. 11 c. 2-bis

The rows are data (schemas/codes/law.json), and so are the tables beside them; the domain receives
them as values. The rule in force on the legal date applies, not today's. Source: DOMAIN section 4.3 and D13.
"""

from dataclasses import dataclass
from datetime import date

from ledger.domain.compliance_tables import NO_TABLES, ComplianceTables


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


@dataclass(frozen=True, slots=True)
class Law:
    """The rows that the ledger has adopted."""

    rows: tuple[LawRow, ...]
    compliance: ComplianceTables = NO_TABLES

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
