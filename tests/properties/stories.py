"""Stories over the whole catalogue: cases of the tables of decisions, mixed as life mixes them.

    @given(STORIES)
    def test_it(story: Story) -> None:
        world = told(story)                 what is refused is left out

A case gives its requests in their order: first what must be given, then what is asked. Several cases
are told in turns, each about the CUP of the example or about another one. A table of decisions is any
module `test_decide_*.py` with ACCEPTED, so a new family is drawn as soon as it has its table.
"""

from __future__ import annotations

import importlib
import itertools
import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from hypothesis import strategies as st

from tests.ledger.domain import worlds
from tests.ledger.domain.worlds import CUP, OTHER_CUP, World, commit_in, commit_of, event_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.ledger.domain.cases import Accepted
    from tests.ledger.domain.worlds import Request

TABLES = tuple(
    importlib.import_module(f"tests.ledger.domain.{path.stem}")
    for path in sorted(Path(worlds.__file__).parent.glob("test_decide_*.py"))
)
CASES: dict[str, Accepted] = {
    f"{table.__name__.rpartition('_decide_')[2]}: {name}": case
    for table in TABLES
    for name, case in table.ACCEPTED.items()
}
PLACES = 100  # more than any case has requests
SWAPPED = {CUP: OTHER_CUP, OTHER_CUP: CUP}


class Drawn(NamedTuple):
    """A case in a story: its name among CASES, and whether its two CUPs change places."""

    name: str
    is_swapped: bool


class Story(NamedTuple):
    """Cases, and whose turn it is: numbers of cases, each as often as it has requests."""

    cases: tuple[Drawn, ...]
    turns: tuple[int, ...]

    def requests(self) -> Iterator[Request]:
        """Yield the requests of all cases in turn; each has an id of its own."""
        waiting = [requests_of(drawn, number) for number, drawn in enumerate(self.cases)]
        for number in self.turns:
            yield next(waiting[number])


def requests_of(drawn: Drawn, number: int) -> Iterator[Request]:
    """Yield the requests of a case that is the n-th of its story.

    What they name by its place in the case, events and files, they name by its id in the story.
    """
    case = CASES[drawn.name]
    requests = (*case.given, case.when)
    files = {text for text in texts_in(requests) if "." in text}
    for place, request in enumerate(requests):
        text = json.dumps({"id": event_id(place), **request}, ensure_ascii=False)
        for other in range(len(requests)):
            new = _numbered(number, other)
            text = text.replace(event_id(other), new)
            for name in files:
                text = text.replace(commit_of(other, name), commit_in(new, name))
        yield json.loads(_swapped(text) if drawn.is_swapped else text)


def _numbered(number: int, place: int) -> str:
    """Return the id of a request of a story; no case has one of this form."""
    return f"01981f6e-0000-7000-9000-{number * PLACES + place:012d}"


def _swapped(text: str) -> str:
    parts = text.split(CUP)
    return OTHER_CUP.join(part.replace(OTHER_CUP, CUP) for part in parts)


@st.composite
def stories(draw: st.DrawFn, *, most: int = 6) -> Story:
    """Draw a story of one case or more."""
    case = st.builds(Drawn, st.sampled_from(sorted(CASES)), st.booleans())
    cases = draw(st.lists(case, min_size=1, max_size=most))
    lengths = [len(CASES[drawn.name].given) + 1 for drawn in cases]
    turns = [number for number, length in enumerate(lengths) for _ in range(length)]
    return Story(tuple(cases), tuple(draw(st.permutations(turns))))


STORIES = stories()


def told(story: Story) -> World:
    """Return the record of what is accepted of a story."""
    world = World()
    for request in story.requests():
        world.when(request)
    return world


def streams_of(world: World) -> list[str]:
    """Return the names of all streams that the record has."""
    return sorted(set(itertools.chain.from_iterable(event.streams for event in world.events)))


def texts_in(value: object) -> Iterator[str]:
    """Yield every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts_in(item)
