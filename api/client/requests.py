"""Requests that the program itself makes on the desk of a signer: founding, keys, roles, exports.

Each goes through the same door as any other: parsed, drafted, signed, recorded.
Source: FORMATS section 4.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from api.machine import now
from ledger.application.requests import parse_request
from ledger.records import event_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.client.scribe import Scribe
    from ledger.domain.commands.command import Command
    from ledger.journal.batch import Receipt


def make_command(command: str, data: Mapping[str, Any], **beside: Any) -> Command:  # noqa: ANN401
    """Return the command of a request with a new id; `beside` are cup, role, occurred_on, reason."""
    request = {
        "command": command,
        "id": event_id(now(), secrets.token_bytes(10)),
        "data": {name: value for name, value in data.items() if value is not None},
        **{name: value for name, value in beside.items() if value is not None},
    }
    return parse_request(request)


def write(scribe: Scribe, command: str, data: Mapping[str, Any], **beside: Any) -> Receipt:  # noqa: ANN401
    """Record such a request and return its receipt."""
    return scribe.write(make_command(command, data, **beside))
