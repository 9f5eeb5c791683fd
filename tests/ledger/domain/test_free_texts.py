"""Every text of a request is found, at any depth, with its pointer; what programs wrote is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ledger.domain.events.catalogue import event_types
from ledger.domain.events.ledger import JWK
from ledger.domain.free_texts import free_texts
from ledger.domain.identifiers import PersonRef
from ledger.domain.keys import OperatorKey
from ledger.domain.shapes import Many, Record, Scalar, Table, shape_of
from tests.ledger.domain.plain_values import full

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.domain.events.declaration import EventType
    from ledger.domain.shapes import Field, Kind

TYPES = event_types()
PEOPLE = {"person", "persons", "signatory", "signers", "by_person", "rup", "accepted_by"}
OPERATORS = {"op", "payee", "holder"}
BY_PROGRAMS = {"certificate", "possession", "ca", "log_key", "jwk"}


def members(kind: Kind) -> Iterator[Field]:
    """Yield every member of a kind, at any depth."""
    match kind:
        case Record(fields=fields):
            for field in fields:
                yield field
                yield from members(field.kind)
        case Many(item) | Table(item):
            yield from members(item)


def places(kind: Kind, value: Any, pointer: str) -> Iterator[str]:  # noqa: ANN401  JSON values
    """Yield the pointers of the free texts in a JSON value of a kind."""
    match kind:
        case Record(fields=fields):
            for field in fields:
                if not field.is_encoded:
                    yield from places(field.kind, value[field.name], f"{pointer}/{field.name}")
        case Many(item):
            yield from places(item, value[0], f"{pointer}/0")
        case Table(item):
            yield pointer
            yield from places(item, value["r01"], f"{pointer}/r01")
        case Scalar(of) if of is str:
            yield pointer


@pytest.mark.parametrize("declared", TYPES.values(), ids=TYPES)
def test_each_text_of_each_type_is_found_where_it_stands(declared: EventType) -> None:
    plain = full(declared.shape)
    found = free_texts(declared.shape, declared.shape.parse(plain), "/data")
    pointers = [one.pointer for one in found if not one.is_code]
    assert pointers == list(places(declared.shape, plain, "/data"))


@pytest.mark.parametrize("declared", TYPES.values(), ids=TYPES)
def test_a_text_that_is_found_stands_at_its_pointer(declared: EventType) -> None:
    plain = full(declared.shape)
    for one in free_texts(declared.shape, declared.shape.parse(plain), "/data"):
        value: Any = {"data": plain}
        for key in one.pointer.split("/")[1:]:
            value = value[int(key)] if isinstance(value, list) else value[key]
        assert one.text in value if isinstance(value, dict) else one.text == value


def test_what_a_program_wrote_is_no_text_of_a_person() -> None:
    declared = TYPES["actor-enrolled/1"]
    plain = full(declared.shape)
    found = {one.pointer for one in free_texts(declared.shape, declared.shape.parse(plain))}
    assert found.isdisjoint({"/certificate", "/possession", "/jwk/x"})


@pytest.mark.parametrize("declared", TYPES.values(), ids=TYPES)
def test_keys_and_proofs_are_marked_as_written_by_programs(declared: EventType) -> None:
    for field in members(declared.shape):
        encoded = field.name in BY_PROGRAMS and field.kind in (Scalar(str), shape_of(JWK))
        assert field.is_encoded == encoded


@pytest.mark.parametrize("declared", TYPES.values(), ids=TYPES)
def test_a_person_is_a_reference_and_an_operator_no_personal_tax_code(declared: EventType) -> None:
    for field in members(declared.shape):
        kind = field.kind.item if isinstance(field.kind, Many) else field.kind
        if field.name in PEOPLE:
            assert kind == Scalar(PersonRef)
        if field.name in OPERATORS:
            assert kind == Scalar(OperatorKey)


def test_a_value_that_is_no_text_has_none() -> None:
    for kind, value in ((Scalar(int), 3), (Many(Scalar(str)), None), (Table(Scalar(str)), None)):
        assert list(free_texts(kind, value)) == []
