"""Whether what is recorded under an id is what a request asks.

An id inside a request is the caller's word that it is the same request as before. A line that only
keeps its own text needs no such look: its id was given to that text.
Source: EXPERIENCE section 4 (idempotency by event id).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger.application.requests import parse_request
from ledger.domain.division import whole_of
from ledger.domain.documents import PERSON_TYPE
from ledger.errors import Conflict, Malformed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from api.client.attachments import Attachments
    from ledger.domain.commands.command import Command
    from ledger.domain.event import Event
    from ledger.domain.events.declaration import EventType


def check_recorded(
    events: Sequence[Event], request: Mapping[str, Any], attachments: Attachments
) -> None:
    """Accept that the event is the answer to the request, or that several together are.

    Raises:
        Conflict: `event-id-reused`, when the request asks something else.
    """
    first = events[0]
    try:
        plain, _ = attachments.named(request)
        command = parse_request(plain)
    except Malformed:
        raise _reused(first) from None
    files = {ref.name for one in events for ref in one.objects if ref.media_type != PERSON_TYPE}
    if files != set(request.get("files", {})) or not _asks(command, events):
        raise _reused(first)


def _asks(command: Command, events: Sequence[Event]) -> bool:
    """Tell whether a command leads to what the events say."""
    first = events[0]
    corrected = {event_id for one in events for event_id in one.corrects}
    return (
        command.type == first.type
        and _plain(command.type, command.data) == _plain(first.type, whole_of(events))
        and command.occurred_on in (None, first.occurred_on)
        and (command.role, command.reason) == (first.role, first.reason)
        and (set(command.corrects) <= corrected and bool(command.corrects) == bool(corrected))
        and (command.cup is None or command.cup in first.cups)
    )


def _plain(declared: EventType, data: object) -> dict[str, Any]:
    """Return data as JSON values; what is divided among pieces in no order."""
    plain = declared.shape.plain(data)
    shared = getattr(data, "of_its_cups", ())
    return plain | {name: sorted(plain[name]) for name in shared if name in plain}


def _reused(event: Event) -> Conflict:
    return Conflict(
        "event-id-reused",
        f"L'identificativo {event.id} è già della registrazione n. {event.index}, che dice altro:"
        " togliere «id» dalla richiesta, oppure darne uno nuovo.",
    )
