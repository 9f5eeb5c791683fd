"""What a person may ask: a command, with the same data as the event that it leads to.

    {"command": "enter-phase/1", "cup": "C81C22001220006", "occurred_on": "2023-02-15",
     "role": "rup", "data": {"phase": "AFFIDAMENTO"}, "reason": "...", "corrects": ["<id>"]}

Commands are imperative, events past; both are declared once, with the event (events.declaration).
Source: DOMAIN sections 9 and 9.13; EXPERIENCE section 3 (`record`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ledger.domain.days import format_date
from ledger.errors import Fault, Malformed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from ledger.domain.event import ObjectRef
    from ledger.domain.events.declaration import EventType
    from ledger.domain.screening import PersonalData


@dataclass(frozen=True, slots=True)
class Command:
    """One request, parsed: the type it leads to, its data, who asks in which role, since when.

    `not_personal` maps a JSON Pointer to what its author confirms not to be personal data there;
    `tells` are the streams of a piece of a fact that is told in several events.
    """

    id: str
    type: EventType
    data: Any
    cup: str | None
    role: str | None
    occurred_on: date | None
    reason: str | None
    corrects: tuple[str, ...]
    objects: tuple[ObjectRef, ...]
    not_personal: Mapping[str, tuple[PersonalData, ...]] = field(default_factory=dict)
    tells: tuple[str, ...] = ()


def legal_date(event_type: EventType, data: object, given: date | None) -> date | None:
    """Return the legal date of a fact: the one given, or the field of the data that is it.

    Raises:
        Malformed: when neither is there, or when they differ.
    """
    if event_type.is_ledger:
        return None
    field = event_type.dated_by
    own = None
    if field is not None:
        attribute = next(f.attribute for f in event_type.shape.fields if f.name == field)
        own = getattr(data, attribute)
    if given is None and own is None:
        sentence = "manca la data legale del fatto (occurred_on)"
        fault = Fault("/occurred_on", "missing-field", sentence)
        raise Malformed(sentence, [fault])
    if given is not None and own is not None and given != own:
        sentence = f"occurred_on è {format_date(given)} e {field} è {format_date(own)}: sono lo stesso giorno"
        raise Malformed(sentence, [Fault("/occurred_on", "legal-date-mismatch", sentence)])
    return own or given
