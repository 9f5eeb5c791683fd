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
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, Final, Literal

from ledger.domain.scalars import (
    Spell,
    as_given,
    as_list,
    as_table,
    parse_choice,
    scalar_parser,
    scalar_writer,
)
from ledger.errors import Fault, Malformed, ShapeError

ENCODED: Final = types.MappingProxyType({"is_encoded": True})  # metadata of a field: see Field


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
    """One member: its name outside, its attribute inside, its kind and whether it must be there.

    What `is_encoded` was written by a program: a key, a certificate, a proof.
    """

    name: str
    attribute: str
    kind: Kind
    required: bool
    default: Any
    is_encoded: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """A data class with its fields in order of declaration."""

    cls: type
    fields: tuple[Field, ...]
    read: Reader = field(init=False, repr=False, compare=False)
    write_plain: Writer = field(init=False, repr=False, compare=False)
    write_told: Writer = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Put together once what parses each member, and what writes it."""
        object.__setattr__(self, "read", _record_reader(self))
        object.__setattr__(self, "write_plain", _record_writer(self, as_given))
        object.__setattr__(self, "write_told", _record_writer(self, str))

    def parse(self, value: object, pointer: str = "") -> Any:  # noqa: ANN401  an instance of cls
        """Return the instance for a plain mapping.

        Raises:
            Malformed: with one fault for each member that is missing, unknown or of the wrong form.
        """
        faults: list[Fault] = []
        parsed = self.read(value, pointer, faults)
        if faults:
            first = faults[0]
            raise Malformed(f"{first.pointer or '/'}: {first.sentence}", faults)
        return parsed

    def plain(self, instance: object) -> dict[str, Any]:
        """Return the mapping of JSON values, codes as given; empty defaults are left out."""
        plain: dict[str, Any] = self.write_plain(instance)
        return plain

    def told(self, instance: object) -> dict[str, Any]:
        """Return the mapping of JSON values, codes in normal form: for what is derived."""
        told: dict[str, Any] = self.write_told(instance)
        return told


Reader = Callable[[Any, str, list[Fault]], Any]  # value, its JSON Pointer, faults so far
Kind = Scalar | Choice | Many | Table | Record
Writer = Callable[[Any], Any]


@cache
def shape_of(cls: type) -> Record:
    """Return the shape of a data class, computed once."""
    hints = typing.get_type_hints(cls)
    fields = tuple(
        Field(
            name=one.name.rstrip("_"),
            attribute=one.name,
            kind=_kind_of(hints[one.name]),
            required=one.default is dataclasses.MISSING,
            default=None if one.default is dataclasses.MISSING else one.default,
            is_encoded=bool(one.metadata.get("is_encoded")),
        )
        for one in dataclasses.fields(cls)
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


def _record_reader(record: Record) -> Reader:
    names = frozenset(field.name for field in record.fields)
    fields = [(f.name, f.attribute, _reader_of(f.kind), f.required) for f in record.fields]

    def read(value: object, pointer: str, faults: list[Fault]) -> Any:  # noqa: ANN401  as Reader
        if not isinstance(value, dict):
            faults.append(
                Fault(pointer, "malformed-request", "serve un oggetto con campi e valori")
            )
            return None
        before = len(faults)
        faults.extend(
            Fault(f"{pointer}/{name}", "unknown-field", f"campo sconosciuto: {name}")
            for name in value
            if name not in names
        )
        parsed: dict[str, Any] = {}
        for name, attribute, reader, required in fields:
            if name in value:
                parsed[attribute] = reader(value[name], f"{pointer}/{name}", faults)
            elif required:
                sentence = f"manca il campo {name}"
                faults.append(Fault(f"{pointer}/{name}", "missing-field", sentence))
        return record.cls(**parsed) if len(faults) == before else None

    return read


def _reader_of(kind: Kind) -> Reader:
    """Return what parses a value of a kind; it notes faults and goes on."""
    match kind:
        case Record():
            return kind.read
        case Many(item):
            return _guarded(as_list, _items_reader(_reader_of(item)))
        case Table(item):
            return _guarded(as_table, _table_reader(_reader_of(item)))
        case Choice(values):
            return _guarded(partial(parse_choice, frozenset(values), ", ".join(values)))
    return _guarded(scalar_parser(kind.of))


def _guarded(parse: Callable[[Any], Any], then: Reader | None = None) -> Reader:
    """Return a reader that notes what the parser refuses."""

    def read(value: object, pointer: str, faults: list[Fault]) -> Any:  # noqa: ANN401  as Reader
        try:
            parsed = parse(value)
        except ShapeError as error:
            faults.append(Fault(pointer, error.code, error.sentence, error.proposal))
            return None
        return parsed if then is None else then(parsed, pointer, faults)

    return read


def _items_reader(reader: Reader) -> Reader:
    return lambda items, pointer, faults: tuple(
        reader(item, f"{pointer}/{number}", faults) for number, item in enumerate(items)
    )


def _table_reader(reader: Reader) -> Reader:
    return lambda table, pointer, faults: {
        key: reader(item, f"{pointer}/{key}", faults) for key, item in table.items()
    }


def _record_writer(record: Record, spell: Spell) -> Writer:
    fields = [
        (one.name, one.attribute, _writer_of(one.kind, spell), one.required, one.default)
        for one in record.fields
    ]

    def write(instance: object) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, attribute, writer, required, default in fields:
            value = getattr(instance, attribute)
            if required or value != default:
                found[name] = None if value is None else writer(value)
        return found

    return write


def _writer_of(kind: Kind, spell: Spell) -> Writer:
    """Return what gives the JSON value of a value of a kind."""
    match kind:
        case Record():
            return kind.write_plain if spell is as_given else kind.write_told
        case Many(item):
            each = _writer_of(item, spell)
            return lambda items: [each(one) for one in items]
        case Table(item):
            each = _writer_of(item, spell)
            return lambda table: {key: each(one) for key, one in table.items()}
    return scalar_writer(spell)
