"""Shapes: what is parsed is written back; what does not fit is refused where it stands."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.events.catalogue import event_types
from ledger.domain.identifiers import CUP  # noqa: TC001  read from the annotations
from ledger.domain.money import EUR  # noqa: TC001  read from the annotations
from ledger.domain.shapes import Choice, Kind, Many, Record, Scalar, shape_of
from ledger.domain.statement import InterventionState
from ledger.domain.texts import checked_text, format_instant, parse_instant
from ledger.errors import Malformed, ShapeError
from tests.ledger.domain.plain_values import full, plain_of

if TYPE_CHECKING:
    from collections.abc import Iterator

SHAPES = {name: declared.shape for name, declared in event_types().items()} | {
    "state": shape_of(InterventionState)
}


@dataclass(frozen=True, kw_only=True)
class Inner:
    """A small record."""

    on: str
    cup: CUP | None = None


@dataclass(frozen=True, kw_only=True)
class Outer:
    """A record with each way to be optional."""

    from_: str
    amount: EUR | None = None
    inner: Inner | None = None
    many: tuple[Inner, ...] = ()
    table: dict[str, int] | None = None
    flag: bool = False


OUTER = shape_of(Outer)
WRONG: dict[str, tuple[object, str, str]] = {
    "no object": ([], "", "malformed-request"),
    "null": (None, "", "malformed-request"),
    "a member that is missing": ({}, "/from", "missing-field"),
    "the name inside for the name outside": (
        {"from": "x", "from_": "y"},
        "/from_",
        "unknown-field",
    ),
    "null for what is left out": ({"from": "x", "amount": None}, "/amount", "malformed-request"),
    "a number for an amount": ({"from": "x", "amount": 12}, "/amount", "malformed-request"),
    "an amount without cents": ({"from": "x", "amount": "12"}, "/amount", "amount-malformed"),
    "a number for a truth": ({"from": "x", "flag": 1}, "/flag", "malformed-request"),
    "an object for a list": ({"from": "x", "many": {}}, "/many", "malformed-request"),
    "a list too long": ({"from": "x", "many": [{"on": "a"}] * 501}, "/many", "malformed-request"),
    "a member missing in an item": (
        {"from": "x", "many": [{"on": "a"}, {}]},
        "/many/1/on",
        "missing-field",
    ),
    "a code in an item": (
        {"from": "x", "many": [{"on": "a", "cup": "C81"}]},
        "/many/0/cup",
        "cup-malformed",
    ),
    "a truth for a number in a table": (
        {"from": "x", "table": {"a": True}},
        "/table/a",
        "malformed-request",
    ),
    "a key of a table that is no text": (
        {"from": "x", "table": {1: 1}},
        "/table",
        "malformed-request",
    ),
    "an integer beyond 2 to the 53": (
        {"from": "x", "table": {"a": 2**53}},
        "/table/a",
        "malformed-request",
    ),
    "a blank text": ({"from": " \u00a0"}, "/from", "malformed-request"),
    "a text too long": ({"from": "x" * 20_001}, "/from", "malformed-request"),
    "a text not in NFC": ({"from": "e\u0300"}, "/from", "malformed-request"),
    "a text with a tabulator": ({"from": "a\tb"}, "/from", "malformed-request"),
    "a text with a zero": ({"from": "a\x00b"}, "/from", "malformed-request"),
    "a text with half a character": ({"from": "a\ud800"}, "/from", "malformed-request"),
    "a text that XML cannot carry": ({"from": "a\uffff"}, "/from", "malformed-request"),
}
BAD_INSTANTS = (
    "2026-11-24",
    "2026-11-24T09:12:03",
    "2026-11-24T09:12:03+00:00",
    "2026-11-24T09:12:03.5Z",
    "2026-11-24T09:12:03.000000Z",
    "2026-11-24t09:12:03z",
    "2026-11-24T09:12:60Z",
    "2026-11-24T24:00:00Z",
    "2026-13-01T00:00:00Z",
    " 2026-11-24T09:12:03Z",
)


@pytest.mark.parametrize("name", SHAPES)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_what_is_parsed_is_written_back(name: str, data: st.DataObject) -> None:
    shape = SHAPES[name]
    value = data.draw(plain_of(shape))
    parsed = shape.parse(value)
    again = shape.parse(shape.plain(parsed))
    assert again == parsed
    assert shape.plain(again) == shape.plain(parsed)
    assert shape.parse(shape.told(parsed)) == parsed


@pytest.mark.parametrize("name", SHAPES)
def test_a_value_with_every_member_is_written_as_it_was_given(name: str) -> None:
    value = full(SHAPES[name])
    assert SHAPES[name].plain(SHAPES[name].parse(value)) == value


@pytest.mark.parametrize("name", SHAPES)
def test_an_unknown_member_is_refused_at_every_depth(name: str) -> None:
    for pointer, record in _records(SHAPES[name], full(SHAPES[name])):
        del record
        value = deepcopy(full(SHAPES[name]))
        _at(value, pointer)["altro"] = 1
        assert ("/".join(["", *pointer, "altro"]), "unknown-field") in faults(SHAPES[name], value)


@pytest.mark.parametrize("name", SHAPES)
def test_a_required_member_that_is_missing_is_named_at_every_depth(name: str) -> None:
    for pointer, record in _records(SHAPES[name], full(SHAPES[name])):
        value = deepcopy(full(SHAPES[name]))
        needed = [field.name for field in record.fields if field.required]
        for member in needed:
            del _at(value, pointer)[member]
        expected = [("/".join(["", *pointer, member]), "missing-field") for member in needed]
        assert faults(SHAPES[name], value) == expected


@pytest.mark.parametrize("name", SHAPES)
def test_a_member_of_another_kind_is_refused_where_it_stands(name: str) -> None:
    for pointer, record in _records(SHAPES[name], full(SHAPES[name])):
        for field in record.fields:
            value = deepcopy(full(SHAPES[name]))
            _at(value, pointer)[field.name] = _other(field.kind)
            where = "/".join(["", *pointer, field.name])
            assert [found for found, _ in faults(SHAPES[name], value)] == [where]


def faults(shape: Record, value: object) -> list[tuple[str, str]]:
    """Return pointer and code of each fault, none when it is parsed."""
    try:
        shape.parse(value)
    except Malformed as malformed:
        return [(fault.pointer, fault.code) for fault in malformed.faults]
    return []


def _records(
    kind: Kind,
    value: Any,  # noqa: ANN401  JSON values
    pointer: tuple[str, ...] = (),
) -> Iterator[tuple[tuple[str, ...], Record]]:
    """Yield every record within a value with its place."""
    if isinstance(kind, Record):
        yield pointer, kind
        for field in kind.fields:
            yield from _records(field.kind, value[field.name], (*pointer, field.name))
    elif isinstance(kind, Many):
        yield from _records(kind.item, value[0], (*pointer, "0"))


def _at(value: Any, pointer: tuple[str, ...]) -> dict[str, Any]:  # noqa: ANN401
    for step in pointer:
        value = value[int(step)] if isinstance(value, list) else value[step]
    found: dict[str, Any] = value
    return found


def _other(kind: Kind) -> object:
    """Return a value that no field of this kind takes."""
    if isinstance(kind, Scalar) and kind.of in (bool, int):
        return "1"
    return "fuori-elenco" if isinstance(kind, Choice) else 1.5


@pytest.mark.parametrize(("value", "pointer", "code"), WRONG.values(), ids=WRONG)
def test_what_does_not_fit_is_refused_where_it_stands(
    value: object, pointer: str, code: str
) -> None:
    assert faults(OUTER, value) == [(pointer, code)]


def test_every_fault_is_told_at_once() -> None:
    value = {"amount": "1", "many": [{"cup": "x"}], "altro": 1}
    assert faults(OUTER, value) == [
        ("/altro", "unknown-field"),
        ("/from", "missing-field"),
        ("/amount", "amount-malformed"),
        ("/many/0/on", "missing-field"),
        ("/many/0/cup", "cup-malformed"),
    ]


def test_what_is_left_out_is_not_written() -> None:
    assert OUTER.plain(OUTER.parse({"from": "x"})) == {"from": "x"}
    assert OUTER.plain(OUTER.parse({"from": "x", "many": [], "flag": False})) == {"from": "x"}


def test_a_code_is_written_as_given_and_told_in_normal_form() -> None:
    inner = shape_of(Inner).parse({"on": "x", "cup": "c81c22001220006"})
    assert shape_of(Inner).plain(inner)["cup"] == "c81c22001220006"
    assert shape_of(Inner).told(inner)["cup"] == "C81C22001220006"


def test_a_line_feed_is_text_and_the_refusal_of_a_code_proposes_another() -> None:
    assert checked_text("prima\nseconda") == "prima\nseconda"
    with pytest.raises(Malformed) as caught:
        shape_of(Inner).parse({"on": "x", "cup": "I71C22OO1520006"})
    assert caught.value.faults[0].proposal == "I71C22001520006"


@pytest.mark.parametrize("raw", BAD_INSTANTS)
def test_a_time_has_one_spelling(raw: str) -> None:
    with pytest.raises(ShapeError):
        parse_instant(raw)


@pytest.mark.parametrize("raw", ["2026-11-24T09:12:03Z", "2026-11-24T09:12:03.000001Z"])
def test_a_time_is_written_as_it_is_read(raw: str) -> None:
    assert format_instant(parse_instant(raw)) == raw
