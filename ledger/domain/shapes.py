"""The shape of a data class, read from its annotations: parsed, written back, described.

    @dataclass(frozen=True, kw_only=True)
    class Link:
        cup: CUP
        amount: EUR | None = None

    shape_of(Link).parse({"cup": "c81c22001220006", "amount": "33.34"})  -> Link(CUP, EUR(3334))
    shape_of(Link).plain(link)                                           -> {"cup": ..., "amount": ...}

One declaration serves commands, events, the exported state, JSON Schema and XSD: the exporters walk
the same `Record`, `Many`, `Choice` and `Scalar` objects. A Python name that ends in `_` (`from_`)
loses the underscore outside. A field with a default may be absent; `None`, `()` and `False` defaults
are not written.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Literal

from ledger.domain.days import format_date, parse_date
from ledger.domain.identifiers import Identifier
from ledger.domain.money import EUR
from ledger.domain.texts import checked_text, format_instant, parse_instant
from ledger.errors import Fault, Malformed, ShapeError

MANY_LIMIT = 500
INTEGER_LIMIT = 2**53


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value: `of` is str, int, bool, date, datetime, EUR or a kind of Identifier."""

    of: type


@dataclass(frozen=True, slots=True)
class Choice:
    """One text of a closed list."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Many:
    """A list of one kind, in order; at most 500."""

    item: Kind


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping from short text keys to one kind."""

    item: Kind


@dataclass(frozen=True, slots=True)
class Field:
    """One member: its name outside, its attribute inside, its kind and whether it must be there."""

    name: str
    attribute: str
    kind: Kind
    required: bool
    default: Any


@dataclass(frozen=True, slots=True)
class Record:
    """A data class with its fields in order of declaration."""

    cls: type
    fields: tuple[Field, ...]

    def parse(self, value: object, pointer: str = "") -> Any:  # noqa: ANN401  an instance of cls
        """Return the instance for a plain mapping.

        Raises:
            Malformed: with one fault for each member that is missing, unknown or of the wrong form.
        """
        faults: list[Fault] = []
        parsed = _parse_record(self, value, pointer, faults)
        if faults:
            first = faults[0]
            raise Malformed(f"{first.pointer or '/'}: {first.sentence}", faults)
        return parsed

    def plain(self, instance: object) -> dict[str, Any]:
        """Return the mapping of JSON values, codes as given; empty defaults are left out."""
        return _plain_record(self, instance, as_given)

    def told(self, instance: object) -> dict[str, Any]:
        """Return the mapping of JSON values, codes in normal form: for what is derived."""
        return _plain_record(self, instance, str)


Kind = Scalar | Choice | Many | Table | Record
Spell = Callable[[Identifier], str]


@cache
def shape_of(cls: type) -> Record:
    """Return the shape of a data class, computed once."""
    hints = typing.get_type_hints(cls)
    fields = tuple(
        Field(
            name=field.name.rstrip("_"),
            attribute=field.name,
            kind=_kind_of(hints[field.name]),
            required=field.default is dataclasses.MISSING,
            default=None if field.default is dataclasses.MISSING else field.default,
        )
        for field in dataclasses.fields(cls)
    )
    return Record(cls, fields)


def _kind_of(hint: Any) -> Kind:  # noqa: ANN401  any annotation
    """Return the kind an annotation stands for; `X | None` is X."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Literal:
        return Choice(tuple(arguments))
    if origin in (types.UnionType, typing.Union):
        inner = [argument for argument in arguments if argument is not type(None)]
        if len(inner) == 1:
            return _kind_of(inner[0])
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:  # noqa: PLR2004
        return Many(_kind_of(arguments[0]))
    if origin is dict and arguments[0] is str:
        return Table(_kind_of(arguments[1]))
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return shape_of(hint)
    if isinstance(hint, type):
        return Scalar(hint)
    message = f"no shape for annotation {hint!r}"
    raise TypeError(message)


def _parse_record(record: Record, value: object, pointer: str, faults: list[Fault]) -> Any:  # noqa: ANN401
    if not isinstance(value, dict):
        faults.append(Fault(pointer, "malformed-request", "serve un oggetto con campi e valori"))
        return None
    known = {field.name for field in record.fields}
    faults.extend(
        Fault(f"{pointer}/{name}", "unknown-field", f"campo sconosciuto: {name}")
        for name in value
        if name not in known
    )
    before = len(faults)
    parsed: dict[str, Any] = {}
    for field in record.fields:
        if field.name in value:
            where = f"{pointer}/{field.name}"
            parsed[field.attribute] = _parse(field.kind, value[field.name], where, faults)
        elif field.required:
            sentence = f"manca il campo {field.name}"
            faults.append(Fault(f"{pointer}/{field.name}", "missing-field", sentence))
    return record.cls(**parsed) if len(faults) == before else None


def _parse(kind: Kind, value: object, pointer: str, faults: list[Fault]) -> Any:  # noqa: ANN401
    if isinstance(kind, Record):
        return _parse_record(kind, value, pointer, faults)
    try:
        if isinstance(kind, Many):
            items = _as_list(value)
            return tuple(
                _parse(kind.item, item, f"{pointer}/{number}", faults)
                for number, item in enumerate(items)
            )
        if isinstance(kind, Table):
            return {
                key: _parse(kind.item, item, f"{pointer}/{key}", faults)
                for key, item in _as_table(value).items()
            }
        if isinstance(kind, Choice):
            return _parse_choice(kind, value)
        return _parse_scalar(kind.of, value)
    except ShapeError as error:
        faults.append(Fault(pointer, error.code, error.sentence, error.proposal))
        return None


def _as_list(value: object) -> list[object]:
    if not isinstance(value, list | tuple):
        raise ShapeError("malformed-request", "serve una lista")
    if len(value) > MANY_LIMIT:
        raise ShapeError("malformed-request", f"una lista ha al massimo {MANY_LIMIT} elementi")
    return list(value)


def _as_table(value: object) -> dict[str, object]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise ShapeError("malformed-request", "serve un oggetto con chiavi di testo")
    return value


def _parse_choice(kind: Choice, value: object) -> str:
    if not isinstance(value, str) or value not in kind.values:
        allowed = ", ".join(kind.values)
        raise ShapeError("malformed-request", f"{value!r} non è tra i valori ammessi: {allowed}")
    return value


def _parse_scalar(of: type, value: object) -> object:
    if of is bool:
        if not isinstance(value, bool):
            raise ShapeError("malformed-request", "serve vero o falso (true, false)")
        return value
    if of is int:
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= INTEGER_LIMIT:
            raise ShapeError("malformed-request", "serve un numero intero")
        return value
    if not isinstance(value, str):
        raise ShapeError("malformed-request", "serve un testo")
    return _parse_text(of, value)


def _parse_text(of: type, value: str) -> object:
    if of is str:
        return checked_text(value)
    if of is date:
        return parse_date(value)
    if of is datetime:
        return parse_instant(value)
    if issubclass(of, EUR | Identifier):
        return of.parse(value)
    message = f"no parser for {of!r}"
    raise TypeError(message)


def as_given(code: Identifier) -> str:
    """Return the text of a code as it was given."""
    return code.raw


def _plain_record(record: Record, instance: object, text: Spell) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in record.fields:
        value = getattr(instance, field.attribute)
        if field.required or value != field.default:
            found[field.name] = _plain(field.kind, value, text)
    return found


def _plain(kind: Kind, value: Any, text: Spell) -> Any:  # noqa: ANN401
    if value is None:
        return None
    if isinstance(kind, Record):
        return _plain_record(kind, value, text)
    if isinstance(kind, Many):
        return [_plain(kind.item, item, text) for item in value]
    if isinstance(kind, Table):
        return {key: _plain(kind.item, item, text) for key, item in value.items()}
    return value if isinstance(kind, Choice) else _plain_scalar(value, text)


def _plain_scalar(value: Any, text: Spell) -> Any:  # noqa: ANN401
    if isinstance(value, EUR):
        return value.format()
    if isinstance(value, Identifier):
        return text(value)
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, date):
        return format_date(value)
    return value
