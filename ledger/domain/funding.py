"""Funding by source: what was granted and how it was adjusted.

    funding(s)             = granted + adjustments - revoked  per source s, cents
    importo_finanziato     = sum of funding(s) without movements of cause incremento-prezzi
    valore_post_incremento = sum of funding(s), all movements; derived, never typed

Source: DOMAIN section 6 (names of the sources: columns of ReGiS).
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.identifiers import ActKey
from ledger.domain.money import EUR, SignedEUR
from ledger.domain.normal_forms import upper

Source = Literal[
    "PNRR",
    "STATO",
    "FOI",
    "STATO_BILANCIO",
    "FPOP",
    "UE_ALTRO",
    "REGIONE",
    "PROVINCIA",
    "COMUNE",
    "ALTRO_PUBBLICO",
    "PRIVATO",
    "DA_REPERIRE",
    "PNC",
    "ALTRI_FONDI",
]
AdjustmentCause = Literal["incremento-prezzi", "rideterminazione", "ribasso", "spostamento"]
Instrument = Literal["decreto", "atto-obbligo", "convenzione"]


@dataclass(frozen=True, kw_only=True)
class Decree:
    """A decree by its number as printed and its day."""

    number: str
    on: date

    @property
    def key(self) -> tuple[str, date]:
        """Return by what it is known: its number without blanks and case, and its day."""
        return upper(self.number), self.on


@dataclass(frozen=True, kw_only=True)
class Movement:
    """What a grant or an adjustment moves on one source; `delta` is signed."""

    source: Source
    delta: SignedEUR


@dataclass(frozen=True, kw_only=True)
class FundingEntry:
    """One recorded grant or adjustment."""

    index: int
    on: date
    cause: str
    decree: Decree
    movements: tuple[Movement, ...]
    instrument: Instrument | None = None
    notified_on: date | None = None
    act: ActKey | None = None
    admitted_cost: EUR | None = None
    recovery_due: EUR | None = None
    scope: Literal["totale", "parziale"] | None = None

    @property
    def way(self) -> tuple[str, bool, tuple[str, date]]:
        """Return what is done to a source, whether it is a revocation, and by which decree."""
        return self.cause, self.scope is not None, self.decree.key

    @property
    def is_whole_revocation(self) -> bool:
        """Return whether the funding was revoked as a whole."""
        return self.cause == "revoca" and self.scope == "totale"

    @property
    def is_price_increase(self) -> bool:
        """Return whether it counts in valore_post_incremento only."""
        return self.cause == "incremento-prezzi"


@dataclass(frozen=True, kw_only=True)
class SourceStatement:
    """The funding of one source; below zero on a day before the legal date of its grant."""

    source: Source
    amount: SignedEUR


@dataclass(frozen=True, kw_only=True)
class FundingStatement:
    """Funding as the exported state shows it; below zero as for one source."""

    importo_finanziato: SignedEUR
    valore_post_incremento: SignedEUR
    sources: tuple[SourceStatement, ...]
    entries: tuple[FundingEntry, ...]


@dataclass(frozen=True, slots=True)
class Funding:
    """All grants and adjustments, in order of the log."""

    entries: tuple[FundingEntry, ...] = ()

    def with_entry(self, entry: FundingEntry) -> "Funding":
        """Return the funding after one more entry."""
        return Funding((*self.entries, entry))

    def of_source(self, source: str) -> int:
        """Return the cents of one source: grants and adjustments."""
        return sum(m.delta for e in self.entries for m in e.movements if m.source == source)

    def repeated(self, entry: FundingEntry) -> list[Source]:
        """Return the sources to which its decree has done the same before."""
        same = [one for one in self.entries if one.way == entry.way]
        moved = {movement.source for one in same for movement in one.movements}
        return sorted(moved & {movement.source for movement in entry.movements})

    def met_on(self, source: str, day: date) -> int:
        """Return the cents of a source as a payment of that day met it, before what was taken off later.

        What is granted counts whenever it is: municipalities pay before they are financed.
        """
        movements = ((entry, m) for entry in self.entries for m in entry.movements)
        return sum(
            m.delta for e, m in movements if m.source == source and (m.delta > 0 or e.on <= day)
        )

    @property
    def first_decree_on(self) -> date | None:
        """Return the day of the first funding decree, from which the scope is frozen."""
        granted = [entry.decree.on for entry in self.entries if entry.cause == "concessione"]
        return min(granted, default=None)

    def statement(self) -> FundingStatement:
        """Return the figures of the exported state."""
        every = sum(m.delta for e in self.entries for m in e.movements)
        increases = sum(m.delta for e in self.entries if e.is_price_increase for m in e.movements)
        used: dict[Source, None] = {m.source: None for e in self.entries for m in e.movements}
        return FundingStatement(
            importo_finanziato=SignedEUR(every - increases),
            valore_post_incremento=SignedEUR(every),
            sources=tuple(
                SourceStatement(source=source, amount=SignedEUR(self.of_source(source)))
                for source in sorted(used)
            ),
            entries=self.entries,
        )
