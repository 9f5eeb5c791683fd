"""Every text that a person wrote in the data of a request or event, with its JSON Pointer.

    {"subject": "Affidamento", "links": [{"cup": "C81C..."}], "items": {"r01": "..."}}

    Text("/data/subject", "Affidamento")                     free: any words
    Text("/data/links/0/cup", "C81C...", is_code=True)       of a kind with its own grammar, as given
    Text("/data/items", "r01")  Text("/data/items/r01", "...")

Left out are dates and amounts, words of closed lists, file names (they are among the objects), what
a program wrote (shapes.ENCODED), and references into the vault. A pointer never holds personal data:
below a key that does, it is that of the table. Source: RFC 6901; DOMAIN section 8.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ledger.domain.files import FileName
from ledger.domain.identifiers import Identifier, PersonRef
from ledger.domain.screening import screen_personal_data
from ledger.domain.shapes import Many, Record, Scalar, Table, shape_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ledger.domain.shapes import Field, Kind


@dataclass(frozen=True, slots=True)
class Text:
    """One text with the place where it stands."""

    pointer: str
    text: str
    is_code: bool = False


def free_texts(kind: Kind, value: object, pointer: str = "") -> Iterator[Text]:
    """Yield the texts of a value of a kind, at any depth, in order of its fields."""
    match kind:
        case Record():
            yield from _of_record(kind, value, pointer)
        case Many(item) if isinstance(value, tuple):
            for number, one in enumerate(value):
                yield from free_texts(item, one, f"{pointer}/{number}")
        case Table(item) if isinstance(value, dict):
            yield from _of_table(item, value, pointer)
        case Scalar(of) if isinstance(value, str):
            yield from _of_scalar(of, value, pointer)


def _of_record(record: Record, value: object, pointer: str) -> Iterator[Text]:
    for field in _fields_with_texts(record.cls):
        found = getattr(value, field.attribute)
        if found:
            yield from free_texts(field.kind, found, f"{pointer}/{field.name}")


@cache
def _fields_with_texts(cls: type) -> tuple[Field, ...]:
    """Return the fields of a data class that may hold a text of a person; each fold asks for them."""
    fields = shape_of(cls).fields
    return tuple(field for field in fields if not field.is_encoded and _has_texts(field.kind))


def _has_texts(kind: Kind) -> bool:
    match kind:
        case Record(cls):
            return bool(_fields_with_texts(cls))
        case Many(item):
            return _has_texts(item)
        case Scalar(of):
            return of is str or (issubclass(of, Identifier) and of not in (FileName, PersonRef))
    return isinstance(kind, Table)


def _of_table(item: Kind, table: Mapping[str, object], pointer: str) -> Iterator[Text]:
    for key, value in table.items():
        yield Text(pointer, key)
        below = pointer if screen_personal_data(key) else f"{pointer}/{_escaped(key)}"
        yield from free_texts(item, value, below)


def _of_scalar(of: type, value: str, pointer: str) -> Iterator[Text]:
    if of is str:
        yield Text(pointer, value)
    elif isinstance(value, Identifier) and not _is_reference(value):
        yield Text(pointer, value.raw, is_code=True)


def _is_reference(code: Identifier) -> bool:
    """Return whether a code means a person of the vault, also where an operator may stand."""
    return PersonRef.grammar.shape.fullmatch(code) is not None


def _escaped(key: str) -> str:
    """Return a key as a JSON Pointer has it."""
    return key.replace("~", "~0").replace("/", "~1")
