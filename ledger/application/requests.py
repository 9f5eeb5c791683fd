"""A request as people and programs write it, and the command that it is.

    {"command": "enter-phase/1", "cup": "C81C22001220006", "occurred_on": "2023-02-15",
     "role": "rup", "data": {"phase": "AFFIDAMENTO"}, "reason": "...", "corrects": ["<id>"],
     "id": "<UUIDv7>", "not_personal": {"/data/note": ["phone"]}}

Source: EXPERIENCE section 3, `record`; FORMATS section 1 for the limits of each member.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from ledger.domain.commands.command import Command
from ledger.domain.events.catalogue import type_asked
from ledger.domain.events.declaration import Role
from ledger.domain.identifiers import CUP
from ledger.domain.references import EventId
from ledger.domain.screening import PersonalData
from ledger.domain.shapes import shape_of
from ledger.errors import Fault, Malformed

if TYPE_CHECKING:
    from ledger.domain.event import ObjectRef


@dataclass(frozen=True, kw_only=True)
class RequestHeader:
    """The members of a request beside its data."""

    command: str
    id: EventId
    cup: CUP | None = None
    role: Role | None = None
    occurred_on: date | None = None
    reason: str | None = None
    corrects: tuple[EventId, ...] = ()
    not_personal: dict[str, tuple[PersonalData, ...]] | None = None


def parse_request(value: object, objects: Sequence["ObjectRef"] = ()) -> Command:
    """Return the command of a request; `objects` are its files, already kept in the vault.

    What is asked in an older version of a type leads to an event of the newest one.

    Raises:
        Malformed: with every fault found, each with its JSON Pointer.
        Refused: `command-unknown`.
    """
    if not isinstance(value, dict):
        sentence = "una richiesta è un oggetto JSON con «command» e «data»"
        raise Malformed(sentence, [Fault("", "malformed-request", sentence)])
    beside = {name: member for name, member in value.items() if name != "data"}
    header = shape_of(RequestHeader).parse(beside)
    declared = type_asked(header.command)
    data: Any = declared.shape.parse(value.get("data", {}), "/data").newest()
    return Command(
        id=str(header.id),
        type=data.declared,
        data=data,
        cup=None if header.cup is None else str(header.cup),
        role=header.role,
        occurred_on=header.occurred_on,
        reason=header.reason,
        corrects=tuple(str(event_id) for event_id in header.corrects),
        objects=tuple(objects),
        not_personal=header.not_personal or {},
    )
