"""Spending: commitments, invoices, liquidations, payments, recoveries, and their balances.

    left on a commitment   = recorded - reduced - paid on it
    paid(s)                = executed - reversed - recovered            per source s, cents

A commitment, a liquidation or a payment is of one CUP; an invoice may be of several, each with its
share. A recovery that names a payment takes back from who was paid, and lowers what is paid; one that
names none gives back to who granted, and lowers what was received (incomes.py).

Source: DOMAIN sections 3, 6 and 9.6; TUEL arts. 182-185; national controls 050-053.
"""

from dataclasses import dataclass

from ledger.domain.commitments import Commitment, Invoice, Liquidation
from ledger.domain.funding import Source
from ledger.domain.keys import PaymentKey
from ledger.domain.money import SignedEUR
from ledger.domain.payments import Payment, Recovery


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
