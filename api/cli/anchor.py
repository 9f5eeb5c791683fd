"""`pista anchor`: where the ledger has stood, kept where no backup restores it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import options

if TYPE_CHECKING:
    from api.app import Reading
    from ledger.journal.anchor import AnchorState

anchor = typer.Typer(
    help="L'ancora: fin dove il registro è già stato testimoniato.", no_args_is_help=True
)


def add_to(app: typer.Typer) -> None:
    """Add the commands of this group."""
    app.add_typer(anchor, name="anchor")


@anchor.command("show")
def show(context: typer.Context) -> None:
    """Confronta l'ancora con l'archivio: 0 concorde, 1 in contraddizione, 3 assente."""
    from api.app import open_reading
    from api.cli import exits, output
    from ledger.journal.anchor import FileAnchor

    home = options(context).home
    with open_reading(home) as reading:
        state = FileAnchor(home.anchor).read()
        size = reading.journal.size
        verdict, code = _compared(reading, state)
    if options(context).json:
        stands = None if state is None else state.size
        output.data("item", {"anchor": stands, "store": size, "verdict": verdict})
        output.data("summary", {"exit": code})
    else:
        stands_at = "assente" if state is None else f"a {state.size} foglie"
        output.line(f"ancora {stands_at}, archivio {size} foglie: {verdict}")
    if code != exits.OK:
        raise typer.Exit(code)


def _compared(reading: Reading, state: AnchorState | None) -> tuple[str, int]:
    """Return what the anchor says of the store, and the exit code."""
    from api.cli import exits

    if state is None:
        return "si rimette con `pista anchor adopt --checkpoint FILE`", exits.INCOMPLETE
    if state.size > reading.journal.size:
        missing = state.size - reading.journal.size
        return f"mancano {missing} foglie già testimoniate", exits.FAILED
    if reading.journal.root_at(state.size) != state.root:
        return "non è lo stesso registro", exits.FAILED
    return "concorde", exits.OK


@anchor.command("adopt")
def adopt_checkpoint(
    context: typer.Context,
    checkpoint: Annotated[
        Path,
        typer.Option(
            help="Il più recente che si è potuto ritrovare: punto di controllo, prova .tlog-proof,"
            " ricevuta o pacchetto."
        ),
    ],
    nothing_newer_exists: Annotated[  # noqa: FBT002
        bool,
        typer.Option(
            "--nothing-newer-exists",
            help="Lo garantisce chi adotta: nessun'altra copia al lavoro, nessuna prova più"
            " recente presso testimoni, firmatari e destinatari.",
        ),
    ] = False,
) -> None:
    """Rimette l'ancora perduta da un punto di controllo; senza conferma dice soltanto che farebbe.

    0 rimessa, 3 rimessa con un avviso, 13 non confermata, 1 qualcosa la contraddice.
    """
    from api.adoption import carry_out, plan_adoption
    from api.app import open_reading
    from api.cli.adopt_words import tell_adoption
    from api.machine import now

    chosen, at = options(context), now()
    with open_reading(chosen.home) as reading:
        plan = plan_adoption(reading, checkpoint)
        if nothing_newer_exists:
            carry_out(reading, plan)
    tell_adoption(chosen, plan, checkpoint, at, adopted=nothing_newer_exists)
