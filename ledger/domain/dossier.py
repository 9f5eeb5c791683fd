"""The dossier: all that one stream says, folded; the state on which rules decide.

The stream of a CUP gives the dossier of the intervention, with the acts linked to it; the stream of
an act gives a dossier that holds this act alone; those of the ledger hold its exceptions and the files
of open data. One slice a concept, each in its own file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ledger.domain.altered import altered
from ledger.domain.audits import Audits
from ledger.domain.compliance import Compliance
from ledger.domain.disclosure import Disclosure
from ledger.domain.documents import Documents
from ledger.domain.funding import Funding
from ledger.domain.national import NationalStates
from ledger.domain.oversight import Oversight
from ledger.domain.people import People
from ledger.domain.phases import Phases
from ledger.domain.scope import Scope
from ledger.domain.sources import Sources

if TYPE_CHECKING:
    from ledger.domain.acts import Act
    from ledger.domain.registration import Registration


@dataclass(frozen=True)
class Dossier:
    """The state of one stream after `count` events of it."""

    stream: str
    count: int = 0
    last_index: int = -1
    registrations: tuple[Registration, ...] = ()
    scope: Scope = field(default_factory=Scope)
    funding: Funding = field(default_factory=Funding)
    acts: dict[str, Act] = field(default_factory=dict)
    people: People = field(default_factory=People)
    phases: Phases = field(default_factory=Phases)
    compliance: Compliance = field(default_factory=Compliance)
    documents: Documents = field(default_factory=Documents)
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
        return len(self.registrations) > 1

    def with_act(self, act: Act) -> Dossier:
        """Return the dossier with the act in its new form."""
        return altered(self, acts={**self.acts, act.key: act})

    def with_registration(self, changed: Registration) -> Dossier:
        """Return the dossier with that registration in its new form."""
        return altered(
            self,
            registrations=tuple(
                changed if found.index == changed.index else found for found in self.registrations
            ),
        )
