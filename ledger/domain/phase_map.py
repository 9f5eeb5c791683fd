"""The phase map: one row a ReGiS code, with the phase and the names that other systems give it.

    phase        natura  ReGiS  generation  OpenCoesione  OC4IDS          PA digitale 2026
    ESECUZIONE   -       -      -           ESECUZIONE    implementation  step 4 completamento
    ESECUZIONE   02      00205  00nxx       ESECUZIONE    implementation
    ESECUZIONE   02      02002  0n0xx       ESECUZIONE    implementation                     from 2023-07-01

The rows are data (schemas/codes/phase_map.json) with their days: two generations of codes coexist.
The row of a phase without code serves moves that have none, and says with which statuses of
OpenCoesione the phase agrees. What gives those statuses is a table too (opencoesione.json).
Source: DOMAIN section 5.1.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.dated import Dated, on_day
from ledger.domain.phases import Phase
from ledger.domain.registration import Natura

OpenCoesioneGroup = Literal[
    "STUDIO_FATT", "PROG_PREL", "PROG_DEF", "PROG_ESEC", "STIP_ATTRIB", "ESECUZIONE", "COLLAUDO"
]
OpenCoesioneStatus = Literal[
    "Non avviato",
    "In avvio di progettazione",
    "In corso di progettazione",
    "In affidamento",
    "In esecuzione",
    "Eseguito",
]
Side = Literal["begun", "ended"]
OC4IDSStatus = Literal[
    "identification", "preparation", "implementation", "completion", "maintenance", "cancelled"
]


@dataclass(frozen=True, kw_only=True)
class PhaseRow(Dated):
    """One row of the map."""

    phase: Phase
    label: str
    natura: Natura | None = None
    regis_code: str | None = None
    generation: str | None = None
    opencoesione: OpenCoesioneGroup | None = None
    statuses: tuple[OpenCoesioneStatus, ...] = ()
    oc4ids: OC4IDSStatus
    padigitale: str | None = None


@dataclass(frozen=True, kw_only=True)
class GroupDate:
    """That a group of phases has begun, or has ended."""

    group: OpenCoesioneGroup
    side: Side


@dataclass(frozen=True, kw_only=True)
class StatusRow(Dated):
    """A status of OpenCoesione, and the dates of which any gives it."""

    rule: str
    status: OpenCoesioneStatus
    any_of: tuple[GroupDate, ...]


@dataclass(frozen=True, slots=True)
class PhaseMap:
    """The rows that the ledger has adopted; of the statuses the first that holds counts."""

    rows: tuple[PhaseRow, ...] = ()
    statuses: tuple[StatusRow, ...] = ()

    def of_code(self, regis_code: str, day: date) -> PhaseRow | None:
        """Return the row of a ReGiS code in force on a day."""
        return next(
            (row for row in self.rows if row.regis_code == regis_code and row.in_force(day)), None
        )

    def of_phase(self, phase: str, day: date) -> PhaseRow | None:
        """Return the row of a phase itself, without code, in force on a day."""
        return next(
            (
                row
                for row in self.rows
                if row.phase == phase and row.regis_code is None and row.in_force(day)
            ),
            None,
        )

    def codes(self, phase: str, natura: str, day: date) -> tuple[str, ...]:
        """Return the ReGiS codes of a phase for a natura on a day, in order of the table."""
        return tuple(
            row.regis_code
            for row in self.rows
            if (row.phase, row.natura) == (phase, natura) and row.regis_code and row.in_force(day)
        )

    def group(self, phase: str, regis_code: str | None, day: date) -> OpenCoesioneGroup | None:
        """Return the OpenCoesione group of a move: of its code, else of its phase."""
        coded = None if regis_code is None else self.of_code(regis_code, day)
        row = coded or self.of_phase(phase, day)
        return row.opencoesione if row else None

    def status(self, dates: Iterable[GroupDate], day: date) -> OpenCoesioneStatus:
        """Return the status of OpenCoesione that these dates give by the rows of a day."""
        found = frozenset(dates)
        rows = (row.status for row in on_day(self.statuses, day) if found.intersection(row.any_of))
        return next(rows, "Non avviato")

    def agrees(self, phase: str, status: str, day: date) -> bool:
        """Return whether a status of OpenCoesione goes with the local phase."""
        row = self.of_phase(phase, day)
        return row is not None and status in row.statuses


NO_MAP = PhaseMap()
