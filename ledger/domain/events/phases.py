"""Phases entered, completed, reverted and skipped. Source: DOMAIN sections 5.1, 5.2 and 9.5."""

from dataclasses import dataclass

from ledger.domain.altered import altered
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import CUPFact, Fact, event
from ledger.domain.events.streams import named_act, own_cup
from ledger.domain.identifiers import ActKey
from ledger.domain.phases import LABELS, Phase, PhaseMove
from ledger.domain.rules.acts import act_unknown, act_without_effect
from ledger.domain.rules.interventions import nothing_changed
from ledger.domain.rules.phases import (
    dnsh_ex_post_open,
    phase_already_entered,
    phase_dates_reversed,
    phase_not_current,
    phase_not_earlier,
    phase_not_entered,
)


def _moved(dossier: Dossier, move: PhaseMove) -> Dossier:
    """Return the dossier after a move; in the stream of the act it rests on, nothing changes."""
    if dossier.cup is None:
        return dossier
    return altered(dossier, phases=dossier.phases.with_move(move))


@event(
    "phase-entered/1",
    ask="enter-phase/1",
    italian="Avvio fase",
    says="Avviata la fase {phase}",
    streams=(own_cup, named_act),
    by=("rup", "dirigente"),
    refusals=(act_unknown, nothing_changed, act_without_effect),
    findings=("phase-skipped-without-reason",),
)
@dataclass(frozen=True, kw_only=True)
class PhaseEntered(Fact):
    """The effective start of a phase."""

    phase: Phase
    act: ActKey | None = None
    lot: str | None = None
    regis_code: str | None = None

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:
        """Return the phase when the intervention entered it, last of all, on that very day."""
        entered = dossier.phases.current_on(event.day, self.lot)
        same = entered is not None and entered.phase == self.phase and entered.on == event.day
        return f"la fase {LABELS[self.phase]}" if same else None

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the entry."""
        move = PhaseMove(
            kind="entered",
            phase=self.phase,
            on=event.day,
            index=event.index,
            lot=self.lot,
            act=self.act,
            regis_code=self.regis_code,
        )
        return _moved(dossier, move)


@event(
    "phase-completed/1",
    ask="complete-phase/1",
    italian="Fine fase",
    says="Conclusa la fase {phase}",
    streams=(own_cup, named_act),
    by=("rup", "dirigente"),
    refusals=(
        act_unknown,
        nothing_changed,
        act_without_effect,
        phase_not_entered,
        phase_dates_reversed,
        dnsh_ex_post_open,
    ),
    findings=("igrue-041", "dnsh-not-closed"),
)
@dataclass(frozen=True, kw_only=True)
class PhaseCompleted(Fact):
    """The effective end of a phase."""

    phase: Phase
    act: ActKey | None = None
    lot: str | None = None
    regis_code: str | None = None

    @property
    def leaves(self) -> Phase:
        """Return the phase that ends."""
        return self.phase

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:
        """Return the end of the phase when it ended on that very day."""
        ended = dossier.phases.completions(self.phase, self.lot)
        same = any(move.on == event.day for move in ended)
        return f"la fine della fase {LABELS[self.phase]}" if same else None

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the completion."""
        move = PhaseMove(
            kind="completed",
            phase=self.phase,
            on=event.day,
            index=event.index,
            lot=self.lot,
            act=self.act,
            regis_code=self.regis_code,
        )
        return _moved(dossier, move)


@event(
    "phase-reverted/1",
    ask="revert-phase/1",
    italian="Regressione",
    says="Ritorno dalla fase {from_phase} alla fase {to_phase}: {cause}",
    streams=(own_cup, named_act),
    by=("rup", "dirigente"),
    refusals=(
        act_unknown,
        phase_not_entered,
        phase_dates_reversed,
        phase_not_earlier,
        phase_not_current,
    ),
)
@dataclass(frozen=True, kw_only=True)
class PhaseReverted(Fact):
    """The intervention goes back: tender deserted, award annulled; earlier dates stay.

    `act` is its ground, which may be the award that was annulled.
    """

    from_phase: Phase
    to_phase: Phase
    cause: str
    act: ActKey | None = None
    lot: str | None = None

    @property
    def leaves(self) -> Phase:
        """Return the phase that is left."""
        return self.from_phase

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the reversal."""
        move = PhaseMove(
            kind="reverted",
            phase=self.to_phase,
            from_phase=self.from_phase,
            on=event.day,
            index=event.index,
            lot=self.lot,
            act=self.act,
            cause=self.cause,
        )
        return _moved(dossier, move)


@event(
    "phase-skipped/1",
    ask="skip-phase/1",
    italian="Fase non prevista",
    says="La fase {phase} non è prevista: {cause}",
    streams=(own_cup,),
    by=("rup", "dirigente"),
    refusals=(nothing_changed, phase_already_entered),
)
@dataclass(frozen=True, kw_only=True)
class PhaseSkipped(CUPFact):
    """The intervention has no such phase: no tender with a Consip convention, no design of services."""

    phase: Phase
    cause: str
    lot: str | None = None

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the phase when it is skipped for the same cause."""
        found = dossier.phases.skipped(self.phase, self.lot)
        same = found is not None and found.cause == self.cause
        return f"la fase {LABELS[self.phase]}" if same else None

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Note that the phase is not foreseen."""
        move = PhaseMove(
            kind="skipped",
            phase=self.phase,
            on=event.day,
            index=event.index,
            lot=self.lot,
            cause=self.cause,
        )
        return _moved(dossier, move)
