"""`pista trust` and `pista checkpoint`: what an auditor gets outside the package."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.cli import stamping
from api.cli.options import options

trust = typer.Typer(help="Il file di fiducia (tlog-policy).", no_args_is_help=True)
checkpoint = typer.Typer(help="Punti di controllo.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add the commands of this group."""
    app.add_typer(trust, name="trust")
    stamping.add_to(checkpoint)
    app.add_typer(checkpoint, name="checkpoint")


@trust.command("show")
def show_trust(context: typer.Context) -> None:
    """Mostra il file di fiducia."""
    home = options(context).home
    home.read_settings()
    sys.stdout.write(home.policy.read_text(encoding="utf-8"))


@trust.command("export")
def export_trust(
    context: typer.Context,
    to: Annotated[Path, typer.Option(help="Il file da scrivere.")] = Path("trust.txt"),
) -> None:
    """Scrive il file di fiducia, da consegnare per PEC, su carta o sul sito."""
    import hashlib

    from api.cli import output

    home = options(context).home
    home.read_settings()
    data = home.policy.read_bytes()
    to.write_bytes(data)
    output.line(f"{to}  sha256 {hashlib.sha256(data).hexdigest()}")


@checkpoint.command("show")
def show_checkpoint(
    context: typer.Context,
    size: Annotated[int | None, typer.Argument(help="Un punto precedente.")] = None,
) -> None:
    """Mostra l'ultimo punto di controllo firmato, o quello di una dimensione."""
    from api.app import open_reading

    with open_reading(options(context).home) as reading:
        wanted = reading.evidence.last_head() if size is None else size
        sys.stdout.write(reading.evidence.checkpoint(wanted).decode("utf-8"))
