"""Tests of state and history as XML."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from exporters.to_xml import (
    HISTORY_NAMESPACE,
    STATE_NAMESPACE,
    history_to_xml,
    state_to_xml,
    write_history,
)
from ledger.errors import Unreadable
from tests.exporters.example_documents import GOLDEN, documents, example_history, example_state

if TYPE_CHECKING:
    from exporters.history import History

PAIRS = {
    "history": HISTORY_NAMESPACE,
    "intervention": STATE_NAMESPACE,
}
NOT_XML = {
    "a noncharacter": "\ufffe",
    "the last noncharacter of the plane": "\uffff",
    "a control character": "\x01",
    "half of a surrogate pair": "\ud800",
}


def assert_same(value: Any, element: etree._Element) -> None:  # noqa: ANN401
    """Hold an element equal to the JSON value of the same place, by the rules of the format."""
    assert not element.attrib
    children = list(element)
    if isinstance(value, dict):
        names = [etree.QName(child).localname for child in children]
        if set(names) == {"item"}:
            assert_same_table(value, children)
            return
        assert sorted(names) == sorted(value)
        for name, child in zip(names, children, strict=True):
            assert_same(value[name], child[0] if name == "data" else child)
    elif isinstance(value, list):
        assert {etree.QName(child).localname for child in children} <= {"item"}
        for item, child in zip(value, children, strict=True):
            assert_same(item, child)
    else:
        assert not children
        text = value if isinstance(value, str) else json.dumps(value)
        assert element.text == text


def assert_same_table(value: dict[str, Any], items: list[etree._Element]) -> None:
    """Hold the pairs of a table equal to a JSON object: key and value, in order of the keys."""
    pairs = [tuple(item) for item in items]
    assert [(key.text, etree.QName(told).localname) for key, told in pairs] == [
        (name, "value") for name in sorted(value)
    ]
    for key, told in pairs:
        assert_same(value[key.text], told)


def with_reason(reason: str) -> History:
    """Return a history of one event with that reason."""
    history = example_history()
    return replace(history, events=(replace(history.events[0], reason=reason),))


@pytest.mark.parametrize("name", PAIRS)
def test_the_bytes_are_those_of_the_golden_file(name: str) -> None:
    assert documents()[f"{name}.xml"] == (GOLDEN / f"{name}.xml").read_bytes()


@pytest.mark.parametrize("name", PAIRS)
def test_xml_and_json_tell_the_same_values(name: str) -> None:
    told = documents()
    root = etree.fromstring(told[f"{name}.xml"])
    assert etree.QName(root).localname == name
    assert_same(json.loads(told[f"{name}.json"]), root)


@pytest.mark.parametrize("name", PAIRS)
def test_there_is_one_namespace_and_no_document_type(name: str) -> None:
    content = documents()[f"{name}.xml"]
    root = etree.fromstring(content)
    assert {etree.QName(element).namespace for element in root.iter()} == {PAIRS[name]}
    assert content.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<" + name.encode())
    assert content.count(b"xmlns") == 1
    assert b"<!" not in content
    assert content.endswith(f"</{name}>\n".encode())


def test_data_stand_under_the_name_of_their_type_and_version() -> None:
    root = etree.fromstring(history_to_xml(example_history()))
    found = root.findall("{*}events/{*}item")
    for entry in found:
        (data,) = entry.findall("{*}data/*")
        type_name = entry.findtext("{*}type") or ""
        assert etree.QName(data).localname == type_name.replace("/", "-")


def test_a_history_that_comes_event_by_event_has_the_same_bytes() -> None:
    history = example_history()
    out = BytesIO()
    write_history(out, history, iter(history.events))
    assert out.getvalue() == history_to_xml(history)


@settings(max_examples=80)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1))
def test_any_text_that_is_written_is_read_back_the_same(text: str) -> None:
    if any(character in text for character in NOT_XML.values()):
        return
    root = etree.fromstring(history_to_xml(with_reason(f" {text}\n")))
    assert root.findtext("{*}events/{*}item/{*}reason") == f" {text}\n"


@pytest.mark.parametrize("name", NOT_XML)
def test_a_text_that_xml_cannot_carry_is_refused_by_name(name: str) -> None:
    with pytest.raises(Unreadable, match="reason") as caught:
        history_to_xml(with_reason(f"prima {NOT_XML[name]} dopo"))
    assert caught.value.code == "text-not-xml"


def test_the_same_state_gives_the_same_bytes() -> None:
    assert state_to_xml(example_state()) == state_to_xml(example_state())
