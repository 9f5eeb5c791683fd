"""Money that is paid and taken back. Source: DOMAIN 6 and 9.6; TUEL art. 185."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ledger.domain.altered import altered
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import CUPFact, Missing, Parts, event
from ledger.domain.events.spending import FINANCE
from ledger.domain.events.streams import named_act, own_cup
from ledger.domain.identifiers import ShortId
from ledger.domain.keys import PaymentKey
from ledger.domain.money import EUR
from ledger.domain.payments import Payment, PaymentTerms, Recovery, RecoveryTerms
from ledger.domain.rules.acts import act_unknown, dates_reversed
from ledger.domain.rules.funding import amount_not_positive, sum_mismatch
from ledger.domain.rules.interventions import duplicate_key, reference_unknown
from ledger.domain.rules.spending import (
    commitment_overdrawn,
    payment_balance_negative,
    payment_by_liquidator,
    pnrr_paid_above_funding,
)
from ledger.domain.taken import taken


@event(
    "payment-executed/1",
    ask="record-payment/1",
    italian="Pagamento",
    says="Pagati {amount} ({source}) con il mandato {payment}",
    streams=(own_cup,),
    by=FINANCE,
    refusals=(
        reference_unknown,
        duplicate_key,
        amount_not_positive,
        sum_mismatch,
        payment_by_liquidator,
        commitment_overdrawn,
        pnrr_paid_above_funding,
    ),
)
@dataclass(frozen=True, kw_only=True)
class PaymentExecuted(CUPFact, PaymentTerms):
    """A payment order carried out (TUEL art. 185; CUP and CIG on it: L. 136/2010 art. 3)."""

    def natural_keys(self, dossier: Dossier) -> list[str]:
        """Return the payment when it is recorded."""
        known = dossier.spending.payment(self.payment)
        return [] if known is None else [f"il pagamento {self.payment}"]

    def missing(self, dossier: Dossier) -> Missing:
        """Yield what it rests on and is not recorded."""
        spending = dossier.spending
        if spending.commitment(self.commitment) is None:
            yield f"l'impegno {self.commitment}", "record-commitment/1"
        if self.liquidation is not None and spending.liquidation(self.liquidation) is None:
            yield f"la liquidazione {self.liquidation}", "liquidate-expense/1"
        if self.invoice is not None and spending.invoice(self.invoice) is None:
            yield f"la fattura {self.invoice}", "receive-invoice/1"

    def parts(self) -> Parts:
        """Return what it is, what each recipient got and the whole."""
        received: list[EUR | None] = [one.amount for one in self.recipients]
        return f"il pagamento {self.payment}", received, self.amount

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the payment, on its commitment and liquidation too."""
        spending = dossier.spending.with_payment(taken(Payment, self, event))
        return altered(dossier, spending=spending.with_paid_on(self, self.amount))


def paid_on(dossier: Dossier, payment: PaymentKey | None) -> Iterator[tuple[str, date]]:
    """Yield a payment that is recorded and its day."""
    found = dossier.spending.payment(payment or "")
    if found is not None:
        yield f"il pagamento {found.payment}", found.on


@event(
    "payment-reversed/1",
    ask="reverse-payment/1",
    italian="Storno",
    says="Stornati {amount} del mandato {payment}: {cause}",
    streams=(own_cup,),
    by=FINANCE,
    refusals=(reference_unknown, amount_not_positive, dates_reversed, payment_balance_negative),
)
@dataclass(frozen=True, kw_only=True)
class PaymentReversed(CUPFact):
    """A payment that did not take place, in whole or in part; its commitment is free again."""

    payment: PaymentKey
    amount: EUR
    cause: str

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the payment when it is not recorded."""
        if dossier.spending.payment(self.payment) is None:
            yield f"il pagamento {self.payment}", "record-payment/1"

    def begun(self, dossier: Dossier) -> Iterator[tuple[str, date]]:
        """Yield the payment and its day."""
        yield from paid_on(dossier, self.payment)

    def takes_back(self, dossier: Dossier) -> str | None:  # noqa: ARG002
        """Return the payment of which it takes back."""
        return self.payment

    def gives_back(self, dossier: Dossier) -> bool:  # noqa: ARG002
        """Return whether it gives back to who granted."""
        return False

    def told(self, dossier: Dossier, event: Event) -> Dossier:  # noqa: ARG002
        """Lower the payment."""
        found = dossier.spending.payment(self.payment)
        if found is None:
            return dossier
        total = EUR(found.reversed + self.amount)
        spending = dossier.spending.with_payment(altered(found, reversed=total))
        return altered(dossier, spending=spending.with_paid_on(found, -self.amount))


@event(
    "recovery-opened/1",
    ask="open-recovery/1",
    italian="Recupero avviato",
    says="Avviato il recupero {recovery} di {amount}: {cause}",
    streams=(own_cup, named_act),
    by=FINANCE,
    refusals=(act_unknown, reference_unknown, duplicate_key, amount_not_positive, dates_reversed),
)
@dataclass(frozen=True, kw_only=True)
class RecoveryOpened(CUPFact, RecoveryTerms):
    """Money that must be given back; `act` is its ground, such as the act that was annulled."""

    def natural_keys(self, dossier: Dossier) -> list[str]:
        """Return the recovery when it is recorded."""
        known = dossier.spending.recovery(self.recovery)
        return [] if known is None else [f"il recupero {self.recovery}"]

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the payment when it is not recorded."""
        if self.payment is not None and dossier.spending.payment(self.payment) is None:
            yield f"il pagamento {self.payment}", "record-payment/1"

    def begun(self, dossier: Dossier) -> Iterator[tuple[str, date]]:
        """Yield the payment, when it names one, and its day."""
        yield from paid_on(dossier, self.payment)

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the recovery."""
        spending = dossier.spending.with_recovery(taken(Recovery, self, event))
        return altered(dossier, spending=spending)


@event(
    "amount-recovered/1",
    ask="recover-amount/1",
    italian="Recupero incassato",
    says="Recuperati {amount} ({recovery})",
    streams=(own_cup,),
    by=FINANCE,
    refusals=(reference_unknown, amount_not_positive, dates_reversed, payment_balance_negative),
)
@dataclass(frozen=True, kw_only=True)
class AmountRecovered(CUPFact):
    """What came back of a recovery; of a payment, its commitment stays spent."""

    recovery: ShortId
    amount: EUR

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the recovery when it is not recorded."""
        if dossier.spending.recovery(self.recovery) is None:
            yield f"il recupero {self.recovery}", "open-recovery/1"

    def begun(self, dossier: Dossier) -> Iterator[tuple[str, date]]:
        """Yield the recovery and the day on which it was opened."""
        found = dossier.spending.recovery(self.recovery)
        if found is not None:
            yield f"il recupero {found.recovery}", found.on

    def takes_back(self, dossier: Dossier) -> str | None:
        """Return the payment of which it takes back, when the recovery names one."""
        found = dossier.spending.recovery(self.recovery)
        return found.payment if found else None

    def gives_back(self, dossier: Dossier) -> bool:
        """Return whether it gives back to who granted: the recovery names no payment."""
        found = dossier.spending.recovery(self.recovery)
        return found is not None and found.payment is None

    def told(self, dossier: Dossier, event: Event) -> Dossier:  # noqa: ARG002
        """Note what came back, and lower the payment."""
        found = dossier.spending.recovery(self.recovery)
        if found is None:
            return dossier
        total = EUR(found.recovered + self.amount)
        spending = dossier.spending.with_recovery(altered(found, recovered=total))
        payment = spending.payment(found.payment or "")
        if payment is not None:
            total = EUR(payment.recovered + self.amount)
            spending = spending.with_payment(altered(payment, recovered=total))
        return altered(dossier, spending=spending)
