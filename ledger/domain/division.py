"""One command as the events that record it: itself, or its pieces where it concerns too many streams.

    divided(command, situation, name=piece_id)      (command,)  or  (first piece, second piece, ...)

    what is done to an act      each piece to further CUPs, those that hold the act itself first
    a correction                of the events of some pieces each, the last ones first

They are drafted one after the other, each on the streams as the one before leaves them, and sent
together. Source: FORMATS section 1; DOMAIN section 3.4.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ledger.domain.chain import first_of, pieces_of
from ledger.domain.decide import streams_of
from ledger.domain.personal_texts import places_in
from ledger.domain.pieces import STREAMS_LIMIT, Piece
from ledger.domain.references import EventId
from ledger.domain.rules.common import file_names
from ledger.domain.stream_names import cup_stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ledger.domain.commands.command import Command
    from ledger.domain.dossier import Dossier
    from ledger.domain.event import Event
    from ledger.domain.situation import Situation

    Name = Callable[[str, int], str]  # id of a command, number of a piece -> id of that piece


def divided(
    command: Command, situation: Situation, *, name: Name, limit: int = STREAMS_LIMIT
) -> tuple[Command, ...]:
    """Return the commands by which what is asked is recorded, each of at most `limit` streams.

    What joins more and is of no kind that has pieces is given back as it is, and refused by its rules.

    Raises:
        Malformed, Refused: as `propose`, when it cannot be said which streams it joins.
    """
    if command.type.is_ledger:
        return (command,)
    command = _of_whole_facts(command, situation)
    streams = streams_of(command, situation)
    if len(streams) <= limit:
        return (command,)
    if command.type.corrects_others:
        return tuple(_corrections(command, situation, name, limit))
    if command.type.has_pieces:
        return tuple(_pieces(command, situation, name, _shared(command, streams, situation, limit)))
    return (command,)


def _of_whole_facts(command: Command, situation: Situation) -> Command:
    """Return a correction with every piece of what it corrects; another command as it is."""
    found = (situation.event(event_id) for event_id in command.corrects)
    told = [
        one for event in found if event is not None for one in pieces_of(event, situation.record)
    ]
    corrects = dict.fromkeys((*command.corrects, *(one.id for one in told)))
    return replace(command, corrects=tuple(corrects))


def _shared(
    command: Command, streams: Sequence[str], situation: Situation, limit: int
) -> list[list[str]]:
    """Return the streams of each piece, without that of the act: acts, CUPs that hold it, the others."""
    act = situation.act(command.data.act)
    links = () if act is None else (*(link.cup for link in act.links), *act.moved_from)
    holders = {cup_stream(cup) for cup in links}
    others = [one for one in streams if one != command.data.core]
    others.sort(key=lambda one: (not one.startswith("act/"), one not in holders, one))
    return [others[at : at + limit - 1] for at in range(0, len(others), limit - 1)]


def _pieces(
    command: Command, situation: Situation, name: Name, shared: list[list[str]]
) -> Iterator[Command]:
    dossiers = [_dossiers(command, names, situation) for names in shared]
    for number, names in enumerate(shared, start=1):
        first = None if number == 1 else EventId(command.id)
        piece = Piece(number=number, of=len(shared), first=first)
        elsewhere = [
            one for at, told in enumerate(dossiers, start=1) if at != number for one in told
        ]
        data = command.data.as_piece(piece, dossiers[number - 1], elsewhere)
        made = replace(command, data=data, tells=tuple(sorted({data.core, *names})))
        yield made if first is None else _later(made, name(command.id, number))


def _dossiers(command: Command, names: Sequence[str], situation: Situation) -> list[Dossier]:
    """Return the dossiers of CUPs among some streams, where what is said depends on them."""
    if not command.data.of_its_cups:
        return []
    return [situation.dossier(one) for one in names if one.startswith("cup/")]


def _later(command: Command, event_id: str) -> Command:
    """Return a later piece under its own id, with the files and confirmations that it still has."""
    named = set(file_names(command.type.shape, command.data))
    objects = tuple(ref for ref in command.objects if ref.name in named)
    made = replace(command, id=event_id, objects=objects)
    there = {place.pointer: place.kinds for place in places_in(made)}
    confirmed = {place: there[place] for place in command.not_personal if place in there}
    return replace(made, not_personal=confirmed)


def _corrections(
    command: Command, situation: Situation, name: Name, limit: int
) -> Iterator[Command]:
    """Yield corrections of some events each, the last pieces first, so that none stands without its first."""
    found = [situation.event(event_id) for event_id in command.corrects]
    targets = sorted((one for one in found if one is not None), key=lambda one: -one.index)
    for number, some in enumerate(_gathered(targets, limit), start=1):
        event_id = command.id if number == 1 else name(command.id, number)
        yield replace(command, id=event_id, corrects=tuple(one.id for one in some))


def _gathered(events: Sequence[Event], limit: int) -> Iterator[list[Event]]:
    """Yield runs of events that join at most so many streams together; one event is always a run."""
    run: list[Event] = []
    for event in events:
        streams = {name for one in (*run, event) for name in one.streams}
        if run and len(streams) > limit:
            yield run
            run = []
        run.append(event)
    yield run


def whole_of(events: Sequence[Event]) -> Any:  # noqa: ANN401  data of any type
    """Return the data that were asked, from the events by which they were recorded, the first one first."""
    first = events[0].data
    return first if first_of(events[0]) is None else first.whole([one.data for one in events])
