"""Names that the law makes public: the RUP of an intervention, from the vault.

The state holds an opaque reference; the name is an object of the event that assigned the role.
Whoever was erased has no name here. Source: DOMAIN 1.5 ("RUP by name; no other personal data").
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from ledger.errors import PistaError
from ledger.views.accepted import read_recorded

if TYPE_CHECKING:
    from api.app import Reading

RUP = "rup"


def rup_names(reading: Reading, state: dict[str, Any]) -> list[str]:
    """Return the names of those who are RUP on the day of the state."""
    day = state["as_of"]
    in_force = (
        found
        for found in state.get("people", [])
        if found["role"] == RUP and found["from"] <= day <= found.get("to", day)
    )
    names = (_name(reading, found["person"], found["index"]) for found in in_force)
    return [name for name in names if name is not None]


def _name(reading: Reading, person: str, index: int) -> str | None:
    """Return the name that the event at an index brought to the vault, None when it is gone."""
    event = read_recorded(reading.journal, index)
    ref = None if event is None else event.object_named(f"{person}.json")
    if ref is None:
        return None
    try:
        values = json.loads(b"".join(reading.vault.open(base64.b64decode(ref.commit))))
    except PistaError:
        return None
    name = values.get("name")
    return name if isinstance(name, str) else None
