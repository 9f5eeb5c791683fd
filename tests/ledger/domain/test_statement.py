"""The state of an intervention as a document. Source: DOMAIN section 1.5."""

from __future__ import annotations

import pytest

from ledger.domain.sentences import sentence
from ledger.domain.shapes import shape_of
from ledger.domain.statement import InterventionState
from ledger.errors import ShapeError
from tests.ledger.domain.facts import (
    ACT,
    adjusted,
    answered,
    attached,
    corrected,
    deliberazione,
    determina,
    enforceable,
    exported,
    funded,
    nominated,
    observed,
    opened,
    phase,
    published,
    regime,
    registered,
    service,
    visto,
)
from tests.ledger.domain.worlds import CUP, World

STORY = (
    registered(cup="c81c22001220006", description="Migrazione di 14 servizi"),
    service(),
    deliberazione(),
    funded(),
    determina(amount="100.00"),
    visto(),
    enforceable(),
    published(),
    nominated(),
    phase("ESECUZIONE", "2023-03-01"),
    regime(),
    opened(),
    answered(),
    attached(),
    observed("E"),
    adjusted(("FOI", "12.50"), cause="incremento-prezzi"),
    phase("COLLAUDO", "2024-05-01"),
    corrected(16),
    exported(),
)


def test_the_state_is_written_and_read_back() -> None:
    shape = shape_of(InterventionState)
    state = World().given(*STORY).state()
    assert shape.parse(shape.told(state)) == state
    assert shape.told(state)["cup"] == CUP


def test_the_state_holds_what_the_story_tells() -> None:
    state = World().given(*STORY).state()
    assert (state.v, state.cup, state.registrations, state.known_at) == (1, CUP, 19, 19)
    assert state.phase is not None
    assert (state.phase.label, str(state.phase.since)) == ("Esecuzione", "2023-03-01")
    assert [p.phase for p in state.phases if p.entered_on] == ["ESECUZIONE"]
    assert state.national_state is not None
    assert state.national_state.label == "Erogato"
    assert state.funding.valore_post_incremento.format_it() == "319.568,50"
    assert [(c.checklist, c.state) for c in state.checklists] == [("dnsh-post", "COMPLETATA")]
    assert [f.name for f in state.documents] == ["atto-210.pdf", "atto-100.pdf", "relazione.pdf"]
    assert len(state.corrections) == len(state.packages) == 1
    assert {f.code for f in state.findings} >= {"cup-raw-normalised", "phase-disagrees-national"}


def test_acts_are_told_by_day_of_adoption_then_key() -> None:
    world = World().given(registered(), determina(), determina("99"), deliberazione())
    assert [str(act.key) for act in world.state().acts] == [
        "c_e506/deliberazioni-giunta/2022/210",
        ACT,
        "c_e506/registro-generale/2023/99",
    ]


def test_an_act_is_stated_with_its_tracks_and_its_share() -> None:
    acts = World().given(*STORY).state(as_of="2023-01-30").acts
    act = next(act for act in acts if act.key == ACT)
    assert (act.adoption, act.enforceability, act.publication, act.effect) == (
        "numerata",
        "esecutiva",
        "in-pubblicazione",
        "efficace",
    )
    assert (act.share, act.rule_id, str(act.endorsed_on)) == (10_000, "tuel-183-7", "2023-01-23")


def test_an_act_has_its_tracks_on_each_day() -> None:
    world = World().given(registered(), determina(), visto(), enforceable(), published())
    days = ("2023-01-23", "2023-01-24", "2023-01-25", "2023-02-09", "2023-02-10")
    shown = [world.state(as_of=day).acts[0] for day in days]
    assert [(act.enforceability, act.publication) for act in shown] == [
        ("non-esecutiva", "non-pubblicata"),
        ("esecutiva", "non-pubblicata"),
        ("esecutiva", "in-pubblicazione"),
        ("esecutiva", "in-pubblicazione"),
        ("esecutiva", "pubblicata"),
    ]


def test_a_void_act_is_stated_as_void() -> None:
    world = World().given(registered(), determina(cup_in_text="no", void=True))
    assert world.state().acts[0].effect == "nulla"


def test_the_same_facts_give_the_same_state() -> None:
    assert World().given(*STORY).state() == World().given(*STORY).state()


def test_an_intervention_without_phase_has_none_current() -> None:
    state = World().given(registered()).state()
    assert state.phase is None
    assert [p.step for p in state.phases] == [0, 1, 2, 3, 4]


def test_the_stream_of_an_act_is_no_intervention() -> None:
    world = World().given(registered(), determina())
    with pytest.raises(ShapeError):
        world.state(f"act/{ACT}")


def test_events_are_told_as_people_read_them() -> None:
    told = [sentence(event) for event in World().given(*STORY).events]
    assert told[3] == "Concessi 319.556,00 EUR (PNRR) con 12 - 1/2022 - PNRR del 23/05/2022"
    assert told[4] == "Registrata la determina n. 100/2023 del 23/01/2023: Migrazione al cloud"
    assert told[6] == f"L'atto {ACT} è esecutivo dal 24/01/2023 (tuel-183-7)"
    assert told[9] == "Avviata la fase Esecuzione"
