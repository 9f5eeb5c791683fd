"""Money that is owed: committed, invoiced, liquidated. Source: DOMAIN 6 and 9.6."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ledger.domain.altered import altered
from ledger.domain.commitments import (
    Commitment,
    CommitmentTerms,
    Invoice,
    InvoiceTerms,
    Liquidation,
    LiquidationTerms,
    Reduction,
    ReductionCause,
)
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import CUPFact, Missing, Parts, Role, event
from ledger.domain.events.streams import linked_cups, named_act, own_cup
from ledger.domain.identifiers import ActKey
from ledger.domain.keys import CommitmentKey
from ledger.domain.money import EUR
from ledger.domain.rules.acts import act_unknown, act_without_effect, dates_reversed
from ledger.domain.rules.enforceability import visto_missing
from ledger.domain.rules.funding import amount_not_positive, sum_mismatch
from ledger.domain.rules.interventions import duplicate_key, reference_closed, reference_unknown
from ledger.domain.rules.spending import (
    commitment_balance_negative,
    commitment_on_null_act,
    commitment_overdrawn,
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
    refusals=(
        act_unknown,
        duplicate_key,
        amount_not_positive,
        act_without_effect,
        commitment_on_null_act,
        visto_missing,
    ),
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
        spending = dossier.spending.with_commitment(taken(Commitment, self, event))
        return altered(dossier, spending=spending)


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
        dates_reversed,
        commitment_balance_negative,
        commitment_overdrawn,
    ),
)
@dataclass(frozen=True, kw_only=True)
class CommitmentReduced(CUPFact):
    """Money taken off a commitment; `act` may be the very act that was revoked or annulled."""

    commitment: CommitmentKey
    amount: EUR
    cause: ReductionCause
    act: ActKey | None = None

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the commitment when it is not recorded."""
        if dossier.spending.commitment(self.commitment) is None:
            yield f"l'impegno {self.commitment}", "record-commitment/1"

    def begun(self, dossier: Dossier) -> Iterator[tuple[str, date]]:
        """Yield the commitment and its day."""
        found = dossier.spending.commitment(self.commitment)
        if found is not None:
            yield f"l'impegno {found.commitment}", found.on

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Lower the commitment."""
        found = dossier.spending.commitment(self.commitment)
        if found is None:
            return dossier
        after = found.less(taken(Reduction, self, event))
        return altered(dossier, spending=dossier.spending.with_commitment(after))


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

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the contract when it is named and not recorded."""
        if self.contract is not None and dossier.contracts.contract(self.contract) is None:
            yield f"il contratto {self.contract}", "sign-contract/1"

    def parts(self) -> Parts:
        """Return what it is, its shares and its amount."""
        shares = [link.amount for link in self.links]
        return f"la fattura {self.invoice}", shares, self.amount

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the invoice."""
        spending = dossier.spending.with_invoice(taken(Invoice, self, event))
        return altered(dossier, spending=spending)


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
        reference_closed,
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

    def closed_on(self, dossier: Dossier, day: date) -> Iterator[str]:
        """Yield the commitment when by that day nothing was committed any more."""
        found = dossier.spending.commitment(self.commitment)
        if found is not None and found.ended_on is not None and found.ended_on <= day:
            yield f"l'impegno {self.commitment}"

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the liquidation."""
        spending = dossier.spending.with_liquidation(taken(Liquidation, self, event))
        return altered(dossier, spending=spending)
