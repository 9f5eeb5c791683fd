"""(state, command) -> event: the one place where it is decided whether something may be recorded.

    propose(command, situation)      the event as it would be, with its streams
    judge(event, situation)          raises the refusal; used before signing and again at the place

Order of refusal: authority, shape (already parsed), references, then the order of the declaration;
the first that holds is answered and the others are listed with it. Source: DOMAIN section 9.13.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.domain.commands.command import legal_date
from ledger.domain.event import Event
from ledger.domain.joins import Asked
from ledger.domain.rules.common import AUTHORITY, COMMON, streams_mismatch
from ledger.errors import NotAuthorised, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ledger.domain.commands.command import Command
    from ledger.domain.rules.refusal import Rule
    from ledger.domain.situation import Situation


def propose(
    command: Command, situation: Situation, *, actor: str, now: datetime, index: int
) -> Event:
    """Return the event that the command leads to, as it would be at this place in the log.

    Raises:
        Malformed: when the legal date is missing or stands twice with two values.
        Refused: `streams-missing`, when nothing says which intervention it concerns.
    """
    asked = Asked(command.data, command.cup, command.corrects)
    streams = command.type.joins(asked, situation)
    if not streams:
        raise Refused(
            "streams-missing",
            "Non si capisce a quale intervento si riferisce: indicare il CUP nel campo «cup».",
        )
    return Event(
        id=command.id,
        type=command.type,
        streams=streams,
        actor=actor,
        role=command.role,
        occurred_on=legal_date(command.type, command.data, command.occurred_on),
        claimed_at=now.replace(microsecond=0),
        data=command.data,
        reason=command.reason,
        corrects=command.corrects,
        objects=command.objects,
        index=index,
        received_at=now,
    )


def judge(event: Event, situation: Situation) -> None:
    """Accept the event at this place in the log, or raise.

    Raises:
        NotAuthorised: when the role may not sign it or the key does not hold the role here.
        Refused: the first rule that is broken, with the others.
    """
    if event.type.is_ledger:
        return
    denied = _broken(AUTHORITY, event, situation)
    if denied:
        first = denied[0]
        raise NotAuthorised(
            first.code, first.sentence, english=first.english, source=first.source, item=first.item
        )
    broken = _broken(COMMON, event, situation)
    if not broken:
        broken = _broken(event.type.refusals, event, situation)
    if broken:
        first = broken[0]
        first.others = tuple(broken[1:])
        raise first


def judge_streams(event: Event, situation: Situation) -> None:
    """Accept a ledger event whose streams are those of its declaration, or raise.

    Whether its key may sign it is judged by the key directory.

    Raises:
        Refused: `streams-mismatch`.
    """
    for found in streams_mismatch.check(event, situation):
        raise found


def _broken(rules: Iterable[Rule], event: Event, situation: Situation) -> list[Refused]:
    return [found for rule in rules for found in rule.check(event, situation)]
