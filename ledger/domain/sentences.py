"""The sentence of a recorded event, for timelines and summaries: `Avviata la fase ESECUZIONE`.

The template is `says` of the declaration, over the data of the event; `act` is there for acts.
Dates are dd/mm/yyyy, amounts `319.556,00 EUR`, closed codes as they are. Source: EXPERIENCE 12.
"""

from __future__ import annotations

import string
from datetime import date
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from ledger.domain.days import format_day_it
from ledger.domain.money import EUR
from ledger.domain.phases import LABELS

if TYPE_CHECKING:
    from ledger.domain.event import Event


@cache
def _parts(template: str) -> tuple[tuple[str, attrgetter[Any] | None], ...]:
    """Return the texts of a template, each with what gets the value that follows it."""
    return tuple(
        (text, attrgetter(name) if name else None)
        for text, name, _, _ in string.Formatter().parse(template)
    )


def _word(value: object) -> str:
    """Return a value as people read it."""
    if isinstance(value, EUR):
        return f"{value.format_it()} EUR"
    if isinstance(value, date):
        return format_day_it(value)
    if isinstance(value, str) and value in LABELS:
        return LABELS[value]
    return str(value)


def sentence(event: Event) -> str:
    """Return the Italian sentence of an event; of one that tells a fact with others, with its number."""
    told = "".join(
        text + _word(get(event.data)) if get else text for text, get in _parts(event.type.says)
    )
    piece = event.piece
    return told if piece is None else f"{told} (parte {piece.number} di {piece.of})"
