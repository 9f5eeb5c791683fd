"""Scope: the services that an intervention moves to the cloud, one item each.

A service has the migration that was financed for it: from where, to where, in which mode. Which ones a
measure finances is a table of law (migrations.py). Source: DOMAIN sections 5.4 and 9.1.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.altered import altered
from ledger.domain.files import FileName
from ledger.domain.identifiers import ServiceItem, ShortId
from ledger.domain.money import EUR

Mode = Literal["A", "B"]
Origin = Literal["on-premise-destrutturato", "on-premise-strutturato", "iaas", "paas", "saas"]
Destination = Literal["iaas", "paas", "saas"]


@dataclass(frozen=True, kw_only=True)
class Completion:
    """A service that went live; `mode` is the one really used."""

    index: int
    live_on: date
    mode: Mode
    destination: Destination
    improved_declaration: FileName | None = None


@dataclass(frozen=True, kw_only=True)
class ScopeItem:
    """One service of the intervention."""

    item: ServiceItem
    name: str
    funded: bool
    index: int
    added_on: date
    mode: Mode | None = None
    origin: Origin | None = None
    destination: Destination | None = None
    origin_qualified: bool = False
    second_step: bool = False
    qualification_id: str | None = None
    amount: EUR | None = None
    modification: ShortId | None = None
    removed_on: date | None = None
    completion: Completion | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """The services by code, in order of addition."""

    items: tuple[ScopeItem, ...] = ()

    def item(self, code: str) -> ScopeItem | None:
        """Return the service of that code."""
        return next((item for item in self.items if item.item == code), None)

    def with_item(self, item: ScopeItem) -> "Scope":
        """Return the scope with one more service."""
        return Scope((*self.items, item))

    def changed(self, item: ScopeItem) -> "Scope":
        """Return the scope with a service in its new form."""
        return Scope(tuple(item if one.item == item.item else one for one in self.items))

    def completed(self, code: str, completion: Completion) -> "Scope":
        """Return the scope with one service live."""
        return Scope(
            tuple(
                altered(item, completion=completion) if item.item == code else item
                for item in self.items
            )
        )
