"""What is shown and sent to others: access, data for national systems, the public page as seen.

Source: DOMAIN sections 9.9, 11 and 13.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from ledger.domain.altered import altered
from ledger.domain.disclosure import (
    Access,
    AccessScope,
    AccessTerms,
    Snapshot,
    SnapshotTerms,
    System,
    Transmission,
    TransmissionAnswer,
    TransmissionTerms,
)
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import CUPFact, Missing, Period, event
from ledger.domain.events.streams import own_cup
from ledger.domain.references import ActorId
from ledger.domain.rules.acts import dates_reversed
from ledger.domain.rules.interventions import nothing_changed, reference_closed, reference_unknown
from ledger.domain.taken import taken


@event(
    "access-granted/1",
    ask="grant-access/1",
    italian="Accesso concesso",
    says="Concesso a {actor} l'accesso ({scope}) fino al {to}: {cause}",
    streams=(own_cup,),
    by=("segretario",),
    refusals=(nothing_changed, dates_reversed),
)
@dataclass(frozen=True, kw_only=True)
class AccessGranted(CUPFact, AccessTerms):
    """An actor may read history, documents or vault of the intervention until a day, included."""

    of_whole_cup: ClassVar[bool] = True

    def lasts(self, day: date) -> Period:
        """Return the days of the access, which begins on its legal date."""
        return day, self.to

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:
        """Return the access when the same one is in force."""
        known = dossier.disclosure.access(self.actor, self.scope)
        same = known is not None and known.in_force(event.day) and known.to == self.to
        return f"l'accesso di {self.actor}" if same else None

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the access."""
        # The actor of an access is the one who may read, not the one who signs.
        access = Access(
            actor=self.actor,
            scope=self.scope,
            to=self.to,
            cause=self.cause,
            on=event.day,
            index=event.index,
        )
        accesses = (*dossier.disclosure.accesses, access)
        return altered(dossier, disclosure=altered(dossier.disclosure, accesses=accesses))


@event(
    "access-revoked/1",
    ask="revoke-access/1",
    italian="Accesso revocato",
    says="Revocato a {actor} l'accesso ({scope}): {cause}",
    streams=(own_cup,),
    by=("segretario",),
    refusals=(reference_unknown, reference_closed),
)
@dataclass(frozen=True, kw_only=True)
class AccessRevoked(CUPFact):
    """An access ends before its day."""

    of_whole_cup: ClassVar[bool] = True

    actor: ActorId
    scope: AccessScope
    cause: str

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the access when none was granted."""
        if dossier.disclosure.access(self.actor, self.scope) is None:
            yield f"un accesso di {self.actor} ({self.scope})", "grant-access/1"

    def closed(self, dossier: Dossier) -> Iterable[str]:
        """Yield the access when it is revoked."""
        known = dossier.disclosure.access(self.actor, self.scope)
        if known is not None and known.revoked_index is not None:
            yield f"L'accesso di {self.actor} ({self.scope})"

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """End the access; without one, as on a day before it was granted, nothing changes."""
        known = dossier.disclosure.access(self.actor, self.scope)
        if known is None:
            return dossier
        revoked = dossier.disclosure.revoked(known, event.day, self.cause, event.index)
        return altered(dossier, disclosure=revoked)


@event(
    "monitoring-data-sent/1",
    ask="send-monitoring-data/1",
    italian="Dati inviati",
    says="Inviati a {system}: {what}",
    streams=(own_cup,),
    by=("rup", "dirigente"),
)
@dataclass(frozen=True, kw_only=True)
class MonitoringDataSent(CUPFact, TransmissionTerms):
    """Data sent to a national system; `digest` is the SHA-256 of what was sent."""

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add what was sent."""
        sent = (*dossier.disclosure.transmissions, taken(Transmission, self, event))
        return altered(dossier, disclosure=altered(dossier.disclosure, transmissions=sent))


@event(
    "monitoring-data-answered/1",
    ask="record-monitoring-answer/1",
    italian="Esito invio",
    says="Esito dell'invio a {system}: {outcome}",
    streams=(own_cup,),
    by=("rup", "dirigente"),
    refusals=(reference_unknown, reference_closed),
)
@dataclass(frozen=True, kw_only=True)
class MonitoringDataAnswered(CUPFact):
    """What a national system said of the last data sent to it that had no answer."""

    system: System
    outcome: str
    errors: tuple[str, ...] = ()

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the data when none were sent to the system."""
        if not dossier.disclosure.sent(self.system):
            yield f"un invio a {self.system}", "send-monitoring-data/1"

    def closed(self, dossier: Dossier) -> Iterable[str]:
        """Yield the data when all that were sent have their answer."""
        sent = dossier.disclosure.sent(self.system)
        if sent and dossier.disclosure.waiting(self.system) is None:
            yield f"L'esito di ogni invio a {self.system}"

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the answer; without data, as on a day before they were sent, nothing changes."""
        sent = dossier.disclosure.waiting(self.system)
        if sent is None:
            return dossier
        answered = dossier.disclosure.answered(sent, taken(TransmissionAnswer, self, event))
        return altered(dossier, disclosure=answered)


@event(
    "public-page-snapshotted/1",
    ask="snapshot-public-page/1",
    italian="Fotografia della pagina",
    says="Fotografata la pagina {url}",
    streams=(own_cup,),
    by=("pubblicatore", "segretario", "rup"),
)
@dataclass(frozen=True, kw_only=True)
class PublicPageSnapshotted(CUPFact, SnapshotTerms):
    """The public page as it was seen on a day."""

    of_whole_cup: ClassVar[bool] = True

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the snapshot."""
        snapshots = (*dossier.disclosure.snapshots, taken(Snapshot, self, event))
        return altered(dossier, disclosure=altered(dossier.disclosure, snapshots=snapshots))
