"""The intervention and its services: registered, described, services added and completed.

Source: DOMAIN sections 1, 3, 5.4 and 9.1.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ledger.domain.altered import altered
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import Fact, event
from ledger.domain.events.streams import own_cup
from ledger.domain.identifiers import CLP, CUP, Istat, Measure
from ledger.domain.registration import (
    Body,
    Natura,
    Picture,
    Registration,
    Subject,
    Tags,
    format_pair,
)
from ledger.domain.rules.interventions import (
    duplicate_key,
    nothing_changed,
    tax_code_personal,
)


@event(
    "intervention-registered/1",
    ask="register-intervention/1",
    italian="Registrazione intervento",
    says="Registrato l'intervento «{title}», misura {measure}",
    streams=(own_cup,),
    by=("rup", "dirigente"),
    refusals=(tax_code_personal, duplicate_key),
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
                yield f"l'intervento {format_pair(self.measure, self.clp)}"

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
        found = dossier.meant(self.intervention)
        given = {name: getattr(self, name) for name in DESCRIBED if getattr(self, name)}
        return None if found is None else altered(found, **given)

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the description when it is already so."""
        after = self.changed(dossier)
        return "la descrizione" if after in dossier.registrations else None

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:  # noqa: ARG002
        """Replace the values that are given."""
        after = self.changed(dossier)
        return dossier if after is None else dossier.with_registration(after)
