"""Properties of the whole catalogue over any story. Source: DOMAIN sections 3, 6 and 9; D11, D12."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from exporters.to_json import state_to_json
from exporters.to_xml import state_to_xml
from ledger.domain.dossier import Dossier
from ledger.domain.events.catalogue import event_types
from ledger.domain.evolve import evolve, fold
from ledger.domain.normal_forms import compact_upper
from ledger.domain.shapes import shape_of
from ledger.domain.statement import InterventionState, state
from ledger.errors import Refused
from schemas.files import read
from tests.exporters.test_to_xml import assert_same
from tests.ledger.domain.worlds import CUP, OTHER_CUP, World
from tests.properties.stories import CASES, STORIES, Drawn, Story, streams_of, texts_in, told

if TYPE_CHECKING:
    from ledger.domain.event import Event
    from tests.ledger.domain.worlds import Request

CUPS = {CUP, OTHER_CUP}
TODAY = date(2026, 9, 1)
XSD = etree.XMLSchema(etree.fromstring(read("intervention-1.xsd")))
ANY = settings(max_examples=100, deadline=None)


def test_the_stories_reach_every_type_that_people_and_programs_may_ask_for() -> None:
    asked = {t.name for t in event_types().values() if not t.is_ledger and t.succeeded_by is None}
    reached = set()
    for name, case in CASES.items():
        turns = (0,) * (len(case.given) + 1)
        world = told(Story((Drawn(name, is_swapped=True),), turns))
        assert len(world.events) == len(turns), name
        reached |= {event.type.name for event in world.events}
    assert reached >= asked


@ANY
@given(STORIES)
def test_any_prefix_of_any_stream_replayed_is_the_dossier_it_grew_to(story: Story) -> None:
    world = told(story)
    for stream in streams_of(world):
        _check_growth(stream, list(world.history(stream)))


def _check_growth(stream: str, history: list[Event]) -> None:
    grown = Dossier(stream)
    for number, event in enumerate(history, start=1):
        fresh = fold(stream, history[:number])
        grown = fresh if event.changes_the_past else evolve(grown, event)
        assert grown == fresh
        assert (fresh.count, fresh.last_index) == (number, event.index)


@ANY
@given(STORIES)
def test_an_event_joins_no_cup_that_nothing_in_it_names(story: Story) -> None:
    world = World()
    for request in story.requests():
        before = {cup: world.dossier(cup) for cup in CUPS}
        named = _cups_named(request, world)
        event = world.when(request)
        if isinstance(event, Refused):
            assert {cup: world.dossier(cup) for cup in CUPS} == before
            continue
        assert set(event.cups) <= named
        others = {cup: was for cup, was in before.items() if cup not in event.cups}
        assert {cup: world.dossier(cup) for cup in others} == others


def _cups_named(request: Request, world: World) -> set[str]:
    """Return the CUPs that a request names, by its own words, by events that it corrects, or by acts.

    An act stands for the CUPs it is linked to, and for those of the facts that rest on it.
    """
    texts = set(texts_in({**request, "id": None}))
    found = {compact_upper(text) for text in texts}
    for event in world.events:
        if event.id in request.get("corrects", ()):
            found |= set(event.cups)
    for key in _with_what_they_affect(texts, world):
        act = world.dossier(f"act/{key}").acts.get(key)
        resting = [cup for event in world.history(f"act/{key}") for cup in event.cups]
        links = (*act.links, *act.continued) if act is not None else ()
        found |= {*resting, *(link.cup for link in links)}
    return found | _cups_of_erasure(request, world) | _cups_of_joint(texts, world)


def _cups_of_joint(texts: set[str], world: World) -> set[str]:
    """Return the CUPs of the contracts and of the codes that are named, as recorded on any CUP."""
    dossiers = [world.dossier(cup) for cup in CUPS]
    joint = [
        one for dossier in dossiers for one in dossier.contracts.signed if one.contract in texts
    ]
    codes = [one for dossier in dossiers for one in dossier.procurement.cigs if one.cig in texts]
    return {link.cup for one in (*joint, *codes) for link in one.links}


def _cups_of_erasure(request: Request, world: World) -> set[str]:
    """Return the CUPs of the contents and events that are to be erased, or were asked to be."""
    data = request["data"]
    concerned = list(world.naming(data.get("commits", ())))
    places = {one["index"] for one in data.get("envelopes", ())}
    concerned += [event for event in world.events if event.index in places]
    asked = [one for one in world.events if one.type.name.startswith("erasure-requested/")]
    concerned += [one for one in asked if one.data.request == data.get("request")]
    return {cup for event in concerned for cup in event.cups}


def _with_what_they_affect(texts: set[str], world: World) -> set[str]:
    """Return the keys of recorded acts among the texts, and of the acts that these affect."""
    keys: set[str] = set()
    waiting = [text for text in texts if f"act/{text}" in streams_of(world)]
    while waiting:
        key = waiting.pop()
        keys.add(key)
        act = world.dossier(f"act/{key}").acts.get(key)
        waiting += [other for other in (act.affects if act else ()) if other not in keys]
    return keys


@settings(max_examples=60, deadline=None)
@given(STORIES, st.dates(date(2022, 1, 1), TODAY), st.data())
def test_the_state_of_any_story_on_any_day_is_written_and_read_back(
    story: Story, day: date, data: st.DataObject
) -> None:
    world = told(story)
    known = data.draw(st.integers(1, len(world.events)))
    shape = shape_of(InterventionState)
    for cup in CUPS:
        dossier = fold(f"cup/{cup}", world.history(f"cup/{cup}", known), as_of=day)
        time = world.events[known - 1].received_at
        seen = state(dossier, as_of=day, known_at=known, known_at_time=time, law=world.law_now())
        plain = json.loads(state_to_json(seen))
        assert shape.parse(plain) == seen
        root = etree.fromstring(state_to_xml(seen))
        XSD.assertValid(root)
        assert_same(plain, root)
