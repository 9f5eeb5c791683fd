"""Money that comes in, and what was planned: framework, costs, revenue, disbursements, economies.

Source: DOMAIN sections 6 and 9.6.
"""

from dataclasses import dataclass
from datetime import date

from ledger.domain.altered import altered
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import CUPFact, Missing, Parts, event
from ledger.domain.events.funding import FUNDING_SIGNERS
from ledger.domain.events.spending import FINANCE
from ledger.domain.events.streams import named_act, own_cup
from ledger.domain.identifiers import ShortId
from ledger.domain.incomes import (
    CostPlan,
    CostYear,
    Disbursement,
    DisbursementTerms,
    Economy,
    EconomyTerms,
    Framework,
    FrameworkTerms,
    ReimbursementRequest,
    RequestTerms,
    Revenue,
    RevenueTerms,
)
from ledger.domain.money import EUR, ZERO
from ledger.domain.rules.acts import act_unknown, act_without_effect, dates_reversed
from ledger.domain.rules.funding import amount_not_positive, sum_mismatch
from ledger.domain.rules.interventions import (
    duplicate_key,
    nothing_changed,
    reference_closed,
    reference_unknown,
)
from ledger.domain.slices import added
from ledger.domain.taken import taken


@event(
    "economic-framework-approved/1",
    ask="approve-economic-framework/1",
    italian="Quadro economico",
    says="Approvato il quadro economico di {total}",
    streams=(own_cup, named_act),
    by=FUNDING_SIGNERS,
    refusals=(act_unknown, sum_mismatch, act_without_effect),
)
@dataclass(frozen=True, kw_only=True)
class EconomicFrameworkApproved(CUPFact, FrameworkTerms):
    """The quadro economico by item; its items sum to the total."""

    def parts(self) -> Parts:
        """Return what it is, its items and the total."""
        return "il quadro economico", [one.amount for one in self.items] or [ZERO], self.total

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the framework; the last one holds."""
        return added(dossier, "incomes", "frameworks", taken(Framework, self, event))


@event(
    "cost-plan-set/1",
    ask="set-cost-plan/1",
    italian="Piano dei costi",
    says="Definito il piano dei costi per anno",
    streams=(own_cup,),
    by=FUNDING_SIGNERS,
    refusals=(nothing_changed,),
)
@dataclass(frozen=True, kw_only=True)
class CostPlanSet(CUPFact):
    """What was done and is to be done in each year (PUC)."""

    years: tuple[CostYear, ...]

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the plan when it is already so."""
        plans = dossier.incomes.cost_plans
        is_same = bool(plans) and plans[-1].years == self.years
        return "il piano dei costi" if is_same or not self.years else None

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the plan; the last one holds."""
        return added(dossier, "incomes", "cost_plans", taken(CostPlan, self, event))


@event(
    "revenue-assessed/1",
    ask="assess-revenue/1",
    italian="Accertamento",
    says="Accertamento {number}/{year} di {amount} sul capitolo {chapter}",
    streams=(own_cup, named_act),
    by=FINANCE,
    refusals=(act_unknown, duplicate_key, amount_not_positive, act_without_effect),
)
@dataclass(frozen=True, kw_only=True)
class RevenueAssessed(CUPFact, RevenueTerms):
    """Revenue on a chapter dedicated to the PNRR (TUEL art. 179; DL 77/2021 art. 9 c. 4)."""

    def natural_keys(self, dossier: Dossier) -> list[str]:
        """Return the assessment when it is recorded."""
        mine = self.number, self.year
        known = [one for one in dossier.incomes.revenues if (one.number, one.year) == mine]
        return [f"l'accertamento {self.number}/{self.year}"] if known else []

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the assessment."""
        return added(dossier, "incomes", "revenues", taken(Revenue, self, event))


@event(
    "disbursement-received/1",
    ask="receive-disbursement/1",
    italian="Erogazione ricevuta",
    says="Ricevuta l'erogazione ({kind}) di {amount}",
    streams=(own_cup,),
    by=FINANCE,
    refusals=(amount_not_positive,),
)
@dataclass(frozen=True, kw_only=True)
class DisbursementReceived(CUPFact, DisbursementTerms):
    """Money received from who granted it."""

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the disbursement."""
        return added(dossier, "incomes", "disbursements", taken(Disbursement, self, event))


@event(
    "reimbursement-requested/1",
    ask="request-reimbursement/1",
    italian="Domanda di erogazione",
    says="Presentata la domanda di erogazione {request} di {amount}",
    streams=(own_cup,),
    by=("rup", "dirigente", "delegato"),
    refusals=(duplicate_key, amount_not_positive),
)
@dataclass(frozen=True, kw_only=True)
class ReimbursementRequested(CUPFact, RequestTerms):
    """The request for the money, after the asseveration (FAQ p-046)."""

    def natural_keys(self, dossier: Dossier) -> list[str]:
        """Return the request when it is recorded."""
        known = dossier.incomes.request(self.request)
        return [] if known is None else [f"la domanda {self.request}"]

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the request."""
        incomes = dossier.incomes.with_request(taken(ReimbursementRequest, self, event))
        return altered(dossier, incomes=incomes)


@event(
    "reimbursement-answered/1",
    ask="record-reimbursement-answer/1",
    italian="Esito domanda",
    says="Esito della domanda di erogazione {request}: {outcome}",
    streams=(own_cup,),
    by=FUNDING_SIGNERS,
    refusals=(reference_unknown, reference_closed, dates_reversed),
)
@dataclass(frozen=True, kw_only=True)
class ReimbursementAnswered(CUPFact):
    """What became of a request, and how much was certified."""

    request: ShortId
    outcome: str
    certified: EUR | None = None

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the request when it is not recorded."""
        if dossier.incomes.request(self.request) is None:
            yield f"la domanda {self.request}", "request-reimbursement/1"

    def closed(self, dossier: Dossier) -> list[str]:
        """Return the request when it is answered."""
        found = dossier.incomes.request(self.request)
        is_answered = found is not None and found.answered_index is not None
        return [f"la domanda {self.request}"] if is_answered else []

    def begun(self, dossier: Dossier) -> list[tuple[str, date]]:
        """Return the request and its day."""
        found = dossier.incomes.request(self.request)
        return [] if found is None else [(f"la domanda {self.request}", found.on)]

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Note the answer."""
        found = dossier.incomes.request(self.request)
        if found is None:
            return dossier
        after = altered(
            found,
            outcome=self.outcome,
            certified=self.certified,
            answered_on=event.day,
            answered_index=event.index,
        )
        return altered(dossier, incomes=dossier.incomes.with_request(after))


@event(
    "economies-recorded/1",
    ask="record-economies/1",
    italian="Economie",
    says="Economie di {amount} ({source})",
    streams=(own_cup, named_act),
    by=FINANCE,
    refusals=(act_unknown, amount_not_positive, act_without_effect),
)
@dataclass(frozen=True, kw_only=True)
class EconomiesRecorded(CUPFact, EconomyTerms):
    """Savings on a source, such as those of a tender (PUC record FN10)."""

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the savings."""
        return added(dossier, "incomes", "economies", taken(Economy, self, event))
