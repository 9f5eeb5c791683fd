"""A CUP that several interventions share: a dossier of each, and the CUP as their sum.

    whole.parts      one dossier an intervention, in order of registration
    whole.funding    the entries of all, in order of the log; made from the parts when it is asked for

What is recorded before a second intervention is registered is of the first. From then on an event is
told to the interventions that it is about (`concerned`), so that services, funding, balances, phases and
findings of one are never those of another, and a limit that holds for each holds for their sum.

An intervention is chosen among those registered up to that place in the log, whatever the legal day that
is asked: what was true before a registration was still true of that intervention.

Source: DOMAIN section 3.2.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from ledger.domain.altered import altered
from ledger.domain.dossier import Dossier
from ledger.domain.oversight import Oversight
from ledger.domain.selection import acts_of, beside, chooses, links_of, selector, selectors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ledger.domain.event import Event

OF_THE_CUP: Final = frozenset(
    {"stream", "count", "last_index", "parts", "place", "registered", "acts_met", "own_links"}
)
MERGED: Final = frozenset(one.name for one in fields(Dossier)) - OF_THE_CUP


NOWHERE: Final = -1


class SharedDossier(Dossier):
    """The dossier of a shared CUP; each slice is that of its parts, merged once it is asked for."""

    told_to: Mapping[str, frozenset[int]]

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  as many types as there are slices
        """Merge a slice of the parts, and keep it."""
        if name not in MERGED:
            raise AttributeError(name)
        merged = self.__dict__[name] = _merged([getattr(part, name) for part in self.parts])
        return merged


def _made(
    whole: Dossier, parts: Sequence[Dossier], told_to: Mapping[str, frozenset[int]]
) -> Dossier:
    """Return the dossier of the CUP after its parts have changed; nothing is merged yet."""
    made = object.__new__(SharedDossier)
    kept = {name: getattr(whole, name) for name in OF_THE_CUP}
    made.__dict__.update(kept, parts=tuple(parts), told_to=told_to)
    return made


def opened(whole: Dossier, place: int) -> Dossier:
    """Return the dossier of the CUP with an empty part for the intervention registered at a place.

    With the second intervention what there is becomes the part of the first.
    """
    parts = whole.parts or (_first(whole),)
    part = Dossier(whole.stream, place=place, **_of_the_cup(parts[0]))
    return _made(whole, (*parts, part), _tellings(whole))


def _first(whole: Dossier) -> Dossier:
    links = ((act.key, link) for act in whole.acts.values() for link in act.links)
    own = frozenset((key, link.measure, link.clp) for key, link in links if link.cup == whole.cup)
    place = whole.registered[0].index
    return altered(whole, count=0, last_index=-1, place=place, own_links=own)


def _of_the_cup(part: Dossier) -> dict[str, Any]:
    """Return what a part knows of the CUP itself, which each of its interventions has."""
    life = altered(part.life, moves=(), modifications=())
    packages = Oversight(packages=part.oversight.packages)
    pages = altered(part.disclosure, transmissions=())
    return {"life": life, "retention": part.retention, "oversight": packages, "disclosure": pages}


def told(whole: Dossier, event: Event, tell: Callable[[Dossier, Event], Dossier]) -> Dossier:
    """Return the dossier of a shared CUP after an event that is told to those it is about."""
    places = concerned_places(whole, event)
    parts = [
        tell(_owning(whole, part, event), event) if part.place in places else part
        for part in whole.parts
    ]
    return _made(whole, parts, {**_tellings(whole), event.id: places})


def met(whole: Dossier, event: Event) -> Dossier:
    """Return the dossier that knows whom an event is about that is not told: corrected, or later."""
    if not whole.parts or event.data.registers:
        return whole
    return _made(whole, whole.parts, {**_tellings(whole), event.id: concerned_places(whole, event)})


def _tellings(whole: Dossier) -> Mapping[str, frozenset[int]]:
    return whole.told_to if isinstance(whole, SharedDossier) else {}


def _owning(whole: Dossier, part: Dossier, event: Event) -> Dossier:
    """Return a part that knows which links of the event to the CUP are its own."""
    own = {
        (act, link.measure, link.clp)
        for link in links_of(event)
        if link.cup == whole.cup and _chosen(whole, *selector(event, link)) == part.place
        for act in acts_of(event)
    }
    return altered(part, own_links=part.own_links | own) if own else part


def concerned(whole: Dossier, event: Event) -> tuple[Dossier, ...]:
    """Return the dossiers by which an event is judged: of the interventions that it is about.

    What is about the CUP itself, or registers one more intervention, is judged by the whole.
    """
    if not whole.parts or event.data.of_whole_cup or event.data.registers:
        return (whole,)
    places = concerned_places(whole, event)
    return tuple(part for part in whole.parts if part.place in places)


def concerned_places(whole: Dossier, event: Event) -> frozenset[int]:
    """Return where the interventions on a shared CUP were registered that an event is about.

    What is done to a recorded act is about those that the act has met, what happens to a contract about
    those that have it, a correction about those of what it corrects; what is about the CUP itself, or
    about an act that none has met, about all.
    """
    every = frozenset(one.index for one in whole.registered)
    if event.data.registers:
        return frozenset({event.index})
    if event.type.corrects_others:
        return frozenset().union(*(_told_to(whole, event_id) for event_id in event.corrects))
    if event.data.of_whole_cup:
        return every
    if event.data.of_joint:
        return _holding(whole, event) or every
    acts = acts_of(event)
    pairs = selectors(event, whole.cup or "") if chooses(event) or not acts else []
    if pairs and (chooses(event) or pairs[0][0] is not None):
        return frozenset(_chosen(whole, *pair) for pair in pairs)
    return (
        frozenset(p.place for p in whole.parts if p.place is not None and p.acts_met & acts)
        or every
    )


def _holding(whole: Dossier, event: Event) -> frozenset[int]:
    """Return the interventions that have what the event names; the one that is chosen, if it has not."""
    holding = frozenset(p.place for p in whole.parts if p.place is not None and event.data.holds(p))
    measure, clp = beside(event)
    selected = () if measure is None else whole.selected(measure, clp)
    chosen = frozenset(one.index for one in selected)
    is_held = chosen <= holding
    return holding if is_held else chosen


def _told_to(whole: Dossier, event_id: str) -> frozenset[int]:
    """Return the interventions to which an event was told; before there were several, the first."""
    return _tellings(whole).get(event_id, frozenset({whole.registered[0].index}))


def _chosen(whole: Dossier, measure: str | None, clp: str | None) -> int:
    """Return where the intervention was registered that is selected, the first without a choice.

    Where nobody is, since a registration was erased, it is no place.
    """
    found = whole.registered if measure is None else whole.selected(measure, clp)
    return next((one.index for one in found), NOWHERE)


def _merged(values: Sequence[Any]) -> Any:  # noqa: ANN401  slices, and what they hold
    """Return the union of the same member of all parts."""
    first = values[0]
    if isinstance(first, tuple):
        return tuple(_entries(values))
    if isinstance(first, dict):
        return _union(values)
    members = {one.name: _merged([getattr(v, one.name) for v in values]) for one in fields(first)}
    return type(first)(**members)


def _entries(lists: Iterable[tuple[Any, ...]]) -> Iterator[Any]:
    """Yield the entries of all lists in order of the log; what was told to several parts once."""
    every = ((entry, number) for number, entries in enumerate(lists) for entry in entries)
    of_event: list[tuple[Any, int]] = []
    for entry, number in sorted(every, key=lambda one: (one[0].index, one[1])):
        if of_event and of_event[0][0].index != entry.index:
            of_event = []
        if any(number != other and entry == known for known, other in of_event):
            continue
        of_event.append((entry, number))
        yield entry


def _union(maps: Iterable[Mapping[Any, Any]]) -> dict[Any, Any]:
    """Return the entries of all maps by key: sums are added up, lists are merged."""
    union: dict[Any, Any] = {}
    for one in maps:
        for key, value in one.items():
            known = union.get(key)
            if known is None or is_dataclass(value):
                union[key] = value
            elif isinstance(value, tuple):
                union[key] = tuple(_entries((known, value)))
            else:
                union[key] = known + value
    return dict(sorted(union.items(), key=lambda one: _place(one[1])))


_index = attrgetter("index")


def _place(value: Any) -> int:  # noqa: ANN401  entries, lists of them, sums
    """Return where an entry, or the first of a list, stands in the log; sums keep their order."""
    if isinstance(value, tuple):
        return min(map(_index, value), default=-1)
    return _index(value) if is_dataclass(value) else -1
