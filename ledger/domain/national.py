"""What the national sources say of the intervention, beside the local state, which it never changes.

    A assegnataria (financed, money not disbursed)    R rinuncia    E erogata (disbursed)

The current state has the greatest (observed_at, place); it also goes back. Of the rows of a source, the
newest by table and key is kept, and so is the newest absence of a key.
Source: DOMAIN sections 5.5, 9.10 and 9.13.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from ledger.domain.altered import altered
from ledger.domain.money import EUR
from ledger.domain.references import Sha256

NationalCode = Literal["A", "R", "E"]
NationalTable = Literal[
    "progetti",
    "pagamenti",
    "gare",
    "aggiudicatari",
    "subappaltatori",
    "indicatori",
    "iter",
    "localizzazione",
    "opencup",
]
LABELS: dict[str, str] = {"A": "Assegnataria", "R": "Rinuncia", "E": "Erogato"}
RowKey = tuple[str, str, str]  # source, table, key in the table
AbsenceKey = tuple[str, str]  # source, key


@dataclass(frozen=True, kw_only=True)
class NationalState:
    """One observation of the row of the intervention."""

    state: NationalCode
    label: str
    state_on: date
    observed_at: datetime
    source: str
    digest: str
    avviso: str
    amount: EUR
    decree: str | None = None
    index: int


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One column of a row that has a value, as text."""

    column: str
    value: str


@dataclass(frozen=True, kw_only=True)
class NationalRowTerms:
    """A row of a national table; `key` tells it from the others of the table on this CUP."""

    source: str
    digest: Sha256
    observed_at: datetime
    extracted_on: date
    table: NationalTable
    row: tuple[Cell, ...]
    key: str | None = None

    @property
    def row_key(self) -> RowKey:
        """Return what is the same in every observation of the row."""
        return self.source, self.table, self.key or ""


@dataclass(frozen=True, kw_only=True)
class NationalRow(NationalRowTerms):
    """The newest observation of a row."""

    index: int


@dataclass(frozen=True, kw_only=True)
class AbsenceTerms:
    """A row that was in a source and is in the complete file no more."""

    source: str
    digest: Sha256
    observed_at: datetime
    key: str

    @property
    def absence_key(self) -> AbsenceKey:
        """Return what is the same in every observation of the absence."""
        return self.source, self.key


@dataclass(frozen=True, kw_only=True)
class Absence(AbsenceTerms):
    """The newest observation of an absence."""

    on: date
    index: int


@dataclass(frozen=True)
class NationalStates:
    """All observations of the state, in order of the log; the newest of each row and absence."""

    observed: tuple[NationalState, ...] = ()
    rows: dict[RowKey, NationalRow] = field(default_factory=dict)
    absences: dict[AbsenceKey, Absence] = field(default_factory=dict)

    def with_observation(self, state: NationalState) -> "NationalStates":
        """Return the observations with one more."""
        return altered(self, observed=(*self.observed, state))

    def current(self) -> NationalState | None:
        """Return the observation that counts."""
        return max(self.observed, key=lambda found: (found.observed_at, found.index), default=None)

    def with_row(self, row: NationalRow) -> "NationalStates":
        """Return the observations with a row, unless a newer one of it stands already."""
        known = self.rows.get(row.row_key)
        if known is not None and not _comes_after(row, known):
            return self
        return altered(self, rows={**self.rows, row.row_key: row})

    def with_absence(self, absence: Absence) -> "NationalStates":
        """Return the observations with an absence, unless a newer one of its key stands already."""
        known = self.absences.get(absence.absence_key)
        if known is not None and not _comes_after(absence, known):
            return self
        return altered(self, absences={**self.absences, absence.absence_key: absence})

    def is_gone(self, source: str, key: str | None) -> bool:
        """Return whether a key was last seen absent, and no row of that key has come since."""
        absence = self.absences.get((source, key or ""))
        rows = (one for one in self.rows.values() if (one.source, one.key) == (source, key))
        return absence is not None and all(_comes_after(absence, row) for row in rows)

    def newest_rows(self) -> tuple[NationalRow, ...]:
        """Return the newest observation of each row, by source, table and key."""
        return tuple(self.rows[key] for key in sorted(self.rows))

    def newest_absences(self) -> tuple[Absence, ...]:
        """Return the newest absence of each key, by source and key."""
        return tuple(self.absences[key] for key in sorted(self.absences))


def _comes_after(one: NationalRow | Absence, other: NationalRow | Absence) -> bool:
    return (one.observed_at, one.index) > (other.observed_at, other.index)
