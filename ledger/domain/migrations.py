"""Which migrations of a service a measure finances, and in which mode.

    rule                          origin                    destination  mode  only if
    c-001-strutturato-iaas        on-premise-strutturato    iaas         A
    c-001-iaas-saas               iaas                      saas         B     the origin is not qualified
    c-003-iaas-saas               iaas                      saas         B     it is a second step

Mode A is lift and shift (trasferimento), B the renewal of an application (aggiornamento). A pair
without row is not financed. The rows are data (schemas/codes/migrations.json).
Source: DOMAIN section 5.4; FAQ c-001, c-003.
"""

from dataclasses import dataclass
from datetime import date

from ledger.domain.dated import Dated, on_day
from ledger.domain.identifiers import Measure
from ledger.domain.scope import Destination, Mode, Origin, ScopeItem


@dataclass(frozen=True, kw_only=True)
class Migration(Dated):
    """One migration that a measure finances; `origin_qualified` is None where it does not matter.

    `second_step` asks that it follows a migration begun on premise (FAQ c-003).
    """

    rule: str
    measure: Measure
    origin: Origin
    destination: Destination
    mode: Mode
    origin_qualified: bool | None = None
    second_step: bool = False

    def admits(self, item: ScopeItem) -> bool:
        """Return whether the row finances the migration of a service."""
        return (
            (self.origin, self.destination) == (item.origin, item.destination)
            and self.origin_qualified in {None, item.origin_qualified}
            and (item.second_step or not self.second_step)
            and item.mode in {None, self.mode}
        )


@dataclass(frozen=True, slots=True)
class Migrations:
    """The rows of all measures."""

    rows: tuple[Migration, ...] = ()

    def of(self, measure: Measure, day: date) -> tuple[Migration, ...]:
        """Return the rows of a measure on a day; none where it does not finance migrations by table."""
        return tuple(row for row in on_day(self.rows, day) if measure.is_within(row.measure))


NO_MIGRATIONS = Migrations()
