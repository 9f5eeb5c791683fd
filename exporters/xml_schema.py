"""XSD 1.0 of the exported state and history, generated from the shapes.

    state_xsd()     root `intervention`, namespace urn:pista:state:1       schemas/intervention-1.xsd
    history_xsd()   root `history`, namespace urn:pista:history:1          schemas/history-1.xsd

Every class is a complex type of its name, every kind of scalar a simple type. Members stand in the
order of their class; a list is an element with `item` inside (exporters.to_xml has the rules). XSD
1.0, so that xmllint can judge: no assertions, no alternatives.
Source: XML Schema 1.0 parts 1 and 2; design FORMATS section 6.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Final

from lxml import etree

from exporters.history import HistoryHeading, HistoryLine
from exporters.spelling import Use, spelling_of, stem_of
from exporters.to_xml import (
    HISTORY_NAMESPACE,
    HISTORY_ROOT,
    ITEM,
    KEY,
    STATE_NAMESPACE,
    STATE_ROOT,
    VALUE,
)
from ledger.domain.events.catalogue import event_types
from ledger.domain.shapes import Choice, Many, Record, Scalar, Table, shape_of
from ledger.domain.statement import InterventionState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from exporters.spelling import Spelling
    from ledger.domain.shapes import Field, Kind

XSD: Final = "http://www.w3.org/2001/XMLSchema"


def state_xsd() -> bytes:
    """Return the XSD of the exported state, with a final line feed."""
    schema = _Schema(STATE_NAMESPACE)
    schema.declare_root(STATE_ROOT, InterventionState.__name__)
    schema.define_record(shape_of(InterventionState), "told")
    return schema.written()


def history_xsd() -> bytes:
    """Return the XSD of the exported history with the data of every event type."""
    schema = _Schema(HISTORY_NAMESPACE)
    schema.declare_root(HISTORY_ROOT, "History")
    members = schema.define("History", HistoryHeading)
    schema.add_members(members, shape_of(HistoryHeading).fields, "told")
    _add(schema.add_list(members, "events"), "HistoryEntry")
    entry = schema.define("HistoryEntry", HistoryLine)
    schema.add_members(entry, shape_of(HistoryLine).fields, "told")
    data = schema.open_element(entry, "data")
    choice = etree.SubElement(etree.SubElement(data, _tag("complexType")), _tag("choice"))
    for _, declared in sorted(event_types().items()):
        schema.add_element(choice, stem_of(declared.name), declared.shape, "signed")
    return schema.written()


def _tag(name: str) -> str:
    return f"{{{XSD}}}{name}"


def _add(members: etree._Element, type_name: str) -> None:
    """Add the `item` elements of a list whose values have a named type."""
    item = etree.SubElement(members, _tag("element"), name=ITEM, type=type_name)
    _repeat(item)


def _repeat(item: etree._Element) -> None:
    """Let an element stand any number of times."""
    item.set("minOccurs", "0")
    item.set("maxOccurs", "unbounded")


def _describe(parent: etree._Element, text: str) -> None:
    note = etree.SubElement(parent, _tag("annotation"))
    etree.SubElement(note, _tag("documentation")).text = text


class _Schema:
    """One schema document: a root element and named types, each defined once."""

    def __init__(self, namespace: str) -> None:
        """Begin with no declarations; names without prefix are of the namespace."""
        self._root = etree.Element(
            _tag("schema"),
            nsmap={"xs": XSD, None: namespace},  # type: ignore[dict-item]  # None is the default one
            targetNamespace=namespace,
            elementFormDefault="qualified",
        )
        self._defined: dict[str, etree._Element] = {}
        self._origins: dict[str, object] = {}

    def written(self) -> bytes:
        """Return the document, types in order of name after the root element."""
        for name in sorted(self._defined):
            self._root.append(self._defined[name])
        etree.indent(self._root, "  ")
        text: bytes = etree.tostring(self._root, encoding="UTF-8", xml_declaration=True)
        return text + b"\n"

    def declare_root(self, name: str, type_name: str) -> None:
        """Declare the one root element."""
        etree.SubElement(self._root, _tag("element"), name=name, type=type_name)

    def define(self, name: str, of: type) -> etree._Element:
        """Begin the complex type of a data class and return the sequence of its members."""
        made = self._begin("complexType", name, inspect.getdoc(of) or "")
        return etree.SubElement(made, _tag("sequence"))

    def _begin(self, kind: str, name: str, text: str) -> etree._Element:
        made = etree.Element(_tag(kind), name=name)
        _describe(made, text)
        self._defined[name] = made
        return made

    def _is_new(self, name: str, origin: object) -> bool:
        """Return whether a name is still to be defined.

        Raises:
            ValueError: when the name stands for something else already.
        """
        if self._origins.setdefault(name, origin) != origin:
            raise ValueError(f"two types have one name: {name}")
        return name not in self._defined

    def define_record(self, record: Record, use: Use) -> str:
        """Define the complex type of a data class once and return its name."""
        name = record.cls.__name__
        if self._is_new(name, record.cls):
            self.add_members(self.define(name, record.cls), record.fields, use)
        return name

    def add_members(self, members: etree._Element, fields: Iterable[Field], use: Use) -> None:
        """Add an element for each field; one that may be left out has minOccurs 0."""
        for field in fields:
            added = self.add_element(members, field.name, field.kind, use)
            if not field.required:
                added.set("minOccurs", "0")

    def add_element(
        self, members: etree._Element, name: str, kind: Kind, use: Use
    ) -> etree._Element:
        """Add the element of one kind and return it."""
        element = self.open_element(members, name)
        if isinstance(kind, Record):
            element.set("type", self.define_record(kind, use))
        elif isinstance(kind, Scalar):
            element.set("type", self._define_scalar(spelling_of(kind.of, use)))
        elif isinstance(kind, Choice):
            self._add_choice(element, kind)
        elif isinstance(kind, Many):
            self._add_item(self._open_list(element), kind.item, use)
        elif isinstance(kind, Table):
            self._add_pairs(self._open_list(element), kind.item, use)
        return element

    def open_element(self, members: etree._Element, name: str) -> etree._Element:
        """Add an element that has no type yet and return it."""
        return etree.SubElement(members, _tag("element"), name=name)

    def add_list(self, members: etree._Element, name: str) -> etree._Element:
        """Add the element of a list and return the sequence of its items."""
        return self._open_list(self.open_element(members, name))

    def _open_list(self, element: etree._Element) -> etree._Element:
        return etree.SubElement(etree.SubElement(element, _tag("complexType")), _tag("sequence"))

    def _add_item(self, members: etree._Element, kind: Kind, use: Use) -> None:
        _repeat(self.add_element(members, ITEM, kind, use))

    def _add_pairs(self, members: etree._Element, kind: Kind, use: Use) -> None:
        item = self.open_element(members, ITEM)
        _repeat(item)
        pair = self._open_list(item)
        self.add_element(pair, KEY, Scalar(str), use)
        self.add_element(pair, VALUE, kind, use)

    def _add_choice(self, element: etree._Element, kind: Choice) -> None:
        made = etree.SubElement(element, _tag("simpleType"))
        limits = etree.SubElement(made, _tag("restriction"), base="xs:string")
        for value in kind.values:
            etree.SubElement(limits, _tag("enumeration"), value=value)

    def _define_scalar(self, spelling: Spelling) -> str:
        """Define the simple type of a spelling once and return its name."""
        if self._is_new(spelling.name, spelling):
            made = self._begin("simpleType", spelling.name, spelling.says)
            limits = etree.SubElement(made, _tag("restriction"), base=f"xs:{spelling.base}")
            if spelling.least is not None:
                etree.SubElement(limits, _tag("minLength"), value=str(spelling.least))
            if spelling.most is not None:
                etree.SubElement(limits, _tag("maxLength"), value=str(spelling.most))
            if spelling.pattern is not None:
                etree.SubElement(limits, _tag("pattern"), value=spelling.pattern)
        return spelling.name
