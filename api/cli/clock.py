"""`pista clock`: the time of the machine, held against one that nobody sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from api.cli.options import options

if TYPE_CHECKING:
    from datetime import datetime

    from ledger.journal.journal import Journal

clock = typer.Typer(help="L'orologio con cui si ricevono le registrazioni.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add the commands of this group."""
    app.add_typer(clock, name="clock")


@clock.command("show")
def show(context: typer.Context) -> None:
    """Dice se l'orologio è credibile: 0, oppure 1 con ciò che va controllato."""
    from api.app import clock_of, open_reading
    from api.cli import output
    from ledger.journal.leaf import format_time

    home = options(context).home
    with open_reading(home) as reading:
        last = _last_received_at(reading.journal)
        guard = clock_of(home)
        now = guard()
        if last is not None:
            guard.check_log(last)
    told = None if last is None else format_time(last)
    if options(context).json:
        output.data("item", {"now": format_time(now), "last_received_at": told})
        output.data("summary", {"exit": 0})
    else:
        output.line(f"orologio {format_time(now)}, ultima registrazione {told or 'nessuna'}")


@clock.command("confirm")
def confirm(context: typer.Context) -> None:
    """Conferma che l'ora della macchina è giusta: il registro torna a scrivere."""
    from api.app import clock_of, open_reading
    from api.cli import output
    from ledger.journal.leaf import format_time

    home = options(context).home
    with open_reading(home) as reading:
        look = clock_of(home).confirm(_last_received_at(reading.journal))
    if options(context).json:
        output.data("item", {"confirmed": format_time(look.wall)})
        output.data("summary", {"exit": 0})
    else:
        output.line(f"ora confermata: {format_time(look.wall)} (UTC)")


def _last_received_at(journal: Journal) -> datetime | None:
    from ledger.views.replay import head_time

    return head_time(journal, journal.size)
