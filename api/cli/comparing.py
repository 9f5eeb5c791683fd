"""`pista diff`: what changed on a CUP between two points, by which registration and which act."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.options import options

if TYPE_CHECKING:
    from datetime import date

    from api.app import Reading
    from ledger.domain.event import Event
    from ledger.views.comparing import Attributed

SHOWN_CHARACTERS = 60


def add_to(app: typer.Typer) -> None:
    """Add the command of this group."""
    app.command("diff")(diff)


def diff(
    context: typer.Context,
    cup: Annotated[str, typer.Argument(help="Il CUP.")],
    from_: Annotated[
        str, typer.Option("--from", help="Giorno, istante UTC, @INDICE, checkpoint:N, audit:ID.")
    ],
    to: Annotated[str, typer.Option("--to", help="Il secondo punto, come il primo.")],
    by: Annotated[
        str,
        typer.Option("--by", help="known: come noto nel registro; legal: come vero quel giorno."),
    ] = "known",
) -> None:
    """Confronta due punti: campo, prima, dopo, e la registrazione che lo ha cambiato."""
    from api.app import open_reading
    from api.cli import output
    from ledger.domain.identifiers import CUP

    with open_reading(options(context).home) as reading:
        found = _compared(reading, str(CUP.parse(cup)), (from_, to), by)
    if options(context).json:
        for one in found:
            output.data("item", _members(one))
        output.data("summary", {"count": len(found)})
        return
    output.table(
        ("campo", "prima", "dopo", "n.", "ricevuta", "data legale", "ruolo", "atto", "motivo"),
        [_row(one) for one in found],
    )
    output.line(f"{len(found)} campi cambiati")


def _compared(reading: Reading, cup: str, points: tuple[str, str], by: str) -> list[Attributed]:
    """Return the changes between two points of the log or of the calendar.

    Raises:
        Absent: `no-such-cup`; `no-such-audit`.
        ShapeError: `point-malformed`; `clock-unknown`, when `by` is neither.
    """
    from api.cli.points import parse_legal_day, parse_place
    from ledger.domain.stream_names import cup_stream
    from ledger.errors import ShapeError
    from ledger.views.comparing import known, legal
    from ledger.views.replay import read_history, replay

    head = replay(reading.journal, cup, reading.law).state
    stream = cup_stream(cup)
    history = read_history(reading.journal, stream)
    first, second = points
    if by == "known":
        places = tuple(parse_place(text, reading.journal, history) for text in (first, second))
        both = places[0], places[1]
        return known(stream, history, reading.law, both, head.as_of, adoptions=_adoptions(reading))
    if by == "legal":
        days: tuple[date, date] = parse_legal_day(first), parse_legal_day(second)
        return legal(stream, history, reading.law, days, reading.journal.size)
    raise ShapeError("clock-unknown", f"--by {by!r}: scrivere known oppure legal.")


def _adoptions(reading: Reading) -> dict[int, Event]:
    """Return what the ledger adopted, by the leaf with which each took force."""
    from ledger.views.accepted import read_recorded

    found = ((one.force_at, one.index) for one in reading.law.adopted)
    read = ((place, read_recorded(reading.journal, index)) for place, index in found)
    return {place: event for place, event in read if event is not None}


def _members(one: Attributed) -> dict[str, Any]:
    """Return a change as one JSON object; `events` is empty where time alone made it."""
    return {
        "field": one.change.where.pointer,
        "before": one.change.before,
        "after": one.change.after,
        "events": [_author(event) for event in one.events],
    }


def _author(event: Event) -> dict[str, Any]:
    members: dict[str, Any] = {
        "event": event.id,
        "type": event.type.name,
        "index": event.index,
        "received_at": event.received_at.isoformat(),
        "occurred_on": None if event.occurred_on is None else event.occurred_on.isoformat(),
        "role": event.role,
        "actor": event.actor,
        "acts": [name[len("act/") :] for name in event.streams if name.startswith("act/")],
        "reason": event.reason,
    }
    return members


def _row(one: Attributed) -> tuple[str, ...]:
    from ledger.domain.days import format_day_it

    values = one.change.where.pointer, _shown(one.change.before), _shown(one.change.after)
    if not one.events:
        return (*values, "-", "-", "-", "-", "-", "decorso del tempo")
    last = one.events[-1]
    acts = ", ".join(name[len("act/") :] for name in last.streams if name.startswith("act/"))
    day = "-" if last.occurred_on is None else format_day_it(last.occurred_on)
    received = f"{last.received_at:%Y-%m-%d %H:%M}"
    reason = last.reason or getattr(last.data, "cause", None) or "-"
    return (*values, str(last.index), received, day, last.role or "-", acts or "-", str(reason))


def _shown(value: object) -> str:
    """Return a value as one short text."""
    if value is None:
        return "-"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"
