"""What comes in and how it was planned: revenue, disbursements, requests, economies, framework, costs.

    received     = disbursements - given back to who granted
    economies(s) = recorded economies                              per source s, cents

Source: DOMAIN sections 6 and 9.6; TUEL art. 179; D.Lgs. 36/2023 all. I.7 (quadro economico).
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from ledger.domain.altered import altered
from ledger.domain.files import FileName
from ledger.domain.funding import Decree, Source
from ledger.domain.identifiers import ActKey, ShortId
from ledger.domain.money import EUR, SignedEUR


@dataclass(frozen=True, kw_only=True)
class FrameworkItem:
    """One item of a quadro economico."""

    code: str
    amount: EUR


@dataclass(frozen=True, kw_only=True)
class FrameworkTerms:
    """The quadro economico: items that sum to the total."""

    items: tuple[FrameworkItem, ...]
    total: EUR
    act: ActKey


@dataclass(frozen=True, kw_only=True)
class Framework(FrameworkTerms):
    """A framework as approved; the last one holds."""

    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class CostYear:
    """What was done and what is to be done in a year (PUC record FN01)."""

    year: int
    done: EUR
    to_do: EUR


@dataclass(frozen=True, kw_only=True)
class CostPlan:
    """The plan of costs by year; the last one holds."""

    years: tuple[CostYear, ...]
    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class RevenueTerms:
    """An accertamento by number and year, on a chapter of income (TUEL art. 179)."""

    number: str
    year: int
    chapter: str
    amount: EUR
    act: ActKey


@dataclass(frozen=True, kw_only=True)
class Revenue(RevenueTerms):
    """Revenue as assessed."""

    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class DisbursementTerms:
    """Money received from who granted."""

    amount: EUR
    kind: Literal["anticipo", "intermedio", "saldo", "unica"]
    chapter: str
    decree: Decree | None = None


@dataclass(frozen=True, kw_only=True)
class Disbursement(DisbursementTerms):
    """A disbursement as received."""

    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class RequestTerms:
    """A domanda di erogazione (notices, art. 13)."""

    request: ShortId
    amount: EUR
    doc: FileName | None = None


@dataclass(frozen=True, kw_only=True)
class ReimbursementRequest(RequestTerms):
    """A request with its answer."""

    on: date
    index: int
    outcome: str | None = None
    certified: EUR | None = None
    answered_on: date | None = None
    answered_index: int | None = None


@dataclass(frozen=True, kw_only=True)
class EconomyTerms:
    """Savings on a source (PUC record FN10)."""

    source: Source
    amount: EUR
    act: ActKey | None = None


@dataclass(frozen=True, kw_only=True)
class Economy(EconomyTerms):
    """Savings as recorded."""

    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class IncomeStatement:
    """Incomes and plans as the exported state shows them."""

    received: SignedEUR
    framework: Framework | None = None
    cost_plan: CostPlan | None = None
    revenues: tuple[Revenue, ...] = ()
    disbursements: tuple[Disbursement, ...] = ()
    requests: tuple[ReimbursementRequest, ...] = ()
    economies: tuple[Economy, ...] = ()


@dataclass(frozen=True)
class Incomes:
    """All incomes and plans, in order of the log; requests by their keys."""

    frameworks: tuple[Framework, ...] = ()
    cost_plans: tuple[CostPlan, ...] = ()
    revenues: tuple[Revenue, ...] = ()
    disbursements: tuple[Disbursement, ...] = ()
    requests: dict[str, ReimbursementRequest] = field(default_factory=dict)
    economies: tuple[Economy, ...] = ()

    def request(self, key: str) -> ReimbursementRequest | None:
        """Return the request of that short id."""
        return self.requests.get(key)

    def with_request(self, one: ReimbursementRequest) -> "Incomes":
        """Return the incomes with one more request, or one in a new form."""
        return altered(self, requests={**self.requests, one.request: one})

    def received(self, given_back: int) -> int:
        """Return the cents received and kept; `given_back` are those that went to who granted."""
        return sum(one.amount for one in self.disbursements) - given_back

    def saved(self, source: str | None = None) -> int:
        """Return the cents of economies, of a source or of all."""
        return sum(one.amount for one in self.economies if source in (None, one.source))

    def statement(self, given_back: int) -> IncomeStatement:
        """Return the figures of the exported state; `given_back` are cents to who granted."""
        return IncomeStatement(
            received=SignedEUR(self.received(given_back)),
            framework=self.frameworks[-1] if self.frameworks else None,
            cost_plan=self.cost_plans[-1] if self.cost_plans else None,
            revenues=self.revenues,
            disbursements=self.disbursements,
            requests=tuple(self.requests.values()),
            economies=self.economies,
        )
