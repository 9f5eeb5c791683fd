"""The life of an intervention beside its phases: status of the CUP, links, modifications, suspension.

    in-corso -> sospeso -> in-corso -> chiuso -> in-corso        rinunciato (the stream goes on)

Revoked, replaced or renounced, the stream of a CUP goes on. Source: DOMAIN sections 3, 5.4 and 9.1.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.files import FileName
from ledger.domain.funding import Decree
from ledger.domain.identifiers import CUP, ActKey, ServiceItem, ShortId

Status = Literal["attivo", "chiuso", "revocato", "cancellato", "provvisorio"]
MoveKind = Literal["sospensione", "ripresa", "rinuncia", "chiusura", "riapertura"]
LifeState = Literal["in-corso", "sospeso", "rinunciato", "chiuso"]

_LEADS_TO: dict[str, LifeState] = {
    "sospensione": "sospeso",
    "ripresa": "in-corso",
    "rinuncia": "rinunciato",
    "chiusura": "chiuso",
    "riapertura": "in-corso",
}


@dataclass(frozen=True, kw_only=True)
class CorrectionTerms:
    """A CUP that a document or a register has wrong, and the right one."""

    wrong: CUP
    right: CUP
    where: Literal["atto", "fattura", "contratto", "registro", "altro"]
    act: ActKey | None = None
    doc: FileName | None = None


@dataclass(frozen=True, kw_only=True)
class CUPCorrection(CorrectionTerms):
    """A correction of a CUP as recorded; a signed file stays as it is."""

    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class ReplacementTerms:
    """A CUP that takes the place of another."""

    old: CUP
    new: CUP
    cause: str
    doc: FileName | None = None


@dataclass(frozen=True, kw_only=True)
class CUPReplacement(ReplacementTerms):
    """A replacement as recorded; what was paid stays on the old CUP."""

    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class StatusTerms:
    """The status of the CUP in the CUP system (DIPE)."""

    status: Status
    effective_on: date
    proof: FileName | None = None


@dataclass(frozen=True, kw_only=True)
class CUPStatus(StatusTerms):
    """A status as recorded."""

    index: int


@dataclass(frozen=True, kw_only=True)
class LinkTerms:
    """Another CUP that this one belongs with."""

    other: CUP
    relation: Literal["master", "collegato", "concorrente"]


@dataclass(frozen=True, kw_only=True)
class CUPLink(LinkTerms):
    """A link as recorded."""

    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class ModificationTerms:
    """A change of a financed candidatura that was approved, for some services (FAQ p-034)."""

    modification: ShortId
    ground: Literal["decreto-35-2023", "sopravvenienza-normativa"]
    items: tuple[ServiceItem, ...]
    decision: str
    law: str | None = None
    requested_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Modification(ModificationTerms):
    """A modification as recorded."""

    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class LifeMove:
    """A suspension, resumption, renunciation, closure or reopening."""

    kind: MoveKind
    cause: str | None = None
    act: ActKey | None = None
    doc: FileName | None = None
    decree: Decree | None = None
    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class LifeStatement:
    """The life of the intervention as the exported state shows it."""

    state: LifeState
    cup_status: CUPStatus | None = None
    moves: tuple[LifeMove, ...] = ()
    corrections: tuple[CUPCorrection, ...] = ()
    replacements: tuple[CUPReplacement, ...] = ()
    links: tuple[CUPLink, ...] = ()
    modifications: tuple[Modification, ...] = ()


@dataclass(frozen=True)
class Life:
    """All that was recorded of it, in order of the log."""

    moves: tuple[LifeMove, ...] = ()
    statuses: tuple[CUPStatus, ...] = ()
    corrections: tuple[CUPCorrection, ...] = ()
    replacements: tuple[CUPReplacement, ...] = ()
    links: tuple[CUPLink, ...] = ()
    modifications: tuple[Modification, ...] = ()

    @property
    def state(self) -> LifeState:
        """Return the state that the last move by legal date led to."""
        return self.state_on(date.max)

    def state_on(self, day: date) -> LifeState:
        """Return the state of a legal day: what was recorded late led to it too."""
        moves = (move for move in self.moves if move.on <= day)
        last = max(moves, key=lambda move: (move.on, move.index), default=None)
        return "in-corso" if last is None else _LEADS_TO[last.kind]

    def modification(self, key: str) -> Modification | None:
        """Return the modification of that short id."""
        return next((one for one in self.modifications if one.modification == key), None)

    def statement(self) -> LifeStatement:
        """Return the exported state."""
        last = max(self.statuses, key=lambda one: (one.effective_on, one.index), default=None)
        return LifeStatement(
            state=self.state,
            cup_status=last,
            moves=self.moves,
            corrections=self.corrections,
            replacements=self.replacements,
            links=self.links,
            modifications=self.modifications,
        )
