"""A state without what follows from tables of law, to compare one made by other tables.

    {"acts": [{"publications": [{"days": 15, ...}]}], "findings": [...], ...}   less `BY_TABLES`
    <intervention> ... each element on its line, two blanks a level              less the same

A later program has other tables; an older package is not false because of that. Source: D66.
"""

from __future__ import annotations

import re
from typing import Final

from exporters.verification.package_reader import parse_json_file
from ledger.domain.by_tables import BY_TABLES

MORE_BYTES: Final = 1 << 24  # most by which a state may be longer than the one computed
_START: Final = re.compile(rb"( *)<([a-z0-9_-]+)>")  # in text `<` is escaped
_EACH: Final = "*"


def without_tables(path: str, data: bytes) -> object:
    """Return what a file of the state says beside what tables of law give.

    Raises:
        Unreadable: when it is JSON and not in its canonical form.
    """
    if path.endswith(".xml"):
        return _xml_without(data)
    return _json_without(parse_json_file(data, path), ())


def _json_without(value: object, place: tuple[str, ...]) -> object:
    if isinstance(value, list):
        return [_json_without(one, (*place, _EACH)) for one in value]
    if not isinstance(value, dict):
        return value
    inner = ((name, (*place, name), member) for name, member in value.items())
    return {
        name: _json_without(member, where)
        for name, where, member in inner
        if "/".join(where) not in BY_TABLES
    }


def _xml_without(data: bytes) -> list[bytes]:
    """Return the lines of a state in XML, without the elements that tables give."""
    kept: list[bytes] = []
    names: list[str] = []
    end: bytes | None = None
    for line in data.split(b"\n"):
        if end is not None:
            end = None if line.endswith(end) else end
            continue
        start = _START.match(line)
        if start is not None:
            level, name = len(start[1]) // 2, start[2].decode("ascii")
            names[max(level - 1, 0) :] = [_EACH if name == "item" else name]
            if "/".join(names) in BY_TABLES:
                closing = b"</" + start[2] + b">"
                end = None if line.endswith(closing) else closing
                continue
        kept.append(line)
    return kept
