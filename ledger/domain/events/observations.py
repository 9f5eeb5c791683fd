"""Observations of open data, signed by the key of the importer; they never change local state.

Source: DOMAIN sections 5.5, 9.10 and 15.
"""

from dataclasses import dataclass
from datetime import date, datetime

from ledger.domain.altered import altered
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import Fact, event
from ledger.domain.events.streams import own_cup
from ledger.domain.money import EUR
from ledger.domain.national import LABELS, NationalCode, NationalState
from ledger.domain.references import Sha256


@event(
    "national-state-observed/1",
    ask="observe-national-state/1",
    italian="Stato nazionale rilevato",
    says="Rilevato lo stato nazionale {state} dal {state_on} ({source})",
    streams=(own_cup,),
    by=("importatore",),
    dated_by="state_on",
    correctable=False,
    findings=("phase-disagrees-national", "national-state-back"),
)
@dataclass(frozen=True, kw_only=True)
class NationalStateObserved(Fact):
    """The row of the intervention in the national source.

    `digest` is the SHA-256 of what was observed: the source file, or `raw` itself where only the
    row was kept.
    """

    source: str
    digest: Sha256
    observed_at: datetime
    avviso: str
    state: NationalCode
    state_on: date
    amount: EUR
    submitted_at: datetime
    decree: str | None = None
    raw: str

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the observation beside the local state."""
        observed = NationalState(
            state=self.state,
            label=LABELS[self.state],
            state_on=self.state_on,
            observed_at=self.observed_at,
            source=self.source,
            digest=self.digest,
            avviso=self.avviso,
            amount=self.amount,
            decree=self.decree,
            index=event.index,
        )
        return altered(dossier, national=dossier.national.with_observation(observed))
