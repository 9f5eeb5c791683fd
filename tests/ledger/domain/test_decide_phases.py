"""Phases: skip, overlap, go back. Source: DOMAIN sections 5.1, 5.2 and 9.5; national controls 041, 042."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ledger.domain.cases import Accepted, Refusal
from tests.ledger.domain.facts import (
    answered,
    but,
    completed,
    opened,
    phase,
    registered,
    reverted,
    signed,
)
from tests.ledger.domain.worlds import World

if TYPE_CHECKING:
    from ledger.domain.dossier import Dossier

START = (registered(),)
TENDER = (*START, phase("AFFIDAMENTO", "2022-09-01"))
WORKS = (*TENDER, phase("ESECUZIONE", "2023-03-01"))
TEST = (*WORKS, phase("COLLAUDO", "2024-05-01"))
LIST = (opened(), answered(), signed())


def current(dossier: Dossier) -> str | None:
    """Return the current phase."""
    move = dossier.phases.current()
    return move.phase if move else None


def spans(dossier: Dossier) -> dict[str, tuple[str, str]]:
    """Return the effective dates of each phase that has any."""
    return {
        s.phase: (str(s.entered_on), str(s.completed_on))
        for s in dossier.phases.statements()
        if s.entered_on
    }


ACCEPTED = {
    "the first phase": Accepted(START, phase("DA_ATTIVARE", "2022-01-15"), current, "DA_ATTIVARE"),
    "phases may skip": Accepted(START, phase("ESECUZIONE", "2023-03-01"), current, "ESECUZIONE"),
    "an end": Accepted(
        TENDER,
        completed("AFFIDAMENTO", "2022-09-01"),
        spans,
        {"AFFIDAMENTO": ("2022-09-01", "2022-09-01")},
    ),
    "an end registered after the next phase": Accepted(
        WORKS,
        completed("AFFIDAMENTO", "2023-02-28"),
        lambda d: spans(d)["AFFIDAMENTO"],
        ("2022-09-01", "2023-02-28"),
    ),
    "a way back": Accepted(
        WORKS, reverted("ESECUZIONE", "AFFIDAMENTO", "2023-06-01"), current, "AFFIDAMENTO"
    ),
    "a phase that was left backwards is open again": Accepted(
        (*WORKS, completed("AFFIDAMENTO", "2023-02-28")),
        reverted("ESECUZIONE", "AFFIDAMENTO", "2023-06-01"),
        lambda d: spans(d)["AFFIDAMENTO"],
        ("2023-06-01", "None"),
    ),
    "also when it goes back on the day it ended": Accepted(
        (*WORKS, completed("AFFIDAMENTO", "2023-06-01")),
        reverted("ESECUZIONE", "AFFIDAMENTO", "2023-06-01"),
        lambda d: spans(d)["AFFIDAMENTO"],
        ("2023-06-01", "None"),
    ),
    "forward again on the day it went back": Accepted(
        (*WORKS, reverted("ESECUZIONE", "AFFIDAMENTO", "2023-06-01")),
        phase("ESECUZIONE", "2023-06-01"),
        current,
        "ESECUZIONE",
    ),
    "a way back registered after a later phase": Accepted(
        TEST,
        reverted("ESECUZIONE", "AFFIDAMENTO", "2023-06-01"),
        lambda d: (current(d), len(d.phases.moves)),
        ("COLLAUDO", 4),
    ),
    "a lot goes its own way": Accepted(
        TENDER,
        phase("ESECUZIONE", "2023-03-01", lot="1"),
        lambda d: (current(d), d.phases.current("1") is not None),
        ("AFFIDAMENTO", True),
    ),
    "COLLAUDO ends with the ex post list signed": Accepted(
        (*TEST, *LIST),
        completed("COLLAUDO", "2024-06-30"),
        lambda d: spans(d)["COLLAUDO"],
        ("2024-05-01", "2024-06-30"),
    ),
    "COLLAUDO ends with the list open, for a reason": Accepted(
        (*TEST, opened()),
        but(completed("COLLAUDO", "2024-06-30"), reason="Fornitore fallito"),
        lambda d: spans(d)["COLLAUDO"],
        ("2024-05-01", "2024-06-30"),
    ),
    "ESECUZIONE ends whatever the list says": Accepted(
        (*WORKS, opened()),
        completed("ESECUZIONE", "2024-06-30"),
        lambda d: spans(d)["ESECUZIONE"],
        ("2023-03-01", "2024-06-30"),
    ),
}
REFUSED = {
    "a phase entered twice on one day": Refusal(
        TENDER, phase("AFFIDAMENTO", "2022-09-01"), "nothing-changed"
    ),
    "also when a later one was entered since": Refusal(
        WORKS, phase("AFFIDAMENTO", "2022-09-01"), "nothing-changed"
    ),
    "a phase that ended on that day": Refusal(
        (*TENDER, completed("AFFIDAMENTO", "2023-02-28")),
        completed("AFFIDAMENTO", "2023-02-28"),
        "nothing-changed",
    ),
    "an end without entry": Refusal(
        TENDER, completed("ESECUZIONE", "2023-03-01"), "phase-not-entered"
    ),
    "an end of the whole where only a lot was entered": Refusal(
        (*START, phase("AFFIDAMENTO", "2022-09-01", lot="1")),
        completed("AFFIDAMENTO", "2022-10-01"),
        "phase-not-entered",
    ),
    "a way back from a phase that was not entered": Refusal(
        TENDER, reverted("COLLAUDO", "AFFIDAMENTO", "2023-03-01"), "phase-not-entered"
    ),
    "an end before the entry": Refusal(
        TENDER, completed("AFFIDAMENTO", "2022-08-31"), "phase-dates-reversed"
    ),
    "a way back before the entry": Refusal(
        WORKS, reverted("ESECUZIONE", "AFFIDAMENTO", "2023-02-28"), "phase-dates-reversed"
    ),
    "a way back that leads forward": Refusal(
        TENDER, reverted("AFFIDAMENTO", "ESECUZIONE", "2023-01-01"), "phase-not-earlier"
    ),
    "a way back to where it is": Refusal(
        TENDER, reverted("AFFIDAMENTO", "AFFIDAMENTO", "2023-01-01"), "phase-not-earlier"
    ),
    "a way back from a phase that is past": Refusal(
        TEST, reverted("ESECUZIONE", "AFFIDAMENTO", "2024-06-01"), "phase-not-current"
    ),
    "COLLAUDO ends with the ex post list empty": Refusal(
        (*TEST, opened()), completed("COLLAUDO", "2024-06-30"), "dnsh-ex-post-open"
    ),
    "COLLAUDO ends with the list answered and not signed": Refusal(
        (*TEST, opened(), answered()), completed("COLLAUDO", "2024-06-30"), "dnsh-ex-post-open"
    ),
    "COLLAUDO ends with a NO that is signed": Refusal(
        (*TEST, opened(), answered("NO", comment="Non conforme"), signed()),
        completed("COLLAUDO", "2024-06-30"),
        "dnsh-ex-post-open",
    ),
}


@pytest.mark.parametrize("case", ACCEPTED.values(), ids=ACCEPTED)
def test_it_is_recorded_and_changes_the_dossier(case: Accepted) -> None:
    case.check()


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_it_is_refused(case: Refusal) -> None:
    case.check()


def test_a_phase_registered_late_does_not_pull_the_intervention_back() -> None:
    world = World().given(*WORKS, phase("PROGETTAZIONE", "2022-03-01"))
    assert current(world.dossier()) == "ESECUZIONE"
    assert spans(world.dossier())["PROGETTAZIONE"] == ("2022-03-01", "None")
    assert current(world.dossier(as_of="2022-08-31")) == "PROGETTAZIONE"


def test_the_way_back_keeps_the_earlier_dates_in_history() -> None:
    world = World().given(*WORKS, reverted("ESECUZIONE", "AFFIDAMENTO", "2023-06-01"))
    moves = [(move.kind, move.phase, str(move.on)) for move in world.dossier().phases.moves]
    assert moves == [
        ("entered", "AFFIDAMENTO", "2022-09-01"),
        ("entered", "ESECUZIONE", "2023-03-01"),
        ("reverted", "AFFIDAMENTO", "2023-06-01"),
    ]
    assert current(world.dossier(as_of="2023-05-31")) == "ESECUZIONE"


def test_the_page_shows_the_phase_without_lot() -> None:
    shown = World().given(*TENDER, phase("ESECUZIONE", "2023-03-01", lot="1")).state().phase
    assert shown is not None
    assert (shown.phase, shown.step, str(shown.since)) == ("AFFIDAMENTO", 2, "2022-09-01")
