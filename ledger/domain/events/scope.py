"""The services of the intervention: added, changed, completed. Source: DOMAIN sections 5.4, 9.1."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, ClassVar, Literal

from ledger.domain.altered import altered
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import Fact, Missing, Period, event
from ledger.domain.events.streams import own_cup
from ledger.domain.files import FileName
from ledger.domain.identifiers import ServiceItem, ShortId
from ledger.domain.money import EUR
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
from ledger.domain.taken import taken


@event(
    "scope-item-added/1",
    ask="add-scope-item/1",
    italian="Servizio aggiunto",
    says="Aggiunto il servizio {item} «{name}»",
    streams=(own_cup,),
    by=("rup", "dirigente"),
    refusals=(
        duplicate_key,
        amount_not_positive,
        reference_unknown,
        scope_frozen,
        migration_not_eligible,
    ),
)
@dataclass(frozen=True, kw_only=True)
class ScopeItemAdded(Fact):
    """One service of the intervention, with the migration that was financed for it."""

    keys_of_intervention: ClassVar[bool] = True

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

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the modification when it is not recorded."""
        yield from missing_modification(dossier, self.modification)

    def touches_funded(self, dossier: Dossier) -> bool:  # noqa: ARG002
        """Return whether it changes what was financed."""
        return self.funded

    def after(self, dossier: Dossier, event: Event) -> ScopeItem | None:  # noqa: ARG002
        """Return the service."""
        return taken(ScopeItem, self, event, added_on=event.day)

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the service."""
        item = taken(ScopeItem, self, event, added_on=event.day)
        return altered(dossier, scope=dossier.scope.with_item(item))


def missing_modification(dossier: Dossier, key: str | None) -> Missing:
    """Yield a modification that is named and not recorded."""
    if key is not None and dossier.life.modification(key) is None:
        yield f"la modifica {key}", "record-modification/1"


@dataclass(frozen=True, kw_only=True)
class ServiceChanges:
    """New values of a service; what is left out stays as it was."""

    name: str | None = None
    funded: bool | None = None
    mode: Mode | None = None
    origin: Origin | None = None
    destination: Destination | None = None
    origin_qualified: bool | None = None
    qualification_id: str | None = None
    amount: EUR | None = None

    def given(self) -> dict[str, Any]:
        """Return the values that are given."""
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in told.items() if value is not None}


@event(
    "scope-item-changed/1",
    ask="change-scope-item/1",
    italian="Servizio modificato",
    says="Modificato il servizio {item}",
    streams=(own_cup,),
    by=("rup", "dirigente"),
    refusals=(
        reference_unknown,
        reference_closed,
        nothing_changed,
        amount_not_positive,
        scope_frozen,
        migration_not_eligible,
    ),
)
@dataclass(frozen=True, kw_only=True)
class ScopeItemChanged(Fact):
    """A service changed or removed; after the decree by an approved modification (FAQ p-034)."""

    item: ServiceItem
    changes: ServiceChanges
    removed: bool = False
    second_step: bool = False
    modification: ShortId | None = None

    @property
    def amount(self) -> EUR | None:
        """Return the new amount, when there is one."""
        return self.changes.amount

    def missing(self, dossier: Dossier) -> Missing:
        """Yield service and modification when they are not recorded."""
        if dossier.scope.item(self.item) is None:
            yield f"il servizio {self.item}", "add-scope-item/1"
        yield from missing_modification(dossier, self.modification)

    def closed(self, dossier: Dossier) -> Iterator[str]:
        """Yield the service when it was removed."""
        found = dossier.scope.item(self.item)
        if found is not None and found.removed_on is not None:
            yield f"il servizio {self.item}"

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:
        """Return the service when it is already so."""
        found = dossier.scope.item(self.item)
        is_same = found is not None and self.after(dossier, event) == found
        return f"il servizio {self.item}" if is_same else None

    def touches_funded(self, dossier: Dossier) -> bool:
        """Return whether it changes what was financed; B for A alone does not (FAQ c-004)."""
        found = dossier.scope.item(self.item)
        if found is None or self.removed:
            return found is not None and found.funded
        given = self.changes.given()
        is_better = (
            given.get("mode") == "B" and found.mode == "A" and set(given) <= {"mode", "destination"}
        )
        is_name = set(given) <= {"name"}
        return (found.funded or bool(given.get("funded"))) and not (is_better or is_name)

    def after(self, dossier: Dossier, event: Event) -> ScopeItem | None:
        """Return the service as it is changed."""
        found = dossier.scope.item(self.item)
        if found is None:
            return None
        given = self.changes.given()
        if self.second_step:
            given["second_step"] = True
        if self.removed:
            given["removed_on"] = event.day
        if self.modification is not None:
            given["modification"] = self.modification
        return altered(found, **given)

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Put the service in its new form."""
        after = self.after(dossier, event)
        return dossier if after is None else altered(dossier, scope=dossier.scope.changed(after))


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
