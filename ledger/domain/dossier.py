"""The dossier: all that one stream says, folded; the state on which rules decide.

The stream of a CUP gives the dossier of the intervention, with the acts linked to it; the stream of
an act gives a dossier that holds this act alone; those of the ledger hold its exceptions and the files
of open data. One slice a concept, each in its own file.

Where several interventions share a CUP each has a dossier of its own, a part, and the dossier of the
CUP is made of them (ledger.domain.shared): what has a CUP of its own elsewhere has a part here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ledger.domain.altered import altered
from ledger.domain.audits import Audits
from ledger.domain.checks import Checks
from ledger.domain.compliance import Compliance
from ledger.domain.contracts import Contracts
from ledger.domain.disclosure import Disclosure
from ledger.domain.documents import Documents
from ledger.domain.funding import Funding
from ledger.domain.incomes import Incomes
from ledger.domain.life import Life
from ledger.domain.national import NationalStates
from ledger.domain.oversight import Oversight
from ledger.domain.people import People
from ledger.domain.phases import Phases
from ledger.domain.procurement import Procurement
from ledger.domain.retention import Retention
from ledger.domain.schedule import Schedule
from ledger.domain.scope import Scope
from ledger.domain.sources import Sources
from ledger.domain.spending import Spending
from ledger.domain.targets import Targets

if TYPE_CHECKING:
    from ledger.domain.act_effects import ActEffect
    from ledger.domain.act_statement import LinkedAct
    from ledger.domain.acts import Act, Link
    from ledger.domain.identifiers import CUP
    from ledger.domain.reconnaissance import Reconnaissance
    from ledger.domain.registration import Registration

    OwnLink = tuple[str, str | None, str | None]  # the act, measure and CLP as its link says them


@dataclass(frozen=True)
class Dossier:
    """The state of one stream after `count` events of it."""

    stream: str
    count: int = 0
    last_index: int = -1
    parts: tuple[Dossier, ...] = ()
    place: int | None = None  # of a part: where its intervention was registered
    registered: tuple[Registration, ...] = ()  # on the CUP, whatever the legal day that is asked
    acts_met: frozenset[str] = frozenset()
    own_links: frozenset[OwnLink] = frozenset()  # of a part: links to the CUP that are its own
    registrations: tuple[Registration, ...] = field(default_factory=tuple)
    life: Life = field(default_factory=Life)
    scope: Scope = field(default_factory=Scope)
    funding: Funding = field(default_factory=Funding)
    spending: Spending = field(default_factory=Spending)
    incomes: Incomes = field(default_factory=Incomes)
    acts: dict[str, Act] = field(default_factory=dict)
    act_effects: dict[str, tuple[ActEffect, ...]] = field(default_factory=dict)
    linked_acts: tuple[LinkedAct, ...] = field(default_factory=tuple)
    reconnaissances: tuple[Reconnaissance, ...] = field(default_factory=tuple)
    people: People = field(default_factory=People)
    phases: Phases = field(default_factory=Phases)
    schedule: Schedule = field(default_factory=Schedule)
    targets: Targets = field(default_factory=Targets)
    procurement: Procurement = field(default_factory=Procurement)
    contracts: Contracts = field(default_factory=Contracts)
    compliance: Compliance = field(default_factory=Compliance)
    checks: Checks = field(default_factory=Checks)
    documents: Documents = field(default_factory=Documents)
    retention: Retention = field(default_factory=Retention)
    national: NationalStates = field(default_factory=NationalStates)
    oversight: Oversight = field(default_factory=Oversight)
    audits: Audits = field(default_factory=Audits)
    disclosure: Disclosure = field(default_factory=Disclosure)
    sources: Sources = field(default_factory=Sources)

    @property
    def cup(self) -> str | None:
        """Return the CUP whose stream it is, None for the stream of an act."""
        return self.stream[4:] if self.stream.startswith("cup/") else None

    @property
    def is_shared(self) -> bool:
        """Return whether more than one intervention is registered on the CUP."""
        return bool(self.parts)

    @property
    def each(self) -> tuple[Dossier, ...]:
        """Return the dossier of each intervention on the CUP: the parts, or itself."""
        return self.parts or (self,)

    @property
    def registration(self) -> Registration | None:
        """Return the intervention, None before it is registered; of a shared CUP the first."""
        return next(iter(self.registrations), None)

    def selected(self, measure: str, clp: str | None) -> list[Registration]:
        """Return the interventions that a selector means: one, or several that it does not part.

        Without a CLP it means the one that has none, when there is such.
        """
        found = [one for one in self.registered if one.is_selected(measure, clp)]
        return [one for one in found if one.clp == clp] or found

    def owns(self, subject: str, link: Link) -> bool:
        """Return whether a link of an act is to this intervention, not to another on the CUP."""
        is_own = self.place is None or (subject, link.measure, link.clp) in self.own_links
        return link.cup == self.cup and is_own

    def with_act(self, act: Act) -> Dossier:
        """Return the dossier with the act in its new form."""
        return altered(self, acts={**self.acts, act.key: act})

    def with_linked_act(self, linked: LinkedAct) -> Dossier:
        """Return the dossier with one more act that was linked after its registration."""
        return altered(self, linked_acts=(*self.linked_acts, linked))

    def without_linked_act(self, act: str, right: CUP) -> Dossier:
        """Return the dossier after an act that was linked here later was moved to the right CUP."""
        moved = tuple(
            altered(one, share=None, relinked_to=right) if one.stays and one.act == act else one
            for one in self.linked_acts
        )
        return altered(self, linked_acts=moved)

    def with_effect(self, effect: ActEffect) -> Dossier:
        """Return the dossier after something was done to an act, which may be in another dossier."""
        known = self.act_effects.get(effect.act, ())
        after = altered(self, act_effects={**self.act_effects, effect.act: (*known, effect)})
        by = self.acts.get(effect.by or "")
        if by is None or effect.act in by.affects:
            return after
        return after.with_act(altered(by, affects=(*by.affects, effect.act)))

    def with_registration(self, changed: Registration) -> Dossier:
        """Return the dossier with that registration in its new form."""
        return altered(
            self,
            registrations=tuple(
                changed if found.index == changed.index else found for found in self.registrations
            ),
        )
