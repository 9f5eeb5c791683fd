"""Refusals about phases. Source: DOMAIN section 5.2; national controls 041 and 042."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.domain.days import format_day_it
from ledger.domain.phases import LABELS, PHASES
from ledger.domain.rules.refusal import Broken, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.domain.event import Event
    from ledger.domain.phases import Phases
    from ledger.domain.situation import Situation


def _meant(event: Event, situation: Situation) -> Iterator[Phases]:
    """Yield the phases of each intervention that the event is about."""
    for dossier in situation.dossiers(event).values():
        yield dossier.phases


@refusal(
    "phase-not-entered",
    it="La fase «{label}» non risulta avviata: registrare prima il suo avvio.",
    en="Phase {item} was not entered: record its entry first.",
    source="controllo nazionale 042",
    remedy="enter-phase/1",
)
def phase_not_entered(event: Event, situation: Situation) -> Broken:
    """Refuse to complete, or to leave backwards, a phase that was not entered."""
    phase = event.data.leaves
    for phases in _meant(event, situation):
        if not phases.entries(phase, event.data.lot):
            yield {"item": phase, "label": LABELS[phase]}


@refusal(
    "phase-already-entered",
    it="La fase «{label}» è stata avviata il {entered}: non si può dichiarare non prevista.",
    en="Phase {item} was entered on {entered}: it cannot be declared as skipped.",
    source="contraddizione con il registro",
    remedy="correct-error/1",
)
def phase_already_entered(event: Event, situation: Situation) -> Broken:
    """Refuse to skip a phase that was entered."""
    phase = event.data.phase
    for phases in _meant(event, situation):
        entries = phases.entries(phase, event.data.lot)
        if entries:
            entered = format_day_it(entries[0].on)
            yield {"item": phase, "label": LABELS[phase], "entered": entered}


@refusal(
    "phase-dates-reversed",
    it="La fase «{label}» è stata avviata il {entered}: non può finire il {day}.",
    en="Phase {item} was entered on {entered}: it cannot end on {day}.",
    source="controllo nazionale 042",
    remedy="",
)
def phase_dates_reversed(event: Event, situation: Situation) -> Broken:
    """Refuse an end of a phase before its entry."""
    phase = event.data.leaves
    for phases in _meant(event, situation):
        entries = phases.entries(phase, event.data.lot)
        if entries and all(event.day < entry.on for entry in entries):
            yield {
                "item": phase,
                "label": LABELS[phase],
                "entered": format_day_it(entries[0].on),
                "day": format_day_it(event.day),
            }


@refusal(
    "phase-not-earlier",
    it="Una regressione va a una fase precedente: {to} non precede {item}.",
    en="A reversal leads to an earlier phase: {to} does not precede {item}.",
    source="DOMAIN 5.2",
    remedy="enter-phase/1",
)
def phase_not_earlier(event: Event, situation: Situation) -> Broken:
    """Refuse to go back to the same or to a later phase."""
    del situation
    data = event.data
    if PHASES.index(data.to_phase) >= PHASES.index(data.from_phase):
        yield {"item": data.from_phase, "to": data.to_phase}


@refusal(
    "phase-not-current",
    it="La fase attuale è «{current}», non «{label}»: non si può tornare indietro da questa.",
    en="The current phase is {current}, not {item}: it cannot be left backwards.",
    source="contraddizione con il registro",
    remedy="enter-phase/1",
)
def phase_not_current(event: Event, situation: Situation) -> Broken:
    """Refuse to leave backwards, now, a phase that is not the current one."""
    for phases in _meant(event, situation):
        current = phases.current(event.data.lot)
        moved_later = current is not None and current.on > event.day
        if current is not None and not moved_later and current.phase != event.data.from_phase:
            yield {
                "item": event.data.from_phase,
                "label": LABELS[event.data.from_phase],
                "current": LABELS[current.phase],
            }


@refusal(
    "dnsh-ex-post-open",
    it=(
        "Il collaudo non si chiude: la checklist DNSH ex post {item} non è firmata o contiene un NO."
        " Firmarla, oppure indicare il motivo."
    ),
    en="COLLAUDO is not completed: DNSH ex post list {item} is unsigned or holds a NO.",
    source="Guida operativa DNSH 2024, p. 21",
    remedy="sign-checklist/1",
)
def dnsh_ex_post_open(event: Event, situation: Situation) -> Broken:
    """Refuse to complete COLLAUDO with an ex post list open, unless a reason is given."""
    if event.data.phase != "COLLAUDO" or event.reason is not None:
        return
    for dossier in situation.dossiers(event).values():
        for checklist in dossier.compliance.current:
            is_open = not checklist.is_signed or checklist.has_no
            if checklist.stage == "ex-post" and is_open:
                yield {"item": checklist.checklist}
