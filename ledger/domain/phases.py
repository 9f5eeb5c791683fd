"""Phases of an intervention: a way that may skip, overlap and go back.

    DA_ATTIVARE -> PROGETTAZIONE -> AFFIDAMENTO -> ESECUZIONE -> COLLAUDO     steps 0 to 4

The current phase is the one set by the entry or reversal with the greatest (legal date, place in
the log): one registered late does not pull the intervention back, a regression does.
Source: DOMAIN sections 1.3, 5.1 and 5.2.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.identifiers import ActKey

Phase = Literal["DA_ATTIVARE", "PROGETTAZIONE", "AFFIDAMENTO", "ESECUZIONE", "COLLAUDO"]
PHASES: tuple[Phase, ...] = (
    "DA_ATTIVARE",
    "PROGETTAZIONE",
    "AFFIDAMENTO",
    "ESECUZIONE",
    "COLLAUDO",
)
LABELS: dict[str, str] = {
    "DA_ATTIVARE": "Da attivare",
    "PROGETTAZIONE": "Progettazione",
    "AFFIDAMENTO": "Procedura di gara/affidamento",
    "ESECUZIONE": "Esecuzione",
    "COLLAUDO": "Collaudo o messa in esercizio",
}
EXPLANATIONS: dict[str, str] = {
    "DA_ATTIVARE": (
        "La proposta è ammessa al finanziamento: si definiscono linee guida e fabbisogno di"
        " personale, si sottoscrive dove dovuto l'atto d'obbligo o la convenzione, si avviano gli"
        " atti di programmazione e di bilancio."
    ),
    "PROGETTAZIONE": (
        "Si fissano i dettagli tecnici, funzionali ed economici, dallo studio di fattibilità al"
        " progetto esecutivo, perché l'intervento sia efficiente, sicuro e sostenibile."
    ),
    "AFFIDAMENTO": (
        "L'ente sceglie il contraente con un bando o un avviso e con la valutazione delle offerte."
    ),
    "ESECUZIONE": (
        "I lavori o le forniture si svolgono secondo progetto e contratto, con controlli tecnici,"
        " di sicurezza e ambientali e con il controllo di tempi, costi e risorse, fino alla"
        " consegna."
    ),
    "COLLAUDO": (
        "Si verifica la conformità a progetto, contratto, sicurezza e ambiente (DNSH); poi il"
        " risultato è collaudato, messo in esercizio e consegnato all'ente, che lo gestisce."
    ),
}


@dataclass(frozen=True, kw_only=True)
class PhaseMove:
    """One step on the way: a phase entered, completed, left for an earlier one, or not foreseen."""

    kind: Literal["entered", "completed", "reverted", "skipped"]
    phase: Phase
    on: date
    index: int
    from_phase: Phase | None = None
    lot: str | None = None
    act: ActKey | None = None
    cause: str | None = None
    regis_code: str | None = None

    @property
    def sets_current(self) -> bool:
        """Return whether the intervention is in `phase` after it."""
        return self.kind in ("entered", "reverted")


@dataclass(frozen=True, kw_only=True)
class PhaseStatement:
    """One of the five phases as the exported state shows it; dates are of its last span."""

    phase: Phase
    step: int
    label: str
    entered_on: date | None = None
    completed_on: date | None = None
    skipped_on: date | None = None
    times_entered: int


@dataclass(frozen=True, slots=True)
class Phases:
    """All moves recorded, in order of the log."""

    moves: tuple[PhaseMove, ...] = ()

    def with_move(self, move: PhaseMove) -> "Phases":
        """Return the phases after one more move."""
        return Phases((*self.moves, move))

    def of(self, lot: str | None) -> tuple[PhaseMove, ...]:
        """Return the moves of a lot; of the whole intervention when `lot` is None."""
        return tuple(move for move in self.moves if move.lot == lot)

    def current(self, lot: str | None = None) -> PhaseMove | None:
        """Return the move that set the current phase."""
        setting = [move for move in self.of(lot) if move.sets_current]
        return max(setting, key=lambda move: (move.on, move.index), default=None)

    def current_on(self, day: date, lot: str | None = None) -> PhaseMove | None:
        """Return the move that set the phase of a legal day."""
        return Phases(tuple(m for m in self.moves if m.on <= day)).current(lot)

    def entries(self, phase: str, lot: str | None = None) -> tuple[PhaseMove, ...]:
        """Return the moves by which the phase was entered, by legal date."""
        found = [m for m in self.of(lot) if m.sets_current and m.phase == phase]
        return tuple(sorted(found, key=lambda move: (move.on, move.index)))

    def completions(self, phase: str, lot: str | None = None) -> tuple[PhaseMove, ...]:
        """Return the moves by which the phase was completed, by legal date."""
        found = [m for m in self.of(lot) if m.kind == "completed" and m.phase == phase]
        return tuple(sorted(found, key=lambda move: (move.on, move.index)))

    def skipped(self, phase: str, lot: str | None = None) -> PhaseMove | None:
        """Return the move that says that the phase is not foreseen, the last one."""
        found = [m for m in self.of(lot) if m.kind == "skipped" and m.phase == phase]
        return found[-1] if found else None

    def lots(self) -> tuple[str, ...]:
        """Return the lots that go their own way, in order of their names."""
        return tuple(sorted({move.lot for move in self.moves if move.lot is not None}))

    def statements(self) -> tuple[PhaseStatement, ...]:
        """Return the five phases with their effective dates."""
        return tuple(self._state(step, phase) for step, phase in enumerate(PHASES))

    def _state(self, step: int, phase: Phase) -> PhaseStatement:
        entries, completions = self.entries(phase), self.completions(phase)
        last = (entries[-1].on, entries[-1].index) if entries else None
        skipped = self.skipped(phase) if not entries else None
        ended = [move for move in completions if last is None or (move.on, move.index) > last]
        return PhaseStatement(
            phase=phase,
            step=step,
            label=LABELS[phase],
            entered_on=entries[-1].on if entries else None,
            completed_on=ended[-1].on if ended else None,
            skipped_on=skipped.on if skipped else None,
            times_entered=len(entries),
        )
