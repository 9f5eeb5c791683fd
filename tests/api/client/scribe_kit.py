"""The hand of the RUP over a ledger with one intervention."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.client.desk import Desk
from api.client.scribe import Scribe
from ledger.journal.policy import parse_policy
from tests.ledger.application.door_kit import NOTE_SIGNER, House
from tests.ledger.application.door_story import phase

if TYPE_CHECKING:
    from ledger.application.door import Ledger
    from ledger.domain.commands.command import Command


POLICY = parse_policy(f"log {NOTE_SIGNER.vkey}\nquorum none\n".encode())


def scribe_of(house: House, ledger: Ledger | None = None, name: str = "rup") -> Scribe:
    """Return the hand of a person."""
    desk = Desk(house.folder / "desk")
    return Scribe(ledger or house.ledger, house.people[name].signer, POLICY, desk)


def command(house: House, phase_name: str = "PROGETTAZIONE") -> Command:
    """Return a command that will be recorded."""
    name, data, beside = phase(phase_name)
    return house.command(name, data, **beside)
