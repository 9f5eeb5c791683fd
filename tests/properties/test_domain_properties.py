"""Properties of the domain over any story: replay, order, corrections, knowledge. Source: D11, D12.

A story is any list of requests about one CUP; what is refused is left out, as in life.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.evolve import evolve, fold, withdrawn
from ledger.domain.phases import PHASES
from ledger.domain.shapes import shape_of
from ledger.domain.statement import InterventionState
from tests.ledger.domain.facts import (
    ACT,
    adjusted,
    answered,
    completed,
    corrected,
    determina,
    enforceable,
    funded,
    live,
    nominated,
    opened,
    phase,
    published,
    registered,
    reverted,
    service,
    signed,
    visto,
)
from tests.ledger.domain.worlds import ALL_ROLES, CUP, OTHER_CUP, World

if TYPE_CHECKING:
    from tests.ledger.domain.worlds import Request

STREAM = f"cup/{CUP}"
START = (registered(), registered(cup=OTHER_CUP))
SLICES = (
    "registrations",
    "scope",
    "funding",
    "acts",
    "people",
    "phases",
    "compliance",
    "documents",
    "national",
)
DAYS = st.dates(date(2022, 1, 1), date(2026, 1, 1)).map(str)
SOURCES = ("PNRR", "FOI", "COMUNE", "STATO")
NAMES = st.sampled_from(PHASES)
CENTS = st.integers(0, 500).map(lambda cents: f"{cents // 100}.{cents % 100:02}")
LINKED = [{"cup": CUP}, {"cup": OTHER_CUP}]
REQUESTS = st.one_of(
    st.builds(phase, NAMES, DAYS),
    st.builds(completed, NAMES, DAYS),
    st.builds(reverted, NAMES, NAMES, DAYS),
    st.builds(funded, CENTS, st.sampled_from(SOURCES), DAYS),
    st.builds(
        lambda source, cents, on: adjusted((source, f"-{cents}"), on=on),
        st.sampled_from(SOURCES),
        CENTS.filter(lambda cents: cents != "0.00"),
        DAYS,
    ),
    st.builds(service, st.sampled_from(("s01", "s02", "s03")), DAYS),
    st.builds(live, st.sampled_from(("s01", "s02", "s03")), DAYS),
    st.builds(nominated, st.sampled_from(("rup", "dec")), DAYS),
    st.just(determina(links=LINKED)),
    st.just(visto()),
    st.just(enforceable()),
    st.just(published()),
    st.sampled_from([opened(), answered(), answered(row="2"), signed()]),
    st.builds(corrected, st.integers(0, 10)),
    st.builds(corrected, st.integers(0, 2)),
)
STORIES = st.lists(REQUESTS, min_size=3, max_size=16)


def told(requests: list[Request]) -> World:
    """Return the record of what is accepted."""
    world = World().given(*START)
    for request in requests:
        world.when(by_who_may(world, request))
    return world


def by_who_may(world: World, request: Request) -> Request:
    """Return the request signed by one who holds every role.

    Finance signs with its own key, so that a visto is not refused for separation of duties. A
    correction, written `corrected(n)`, is of the n-th event from the last, in the role of that event.
    """
    if request["command"] == "correct-error/1":
        back = int(request["corrects"][0][-12:]) % len(world.events)
        target = world.events[-1 - back]
        request = {**request, "role": target.role, "corrects": [target.id]}
    finance = request["role"] == "finanziario"
    return {**request, "signed_by": "finanziario" if finance else ALL_ROLES}


def slices(dossier: Dossier) -> dict[str, Any]:
    """Return the concepts of a dossier, without counts and the notes of corrections."""
    return {name: getattr(dossier, name) for name in SLICES}


@settings(max_examples=60, deadline=None)
@given(STORIES)
def test_any_prefix_replayed_is_the_state_it_grew_to(requests: list[Request]) -> None:
    world = told(requests)
    history = world.history(STREAM)
    grown = Dossier(STREAM)
    for number, event in enumerate(history, start=1):
        prefix = history[:number]
        fresh = fold(STREAM, prefix)
        grown = fresh if event.type.corrects_others else evolve(grown, event)
        assert grown == fresh
        assert (fresh.count, fresh.last_index) == (number, event.index)


@settings(max_examples=60, deadline=None)
@given(STORIES, DAYS)
def test_a_corrected_event_leaves_no_trace_in_the_state(requests: list[Request], day: str) -> None:
    world = told(requests)
    history = world.history(STREAM)
    gone = withdrawn(history)
    standing = [e for e in history if e.id not in gone and not e.type.corrects_others]
    assert slices(world.dossier()) == slices(fold(STREAM, standing))
    as_of = World(events=standing).dossier(as_of=day)
    assert slices(world.dossier(as_of=day)) == slices(as_of)


@settings(max_examples=60, deadline=None)
@given(STORIES)
def test_what_was_known_is_not_changed_by_what_came_later(requests: list[Request]) -> None:
    world, seen = World().given(*START), []
    for request in requests:
        seen.append((len(world.events), slices(world.dossier())))
        world.when(by_who_may(world, request))
    for number, then in seen:
        assert slices(world.known_at(number)) == then


@settings(max_examples=60, deadline=None)
@given(STORIES)
def test_what_stands_could_have_been_recorded_without_what_was_corrected(
    requests: list[Request],
) -> None:
    world = told(requests)
    gone = withdrawn(sorted(world.events, key=lambda e: e.index))
    again = World()
    for event in world.events:
        if event.id in gone or event.type.corrects_others:
            continue
        request = {
            "command": event.type.command,
            "id": event.id,
            "role": event.role,
            "signed_by": event.actor,
            "cup": next(iter(event.cups)) if event.type.concerns_one_cup else None,
            "occurred_on": str(event.day),
            "data": event.plain_data(),
        }
        answer = again.when({name: value for name, value in request.items() if value is not None})
        assert isinstance(answer, Event), str(answer)


@settings(max_examples=40, deadline=None)
@given(STORIES, DAYS)
def test_the_state_of_any_day_is_written_and_read_back(requests: list[Request], day: str) -> None:
    shape = shape_of(InterventionState)
    state = told(requests).state(as_of=day)
    assert shape.parse(shape.told(state)) == state


@settings(max_examples=40, deadline=None)
@given(STORIES)
def test_both_cups_of_an_act_and_its_stream_tell_the_same_of_it(requests: list[Request]) -> None:
    world = told(requests)
    acts = [world.dossier(name).acts for name in (CUP, OTHER_CUP, f"act/{ACT}")]
    assert acts[0] == acts[1] == acts[2]


FREE = st.fixed_dictionaries(
    {
        "phases": st.dictionaries(DAYS, NAMES, max_size=4),
        "services": st.dictionaries(st.sampled_from(("s01", "s02", "s03")), DAYS),
        "grants": st.dictionaries(st.sampled_from(SOURCES), CENTS.filter(lambda c: c != "0.00")),
    }
)


@settings(max_examples=60, deadline=None)
@given(FREE, DAYS, st.data())
def test_independent_facts_may_be_recorded_in_any_order(
    facts: dict[str, dict[str, str]], day: str, data: st.DataObject
) -> None:
    requests = [phase(name, on) for on, name in facts["phases"].items()]
    requests += [service(item, on, funded=False) for item, on in facts["services"].items()]
    requests += [funded(amount, source) for source, amount in facts["grants"].items()]
    other = data.draw(st.permutations(requests))
    one, two = (World().given(registered(), *order) for order in (requests, other))
    assert _known(one, day) == _known(two, day)


def _known(world: World, day: str) -> tuple[object, ...]:
    """Return what is true on a day, without places in the log."""
    state = world.state(as_of=day)
    return (
        state.phase and replace(state.phase, index=0),
        state.phases,
        {replace(item, index=0) for item in state.services},
        state.funding.sources,
        state.funding.importo_finanziato,
        sorted((f.code, f.severity) for f in state.findings),
    )
