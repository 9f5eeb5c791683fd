"""Refusals about facts told in several events: whole, in order, each CUP once.

Source: FORMATS section 1 (at most 500 streams an event); DOMAIN section 3.4.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from ledger.domain.chain import first_of, pieces_of
from ledger.domain.evolve import withdrawn
from ledger.domain.pieces import STREAMS_LIMIT
from ledger.domain.rules.refusal import Broken, Rule, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.domain.event import Event
    from ledger.domain.pieces import Piece
    from ledger.domain.situation import Situation


@refusal(
    "streams-too-many",
    it=(
        "«{item}» riguarda {count} tra interventi e atti e una registrazione ne tiene {limit}: inviarla"
        " in parti, come fa `pista record`."
    ),
    en="{item} joins {count} streams and one event holds {limit}: send it in pieces.",
    source="FORMATS 1",
    remedy="",
)
def streams_too_many(event: Event, situation: Situation) -> Broken:
    """Refuse more streams than an envelope may join."""
    del situation
    if len(event.streams) > STREAMS_LIMIT:
        yield {"item": event.type.italian, "count": len(event.streams), "limit": STREAMS_LIMIT}


@refusal(
    "piece-misplaced",
    it="La parte {number} di {of} di «{item}» non prosegue ciò che è registrato: {problem}.",
    en="Piece {number} of {of} of {item} does not continue what is recorded: {problem}.",
    source="FORMATS 1",
    remedy="",
)
def piece_misplaced(event: Event, situation: Situation) -> Broken:
    """Refuse a piece that has not its place, or says another thing than the first."""
    piece = event.piece
    problem = None if piece is None else _problem(event, piece, situation)
    if piece is not None and problem is not None:
        yield {
            "item": event.type.italian,
            "number": piece.number,
            "of": piece.of,
            "problem": problem,
        }


def _problem(event: Event, piece: Piece, situation: Situation) -> str | None:
    """Return what is wrong with a piece, None when nothing is."""
    if (
        not 1 <= piece.number <= piece.of
        or piece.of == 1
        or (piece.first is None) != (piece.number == 1)
    ):
        return "numeri delle parti e prima parte non vanno insieme"
    if piece.first is None:
        return None
    earlier = [one for one in pieces_of(event, situation.record) if one.id != event.id]
    if not earlier or earlier[0].id != piece.first:
        return f"la prima parte {piece.first} non è registrata"
    if len(earlier) != piece.number - 1 or earlier[0].data.piece.of != piece.of:
        return f"ne sono registrate {len(earlier)} su {earlier[0].data.piece.of}"
    return None if _says_the_same(event, earlier[0]) else "dice altro dalla prima parte"


def _says_the_same(event: Event, first: Event) -> bool:
    """Return whether a piece says what the first one did, but for files and what is of its CUPs."""
    mine, theirs = event.data, first.data
    beside = (event.type, event.actor, event.role, event.occurred_on, event.reason)
    if beside != (first.type, first.actor, first.role, first.occurred_on, first.reason):
        return False
    expected = theirs.as_piece(mine.piece, (), ())
    own = {name: getattr(mine, name) for name in mine.of_its_cups}
    return bool(mine == replace(expected, **own))


@refusal(
    "pieces-missing",
    it="«{item}» è in {of} parti, da registrare insieme: ne mancano {missing}.",
    en="{item} is in {of} pieces, to be recorded together: {missing} are missing.",
    source="FORMATS 1",
    remedy="",
)
def pieces_missing(event: Event, situation: Situation) -> Broken:
    """Refuse what would leave a fact told, or corrected, in piece: at the end of what is sent together."""
    if situation.more_follows:
        return
    piece = event.piece
    if piece is not None and piece.number < piece.of:
        yield {"item": event.type.italian, "of": piece.of, "missing": piece.of - piece.number}
    if event.corrects:
        for left, of, italian in _left_in_piece(event, situation):
            yield {"item": italian, "of": of, "missing": of - left}


def _left_in_piece(event: Event, situation: Situation) -> Iterator[tuple[int, int, str]]:
    """Yield, of each fact of which some pieces stand after a correction and others do not, how many do."""
    for name in (one for one in event.streams if one.startswith("act/")):
        history = [*situation.record.history(name), event]
        gone = withdrawn(history)
        stand = [e for e in history if first_of(e) and e.id not in gone and e.data.core == name]
        for first, left in Counter(first_of(one) for one in stand).items():
            [told, *_] = [one for one in stand if first_of(one) == first]
            if left < told.data.piece.of:
                yield left, told.data.piece.of, told.type.italian


PIECES: tuple[Rule, ...] = (streams_too_many, piece_misplaced, pieces_missing)
