"""What is paid and taken back: payments and recoveries. Source: DOMAIN 6, 9.6; TUEL art. 185."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.commitments import Admitted
from ledger.domain.funding import Source
from ledger.domain.identifiers import ActKey, ShortId
from ledger.domain.keys import CommitmentKey, InvoiceId, OperatorKey, PaymentKey
from ledger.domain.money import EUR, ZERO


@dataclass(frozen=True, kw_only=True)
class PaymentReceipt:
    """The quietanza of a payment order (TUEL art. 185)."""

    number: str
    on: date


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Who received a part of a payment."""

    op: OperatorKey
    amount: EUR


@dataclass(frozen=True, kw_only=True)
class PaymentTerms:
    """A mandato: `P`, or `P-TR` of a transfer; advance, intermediate, balance or other."""

    payment: PaymentKey
    amount: EUR
    source: Source
    commitment: CommitmentKey
    payee: OperatorKey
    cup_on: bool
    cig_on: bool
    liquidation: ShortId | None = None
    invoice: InvoiceId | None = None
    receipt: PaymentReceipt | None = None
    recipients: tuple[Recipient, ...] = ()
    kind: Literal["P", "P-TR"] | None = None
    cause: Literal["ANT", "INT", "SLD", "ALT"] | None = None
    admitted: Admitted | None = None


@dataclass(frozen=True, kw_only=True)
class Payment(PaymentTerms):
    """A payment with what was reversed (storno) and recovered of it."""

    on: date
    index: int
    reversed: EUR = ZERO
    recovered: EUR = ZERO

    @property
    def balance(self) -> int:
        """Return the cents that are paid now (control 052)."""
        return self.amount - self.reversed - self.recovered


@dataclass(frozen=True, kw_only=True)
class RecoveryTerms:
    """Money to be given back: by who was paid, when a payment is named, else to who granted."""

    recovery: ShortId
    amount: EUR
    cause: str
    payment: PaymentKey | None = None
    act: ActKey | None = None


@dataclass(frozen=True, kw_only=True)
class Recovery(RecoveryTerms):
    """A recovery with what came back of it."""

    on: date
    index: int
    recovered: EUR = ZERO

    @property
    def open(self) -> int:
        """Return the cents that have not come back."""
        return max(self.amount - self.recovered, 0)
