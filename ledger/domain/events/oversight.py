"""Packages exported, errors corrected, notes. Source: DOMAIN section 9.9."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from ledger.domain.altered import altered
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import EVERY_ROLE_BUT_IMPORTER, CUPFact, Fact, event
from ledger.domain.events.streams import corrected, own_cup
from ledger.domain.oversight import Correction, ExportedPackage, Note, NoteTerms
from ledger.domain.references import EventId, Sha256
from ledger.domain.rules.corrections import (
    already_corrected,
    correction_breaks_state,
    not_correctable,
)
from ledger.domain.taken import taken


@dataclass(frozen=True, kw_only=True)
class Head:
    """A head of the log: number of leaves and root of the tree (hexadecimal)."""

    size: int
    root: Sha256


@event(
    "package-exported/1",
    ask="export-package/1",
    italian="Pacchetto esportato",
    says="Esportato il pacchetto di controllo ({scope}) fino alla registrazione {as_of.size}",
    streams=(own_cup,),
    by=EVERY_ROLE_BUT_IMPORTER,
    correctable=False,
)
@dataclass(frozen=True, kw_only=True)
class PackageExported(Fact):
    """A package handed out; `manifest` is the SHA-256 of its tagmanifest, hexadecimal."""

    of_whole_cup: ClassVar[bool] = True

    scope: Literal["completo", "pubblico"]
    as_of: Head
    manifest: Sha256
    recipient: str | None = None
    purpose: str | None = None

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the package."""
        package = ExportedPackage(
            size=self.as_of.size,
            manifest=self.manifest,
            recipient=self.recipient,
            purpose=self.purpose,
            on=event.day,
            index=event.index,
        )
        packages = (*dossier.oversight.packages, package)
        return altered(dossier, oversight=altered(dossier.oversight, packages=packages))


@event(
    "error-corrected/1",
    ask="correct-error/1",
    italian="Correzione",
    says="Corretta una registrazione errata: {cause}",
    streams=(corrected,),
    by=EVERY_ROLE_BUT_IMPORTER,
    refusals=(not_correctable, already_corrected, correction_breaks_state),
    corrects_others=True,
)
@dataclass(frozen=True, kw_only=True)
class ErrorCorrected(Fact):
    """Withdraws the events of `corrects` from the state, from its own place on."""

    cause: str
    replaced_by: EventId | None = None

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Note the correction; the fold leaves out what it withdraws."""
        correction = Correction(
            corrects=event.corrects,
            cause=self.cause,
            replaced_by=self.replaced_by,
            on=event.day,
            index=event.index,
        )
        corrections = (*dossier.oversight.corrections, correction)
        return altered(dossier, oversight=altered(dossier.oversight, corrections=corrections))


@event(
    "note-recorded/1",
    ask="record-note/1",
    italian="Annotazione",
    says="Annotazione: {text}",
    streams=(own_cup,),
    by=EVERY_ROLE_BUT_IMPORTER,
)
@dataclass(frozen=True, kw_only=True)
class NoteRecorded(CUPFact, NoteTerms):
    """What somebody wants to be remembered beside the facts."""

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the note."""
        notes = (*dossier.oversight.notes, taken(Note, self, event))
        return altered(dossier, oversight=altered(dossier.oversight, notes=notes))
