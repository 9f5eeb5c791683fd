"""Independent facts may be recorded in any order. Source: DOMAIN section 3; D11.

Two facts are independent on a record when they are of different types, each is accepted there alone,
each is accepted after the other and joins the same streams, and no text stands in both that could name
something: a key, a code, a file, a phase. Then every state, of any day, is the same in both orders,
but for the places in the log and the order of lists that are in its order.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from exporters.to_json import state_to_json
from tests.ledger.domain.worlds import CUP, OTHER_CUP, World
from tests.properties.stories import CASES, Drawn, requests_of, texts_in

if TYPE_CHECKING:
    from tests.ledger.domain.worlds import Request

PLACES = re.compile(r"(index|known_at_time|.*_index)\Z")
NUMBERED = re.compile(r"-[0-9]+-[0-9]+(?=\.)")  # a public name tells the place of its file
DAYS = st.dates(date(2022, 1, 1), date(2026, 9, 1))
DRAWN = st.builds(Drawn, st.sampled_from(sorted(CASES)), st.just(value=False))


@settings(max_examples=100, deadline=None)
@given(DRAWN, DRAWN, DAYS)
def test_independent_facts_in_another_order_give_the_same_state(
    first: Drawn, second: Drawn, day: date
) -> None:
    *before, one = requests_of(first, 0)
    *beside, other = requests_of(second, 1)
    record = [*before, *beside]
    assume(one["command"] != other["command"])
    assume(not names(one) & names(other))
    worlds = [told([*record, *facts]) for facts in ([one, other], [other, one])]
    alone = [told([*record, fact]) for fact in (one, other)]
    assume(are_recorded(alone, worlds, one, other))
    for cup in (CUP, OTHER_CUP):
        states = [known(world, cup, day) for world in worlds]
        assert states[0] == states[1]


def names(request: Request) -> set[str]:
    """Return the texts of a request by which something is named, but for the CUP."""
    return set(texts_in(request["data"])) - {CUP, OTHER_CUP}


def told(requests: list[Request]) -> World:
    """Return the record of what is accepted."""
    world = World()
    for request in requests:
        world.when(request)
    return world


def are_recorded(alone: list[World], together: list[World], *facts: Request) -> bool:
    """Return whether the facts are recorded, with the same streams, alone and after each other."""
    for world, fact in zip(alone, facts, strict=True):
        found = [one.event(fact["id"]) for one in (world, *together)]
        if len({event.streams if event else None for event in found} | {None}) != 2:
            return False
        if None in found:
            return False
    return True


def known(world: World, cup: str, day: date) -> Any:  # noqa: ANN401  a JSON value
    """Return what is true on a day as JSON, without places in the log and their order."""
    state = world.state(cup, as_of=str(day))
    parts = tuple(replace(part, findings=()) for part in state.parts)
    told = json.loads(state_to_json(replace(state, findings=(), parts=parts)))
    # Subject and sentence of a finding may hold a place.
    raised = ((one.code, one.severity) for one in state.findings)
    in_parts = ((part.measure, one.code) for part in state.parts for one in part.findings)
    return without_places(told), Counter(raised), Counter(in_parts)


def without_places(value: Any) -> Any:  # noqa: ANN401  a JSON value
    """Return a JSON value without places in the log; lists are put in an order of their own."""
    if isinstance(value, dict):
        kept = {name: one for name, one in value.items() if not PLACES.match(name)}
        if "public_name" in kept:
            kept["public_name"] = NUMBERED.sub("", kept["public_name"])
        return {name: without_places(one) for name, one in kept.items()}
    if isinstance(value, list):
        return sorted(map(without_places, value), key=lambda one: json.dumps(one, sort_keys=True))
    return value
