"""JSON Schema 2020-12 of all that is read and written as JSON, generated from the shapes.

    data_schema(type)     the data of one event type        schemas/events/<name>-<version>.json
    request_schema()      what a person asks for            schemas/command-1.json
    state_schema()        the exported state                schemas/state-1.json
    history_schema()      the exported history              schemas/history-1.json
    times_schema()        the exported times                schemas/times-1.json

Objects are closed; every class is a definition under `$defs`, named like the class. `x-normal-form`
annotates a code that is recorded as given (a validator does not look at it).
Source: JSON Schema 2020-12 (core and validation); design ARCHITECTURE D15.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from exporters.history import HistoryHeading, HistoryLine
from exporters.request import Request
from exporters.spelling import Use, spelling_of
from exporters.times import Times
from ledger.domain.events.catalogue import event_types
from ledger.domain.identifiers import PersonRef
from ledger.domain.scalars import INTEGER_LIMIT, MANY_LIMIT
from ledger.domain.shapes import (
    Choice,
    Many,
    Record,
    Scalar,
    Table,
    shape_of,
)
from ledger.domain.statement import InterventionState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from exporters.spelling import Spelling
    from ledger.domain.events.declaration import EventType
    from ledger.domain.shapes import Field, Kind

Schema = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_FORMATS: Final = {"date": "date", "dateTime": "date-time"}
_NOT_CONTROL: Final = r"^(?=[\s\S]*\S)[^\u0000-\u0009\u000b-\u001f\u007f-\u009f]*$"
_ALIAS: Final = "@.+"


def data_schema(event_type: EventType) -> Schema:
    """Return the schema of the data of one event type."""
    definitions = _Definitions("signed")
    body = definitions.body(event_type.shape)
    return {
        **_heading(f"events:{event_type.name.replace('/', ':')}", event_type.italian),
        **body,
        "$defs": definitions.sorted(),
    }


def request_schema() -> Schema:
    """Return the schema of a request: one command with the data of its event type."""
    definitions = _Definitions("signed", aliases=True)
    body = definitions.body(shape_of(Request))
    types = {declared.command: declared for declared in event_types().values()}
    return {
        **_heading("command:1", "Request"),
        **_with_data(body, "command", types, definitions.refer),
        "$defs": definitions.sorted(),
    }


def state_schema() -> Schema:
    """Return the schema of the exported state of an intervention."""
    definitions = _Definitions("told")
    body = definitions.body(shape_of(InterventionState))
    return {**_heading("state:1", "InterventionState"), **body, "$defs": definitions.sorted()}


def times_schema() -> Schema:
    """Return the schema of the exported times of registrations."""
    definitions = _Definitions("told")
    body = definitions.body(shape_of(Times))
    return {**_heading("times:1", "Times"), **body, "$defs": definitions.sorted()}


def history_schema() -> Schema:
    """Return the schema of the exported history of a stream."""
    told, signed = _Definitions("told"), _Definitions("signed")
    body = told.body(shape_of(HistoryHeading))
    line = told.body(shape_of(HistoryLine))
    entry = _with_data(line, "type", event_types(), signed.refer)
    body["properties"]["events"] = {"type": "array", "items": {"$ref": "#/$defs/HistoryEntry"}}
    body["required"].append("events")
    return {
        **_heading("history:1", "History"),
        **body,
        "$defs": dict(sorted({**signed.joined(told), "HistoryEntry": entry}.items())),
    }


def _heading(name: str, title: str) -> Schema:
    return {"$schema": DIALECT, "$id": f"urn:pista:{name}", "title": title}


def _with_data(
    body: Schema,
    member: str,
    types: Mapping[str, EventType],
    refer: Callable[[Kind], Schema],
) -> Schema:
    """Return the closed object with `data`, whose form follows from the text of one member."""
    names = sorted(types)
    properties = {**body["properties"], member: {"enum": names}, "data": {"type": "object"}}
    cases = [
        {
            "if": {"properties": {member: {"const": name}}, "required": [member]},
            "then": {"properties": {"data": refer(declared.shape)}},
        }
        for name, declared in sorted(types.items())
    ]
    return {
        **body,
        "properties": properties,
        "required": [*body["required"], "data"],
        "allOf": cases,
    }


@dataclass(slots=True)
class _Definitions:
    """Gathers the definitions that a schema refers to; `aliases` allows `@alias` for a person."""

    use: Use
    aliases: bool = False
    found: dict[str, Schema] = field(default_factory=dict)
    origins: dict[str, object] = field(default_factory=dict)

    def sorted(self) -> dict[str, Schema]:
        """Return the definitions in order of name."""
        return dict(sorted(self.found.items()))

    def joined(self, other: _Definitions) -> dict[str, Schema]:
        """Return the definitions of both.

        Raises:
            ValueError: when one name stands for two things.
        """
        for name, origin in other.origins.items():
            if self.origins.get(name, origin) != origin:
                raise ValueError(f"two definitions have one name: {name}")
        return {**self.found, **other.found}

    def body(self, record: Record) -> Schema:
        """Return the closed object of a record."""
        return {
            "description": inspect.getdoc(record.cls) or "",
            "type": "object",
            "properties": self._properties(record.fields),
            "required": [member.name for member in record.fields if member.required],
            "additionalProperties": False,
        }

    def _properties(self, fields: Iterable[Field]) -> dict[str, Schema]:
        return {member.name: self.refer(member.kind) for member in fields}

    def refer(self, kind: Kind) -> Schema:
        """Return the schema of a kind, by reference when it has a name."""
        if isinstance(kind, Record):
            return self._define(kind.cls.__name__, kind.cls, lambda: self.body(kind))
        if isinstance(kind, Scalar):
            spelling = spelling_of(kind.of, self.use)
            return self._define(spelling.name, spelling, lambda: self._scalar(kind.of, spelling))
        if isinstance(kind, Choice):
            return {"enum": list(kind.values)}
        if isinstance(kind, Many):
            limit = {"maxItems": MANY_LIMIT} if self.use == "signed" else {}
            return {"type": "array", "items": self.refer(kind.item), **limit}
        if isinstance(kind, Table):
            return {"type": "object", "additionalProperties": self.refer(kind.item)}
        raise TypeError(f"no schema for {kind!r}")

    def _define(self, name: str, origin: object, make: Callable[[], Schema]) -> Schema:
        """Define a name once, by `make`, and return the reference to it.

        Raises:
            ValueError: when the name stands for something else already.
        """
        if self.origins.setdefault(name, origin) != origin:
            raise ValueError(f"two definitions have one name: {name}")
        if name not in self.found:
            self.found[name] = {}  # holds the place while its parts are defined
            self.found[name] = make()
        return {"$ref": f"#/$defs/{name}"}

    def _scalar(self, of: type, spelling: Spelling) -> Schema:
        if of is bool:
            return {"description": spelling.says, "type": "boolean"}
        if of is int:
            bound = INTEGER_LIMIT - 1
            limits = {"minimum": -bound, "maximum": bound}
            return {"description": spelling.says, "type": "integer", **limits}
        optional = {
            "format": _FORMATS.get(spelling.base),
            "minLength": spelling.least,
            "maxLength": spelling.most,
            "pattern": self._pattern(of, spelling),
            "x-normal-form": spelling.normal_form,
        }
        given = {name: value for name, value in optional.items() if value is not None}
        return {"description": spelling.says, "type": "string", **given}

    def _pattern(self, of: type, spelling: Spelling) -> str | None:
        if of is str and self.use == "signed":
            return _NOT_CONTROL
        if spelling.pattern is None:
            return None
        if of is PersonRef and self.aliases:
            return f"^({spelling.pattern}|{_ALIAS})$"
        return f"^({spelling.pattern})$"
