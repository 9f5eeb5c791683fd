"""Spending: commitments, invoices, liquidations, payments, recoveries, and their balances.

    left on a commitment   = recorded - reduced - paid on it
    paid(s)                = executed - reversed - recovered            per source s, cents

A commitment, a liquidation or a payment is of one CUP; an invoice may be of several, each with its
share. A recovery that names a payment takes back from who was paid, and lowers what is paid; one that
names none gives back to who granted, and lowers what was received (incomes.py).

Source: DOMAIN sections 3, 6 and 9.6; TUEL arts. 182-185; national controls 050-053.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.acts import Link
from ledger.domain.files import FileName
from ledger.domain.funding import Source
from ledger.domain.identifiers import CIG, ActKey, ShortId
from ledger.domain.keys import CommitmentKey, ContractKey, InvoiceId, OperatorKey, PaymentKey
from ledger.domain.money import EUR, ZERO, SignedEUR


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
class Commitment(CommitmentTerms):
    """A commitment with what was taken off it (disimpegno) and paid on it, net of reversals."""

    on: date
    index: int
    reduced: EUR = ZERO
    paid: EUR = ZERO

    @property
    def balance(self) -> int:
        """Return the cents committed now (control 050)."""
        return self.amount - self.reduced

    @property
    def left(self) -> int:
        """Return the cents that may still be paid on it."""
        return self.balance - self.paid


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

    def share_of(self, cup: str) -> int:
        """Return the cents of one CUP: its shares, all without any."""
        shares = [link.amount or 0 for link in self.links if link.cup == cup]
        return sum(shares) if shares else self.amount


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


@dataclass(frozen=True, kw_only=True)
class SourceSpending:
    """Committed, paid and what may still be paid of one source."""

    source: Source
    committed: SignedEUR
    paid: SignedEUR
    left: SignedEUR


@dataclass(frozen=True, kw_only=True)
class SpendingStatement:
    """Spending as the exported state shows it."""

    committed: SignedEUR
    paid: SignedEUR
    sources: tuple[SourceSpending, ...] = ()
    commitments: tuple[Commitment, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    liquidations: tuple[Liquidation, ...] = ()
    payments: tuple[Payment, ...] = ()
    recoveries: tuple[Recovery, ...] = ()


@dataclass(frozen=True)
class Spending:
    """All that was spent, in order of the log; balances stand in the entries."""

    commitments: tuple[Commitment, ...] = ()
    invoices: tuple[Invoice, ...] = ()
    liquidations: tuple[Liquidation, ...] = ()
    payments: tuple[Payment, ...] = ()
    recoveries: tuple[Recovery, ...] = ()

    def commitment(self, key: str) -> Commitment | None:
        """Return the commitment of that key."""
        return next((one for one in self.commitments if one.commitment == key), None)

    def invoice(self, key: str) -> Invoice | None:
        """Return the invoice of that identifier."""
        return next((one for one in self.invoices if one.invoice == key), None)

    def liquidation(self, key: str) -> Liquidation | None:
        """Return the liquidation of that short id."""
        return next((one for one in self.liquidations if one.liquidation == key), None)

    def payment(self, key: str) -> Payment | None:
        """Return the payment of that key."""
        return next((one for one in self.payments if one.payment == key), None)

    def recovery(self, key: str) -> Recovery | None:
        """Return the recovery of that short id."""
        return next((one for one in self.recoveries if one.recovery == key), None)

    def committed(self, source: str | None = None) -> int:
        """Return the cents committed, of a source or of all."""
        return sum(one.balance for one in self.commitments if source in (None, one.source))

    def paid(self, source: str | None = None) -> int:
        """Return the cents paid, of a source or of all: executed - reversed - recovered."""
        return sum(one.balance for one in self.payments if source in (None, one.source))

    def given_back(self) -> int:
        """Return the cents given back to who granted: recoveries that name no payment."""
        return sum(one.recovered for one in self.recoveries if one.payment is None)

    def payments_on_act(self, act: str) -> tuple[PaymentKey, ...]:
        """Return the payments that rest on an act: that of their commitment or liquidation."""
        resting = {one.commitment for one in self.commitments if one.act == act}
        liquidated = {one.liquidation for one in self.liquidations if one.act == act}
        return tuple(
            one.payment
            for one in self.payments
            if one.commitment in resting or one.liquidation in liquidated
        )

    def statement(self) -> SpendingStatement:
        """Return the figures of the exported state."""
        used = {one.source for one in self.commitments} | {one.source for one in self.payments}
        return SpendingStatement(
            committed=SignedEUR(self.committed()),
            paid=SignedEUR(self.paid()),
            sources=tuple(self._of(source) for source in sorted(used)),
            commitments=self.commitments,
            invoices=self.invoices,
            liquidations=self.liquidations,
            payments=self.payments,
            recoveries=self.recoveries,
        )

    def _of(self, source: Source) -> SourceSpending:
        committed, paid = self.committed(source), self.paid(source)
        return SourceSpending(
            source=source,
            committed=SignedEUR(committed),
            paid=SignedEUR(paid),
            left=SignedEUR(committed - paid),
        )
