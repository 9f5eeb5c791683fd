"""Law as a dated table: the value of a rule on a legal day, with its source.

    rule           value  from        to          source
    tuel-124-1    15                             TUEL art. 124 c. 1
    l3-11-2bis    yes    2022-01-01              L. 3/2003 art. 11 c. 2-bis
    sod.payment   finding                        impostazione adottata con la registrazione n. 57

The rows are data (schemas/codes/law.json, and the defaults of settings.json), and so are the phase map,
the notices and their deadlines, the migrations that are financed, the kinds of procedure and what compliance
asks, in files of their own; the domain receives them as values. What the ledger has adopted lies over
them as rows of its own, each of which counts for the leaves after the one at which it took force:
`law.at(57)` is the law as it stood at a place in the log. The rule in force on the legal date applies,
not today's.
Source: DOMAIN sections 4.3 and 9.11; D13.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

from ledger.domain.compliance_tables import NO_TABLES, ComplianceTables
from ledger.domain.dated import Dated
from ledger.domain.deadlines import DeadlineRow
from ledger.domain.migrations import NO_MIGRATIONS, Migrations
from ledger.domain.notices import NO_NOTICES, Notices
from ledger.domain.phase_map import NO_MAP, PhaseMap
from ledger.domain.reconnaissance import RequiredItem
from ledger.domain.settings import Setting

Effect = Literal["rifiuta", "anomalia", "calcola"]

# What the ledger adopted beside settings, as rules of such rows: never names of settings.
BODY: Final = "ledger.body"
RULE_SET: Final = "ledger.rule_set"
SCHEMA_SET: Final = "ledger.schema_set"


@dataclass(frozen=True, kw_only=True)
class LawRow(Dated):
    """One rule with its value; what it says, and whether it refuses, raises a finding or computes."""

    rule: str
    value: str
    what: str = ""
    effect: Effect | None = None


@dataclass(frozen=True, kw_only=True)
class ProcedureKind(Dated):
    """One kind of procedure of the ReGiS list."""

    code: str
    name: str


@dataclass(frozen=True, kw_only=True)
class AdoptedRow:
    """A row that k administrators adopted with a leaf; it counts for the leaves after `force_at`."""

    row: LawRow
    index: int
    force_at: int


@dataclass(frozen=True, slots=True)
class Law:
    """The rows of the program, and those that the ledger adopted, in the order of their force.

    `settings` says what may be adopted; the default of each is among the rows. `rule_set` and
    `schema_set` are the SHA-256 of the tables and of all files of the format that the program has,
    hexadecimal; empty where they do not matter.
    """

    rows: tuple[LawRow, ...]
    phase_map: PhaseMap = NO_MAP
    deadlines: tuple[DeadlineRow, ...] = ()
    procedure_kinds: tuple[ProcedureKind, ...] = ()
    compliance: ComplianceTables = NO_TABLES
    migrations: Migrations = NO_MIGRATIONS
    notices: Notices = NO_NOTICES
    reconnaissance: tuple[RequiredItem, ...] = ()
    settings: tuple[Setting, ...] = ()
    adopted: tuple[AdoptedRow, ...] = ()
    rule_set: str = ""
    schema_set: str = ""

    def at(self, place: int) -> "Law":
        """Return the law for the leaf at this place; of a tree of so many leaves, its state."""
        if not self.adopted or self.adopted[-1].force_at < place:
            return self
        return replace(self, adopted=tuple(one for one in self.adopted if one.force_at < place))

    def admits(self, setting: str, value: str) -> bool:
        """Return whether there is such a setting, and it may be this."""
        return any(one.setting == setting and one.admits(value) for one in self.settings)

    def procedure_kind(self, code: str, day: date) -> ProcedureKind | None:
        """Return the kind of procedure of that code on a day, None when the list has none."""
        found = (kind for kind in self.procedure_kinds if kind.code == code and kind.in_force(day))
        return next(found, None)

    def row(self, rule: str, day: date) -> LawRow | None:
        """Return the row of a rule in force on a day, None when there is none."""
        return self.adopted_row(rule, day) or next(
            (r for r in self.rows if r.rule == rule and r.in_force(day)), None
        )

    def adopted_row(self, rule: str, day: date) -> LawRow | None:
        """Return the newest row that the ledger adopted for a rule and a day."""
        newest_first = (one.row for one in reversed(self.adopted))
        return next((row for row in newest_first if row.rule == rule and row.in_force(day)), None)

    def adoptions(self, rule: str) -> tuple[LawRow, ...]:
        """Return all rows that the ledger adopted for a rule, the newest last."""
        return tuple(one.row for one in self.adopted if one.row.rule == rule)

    def days(self, rule: str, day: date) -> int | None:
        """Return a number of days that a rule sets, None when it sets none on that day."""
        found = self.row(rule, day)
        return int(found.value) if found else None

    def words(self, rule: str, day: date) -> frozenset[str]:
        """Return the words that a rule lists, none when it lists none on that day."""
        found = self.row(rule, day)
        return frozenset(found.value.split()) if found else frozenset()

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
