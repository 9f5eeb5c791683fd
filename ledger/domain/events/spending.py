"""Money that goes out: committed, invoiced, liquidated, paid, taken back. Source: DOMAIN 6 and 9.6."""

from dataclasses import dataclass
from typing import Literal

from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import CUPFact, Missing, Parts, Role, event
from ledger.domain.events.streams import linked_cups, named_act, own_cup
from ledger.domain.identifiers import ActKey, ShortId
from ledger.domain.keys import CommitmentKey, PaymentKey
from ledger.domain.money import EUR
from ledger.domain.rules.acts import act_unknown, act_without_effect
from ledger.domain.rules.funding import amount_not_positive, sum_mismatch
from ledger.domain.rules.interventions import duplicate_key, reference_unknown
from ledger.domain.rules.spending import (
    commitment_balance_negative,
    commitment_overdrawn,
    payment_balance_negative,
    payment_by_liquidator,
    pnrr_paid_above_funding,
)
from ledger.domain.slices import added, amended
from ledger.domain.spending import (
    Commitment,
    CommitmentTerms,
    Invoice,
    InvoiceTerms,
    Liquidation,
    LiquidationTerms,
    Payment,
    PaymentTerms,
    Recovery,
    RecoveryTerms,
)
from ledger.domain.taken import taken

FINANCE: tuple[Role, ...] = ("finanziario",)


@event(
    "commitment-recorded/1",
    ask="record-commitment/1",
    italian="Impegno",
    says="Impegno {commitment} di {amount} ({source})",
    streams=(own_cup, named_act),
    by=FINANCE,
    refusals=(act_unknown, duplicate_key, amount_not_positive, act_without_effect),
)
@dataclass(frozen=True, kw_only=True)
class CommitmentRecorded(CUPFact, CommitmentTerms):
    """Money committed on a chapter by an act (TUEL art. 183)."""

    def natural_keys(self, dossier: Dossier) -> list[str]:
        """Return the commitment when it is recorded."""
        known = dossier.spending.commitment(self.commitment)
        return [] if known is None else [f"l'impegno {self.commitment}"]

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the commitment."""
        return added(dossier, "spending", "commitments", taken(Commitment, self, event))


@event(
    "commitment-reduced/1",
    ask="reduce-commitment/1",
    italian="Disimpegno",
    says="Ridotto di {amount} l'impegno {commitment}",
    streams=(own_cup, named_act),
    by=FINANCE,
    refusals=(
        act_unknown,
        reference_unknown,
        amount_not_positive,
        act_without_effect,
        commitment_balance_negative,
        commitment_overdrawn,
    ),
)
@dataclass(frozen=True, kw_only=True)
class CommitmentReduced(CUPFact):
    """Money taken off a commitment: 01 revoked, 02 less spent."""

    commitment: CommitmentKey
    amount: EUR
    cause: Literal["01", "02"]
    act: ActKey | None = None

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the commitment when it is not recorded."""
        if dossier.spending.commitment(self.commitment) is None:
            yield f"l'impegno {self.commitment}", "record-commitment/1"

    def told(self, dossier: Dossier, event: Event) -> Dossier:  # noqa: ARG002
        """Lower the commitment."""
        found = dossier.spending.commitment(self.commitment)
        reduced = EUR(found.reduced + self.amount) if found else self.amount
        return amended(dossier, "spending", "commitments", found, reduced=reduced)


@event(
    "invoice-received/1",
    ask="receive-invoice/1",
    italian="Fattura",
    says="Ricevuta la fattura {number} (SDI {invoice}) di {amount}",
    streams=(own_cup, linked_cups),
    by=FINANCE,
    refusals=(reference_unknown, duplicate_key, amount_not_positive, sum_mismatch),
)
@dataclass(frozen=True, kw_only=True)
class InvoiceReceived(CUPFact, InvoiceTerms):
    """A fattura elettronica; `cup_on` and `cig_on` say whether it prints them (L. 136/2010 art. 3)."""

    def natural_keys(self, dossier: Dossier) -> list[str]:
        """Return the invoice when it is recorded on this CUP."""
        known = dossier.spending.invoice(self.invoice)
        return [] if known is None else [f"la fattura {self.invoice}"]

    def parts(self) -> Parts:
        """Return what it is, its shares and its amount."""
        shares = [link.amount for link in self.links]
        return f"la fattura {self.invoice}", shares, self.amount

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the invoice."""
        return added(dossier, "spending", "invoices", taken(Invoice, self, event))


@event(
    "expense-liquidated/1",
    ask="liquidate-expense/1",
    italian="Liquidazione",
    says="Liquidati {amount} sull'impegno {commitment}",
    streams=(own_cup, named_act),
    by=("rup", "dirigente", "finanziario"),
    refusals=(
        act_unknown,
        reference_unknown,
        duplicate_key,
        amount_not_positive,
        act_without_effect,
    ),
)
@dataclass(frozen=True, kw_only=True)
class ExpenseLiquidated(CUPFact, LiquidationTerms):
    """What is due is ascertained, after the service (TUEL arts. 182, 184)."""

    def natural_keys(self, dossier: Dossier) -> list[str]:
        """Return the liquidation when it is recorded."""
        known = dossier.spending.liquidation(self.liquidation)
        return [] if known is None else [f"la liquidazione {self.liquidation}"]

    def missing(self, dossier: Dossier) -> Missing:
        """Yield commitment and invoice when they are not recorded."""
        if dossier.spending.commitment(self.commitment) is None:
            yield f"l'impegno {self.commitment}", "record-commitment/1"
        if self.invoice is not None and dossier.spending.invoice(self.invoice) is None:
            yield f"la fattura {self.invoice}", "receive-invoice/1"

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the liquidation."""
        return added(dossier, "spending", "liquidations", taken(Liquidation, self, event))


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
        after = added(dossier, "spending", "payments", taken(Payment, self, event))
        return paid_on(after, self, self.amount)


def paid_on(dossier: Dossier, payment: PaymentTerms, cents: int) -> Dossier:
    """Return the dossier with so many cents more paid on commitment and liquidation."""
    found = dossier.spending.commitment(payment.commitment)
    paid = EUR(max((found.paid if found else 0) + cents, 0))
    after = amended(dossier, "spending", "commitments", found, paid=paid)
    done = after.spending.liquidation(payment.liquidation or "")
    paid = EUR(max((done.paid if done else 0) + cents, 0))
    return amended(after, "spending", "liquidations", done, paid=paid)


@event(
    "payment-reversed/1",
    ask="reverse-payment/1",
    italian="Storno",
    says="Stornati {amount} del mandato {payment}: {cause}",
    streams=(own_cup,),
    by=FINANCE,
    refusals=(reference_unknown, amount_not_positive, payment_balance_negative),
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

    def takes_back(self, dossier: Dossier) -> str | None:  # noqa: ARG002
        """Return the payment of which it takes back."""
        return self.payment

    def told(self, dossier: Dossier, event: Event) -> Dossier:  # noqa: ARG002
        """Lower the payment."""
        found = dossier.spending.payment(self.payment)
        if found is None:
            return dossier
        total = EUR(found.reversed + self.amount)
        after = amended(dossier, "spending", "payments", found, reversed=total)
        return paid_on(after, found, -self.amount)


@event(
    "recovery-opened/1",
    ask="open-recovery/1",
    italian="Recupero avviato",
    says="Avviato il recupero {recovery} di {amount}: {cause}",
    streams=(own_cup, named_act),
    by=FINANCE,
    refusals=(
        act_unknown,
        reference_unknown,
        duplicate_key,
        amount_not_positive,
        act_without_effect,
    ),
)
@dataclass(frozen=True, kw_only=True)
class RecoveryOpened(CUPFact, RecoveryTerms):
    """Money that must be given back."""

    def natural_keys(self, dossier: Dossier) -> list[str]:
        """Return the recovery when it is recorded."""
        known = dossier.spending.recovery(self.recovery)
        return [] if known is None else [f"il recupero {self.recovery}"]

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the payment when it is not recorded."""
        if self.payment is not None and dossier.spending.payment(self.payment) is None:
            yield f"il pagamento {self.payment}", "record-payment/1"

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the recovery."""
        return added(dossier, "spending", "recoveries", taken(Recovery, self, event))


@event(
    "amount-recovered/1",
    ask="recover-amount/1",
    italian="Recupero incassato",
    says="Recuperati {amount} ({recovery})",
    streams=(own_cup,),
    by=FINANCE,
    refusals=(reference_unknown, amount_not_positive, payment_balance_negative),
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

    def takes_back(self, dossier: Dossier) -> str | None:
        """Return the payment of which it takes back, when the recovery names one."""
        found = dossier.spending.recovery(self.recovery)
        return found.payment if found else None

    def told(self, dossier: Dossier, event: Event) -> Dossier:  # noqa: ARG002
        """Note what came back, and lower the payment."""
        found = dossier.spending.recovery(self.recovery)
        if found is None:
            return dossier
        total = EUR(found.recovered + self.amount)
        after = amended(dossier, "spending", "recoveries", found, recovered=total)
        payment = after.spending.payment(found.payment or "")
        total = EUR((payment.recovered if payment else 0) + self.amount)
        return amended(after, "spending", "payments", payment, recovered=total)
