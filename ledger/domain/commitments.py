"""What is owed: commitments, invoices and liquidations. Source: DOMAIN 6, 9.6; TUEL arts. 182-184."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.acts import Link
from ledger.domain.altered import altered
from ledger.domain.files import FileName
from ledger.domain.funding import Source
from ledger.domain.identifiers import CIG, ActKey, ShortId
from ledger.domain.keys import CommitmentKey, ContractKey, InvoiceId, OperatorKey
from ledger.domain.money import EUR, ZERO

ReductionCause = Literal["01", "02"]


@dataclass(frozen=True, kw_only=True)
class Admitted:
    """The part of a commitment or payment that a programme admits, and since when."""

    amount: EUR
    on: date


@dataclass(frozen=True, kw_only=True)
class Durc:
    """A certificate of paid contributions and the last day that it holds."""

    doc: FileName
    to: date


@dataclass(frozen=True, kw_only=True)
class CommitmentTerms:
    """An impegno: `I`, or `I-TR` of a transfer; `provisional` for a prenotazione."""

    commitment: CommitmentKey
    amount: EUR
    source: Source
    act: ActKey
    chapter: str
    cig: CIG | None = None
    op: OperatorKey | None = None
    kind: Literal["I", "I-TR"] | None = None
    admitted: Admitted | None = None
    provisional: bool = False


@dataclass(frozen=True, kw_only=True)
class Reduction:
    """A disimpegno: `01` for a revocation, `02` for less spent; `act` is its ground."""

    amount: EUR
    cause: ReductionCause
    act: ActKey | None = None
    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class Commitment(CommitmentTerms):
    """A commitment with what was taken off it (disimpegno) and paid on it, net of reversals.

    `ended_on` is the legal day from which nothing is committed any more, None before that.
    """

    on: date
    index: int
    reduced: EUR = ZERO
    reductions: tuple[Reduction, ...] = ()
    ended_on: date | None = None
    paid: EUR = ZERO

    @property
    def balance(self) -> int:
        """Return the cents committed now (control 050)."""
        return self.amount - self.reduced

    @property
    def left(self) -> int:
        """Return the cents that may still be paid on it."""
        return self.balance - self.paid

    def less(self, reduction: Reduction) -> "Commitment":
        """Return the commitment after one more reduction; what takes the last cent off ends it."""
        reductions = (*self.reductions, reduction)
        reduced = EUR(sum(one.amount for one in reductions))
        ended = max(one.on for one in reductions) if reduced >= self.amount else None
        return altered(self, reductions=reductions, reduced=reduced, ended_on=ended)


@dataclass(frozen=True, kw_only=True)
class InvoiceTerms:
    """A fattura by its SDI identifier; `links` are the shares of the CUPs it is of."""

    invoice: InvoiceId
    op: OperatorKey
    number: str
    amount: EUR
    cup_on: bool
    cig_on: bool
    vat: EUR | None = None
    file: FileName | None = None
    contract: ContractKey | None = None
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Invoice(InvoiceTerms):
    """An invoice as received."""

    on: date
    index: int

    def share_of(self, cup: str) -> int | None:
        """Return the cents of one CUP; all without other CUPs, None when no share is declared."""
        shares = [link.amount for link in self.links if link.cup == cup]
        declared = [share for share in shares if share is not None]
        if declared:
            return sum(declared)
        return self.amount if len(self.links) <= 1 else None


@dataclass(frozen=True, kw_only=True)
class LiquidationTerms:
    """A liquidazione: what is due is ascertained (TUEL art. 184)."""

    liquidation: ShortId
    commitment: CommitmentKey
    amount: EUR
    act: ActKey
    invoice: InvoiceId | None = None
    progress: str | None = None
    durc: Durc | None = None


@dataclass(frozen=True, kw_only=True)
class Liquidation(LiquidationTerms):
    """A liquidation, by whom it was signed and what was paid on it."""

    on: date
    index: int
    actor: str
    paid: EUR = ZERO
