"""State and history as XML 1.0: UTF-8, one namespace each, no attributes, no DOCTYPE.

    <?xml version='1.0' encoding='UTF-8'?>
    <history xmlns="urn:pista:history:1">
      <v>1</v>
      <events>
        <item>
          <index>17</index>
          <streams>
            <item>cup/C81C22001220006</item>
          </streams>
          <data>
            <phase-entered-1>
              <phase>AFFIDAMENTO</phase>

Four rules give the XML from the JSON: a member is an element of the same name, in the order of the
schema; a list is an element that holds one `item` a value; a mapping likewise, each `item` holding
`key` and `value`; in `data` stands one element that is named after the type of the event and its
version, since XSD 1.0 binds one name to one type. Members that JSON leaves out are left out.

The writer goes from value to value and holds no tree. The schemas are schemas/intervention-1.xsd
and schemas/history-1.xsd. Source: XML 1.0 (fifth edition); design FORMATS section 6.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from exporters.history import HistoryHeading, entry_shape
from exporters.spelling import stem_of
from ledger.domain.events.catalogue import type_named
from ledger.domain.shapes import Many, Record, Table, shape_of
from ledger.domain.statement import InterventionState
from ledger.errors import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import BinaryIO

    from exporters.history import History, HistoryEntry
    from ledger.domain.shapes import Field, Kind

STATE_NAMESPACE: Final = "urn:pista:state:1"
STATE_ROOT: Final = "intervention"
HISTORY_NAMESPACE: Final = "urn:pista:history:1"
HISTORY_ROOT: Final = "history"
ITEM: Final = "item"
KEY: Final = "key"
VALUE: Final = "value"

# XML 1.0 production [2], what it leaves out; NFC text without control characters may still hold
# the two noncharacters at the end of the first plane.
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def state_to_xml(state: InterventionState) -> bytes:
    """Return the XML of a state, with a final line feed.

    Raises:
        Unreadable: `text-not-xml`, when a text holds a character that XML cannot carry.
    """
    shape = shape_of(InterventionState)
    with BytesIO() as out:
        with _Writer.opened(out, STATE_NAMESPACE, STATE_ROOT) as writer:
            writer.write_members(shape.fields, shape.told(state))
        return out.getvalue()


def history_to_xml(history: History) -> bytes:
    """Return the XML of a history, with a final line feed.

    Raises:
        Unreadable: `text-not-xml`, when a text holds a character that XML cannot carry.
    """
    with BytesIO() as out:
        write_history(out, history, history.events)
        return out.getvalue()


def write_history(out: BinaryIO, heading: HistoryHeading, entries: Iterable[HistoryEntry]) -> None:
    """Write the XML of a history whose entries come one by one.

    Raises:
        Unreadable: `text-not-xml`, when a text holds a character that XML cannot carry.
    """
    shape = shape_of(HistoryHeading)
    with _Writer.opened(out, HISTORY_NAMESPACE, HISTORY_ROOT) as writer:
        writer.write_members(shape.fields, shape.plain(heading))
        with writer.element("events"):
            for entry in entries:
                _write_entry(writer, entry)


def _write_entry(writer: _Writer, entry: HistoryEntry) -> None:
    """Write one entry; its data under the name of its type."""
    shape, plain = entry_shape(type_named(entry.type)), entry.plain()
    with writer.element(ITEM):
        for field in shape.fields:
            if field.name == "data":
                with writer.element(field.name):
                    writer.write(stem_of(entry.type), field.kind, plain[field.name])
            else:
                writer.write_members((field,), plain)


class _Writer:
    """Writes elements one inside the other, each on its line, two blanks a level."""

    def __init__(self, sink: Any, namespace: str) -> None:  # noqa: ANN401  lxml names no type for it
        """Write into an open file of lxml, inside its root element."""
        self._sink = sink
        self._namespace = namespace
        self._level = 0

    @staticmethod
    @contextmanager
    def opened(out: BinaryIO, namespace: str, root: str) -> Iterator[_Writer]:
        """Write declaration and root element around what the block writes."""
        with etree.xmlfile(out, encoding="UTF-8") as sink:
            sink.write_declaration()
            with sink.element(f"{{{namespace}}}{root}", nsmap={None: namespace}):
                yield _Writer(sink, namespace)
                sink.write("\n")
        out.write(b"\n")

    @contextmanager
    def element(self, name: str) -> Iterator[None]:
        """Write an element on its own line around the elements that the block writes."""
        self._level += 1
        blanks = "\n" + "  " * self._level
        self._sink.write(blanks)
        with self._sink.element(f"{{{self._namespace}}}{name}"):
            yield
            self._sink.write(blanks)
        self._level -= 1

    def write_members(self, fields: Iterable[Field], plain: Mapping[str, Any]) -> None:
        """Write the members that are there, in the order of the fields."""
        for field in fields:
            if field.name in plain:
                self.write(field.name, field.kind, plain[field.name])

    def write(self, name: str, kind: Kind, value: Any) -> None:  # noqa: ANN401  any JSON value
        """Write one value of a kind as an element."""
        if isinstance(kind, Record):
            with self.element(name):
                self.write_members(kind.fields, value)
        elif isinstance(kind, Many):
            with self.element(name):
                for item in value:
                    self.write(ITEM, kind.item, item)
        elif isinstance(kind, Table):
            with self.element(name):
                for key in sorted(value):
                    self._write_pair(key, kind.item, value[key])
        else:
            self._write_text(name, value)

    def _write_pair(self, key: str, kind: Kind, value: Any) -> None:  # noqa: ANN401  any JSON value
        with self.element(ITEM):
            self._write_text(KEY, key)
            self.write(VALUE, kind, value)

    def _write_text(self, name: str, value: str | int) -> None:
        """Write a scalar on one line; true and false as in JSON."""
        text = str(value).lower() if isinstance(value, bool) else str(value)
        found = _NOT_XML.search(text)
        if found is not None:
            raise Unreadable(
                "text-not-xml",
                f"Il testo di {name} contiene U+{ord(found[0]):04X}, che XML 1.0 non ammette:"
                " rettificare la registrazione che lo contiene.",
            )
        self._sink.write("\n" + "  " * (self._level + 1))
        with self._sink.element(f"{{{self._namespace}}}{name}"):
            self._sink.write(text)
