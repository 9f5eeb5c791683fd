"""Spending: commitments, invoices, liquidations, payments, recoveries, and their balances.

    left on a commitment   = recorded - reduced - paid on it
    paid(s)                = executed - reversed - recovered            per source s, cents

A commitment, a liquidation or a payment is of one CUP; an invoice may be of several, each with its
share. A recovery that names a payment takes back from who was paid, and lowers what is paid; one that
names none gives back to who granted, and lowers what was received (incomes.py).

Source: DOMAIN sections 3, 6 and 9.6; TUEL arts. 182-185; national controls 050-053.
"""

from dataclasses import dataclass, field

from ledger.domain.altered import altered
from ledger.domain.commitments import Commitment, Invoice, Liquidation
from ledger.domain.funding import Source
from ledger.domain.keys import PaymentKey
from ledger.domain.money import EUR, SignedEUR
from ledger.domain.payments import Payment, PaymentTerms, Recovery


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
    """All that was spent, by key in order of the log; balances stand in the entries.

    The sums of the balances are kept beside them: `committed_of` and `paid_of` by source, in cents.
    """

    commitments: dict[str, Commitment] = field(default_factory=dict)
    invoices: dict[str, Invoice] = field(default_factory=dict)
    liquidations: dict[str, Liquidation] = field(default_factory=dict)
    payments: dict[str, Payment] = field(default_factory=dict)
    recoveries: dict[str, Recovery] = field(default_factory=dict)
    committed_of: dict[Source, int] = field(default_factory=dict)
    paid_of: dict[Source, int] = field(default_factory=dict)

    def commitment(self, key: str) -> Commitment | None:
        """Return the commitment of that key."""
        return self.commitments.get(key)

    def invoice(self, key: str) -> Invoice | None:
        """Return the invoice of that identifier."""
        return self.invoices.get(key)

    def liquidation(self, key: str) -> Liquidation | None:
        """Return the liquidation of that short id."""
        return self.liquidations.get(key)

    def payment(self, key: str) -> Payment | None:
        """Return the payment of that key."""
        return self.payments.get(key)

    def recovery(self, key: str) -> Recovery | None:
        """Return the recovery of that short id."""
        return self.recoveries.get(key)

    def with_commitment(self, one: Commitment) -> "Spending":
        """Return the spending with one more commitment, or one in a new form."""
        return altered(
            self,
            commitments={**self.commitments, one.commitment: one},
            committed_of=_moved(self.committed_of, self.commitment(one.commitment), one),
        )

    def with_invoice(self, one: Invoice) -> "Spending":
        """Return the spending with one more invoice."""
        return altered(self, invoices={**self.invoices, one.invoice: one})

    def with_liquidation(self, one: Liquidation) -> "Spending":
        """Return the spending with one more liquidation, or one in a new form."""
        return altered(self, liquidations={**self.liquidations, one.liquidation: one})

    def with_payment(self, one: Payment) -> "Spending":
        """Return the spending with one more payment, or one in a new form."""
        return altered(
            self,
            payments={**self.payments, one.payment: one},
            paid_of=_moved(self.paid_of, self.payment(one.payment), one),
        )

    def with_recovery(self, one: Recovery) -> "Spending":
        """Return the spending with one more recovery, or one in a new form."""
        return altered(self, recoveries={**self.recoveries, one.recovery: one})

    def with_paid_on(self, payment: PaymentTerms, cents: int) -> "Spending":
        """Return the spending with so many cents more paid on commitment and liquidation."""
        after, owed = self, self.commitment(payment.commitment)
        if owed is not None:
            after = after.with_commitment(altered(owed, paid=EUR(max(owed.paid + cents, 0))))
        due = self.liquidation(payment.liquidation or "")
        if due is not None:
            after = after.with_liquidation(altered(due, paid=EUR(max(due.paid + cents, 0))))
        return after

    def committed(self, source: Source | None = None) -> int:
        """Return the cents committed, of a source or of all."""
        return _sum_of(self.committed_of, source)

    def paid(self, source: Source | None = None) -> int:
        """Return the cents paid, of a source or of all: executed - reversed - recovered."""
        return _sum_of(self.paid_of, source)

    def given_back(self) -> int:
        """Return the cents given back to who granted: recoveries that name no payment."""
        return sum(one.recovered for one in self.recoveries.values() if one.payment is None)

    def payments_on_act(self, act: str) -> tuple[PaymentKey, ...]:
        """Return the payments that rest on an act: that of their commitment or liquidation."""
        resting = {one.commitment for one in self.commitments.values() if one.act == act}
        liquidated = {one.liquidation for one in self.liquidations.values() if one.act == act}
        return tuple(
            one.payment
            for one in self.payments.values()
            if one.commitment in resting or one.liquidation in liquidated
        )

    def statement(self) -> SpendingStatement:
        """Return the figures of the exported state."""
        used = self.committed_of.keys() | self.paid_of.keys()
        return SpendingStatement(
            committed=SignedEUR(self.committed()),
            paid=SignedEUR(self.paid()),
            sources=tuple(self._of(source) for source in sorted(used)),
            commitments=tuple(self.commitments.values()),
            invoices=tuple(self.invoices.values()),
            liquidations=tuple(self.liquidations.values()),
            payments=tuple(self.payments.values()),
            recoveries=tuple(self.recoveries.values()),
        )

    def _of(self, source: Source) -> SourceSpending:
        committed, paid = self.committed(source), self.paid(source)
        return SourceSpending(
            source=source,
            committed=SignedEUR(committed),
            paid=SignedEUR(paid),
            left=SignedEUR(committed - paid),
        )


def _moved(
    sums: dict[Source, int], before: Commitment | Payment | None, after: Commitment | Payment
) -> dict[Source, int]:
    """Return the sums by source after an entry has taken the place of one, or of none."""
    moved = after.balance - (before.balance if before else 0)
    return {**sums, after.source: sums.get(after.source, 0) + moved}


def _sum_of(sums: dict[Source, int], source: Source | None) -> int:
    return sum(sums.values()) if source is None else sums.get(source, 0)
