"""The command line `pista`: one door among the doors, with the same rules as the others.

Every command is a function in the file of its group; this file names them. Imports of the ledger
happen inside the functions, so that help and completion are fast.
Source: EXPERIENCE section 3; D19.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli import (
    anchor,
    backups,
    catalogue,
    checkpoints,
    clock,
    comparing,
    doctor,
    fsck,
    governing,
    keys,
    migrating,
    monitoring,
    packages,
    recording,
    serving,
    setup,
    showing,
    trust,
    verifying,
    witness,
)
from api.cli.guard import Guarded
from api.cli.options import Options

app = typer.Typer(
    name="pista",
    cls=Guarded,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Il registro firmato degli interventi pubblici, per CUP.",
)


@app.callback()
def common(
    context: typer.Context,
    ledger: Annotated[
        Path | None, typer.Option(help="Cartella del registro (PISTA_HOME, altrimenti ./var).")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="NDJSON su stdout.")] = False,  # noqa: FBT002
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Nessun avanzamento.")] = False,  # noqa: FBT002
) -> None:
    """Take the options that every command has."""
    context.obj = Options(ledger, json, quiet)


for group in (
    setup,
    recording,
    showing,
    comparing,
    packages,
    verifying,
    keys,
    governing,
    trust,
    checkpoints,
    anchor,
    catalogue,
    clock,
    backups,
    doctor,
    fsck,
    migrating,
    serving,
    witness,
    monitoring,
):
    group.add_to(app)


def main() -> None:
    """Run the command line and leave with its exit code."""
    app()
