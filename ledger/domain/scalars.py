"""Single values as JSON gives them: of which type they are, the parser and the writer of each.

    scalar_parser(date)("2026-02-28")       -> date(2026, 2, 28)
    scalar_parser(EUR)("319556.00")         -> EUR(31955600)
    scalar_writer(as_given)(EUR(31955600))  -> "319556.00"

What has another form raises a ShapeError; who calls notes where it stood.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from typing import Any

from ledger.domain.days import format_date, parse_date
from ledger.domain.identifiers import Identifier
from ledger.domain.money import EUR
from ledger.domain.texts import checked_text, format_instant, parse_instant
from ledger.errors import ShapeError

MANY_LIMIT = 500
INTEGER_LIMIT = 2**53
_AS_THEY_ARE = frozenset({str, int, bool})

Spell = Callable[[Identifier], str]


def as_list(value: object) -> list[object]:
    """Return a list of at most 500 items; ShapeError for anything else."""
    if not isinstance(value, list | tuple):
        raise ShapeError("malformed-request", "serve una lista")
    if len(value) > MANY_LIMIT:
        raise ShapeError("malformed-request", f"una lista ha al massimo {MANY_LIMIT} elementi")
    return list(value)


def as_table(value: object) -> dict[str, object]:
    """Return a mapping from texts; ShapeError for anything else."""
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise ShapeError("malformed-request", "serve un oggetto con chiavi di testo")
    return value


def parse_choice(values: frozenset[str], allowed: str, value: object) -> str:
    """Return a text of a closed list; ShapeError, with those `allowed`, for anything else."""
    if not isinstance(value, str) or value not in values:
        raise ShapeError("malformed-request", f"{value!r} non è tra i valori ammessi: {allowed}")
    return value


def _parse_bool(value: object) -> bool:
    if not isinstance(value, bool):
        raise ShapeError("malformed-request", "serve vero o falso (true, false)")
    return value


def _parse_int(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= INTEGER_LIMIT:
        raise ShapeError("malformed-request", "serve un numero intero")
    return value


def scalar_parser(of: type) -> Callable[[Any], object]:
    """Return what parses a JSON value of str, int, bool, date, datetime, EUR or an Identifier.

    Raises:
        TypeError: when there is no parser for that type.
    """
    if of is bool:
        return _parse_bool
    if of is int:
        return _parse_int
    parse = _text_parser(of)

    def parse_text(value: object) -> object:
        if not isinstance(value, str):
            raise ShapeError("malformed-request", "serve un testo")
        return parse(value)

    return parse_text


def _text_parser(of: type) -> Callable[[str], object]:
    for kind, parse in ((str, checked_text), (date, parse_date), (datetime, parse_instant)):
        if of is kind:
            return parse
    if issubclass(of, EUR | Identifier):
        return of.parse
    message = f"no parser for {of!r}"
    raise TypeError(message)


def as_given(code: Identifier) -> str:
    """Return the text of a code as it was given."""
    return code.raw


@cache
def scalar_writer(spell: Spell) -> Callable[[Any], Any]:
    """Return what gives the JSON value of a single value; `spell` gives the text of a code."""

    def write(value: object) -> object:
        if type(value) in _AS_THEY_ARE:
            return value
        if isinstance(value, Identifier):
            return spell(value)
        if isinstance(value, EUR):
            return value.format()
        if isinstance(value, datetime):
            return format_instant(value)
        return format_date(value) if isinstance(value, date) else value

    return write
