"""Codes of procedures: acquired, replaced, cancelled.

Source: DOMAIN sections 2, 3.4, 9.4 and 9.12; L. 136/2010 art. 3.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from ledger.domain.acts import Link
from ledger.domain.altered import altered
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import CUPFact, Missing, event
from ledger.domain.events.procurement import SIGNERS, failed_procedure, missing_procedure
from ledger.domain.events.streams import cups_of_code, linked_cups, own_cup
from ledger.domain.files import FileName
from ledger.domain.identifiers import CIG
from ledger.domain.keys import ProcedureKey
from ledger.domain.procurement import CIGCause, CIGEnd, KnownCIG, Procurement
from ledger.domain.rules.acts import link_repeated
from ledger.domain.rules.interventions import (
    nothing_changed,
    reference_closed,
    reference_unknown,
)
from ledger.domain.taken import taken


def _after(dossier: Dossier, procurement: Procurement) -> Dossier:
    return altered(dossier, procurement=procurement)


@event(
    "cig-acquired/1",
    ask="acquire-cig/1",
    italian="Acquisizione CIG",
    says="Acquisito il CIG {cig} per la procedura {procedure}",
    streams=(own_cup, linked_cups),
    by=SIGNERS,
    dated_by="acquired_on",
    refusals=(reference_unknown, reference_closed, nothing_changed, link_repeated),
)
@dataclass(frozen=True, kw_only=True)
class CIGAcquired(CUPFact):
    """A code for a procedure; `links` names every CUP that it serves, each with the procedure."""

    procedure: ProcedureKey
    cig: CIG
    acquired_on: date
    links: tuple[Link, ...] = ()

    def key(self, body: str) -> ProcedureKey:  # noqa: ARG002  as acts, whose key has the body
        """Return the key of the procedure."""
        return self.procedure

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the procedure when it is not recorded."""
        yield from missing_procedure(dossier, self.procedure)

    def closed_on(self, dossier: Dossier, day: date) -> Iterator[str]:
        """Yield the procedure when it had led to nothing by that day."""
        yield from failed_procedure(dossier, self.procedure, day)

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the code when the procedure has it."""
        has_it = self.cig in dossier.procurement.codes_of(self.procedure)
        return f"il CIG {self.cig}" if has_it else None

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the code."""
        return _after(dossier, dossier.procurement.with_cig(taken(KnownCIG, self, event)))


class _OfCIG:
    """What refers to a code that is recorded and still in use, in each CUP that it serves."""

    of_joint: ClassVar[bool] = True

    if TYPE_CHECKING:

        @property
        def code(self) -> CIG:
            """Return the code."""

    def holds(self, dossier: Dossier) -> bool:
        """Return whether an intervention has the code."""
        return dossier.procurement.cig(self.code) is not None

    def _known(self, dossier: Dossier, code: CIG) -> Missing:
        if dossier.procurement.cig(code) is None:
            yield f"il CIG {code}", "acquire-cig/1"

    def _ended(self, dossier: Dossier, code: CIG) -> Iterator[str]:
        found = dossier.procurement.cig(code)
        if found is not None and found.end is not None:
            yield f"il CIG {code}"


@event(
    "cig-replaced/1",
    ask="replace-cig/1",
    italian="Sostituzione CIG",
    says="Il CIG {old} è sostituito da {new} ({cause})",
    streams=(own_cup, cups_of_code),
    by=SIGNERS,
    refusals=(reference_unknown, reference_closed, nothing_changed),
)
@dataclass(frozen=True, kw_only=True)
class CIGReplaced(_OfCIG, CUPFact):
    """A code gives way to another; both stay in the chain of the procedure."""

    old: CIG
    new: CIG
    cause: CIGCause
    doc: FileName | None = None

    @property
    def code(self) -> CIG:
        """Return the code that gives way."""
        return self.old

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the old code when no procedure has it."""
        yield from self._known(dossier, self.old)

    def closed(self, dossier: Dossier) -> Iterator[str]:
        """Yield the old code when it was replaced or cancelled."""
        yield from self._ended(dossier, self.old)

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the code when it would replace itself."""
        return f"il CIG {self.old}" if self.old == self.new else None

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """End the old code and add the new one to its chain."""
        return _after(dossier, dossier.procurement.ended_cig(self.old, taken(CIGEnd, self, event)))


@event(
    "cig-cancelled/1",
    ask="cancel-cig/1",
    italian="Annullamento CIG",
    says="Annullato il CIG {cig}: {cause}",
    streams=(own_cup, cups_of_code),
    by=SIGNERS,
    refusals=(reference_unknown, reference_closed),
)
@dataclass(frozen=True, kw_only=True)
class CIGCancelled(_OfCIG, CUPFact):
    """A code is cancelled; what names it stays as it is."""

    cig: CIG
    cause: str

    @property
    def code(self) -> CIG:
        """Return the code that is cancelled."""
        return self.cig

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the code when no procedure has it."""
        yield from self._known(dossier, self.cig)

    def closed(self, dossier: Dossier) -> Iterator[str]:
        """Yield the code when it was replaced or cancelled."""
        yield from self._ended(dossier, self.cig)

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """End the code."""
        return _after(dossier, dossier.procurement.ended_cig(self.cig, taken(CIGEnd, self, event)))
