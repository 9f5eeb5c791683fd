"""The CUP itself: local code, corrected, replaced, its status, its links. Source: DOMAIN 3, 9.1."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from ledger.domain.altered import altered
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import CUPFact, Missing, event
from ledger.domain.events.streams import named_act, own_cup, registered_of_two
from ledger.domain.identifiers import CLP, Measure
from ledger.domain.life import (
    CorrectionTerms,
    CUPCorrection,
    CUPLink,
    CUPReplacement,
    CUPStatus,
    LinkTerms,
    ReplacementTerms,
    StatusTerms,
)
from ledger.domain.registration import Registration, format_pair
from ledger.domain.rules.acts import act_unknown
from ledger.domain.rules.interventions import duplicate_key, nothing_changed, reference_unknown
from ledger.domain.shared import concerned_places
from ledger.domain.slices import added
from ledger.domain.taken import taken


@event(
    "local-project-code-assigned/1",
    ask="assign-local-project-code/1",
    italian="Attribuzione CLP",
    says="Attribuito il codice locale {clp} alla misura {measure}",
    streams=(own_cup,),
    by=("rup", "dirigente"),
    refusals=(reference_unknown, duplicate_key, nothing_changed),
)
@dataclass(frozen=True, kw_only=True)
class LocalProjectCodeAssigned(CUPFact):
    """The CLP of an intervention that was registered without, or with another (PUC record AP00)."""

    identifies: ClassVar[bool] = True

    clp: CLP
    measure: Measure

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the intervention when it is not on that measure."""
        if not self._is_on(dossier.registration):
            yield f"un intervento sulla misura {self.measure}", "register-intervention/2"

    def _is_on(self, found: Registration | None) -> bool:
        return found is not None and found.measure.key == self.measure.key

    def claimed(self, whole: Dossier, mine: Iterable[Dossier]) -> Iterator[str]:
        """Yield the pair (measure, CLP) when another intervention on the CUP has it."""
        own = {one.place for one in mine}
        for found in (one.registration for one in whole.parts if one.place not in own):
            if found is not None and self._is_on(found) and found.clp == self.clp:
                yield f"l'intervento {format_pair(self.measure, self.clp)}"

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the CLP when it is already so."""
        meant = dossier.registration
        return f"il CLP {self.clp}" if meant is not None and meant.clp == self.clp else None

    def identified(self, dossier: Dossier, event: Event) -> tuple[Registration, ...]:
        """Return the interventions on the CUP, of which the chosen one has another CLP."""
        places = concerned_places(dossier, event)
        return tuple(
            altered(one, clp=self.clp) if one.index in places and self._is_on(one) else one
            for one in dossier.registered
        )

    def told(self, dossier: Dossier, event: Event) -> Dossier:  # noqa: ARG002
        """Set the CLP."""
        meant = dossier.registration
        if meant is None or not self._is_on(meant):
            return dossier
        return dossier.with_registration(altered(meant, clp=self.clp))


@event(
    "cup-corrected/1",
    ask="correct-cup/1",
    italian="Rettifica CUP errato",
    says="CUP errato {wrong} in: {where}; quello giusto è {right}",
    streams=(registered_of_two, named_act),
    by=("rup", "dirigente"),
    refusals=(act_unknown, nothing_changed),
)
@dataclass(frozen=True, kw_only=True)
class CUPCorrected(CUPFact, CorrectionTerms):
    """A document or register shows another CUP; it joins the streams of those registered here."""

    of_whole_cup: ClassVar[bool] = True

    @property
    def pair(self) -> tuple[str, str]:
        """Return the right and the wrong CUP."""
        return self.right, self.wrong

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the CUP when both are the same."""
        return f"il CUP {self.right}" if self.right == self.wrong else None

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the correction."""
        return added(dossier, "life", "corrections", taken(CUPCorrection, self, event))


@event(
    "cup-replaced/1",
    ask="replace-cup/1",
    italian="CUP sostitutivo",
    says="Il CUP {new} sostituisce {old}: {cause}",
    streams=(registered_of_two,),
    by=("rup", "dirigente"),
    refusals=(nothing_changed,),
)
@dataclass(frozen=True, kw_only=True)
class CUPReplaced(CUPFact, ReplacementTerms):
    """Another CUP takes the place of this one; old payments stay where they are."""

    of_whole_cup: ClassVar[bool] = True

    @property
    def pair(self) -> tuple[str, str]:
        """Return the old and the new CUP."""
        return self.old, self.new

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:
        """Return the CUP when both are the same, or it is replaced so already.

        A replacement is told once more when the new CUP is registered after it, and does not know it.
        """
        if self.old == self.new:
            return f"il CUP {self.new}"
        is_elsewhere = f"cup/{self.new}" in event.streams and dossier.cup != self.new
        return f"il CUP {self.new}" if self._known(dossier) and not is_elsewhere else None

    def _known(self, dossier: Dossier) -> bool:
        return any((one.old, one.new) == self.pair for one in dossier.life.replacements)

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the replacement, unless it is there."""
        if self._known(dossier):
            return dossier
        return added(dossier, "life", "replacements", taken(CUPReplacement, self, event))


@event(
    "cup-status-changed/1",
    ask="change-cup-status/1",
    italian="Stato del CUP",
    says="Il CUP è {status} dal {effective_on}",
    streams=(own_cup,),
    by=("rup", "dirigente"),
    dated_by="effective_on",
    refusals=(nothing_changed,),
)
@dataclass(frozen=True, kw_only=True)
class CUPStatusChanged(CUPFact, StatusTerms):
    """The status of the CUP in the CUP system (L. 3/2003 art. 11; CIPE 63/2020)."""

    of_whole_cup: ClassVar[bool] = True

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the status when it is recorded for that day."""
        known = {(one.status, one.effective_on) for one in dossier.life.statuses}
        return "lo stato del CUP" if (self.status, self.effective_on) in known else None

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the status."""
        return added(dossier, "life", "statuses", taken(CUPStatus, self, event))


@event(
    "cup-linked/1",
    ask="link-cup/1",
    italian="Collegamento CUP",
    says="Collegato il CUP {other} ({relation})",
    streams=(own_cup,),
    by=("rup", "dirigente"),
    refusals=(nothing_changed,),
)
@dataclass(frozen=True, kw_only=True)
class CUPLinked(CUPFact, LinkTerms):
    """Another CUP that this one belongs with; it need not be registered here."""

    of_whole_cup: ClassVar[bool] = True

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the link when it is there, or leads to the CUP itself."""
        known = {(one.other, one.relation) for one in dossier.life.links}
        is_same = self.other == dossier.cup or (self.other, self.relation) in known
        return f"il collegamento con {self.other}" if is_same else None

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the link."""
        return added(dossier, "life", "links", taken(CUPLink, self, event))
