"""Whether what is recorded under an id is what a request asks.

An id inside a request is the caller's word that it is the same request as before. A line that only
keeps its own text needs no such look: its id was given to that text.
Source: EXPERIENCE section 4 (idempotency by event id).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger.application.requests import parse_request
from ledger.domain.documents import PERSON_TYPE
from ledger.errors import Conflict, Malformed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.client.attachments import Attachments
    from ledger.domain.commands.command import Command
    from ledger.domain.event import Event


def check_recorded(event: Event, request: Mapping[str, Any], attachments: Attachments) -> None:
    """Accept that the event is the answer to the request.

    Raises:
        Conflict: `event-id-reused`, when the request asks something else.
    """
    try:
        plain, _ = attachments.named(request)
        command = parse_request(plain)
    except Malformed:
        raise _reused(event) from None
    files = {ref.name for ref in event.objects if ref.media_type != PERSON_TYPE}
    if files != set(request.get("files", {})) or not _asks(command, event):
        raise _reused(event)


def _asks(command: Command, event: Event) -> bool:
    """Tell whether a command leads to what the event says."""
    return (
        command.type == event.type
        and command.type.shape.plain(command.data) == event.plain_data()
        and command.occurred_on in (None, event.occurred_on)
        and (command.role, command.reason, command.corrects)
        == (event.role, event.reason, event.corrects)
        and (command.cup is None or command.cup in event.cups)
    )


def _reused(event: Event) -> Conflict:
    return Conflict(
        "event-id-reused",
        f"L'identificativo {event.id} è già della registrazione n. {event.index}, che dice altro:"
        " togliere «id» dalla richiesta, oppure darne uno nuovo.",
    )
