"""(state, command) -> event: the one place where it is decided whether something may be recorded.

    propose(command, situation)      the event as it would be, with its streams
    judge(event, situation)          raises the refusal; used before signing and again at the place

Order of refusal: authority, shape (already parsed), references, then the order of the declaration;
the first that holds is answered and the others are listed with it. Source: DOMAIN section 9.13.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.domain.chain import as_told_first
from ledger.domain.commands.command import legal_date
from ledger.domain.event import Event
from ledger.domain.joins import Asked
from ledger.domain.personal_texts import check_personal_texts
from ledger.domain.rules.common import AUTHORITY, COMMON, file_not_attached, streams_mismatch
from ledger.domain.rules.membership import LEDGER_MEMBERS, MEMBERS
from ledger.domain.rules.pieces import PIECES
from ledger.errors import Fault, Malformed, NotAuthorised, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from ledger.domain.commands.command import Command
    from ledger.domain.rules.refusal import Rule
    from ledger.domain.situation import Situation


def propose(
    command: Command, situation: Situation, *, actor: str, now: datetime, index: int
) -> Event:
    """Return the event that the command leads to, as it would be at this place in the log.

    Raises:
        Malformed: when the legal date or the CUP stands twice with two values, or the date is missing;
            `personal-data-in-text`, `nothing-to-confirm`.
        Refused: `streams-missing`, when nothing says which intervention it concerns.
    """
    check_personal_texts(command)
    streams = command.tells or streams_of(command, situation)
    return Event(
        id=command.id,
        type=command.type,
        streams=streams,
        actor=actor,
        role=command.role,
        occurred_on=legal_date(command.type, command.data, command.occurred_on),
        claimed_at=now.replace(microsecond=0),
        data=command.data.completed(situation.law),
        reason=command.reason,
        corrects=command.corrects,
        objects=command.objects,
        index=index,
        received_at=now,
    )


def _known_day(command: Command) -> date | None:
    """Return the legal date as far as it is said; whether it is said rightly is asked later."""
    dated_by = next((f for f in command.type.shape.fields if f.name == command.type.dated_by), None)
    own: date | None = None if dated_by is None else getattr(command.data, dated_by.attribute)
    return own or command.occurred_on


def streams_of(command: Command, situation: Situation) -> tuple[str, ...]:
    """Return the streams that the event of a command joins, or its events where they are several.

    Raises:
        Malformed: `cup-mismatch`, when the CUP beside the data is not the one in them.
        Refused: `streams-missing`, when there are none.
    """
    own = getattr(command.data, "cup", None)
    if command.cup is not None and own is not None and own != command.cup:
        sentence = f"cup è {command.cup} e nei dati è {own}: sono lo stesso intervento"
        raise Malformed(sentence, [Fault("/cup", "cup-mismatch", sentence)])
    there = situation.on(_known_day(command))
    streams = command.type.joins(Asked(command.data, command.cup, command.corrects), there)
    if not streams:
        missing = (
            "indicare in «corrects» una registrazione che c'è"
            if command.type.corrects_others
            else "indicare il CUP nel campo «cup»"
        )
        sentence = f"Non si capisce a che cosa si riferisce «{command.type.italian}»: {missing}."
        raise Refused("streams-missing", sentence, item=command.type.name)
    return streams


def judge(event: Event, situation: Situation) -> None:
    """Accept the event at this place in the log, or raise.

    Raises:
        Malformed: when it has no legal date, or another than its data.
        NotAuthorised: when the role may not sign it or the key does not hold the role here.
        Refused: the first rule that is broken, with the others.
    """
    situation = situation.on(event.occurred_on)
    if event.type.is_ledger:
        judge_ledger_event(event, situation)
        return
    denied = _broken(AUTHORITY, event, situation)
    if denied:
        first = denied[0]
        raise NotAuthorised(
            first.code, first.sentence, english=first.english, source=first.source, item=first.item
        )
    _check_legal_date(event)
    alone = as_told_first(event, situation)
    broken = _broken((*MEMBERS, *PIECES), event, situation)
    broken += _broken(COMMON, event, alone)
    if not broken:
        broken = _broken(event.type.refusals, event, alone)
    if broken:
        first = broken[0]
        first.others = tuple(broken[1:])
        raise first


def _check_legal_date(event: Event) -> None:
    """Check the legal date of an envelope as that of a request is; it may be signed elsewhere.

    Raises:
        Malformed: `missing-field` or `legal-date-mismatch`.
    """
    if legal_date(event.type, event.data, event.occurred_on) != event.occurred_on:
        sentence = "manca la data legale del fatto (occurred_on)"
        raise Malformed(sentence, [Fault("/occurred_on", "missing-field", sentence)])


def judge_ledger_event(event: Event, situation: Situation) -> None:
    """Accept a ledger event with the streams of its declaration and no other members, or raise.

    Whether its key may sign it is judged by the key directory.

    Raises:
        Refused: `ledger-event-not-bare`, `streams-mismatch`, `file-not-attached`; the refusals of its
            declaration.
    """
    rules = (*LEDGER_MEMBERS, streams_mismatch, file_not_attached, *event.type.refusals)
    for found in _broken(rules, event, situation):
        raise found


def _broken(rules: Iterable[Rule], event: Event, situation: Situation) -> list[Refused]:
    return [found for rule in rules for found in rule.check(event, situation)]
