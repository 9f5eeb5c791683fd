"""`pista migrate`: the tables of journal and views brought to the version of the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import options

if TYPE_CHECKING:
    from ledger.views.migrating import Plan

PARTS = {"journal": "registro", "views": "viste"}


def add_to(app: typer.Typer) -> None:
    """Add the command of this group."""
    app.command("migrate")(migrate)


def migrate(
    context: typer.Context,
    plan: Annotated[bool, typer.Option("--plan", help="Mostra e non cambia nulla.")] = False,  # noqa: FBT002
) -> None:
    """Porta le tabelle di registro e viste alla versione del programma, in una transazione."""
    from api.app import migrate_stores
    from api.cli import output

    done = migrate_stores(options(context).home, is_rehearsal=plan)
    for part in done:
        if options(context).json:
            output.data(
                "item",
                {
                    "part": part.part,
                    "place": part.place,
                    "present": part.present,
                    "wanted": part.wanted,
                    "statements": list(part.statements),
                },
            )
        else:
            _tell(part, is_plan=plan)
    if options(context).json:
        pending = sum(bool(part.statements) for part in done)
        output.data("summary", {"parts": len(done), "pending" if plan else "migrated": pending})


def _tell(part: Plan, *, is_plan: bool) -> None:
    """Print what was done for a part, or with its statements what would be."""
    from api.cli import output

    name = PARTS[part.part]
    if not part.statements:
        output.line(f"{name}: versione {part.present}, niente da fare ({part.place})")
        return
    verb = "da portare" if is_plan else "portate"
    output.line(
        f"{name}: tabelle {verb} dalla versione {part.present} alla {part.wanted} ({part.place})"
    )
    for statement in part.statements if is_plan else ():
        output.line(f"{statement};")
