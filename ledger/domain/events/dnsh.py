"""The DNSH regime. Source: DOMAIN sections 7.1 and 9.7."""

from dataclasses import dataclass

from ledger.domain.altered import altered
from ledger.domain.compliance import Edition, Regime, RegimeStatement
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import Fact, event
from ledger.domain.events.streams import own_cup
from ledger.domain.rules.checklists import exemption_without_rule
from ledger.domain.rules.interventions import nothing_changed
from ledger.domain.taken import taken


@event(
    "dnsh-regime-determined/1",
    ask="determine-dnsh-regime/1",
    italian="Regime e schede DNSH",
    says="Determinato il regime DNSH {regime}, guida {edition}",
    streams=(own_cup,),
    by=("rup",),
    refusals=(nothing_changed, exemption_without_rule),
    findings=("dnsh-edition-superseded",),
)
@dataclass(frozen=True, kw_only=True)
class DNSHRegimeDetermined(Fact):
    """Which sheets of which edition of the guide bind the intervention, and why."""

    regime: Regime
    edition: Edition
    sheets: tuple[int, ...]
    cause: str
    rule_id: str | None = None

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the regime when it is already determined so."""
        last = dossier.compliance.regimes[-1] if dossier.compliance.regimes else None
        mine = (self.regime, self.edition, self.sheets)
        same = last is not None and (last.regime, last.edition, last.sheets) == mine
        return "il regime DNSH" if same else None

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the determination."""
        regime = taken(RegimeStatement, self, event)
        return altered(dossier, compliance=dossier.compliance.determined(regime))
