"""Funding: granted, adjusted, revoked. Source: DOMAIN sections 6 and 9.6."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

from ledger.domain.altered import altered
from ledger.domain.days import format_day_it
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import CUPFact, Role, event
from ledger.domain.events.streams import named_act, own_cup
from ledger.domain.funding import (
    AdjustmentCause,
    Decree,
    FundingEntry,
    Instrument,
    Movement,
    Source,
)
from ledger.domain.identifiers import ActKey
from ledger.domain.money import EUR, SignedEUR
from ledger.domain.rules.acts import act_unknown, act_without_effect
from ledger.domain.rules.funding import (
    amount_not_positive,
    revocation_not_negative,
    source_balance_negative,
    transfer_not_balanced,
)
from ledger.domain.rules.interventions import duplicate_key, nothing_changed

FUNDING_SIGNERS: tuple[Role, ...] = ("rup", "dirigente", "finanziario")


@dataclass(frozen=True, kw_only=True)
class MovesFunding(CUPFact):
    """Base of what a decree does to the funding; it does it once to each source."""

    keys_of_intervention: ClassVar[bool] = True

    def entry(self, day: date, index: int) -> FundingEntry:
        """Return the entry of that legal day and place in the log."""
        raise NotImplementedError(type(self).__name__)

    def natural_keys(self, dossier: Dossier) -> Iterator[str]:
        """Yield the decree with each source to which it has done the same before."""
        mine = self.entry(date.max, -1)
        decree = f"{mine.decree.number} del {format_day_it(mine.decree.on)}"
        for source in dossier.funding.repeated(mine):
            yield f"il decreto {decree} sulla fonte {source} ({mine.cause})"

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the entry."""
        entry = self.entry(event.day, event.index)
        return altered(dossier, funding=dossier.funding.with_entry(entry))


@event(
    "funding-granted/1",
    ask="record-funding/1",
    italian="Concessione",
    says="Concessi {amount} ({source}) con {decree.number} del {decree.on}",
    streams=(own_cup, named_act),
    by=FUNDING_SIGNERS,
    refusals=(act_unknown, duplicate_key, amount_not_positive, act_without_effect),
)
@dataclass(frozen=True, kw_only=True)
class FundingGranted(MovesFunding):
    """Money granted on one source, by a decree, an undertaking or a convention."""

    source: Source
    amount: EUR
    decree: Decree
    instrument: Instrument
    notified_on: date | None = None
    act: ActKey | None = None
    admitted_cost: EUR | None = None

    def entry(self, day: date, index: int) -> FundingEntry:
        """Return the grant."""
        return FundingEntry(
            on=day,
            index=index,
            cause="concessione",
            decree=self.decree,
            movements=(Movement(source=self.source, delta=SignedEUR(self.amount)),),
            instrument=self.instrument,
            notified_on=self.notified_on,
            act=self.act,
            admitted_cost=self.admitted_cost,
        )


@event(
    "funding-adjusted/1",
    ask="record-funding-adjustment/1",
    italian="Rideterminazione, incremento prezzi",
    says="Rideterminato il finanziamento ({cause}) con {decree.number} del {decree.on}",
    streams=(own_cup,),
    by=FUNDING_SIGNERS,
    refusals=(duplicate_key, nothing_changed, transfer_not_balanced, source_balance_negative),
    findings=("price-increase-without-source",),
)
@dataclass(frozen=True, kw_only=True)
class FundingAdjusted(MovesFunding):
    """Movements on one or more sources; a transfer between sources sums to zero."""

    movements: tuple[Movement, ...]
    cause: AdjustmentCause
    decree: Decree

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the funding when no movement moves anything."""
        moves = any(movement.delta != 0 for movement in self.movements)
        return None if moves else "il finanziamento"

    def entry(self, day: date, index: int) -> FundingEntry:
        """Return the adjustment."""
        return FundingEntry(
            on=day,
            index=index,
            cause=self.cause,
            decree=self.decree,
            movements=self.movements,
        )


@event(
    "funding-revoked/1",
    ask="record-funding-revocation/1",
    italian="Revoca",
    says="Revocato il finanziamento ({scope}) con {decree.number} del {decree.on}",
    streams=(own_cup,),
    by=FUNDING_SIGNERS,
    refusals=(duplicate_key, nothing_changed, revocation_not_negative, source_balance_negative),
)
@dataclass(frozen=True, kw_only=True)
class FundingRevoked(MovesFunding):
    """Funding withdrawn: negative movements; of a price increase, the cause says so.

    What was paid is not looked at: it is recovered. Source: FAQ p-003; DOMAIN 9.13.
    """

    scope: Literal["totale", "parziale"]
    movements: tuple[Movement, ...]
    decree: Decree
    recovery_due: EUR | None = None
    cause: Literal["incremento-prezzi"] | None = None

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the funding when there is no movement."""
        return None if self.movements else "il finanziamento"

    def entry(self, day: date, index: int) -> FundingEntry:
        """Return the revocation."""
        return FundingEntry(
            on=day,
            index=index,
            cause=self.cause or "revoca",
            decree=self.decree,
            movements=self.movements,
            recovery_due=self.recovery_due,
            scope=self.scope,
        )
