"""The state of an intervention in the national source, beside the local phase.

    A assegnataria (financed, money not disbursed)    R rinuncia    E erogata (disbursed)

The current one has the greatest (observed_at, place); the state also goes back.
Source: DOMAIN section 5.5.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from ledger.domain.money import EUR

NationalCode = Literal["A", "R", "E"]
LABELS: dict[str, str] = {"A": "Assegnataria", "R": "Rinuncia", "E": "Erogato"}


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


@dataclass(frozen=True, slots=True)
class NationalStates:
    """All observations, in order of the log."""

    observed: tuple[NationalState, ...] = ()

    def with_observation(self, state: NationalState) -> "NationalStates":
        """Return the observations with one more."""
        return NationalStates((*self.observed, state))

    def current(self) -> NationalState | None:
        """Return the observation that counts."""
        return max(self.observed, key=lambda found: (found.observed_at, found.index), default=None)
