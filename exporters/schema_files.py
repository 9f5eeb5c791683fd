"""Writes the generated schemas into schemas/: `python -m exporters.schema_files` (make schemas).

    schemas/command-1.json  events/<name>-<version>.json  history-1.json  history-1.xsd
    schemas/intervention-1.xsd  state-1.json  times-1.json

A test holds the committed files equal to what is generated, byte for byte, both ways.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import schemas
from exporters.json_schema import (
    data_schema,
    history_schema,
    request_schema,
    state_schema,
    times_schema,
)
from exporters.spelling import stem_of
from exporters.xml_schema import history_xsd, state_xsd
from ledger.domain.events.catalogue import event_types

if TYPE_CHECKING:
    from collections.abc import Mapping


def schema_files() -> dict[str, bytes]:
    """Return the content of every generated file by its path under schemas/."""
    events = {
        f"events/{stem_of(name)}.json": _as_text(data_schema(declared))
        for name, declared in event_types().items()
    }
    return {
        **events,
        "command-1.json": _as_text(request_schema()),
        "history-1.json": _as_text(history_schema()),
        "history-1.xsd": history_xsd(),
        "intervention-1.xsd": state_xsd(),
        "state-1.json": _as_text(state_schema()),
        "times-1.json": _as_text(times_schema()),
    }


def _as_text(schema: Mapping[str, Any]) -> bytes:
    """Return a schema as people read it, two blanks a level, with a final line feed."""
    return (json.dumps(schema, ensure_ascii=False, indent=2) + "\n").encode()


def write_schema_files(folder: Path) -> None:
    """Write every generated file, and remove the event schemas that are no more generated."""
    generated = schema_files()
    for old in (folder / "events").glob("*.json"):
        if f"events/{old.name}" not in generated:
            old.unlink()
    for name, content in generated.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def main() -> None:
    """Write the files where the package `schemas` is."""
    write_schema_files(Path(schemas.__file__ or "").parent)


if __name__ == "__main__":
    main()
