"""A request as its schema describes it: one line of a file for `pista record`.

    {"command": "enter-phase/1", "cup": "C81C22001220006", "occurred_on": "2023-02-15",
     "role": "rup", "by": "file:keys/rup.pem", "data": {"phase": "AFFIDAMENTO"},
     "files": {"avvio.pdf.p7m": "docs/avvio.pdf.p7m"}, "persons": {"rossi": {"name": "..."}},
     "not_personal": {"/data/note": ["phone"]}}

Its `data` are those of the event type that the command leads to. Source: design EXPERIENCE section
3 (`record`); DOMAIN section 9.13.
"""

from dataclasses import dataclass
from datetime import date

from ledger.domain.events.declaration import Role
from ledger.domain.identifiers import CUP
from ledger.domain.references import EventId
from ledger.domain.screening import PersonalData


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a person asks for, beside the data: the command and who asks, as of when.

    `files` maps names in the event to paths; `persons` maps aliases, written `@alias` in the data,
    to what the vault keeps of a person; `by` is the key that signs;
    `not_personal` maps a JSON Pointer into the request to the kinds of personal data that its author
    confirms not to be there, though the text looks so.
    """

    command: str
    id: EventId | None = None
    cup: CUP | None = None
    role: Role | None = None
    occurred_on: date | None = None
    by: str | None = None
    files: dict[str, str] | None = None
    persons: dict[str, dict[str, str]] | None = None
    reason: str | None = None
    corrects: tuple[EventId, ...] = ()
    not_personal: dict[str, tuple[PersonalData, ...]] | None = None
