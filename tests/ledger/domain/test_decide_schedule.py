"""Schedules, extensions, indicators, milestones. Source: DOMAIN sections 5.3, 9.5 and 9.12."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from ledger.errors import Refused
from tests.ledger.domain.cases import Accepted, Refusal
from tests.ledger.domain.facts import ACT, but, determina, phase, registered
from tests.ledger.domain.facts_procurement import (
    LATER,
    PLAN,
    asked,
    baselined,
    decided,
    linked,
    measured,
    planned,
    reached,
    rebaselined,
    skipped,
    span,
)
from tests.ledger.domain.worlds import World

if TYPE_CHECKING:
    from ledger.domain.dossier import Dossier

START = (registered(),)
PLANNED = (*START, baselined())
VOID = determina(subtype="proroga", cup_in_text="no", void=True)
ASKED = (*START, asked())
COUNTED = (*START, planned())
LINKED = (*START, linked())
SECOND = {"measure": "M1C1I1.4.1"}
SHARED = (*START, registered(measure="M1C1I1.4.1"))


def ends(dossier: Dossier) -> list[str]:
    """Return the last planned day of each schedule, by legal date."""
    return [str(one.phases[-1].to) for one in dossier.schedule.by_day()]


ACCEPTED = {
    "a first schedule": Accepted(START, baselined(), ends, ["2024-05-31"]),
    "a phase planned for one day": Accepted(
        START, baselined(span("COLLAUDO", "2024-05-31", "2024-05-31")), ends, ["2024-05-31"]
    ),
    "another schedule": Accepted(PLANNED, rebaselined(), ends, ["2024-05-31", "2024-08-31"]),
    "another schedule by an act and an extension": Accepted(
        (*PLANNED, determina(subtype="proroga"), asked()),
        rebaselined(act=ACT, extension="p-1"),
        lambda d: [(s.act, s.extension) for s in d.schedule.planned],
        [(None, None), (ACT, "p-1")],
    ),
    "back to the first schedule": Accepted(
        (*PLANNED, rebaselined()),
        rebaselined(*PLAN, on="2024-03-01"),
        ends,
        ["2024-05-31", "2024-08-31", "2024-05-31"],
    ),
    "a request of more time": Accepted(
        START, asked(), lambda d: [e.extension for e in d.schedule.extensions], ["p-1"]
    ),
    "more time as asked": Accepted(
        ASKED,
        decided(),
        lambda d: [str(e.granted_until) for e in d.schedule.extensions],
        ["2024-12-31"],
    ),
    "less time than was asked": Accepted(
        ASKED,
        decided(until_on="2024-11-30"),
        lambda d: [str(e.granted_until) for e in d.schedule.extensions],
        ["2024-11-30"],
    ),
    "no more time": Accepted(
        ASKED,
        decided(outcome="negata"),
        lambda d: [
            (e.decided and e.decided.outcome, e.granted_until) for e in d.schedule.extensions
        ],
        [("negata", None)],
    ),
    "a phase that is not foreseen": Accepted(
        START,
        skipped("AFFIDAMENTO"),
        lambda d: [s.phase for s in d.phases.statements() if s.skipped_on],
        ["AFFIDAMENTO"],
    ),
    "a phase that a lot has not, though the whole has it": Accepted(
        (*START, phase("AFFIDAMENTO", "2022-09-01")),
        skipped("AFFIDAMENTO", lot="1"),
        lambda d: [m.lot for m in d.phases.moves],
        [None, "1"],
    ),
    "a phase that is begun though it was not foreseen": Accepted(
        (*START, skipped("AFFIDAMENTO")),
        phase("AFFIDAMENTO", "2022-12-01"),
        lambda d: [
            (str(s.entered_on), s.skipped_on) for s in d.phases.statements() if s.entered_on
        ],
        [("2022-12-01", None)],
    ),
    "an indicator": Accepted(
        START,
        planned(),
        lambda d: [(i.indicator, i.value) for i in d.targets.indicators],
        [("T0079", "1")],
    ),
    "an indicator planned anew": Accepted(
        COUNTED,
        planned("2", "2023-07-01"),
        lambda d: (p := d.targets.plan("T0079")) and p.value,
        "2",
    ),
    "what was measured": Accepted(
        COUNTED, measured(), lambda d: [m.value for m in d.targets.measurements], ["1"]
    ),
    "the same value of a later day": Accepted(
        (*COUNTED, measured()),
        measured(on="2024-06-30"),
        lambda d: len(d.targets.measurements),
        2,
    ),
    "a milestone": Accepted(
        START, linked(), lambda d: [m.milestone for m in d.targets.milestones], ["M1C1-139"]
    ),
    "a target": Accepted(LINKED, reached(), lambda d: [t.value for t in d.targets.reached], ["1"]),
}
REFUSED = {
    "a first schedule twice": Refusal(PLANNED, baselined(*LATER), "duplicate-key"),
    "a phase planned to end the day before it begins": Refusal(
        START, baselined(PLAN[0], span("COLLAUDO", "2024-05-31", "2024-05-30")), "dates-reversed"
    ),
    "another schedule without a first": Refusal(START, rebaselined(), "reference-unknown"),
    "another schedule by an extension that was not asked": Refusal(
        PLANNED, rebaselined(extension="p-1"), "reference-unknown"
    ),
    "another schedule that is the same": Refusal(PLANNED, rebaselined(*PLAN), "nothing-changed"),
    "another schedule that is reversed": Refusal(
        PLANNED, rebaselined(span("COLLAUDO", "2024-05-31", "2024-05-30")), "dates-reversed"
    ),
    "another schedule by an act that is not recorded": Refusal(
        PLANNED, rebaselined(act=ACT), "act-unknown"
    ),
    "another schedule by a void act": Refusal(
        (*PLANNED, VOID), rebaselined(act=ACT), "act-without-effect"
    ),
    "a request twice": Refusal(ASKED, asked(until="2025-01-31"), "duplicate-key"),
    "an answer to what was not asked": Refusal(START, decided(), "reference-unknown"),
    "an answer twice": Refusal((*ASKED, decided()), decided(outcome="negata"), "reference-closed"),
    "a phase that was begun is not foreseen": Refusal(
        (*START, phase("AFFIDAMENTO", "2022-09-01")),
        skipped("AFFIDAMENTO"),
        "phase-already-entered",
    ),
    "a phase that is not foreseen twice": Refusal(
        (*START, skipped("AFFIDAMENTO")), skipped("AFFIDAMENTO"), "nothing-changed"
    ),
    "an indicator planned as it is": Refusal(COUNTED, planned(on="2023-07-01"), "nothing-changed"),
    "a measure of what is not planned": Refusal(START, measured(), "reference-unknown"),
    "a measure twice": Refusal((*COUNTED, measured()), measured(), "nothing-changed"),
    "a milestone twice": Refusal(LINKED, linked(), "nothing-changed"),
    "a target of a milestone that is not linked": Refusal(START, reached(), "reference-unknown"),
    "a target twice": Refusal((*LINKED, reached()), reached(), "nothing-changed"),
}


@pytest.mark.parametrize("case", ACCEPTED.values(), ids=ACCEPTED)
def test_it_is_recorded_and_changes_the_dossier(case: Accepted) -> None:
    case.check()


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_it_is_refused(case: Refusal) -> None:
    case.check()


def test_each_intervention_of_a_shared_cup_has_its_own_schedule_and_targets() -> None:
    first, second = {"measure": "M1C1I1.2"}, SECOND
    world = World().given(
        *SHARED,
        baselined(intervention=first),
        baselined(*LATER, intervention=second),
        planned(intervention=second),
        linked(intervention=second),
    )
    found = world.dossier()
    assert [len(one.schedule.planned) for one in found.parts] == [1, 1]
    for request in (measured(intervention=first), reached(intervention=first)):
        answer = world.when(request)
        assert isinstance(answer, Refused)
        assert answer.code == "reference-unknown"
    world.given(measured(intervention=second), reached(intervention=second))
    assert [len(one.targets.reached) for one in world.dossier().parts] == [0, 1]


def test_each_intervention_of_a_shared_cup_has_its_own_phases() -> None:
    first, second = {"measure": "M1C1I1.2"}, SECOND
    world = World().given(*SHARED, phase("AFFIDAMENTO", "2022-09-01", intervention=first))
    answer = world.when(
        but(phase("AFFIDAMENTO", "2022-10-01", intervention=second), command="complete-phase/1")
    )
    assert isinstance(answer, Refused)
    assert answer.code == "phase-not-entered"
    world.given(skipped("AFFIDAMENTO", intervention=second))
    assert [[m.kind for m in one.phases.moves] for one in world.dossier().parts] == [
        ["entered"],
        ["skipped"],
    ]


def test_a_schedule_that_was_registered_late_is_compared_with_that_of_its_day() -> None:
    world = World().given(*PLANNED, rebaselined(on="2024-02-01"))
    answer = world.when(rebaselined(*PLAN, on="2024-01-31"))
    assert isinstance(answer, Refused)
    assert answer.code == "nothing-changed"
    assert answer.sentence.startswith("La registrazione non cambia nulla: il cronoprogramma")


def test_of_several_extensions_the_longest_that_was_granted_counts() -> None:
    world = World().given(
        *START,
        asked("p-1", until="2024-12-31"),
        decided("p-1"),
        asked("p-2", until="2025-06-30"),
        decided("p-2", outcome="negata"),
        asked("p-3", until="2024-10-31"),
        decided("p-3"),
        asked("p-4", "contratto", "2026-01-31"),
    )
    schedule = world.dossier().schedule
    granted = schedule.granted("completamento")
    assert granted is not None
    assert (granted.extension, granted.granted_until) == ("p-1", date(2024, 12, 31))
    assert schedule.granted("contratto") is None


def test_a_phase_is_skipped_for_a_better_reason() -> None:
    world = World().given(
        *START, skipped("AFFIDAMENTO"), skipped("AFFIDAMENTO", "affidamento in house")
    )
    found = world.dossier().phases.skipped("AFFIDAMENTO")
    assert found is not None
    assert found.cause == "affidamento in house"
    assert world.dossier().phases.current() is None
