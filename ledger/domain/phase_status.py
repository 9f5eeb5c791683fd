"""What OpenCoesione and OC4IDS would say of the phases: two views derived from effective dates.

    COLLAUDO ended or begun, or ESECUZIONE ended                            Eseguito
    ESECUZIONE begun                                                        In esecuzione
    STIP_ATTRIB ended or begun, or PROG_ESEC ended                          In affidamento
    PROG_ESEC begun, any PROG_DEF or PROG_PREL date, STUDIO_FATT ended      In corso di progettazione
    STUDIO_FATT begun                                                       In avvio di progettazione
    else                                                                    Non avviato

The rows are data (schemas/codes/opencoesione.json); the first that holds on the reference day is the
status. After a reversal the dates of the phases that were left count no more, and the phase gone back
to is open again. The whole is told by the moves without lot, as on the page; where only lots have
moves, by all. Source: DOMAIN sections 5.1, 5.2.
"""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from ledger.domain.phase_map import GroupDate, OC4IDSStatus, OpenCoesioneStatus, PhaseMap, Side
from ledger.domain.phases import LABELS, PHASES, Phase, PhaseMove, Phases

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.domain.law import Law


def effective(moves: "Iterable[PhaseMove]", day: date) -> tuple[PhaseMove, ...]:
    """Return the entries and ends that stand on a legal day, in order of their dates."""
    standing: list[PhaseMove] = []
    for move in sorted(moves, key=lambda move: (move.on, move.index)):
        if move.on > day or move.kind == "skipped":
            continue
        if move.kind == "reverted":
            to = PHASES.index(move.phase)
            standing = [one for one in standing if PHASES.index(one.phase) < to]
        standing.append(move)
    return tuple(standing)


def opencoesione_status(
    moves: "Iterable[PhaseMove]", day: date, phase_map: PhaseMap
) -> OpenCoesioneStatus:
    """Return the status of OpenCoesione on a reference day, the first of the rules that holds."""
    found = [
        (phase_map.group(move.phase, move.regis_code, move.on), move)
        for move in effective(moves, day)
    ]
    dates = [GroupDate(group=group, side=_side(move)) for group, move in found if group is not None]
    return phase_map.status(dates, day)


def _side(move: PhaseMove) -> Side:
    return "begun" if move.sets_current else "ended"


def oc4ids_status(
    moves: "Iterable[PhaseMove]", day: date, law: "Law", *, cancelled: bool = False
) -> OC4IDSStatus | None:
    """Return the status of OC4IDS on a day; None before any phase.

    A completed COLLAUDO is maintenance up to 31 December of the year that the law says, then
    completion again; `cancelled` when the intervention was renounced or its funding revoked.
    """
    if cancelled:
        return "cancelled"
    standing = effective(moves, day)
    current = next((move for move in reversed(standing) if move.sets_current), None)
    row = law.phase_map.of_phase(current.phase, day) if current else None
    if current is None or row is None:
        return None
    is_kept = current.phase == "COLLAUDO" and _is_kept(standing, day, law)
    return "maintenance" if is_kept else row.oc4ids


def _is_kept(standing: tuple[PhaseMove, ...], day: date, law: "Law") -> bool:
    """Return whether COLLAUDO has ended and the years of maintenance have not."""
    years = law.days("oc4ids-maintenance-years", day)
    ends = [move.on for move in standing if move.phase == "COLLAUDO" and not move.sets_current]
    return bool(ends) and years is not None and day.year <= ends[-1].year + years


@dataclass(frozen=True, kw_only=True)
class LotStatement:
    """A lot that goes its own way: its phase and what the two systems would say of it."""

    lot: str
    phase: Phase | None = None
    label: str | None = None
    since: date | None = None
    opencoesione_status: OpenCoesioneStatus
    oc4ids_status: OC4IDSStatus | None = None


def overall_moves(phases: Phases) -> tuple[PhaseMove, ...]:
    """Return the moves by which the whole is told: those without lot, or all where there is none."""
    return phases.of(None) or phases.moves


def state_lots(phases: Phases, day: date, law: "Law") -> tuple[LotStatement, ...]:
    """Return the lots as they are on a day."""
    return tuple(_lot(phases, lot, day, law) for lot in phases.lots())


def _lot(phases: Phases, lot: str, day: date, law: "Law") -> LotStatement:
    move = phases.current_on(day, lot)
    return LotStatement(
        lot=lot,
        phase=move.phase if move else None,
        label=LABELS[move.phase] if move else None,
        since=move.on if move else None,
        opencoesione_status=opencoesione_status(phases.of(lot), day, law.phase_map),
        oc4ids_status=oc4ids_status(phases.of(lot), day, law),
    )
