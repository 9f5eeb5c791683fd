"""The intervention and its services: registered, described, services added and completed.

Source: DOMAIN sections 1, 3, 5.4 and 9.1.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from ledger.domain.altered import altered
from ledger.domain.codes import NoticeCode
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import Fact, event
from ledger.domain.events.streams import own_cup
from ledger.domain.law import Law
from ledger.domain.registration import Picture, Registration, RegistrationTerms, format_pair
from ledger.domain.rules.interventions import (
    duplicate_key,
    nothing_changed,
    tax_code_personal,
)
from ledger.domain.taken import taken


@event(
    "intervention-registered/2",
    ask="register-intervention/2",
    italian="Registrazione intervento",
    says="Registrato l'intervento «{title}», misura {measure}",
    streams=(own_cup,),
    by=("rup", "dirigente"),
    refusals=(tax_code_personal, duplicate_key),
    findings=("cup-unusual", "cup-year-late", "cup-raw-normalised", "label-outdated", "shared-cup"),
)
@dataclass(frozen=True, kw_only=True)
class InterventionRegistered(RegistrationTerms, Fact):
    """The first event of a CUP; a second one with another (measure, CLP) makes the CUP shared."""

    registers: ClassVar[bool] = True
    identifies: ClassVar[bool] = True

    notice: NoticeCode | None = None

    def completed(self, law: Law) -> "InterventionRegistered":
        """Return the same with the code of the notice, where the name it has is known."""
        if self.notice is not None or self.avviso is None:
            return self
        known = law.notices.named(self.avviso, self.measure)
        return self if known is None else replace(self, notice=known.notice)

    def natural_keys(self, dossier: Dossier) -> Iterator[str]:
        """Yield the pair (measure, CLP) when it is registered."""
        for found in dossier.registrations:
            if found.measure.key == self.measure.key and found.clp == self.clp:
                yield f"l'intervento {format_pair(self.measure, self.clp)}"

    def identified(self, dossier: Dossier, event: Event) -> tuple[Registration, ...]:
        """Return the interventions on the CUP with one more."""
        return (*dossier.registered, self._registration(event))

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the intervention."""
        return altered(dossier, registrations=(*dossier.registrations, self._registration(event)))

    def _registration(self, event: Event) -> Registration:
        return taken(Registration, self, event, registered_on=event.day)


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
        found = dossier.registration
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
