"""The intervention and its services: registered, described, services added and completed.

Source: DOMAIN sections 1, 3, 5.4 and 9.1.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.altered import altered
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import Fact, Missing, Period, event
from ledger.domain.events.streams import own_cup
from ledger.domain.files import FileName
from ledger.domain.identifiers import CLP, CUP, Istat, Measure, ServiceItem, ShortId
from ledger.domain.money import EUR
from ledger.domain.registration import Body, Natura, Picture, Registration, Subject, Tags
from ledger.domain.rules.acts import dates_reversed
from ledger.domain.rules.funding import amount_not_positive
from ledger.domain.rules.interventions import (
    duplicate_key,
    migration_not_eligible,
    nothing_changed,
    reference_closed,
    reference_unknown,
    scope_frozen,
)
from ledger.domain.scope import Completion, Destination, Mode, Origin, ScopeItem


@event(
    "intervention-registered/1",
    ask="register-intervention/1",
    italian="Registrazione intervento",
    says="Registrato l'intervento «{title}», misura {measure}",
    streams=(own_cup,),
    by=("rup", "dirigente"),
    refusals=(duplicate_key,),
    findings=("cup-unusual", "cup-year-late", "cup-raw-normalised", "label-outdated", "shared-cup"),
)
@dataclass(frozen=True, kw_only=True)
class InterventionRegistered(Fact):
    """The first event of a CUP; a second one with another (measure, CLP) makes the CUP shared."""

    cup: CUP
    title: str
    measure: Measure
    body: Body
    natura: Natura
    decided_in: int
    clp: CLP | None = None
    description: str | None = None
    granting_label: str | None = None
    granting_body: str | None = None
    area: str | None = None
    avviso: str | None = None
    activation_procedure: str | None = None
    localisations: tuple[Istat, ...] = ()
    subjects: tuple[Subject, ...] = ()
    programme: str | None = None
    classifications: tuple[str, ...] = ()
    tags: Tags | None = None

    def natural_keys(self, dossier: Dossier) -> Iterator[str]:
        """Yield the pair (measure, CLP) when it is registered."""
        for found in dossier.registrations:
            if found.measure.key == self.measure.key and found.clp == self.clp:
                yield f"l'intervento {self.measure} {self.clp or ''}".strip()

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the intervention."""
        registration = Registration(
            cup=self.cup,
            title=self.title,
            measure=self.measure,
            body=self.body,
            natura=self.natura,
            decided_in=self.decided_in,
            clp=self.clp,
            description=self.description,
            granting_label=self.granting_label,
            granting_body=self.granting_body,
            area=self.area,
            avviso=self.avviso,
            activation_procedure=self.activation_procedure,
            localisations=self.localisations,
            subjects=self.subjects,
            programme=self.programme,
            classifications=self.classifications,
            tags=self.tags,
            registered_on=event.day,
            index=event.index,
        )
        return altered(dossier, registrations=(*dossier.registrations, registration))


DESCRIBED = (
    "title",
    "description",
    "area",
    "granting_label",
    "classifications",
    "links",
    "gallery",
)


@event(
    "intervention-described/1",
    ask="describe-intervention/1",
    italian="Descrizione aggiornata",
    says="Aggiornata la descrizione dell'intervento",
    streams=(own_cup,),
    by=("rup", "dirigente"),
    refusals=(nothing_changed,),
    findings=("label-outdated",),
)
@dataclass(frozen=True, kw_only=True)
class InterventionDescribed(Fact):
    """New values for what the public page says; a field that is left out stays as it was."""

    title: str | None = None
    description: str | None = None
    area: str | None = None
    granting_label: str | None = None
    classifications: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    gallery: tuple[Picture, ...] = ()

    def changed(self, dossier: Dossier) -> Registration | None:
        """Return the registration it means, with the new values; None without any."""
        chosen = self.intervention
        for found in dossier.registrations:
            if chosen is None or found.is_selected(chosen.measure, chosen.clp):
                given = {name: getattr(self, name) for name in DESCRIBED if getattr(self, name)}
                return altered(found, **given)
        return None

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the description when it is already so."""
        after = self.changed(dossier)
        return "la descrizione" if after in dossier.registrations else None

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:  # noqa: ARG002
        """Replace the values that are given."""
        after = self.changed(dossier)
        return dossier if after is None else dossier.with_registration(after)


@event(
    "scope-item-added/1",
    ask="add-scope-item/1",
    italian="Servizio aggiunto",
    says="Aggiunto il servizio {item} «{name}»",
    streams=(own_cup,),
    by=("rup", "dirigente"),
    refusals=(duplicate_key, amount_not_positive, scope_frozen, migration_not_eligible),
)
@dataclass(frozen=True, kw_only=True)
class ScopeItemAdded(Fact):
    """One service of the intervention, with the migration that was financed for it."""

    item: ServiceItem
    name: str
    funded: bool
    mode: Mode | None = None
    origin: Origin | None = None
    destination: Destination | None = None
    origin_qualified: bool = False
    second_step: bool = False
    qualification_id: str | None = None
    amount: EUR | None = None
    modification: ShortId | None = None

    def natural_keys(self, dossier: Dossier) -> Iterator[str]:
        """Yield the code of the service when it is taken."""
        if dossier.scope.item(self.item) is not None:
            yield f"il servizio {self.item}"

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the service."""
        item = ScopeItem(
            item=self.item,
            name=self.name,
            funded=self.funded,
            index=event.index,
            added_on=event.day,
            mode=self.mode,
            origin=self.origin,
            destination=self.destination,
            amount=self.amount,
        )
        return altered(dossier, scope=dossier.scope.with_item(item))


@event(
    "scope-item-completed/1",
    ask="complete-scope-item/1",
    italian="Servizio completato",
    says="Servizio {item} in esercizio dal {live_on}",
    streams=(own_cup,),
    by=("rup", "dirigente"),
    dated_by="live_on",
    refusals=(reference_unknown, reference_closed, dates_reversed),
    findings=("improved-mode-undeclared",),
)
@dataclass(frozen=True, kw_only=True)
class ScopeItemCompleted(Fact):
    """A service that went live, with the mode really used and its evidence."""

    item: ServiceItem
    live_on: date
    mode: Literal["A", "B"]
    destination: Destination
    started_on: date | None = None
    contract: str | None = None
    improved_declaration: FileName | None = None
    evidence: tuple[FileName, ...] = ()

    @property
    def period(self) -> Period:
        """Return the days from the start of the migration to the service live."""
        return self.started_on, self.live_on

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the service when it is not in the scope."""
        if dossier.scope.item(self.item) is None:
            yield f"il servizio {self.item}", "add-scope-item/1"

    def closed(self, dossier: Dossier) -> Iterator[str]:
        """Yield the service when it is already live."""
        found = dossier.scope.item(self.item)
        if found is not None and found.completion is not None:
            yield f"il servizio {self.item}"

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Note the completion."""
        completion = Completion(
            index=event.index,
            live_on=self.live_on,
            mode=self.mode,
            destination=self.destination,
            improved_declaration=self.improved_declaration,
        )
        return altered(dossier, scope=dossier.scope.completed(self.item, completion))
