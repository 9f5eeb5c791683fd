"""Reading the members of a ledger event's `data` that the key directory needs.

    actor    26 characters of base32          kid       RFC 7638 thumbprint, 43 characters
    jwk      object                           events    list of event ids, at least one
    to       date or null, may be missing     compromised_since    leaf index, null, or missing

The form of `data` as a whole is held by the schema of its type; a member that is read here and is
not of its form is refused in any case. Members that say nothing about keys are not looked at.

Source: design FORMATS section 4.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from ledger.errors import Unreadable
from ledger.signing.grammar import is_thumbprint
from ledger.signing.names import is_actor, is_date, is_event_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Data = Mapping[str, Any]


def read_text(data: Data, name: str, holds: Callable[[str], bool] = bool) -> str:
    """Return a string that has a form; by default, one that is not empty.

    Raises:
        Unreadable: `data-malformed`, naming the member; so do all functions of this module.
    """
    value = data.get(name)
    if not isinstance(value, str) or not holds(value):
        raise malformed(name)
    return value


def read_actor(data: Data, name: str = "actor") -> str:
    """Return the id of an actor."""
    return read_text(data, name, is_actor)


def read_kid(data: Data, name: str = "kid") -> str:
    """Return the thumbprint of a key."""
    return read_text(data, name, is_thumbprint)


def read_event_id(data: Data, name: str) -> str:
    """Return the id of an event."""
    return read_text(data, name, is_event_id)


def read_date(data: Data, name: str) -> date:
    """Return a day."""
    return date.fromisoformat(read_text(data, name, is_date))


def read_date_or_none(data: Data, name: str) -> date | None:
    """Return a day; None when the member is missing or null."""
    return None if data.get(name) is None else read_date(data, name)


def read_count(data: Data, name: str, least: int) -> int:
    """Return an integer of at least `least`."""
    value = data.get(name)
    if type(value) is not int or value < least:
        raise malformed(name)
    return value


def read_object(data: Data, name: str) -> dict[str, Any]:
    """Return an object."""
    value = data.get(name)
    if not isinstance(value, dict):
        raise malformed(name)
    return value


def read_objects(data: Data, name: str) -> list[dict[str, Any]]:
    """Return a list of objects; it may be empty."""
    value = data.get(name)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise malformed(name)
    return value


def read_texts(data: Data, name: str, holds: Callable[[str], bool]) -> tuple[str, ...]:
    """Return a list of unlike strings that have a form; it may be empty."""
    value = data.get(name)
    if not isinstance(value, list) or not all(isinstance(i, str) and holds(i) for i in value):
        raise malformed(name)
    if len(set(value)) != len(value):
        raise malformed(name)
    return tuple(value)


def malformed(name: str) -> Unreadable:
    """Return the error for a member that is missing or not of its form."""
    return Unreadable(
        "data-malformed",
        f"Il campo {name!r} di data manca o non ha la forma dovuta: correggerlo, poi firmare di"
        " nuovo.",
    )
