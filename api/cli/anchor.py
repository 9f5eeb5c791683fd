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
        Path, typer.Option(help="Il punto di controllo più recente che si è potuto ritrovare.")
    ],
) -> None:
    """Rimette l'ancora perduta, da un punto di controllo conservato altrove."""
    from api.app import open_reading
    from api.cli import output
    from api.home import read_part
    from ledger.journal.adopt import adopt
    from ledger.journal.anchor import FileAnchor
    from ledger.journal.policy import parse_policy

    home = options(context).home
    with open_reading(home) as reading:
        policy = parse_policy(read_part(home.policy))
        head = policy.verify_checkpoint(_kept(checkpoint)).checkpoint
        state = adopt(FileAnchor(home.anchor), head, reading.journal.root_at)
        beyond = reading.journal.size - state.size
    if options(context).json:
        output.data("item", {"anchor": state.size, "beyond": beyond})
        output.data("summary", {"exit": 0})
        return
    output.line(f"ancora rimessa a {state.size} foglie; il registro torna a scrivere")
    if beyond:
        output.note(f"{beyond} foglie oltre quel punto valgono sulla sola parola dell'archivio")


def _kept(file: Path) -> bytes:
    """Return the bytes of a checkpoint that a person kept.

    Raises:
        Malformed: `file-missing`, when it cannot be read.
    """
    from ledger.errors import Fault, Malformed

    try:
        return file.read_bytes()
    except OSError as error:
        sentence = f"il file {file} non si può leggere ({error.strerror}): indicarne un altro"
        raise Malformed(sentence, [Fault("/checkpoint", "file-missing", sentence)]) from error
