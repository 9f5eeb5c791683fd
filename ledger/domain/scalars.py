"""Single values as JSON gives them: of which type they are, and the parser of each.

    scalar_parser(date)("2026-02-28")       -> date(2026, 2, 28)
    scalar_parser(EUR)("319556.00")         -> EUR(31955600)

What has another form raises a ShapeError; who calls notes where it stood.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from ledger.domain.days import parse_date
from ledger.domain.identifiers import Identifier
from ledger.domain.money import EUR
from ledger.domain.texts import checked_text, parse_instant
from ledger.errors import ShapeError

if TYPE_CHECKING:
    from collections.abc import Callable

MANY_LIMIT = 500
INTEGER_LIMIT = 2**53


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
