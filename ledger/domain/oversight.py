"""Packages handed out, corrections made and notes: what an auditor sees of the record itself.

Source: DOMAIN section 9.9.
"""

from dataclasses import dataclass
from datetime import date

from ledger.domain.screening import PersonalData


@dataclass(frozen=True, kw_only=True)
class ExportedPackage:
    """A package exported by a person: head, digest of its tagmanifest, recipient."""

    size: int
    manifest: str
    recipient: str | None = None
    purpose: str | None = None
    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class Correction:
    """A correction: which events it withdraws, why, and what takes their place."""

    corrects: tuple[str, ...]
    cause: str
    replaced_by: str | None = None
    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class LateRegistration:
    """A fact registered more than thirty days after its legal date; `what` is its Italian name."""

    index: int
    type: str
    what: str
    on: date
    days_late: int


@dataclass(frozen=True, kw_only=True)
class NoteTerms:
    """What somebody wants to be remembered."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Note(NoteTerms):
    """A note beside the facts; it changes none."""

    on: date
    index: int
    actor: str


@dataclass(frozen=True, kw_only=True)
class TextToClear:
    """An event whose texts look like they hold personal data: where, and which kinds."""

    index: int
    pointers: tuple[str, ...]
    kinds: tuple[PersonalData, ...]


@dataclass(frozen=True)
class Oversight:
    """Packages, corrections, late registrations, notes, doubtful texts, in order of the log."""

    packages: tuple[ExportedPackage, ...] = ()
    corrections: tuple[Correction, ...] = ()
    late: tuple[LateRegistration, ...] = ()
    notes: tuple[Note, ...] = ()
    personal_texts: tuple[TextToClear, ...] = ()
