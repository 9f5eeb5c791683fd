"""`pista record`: the uniform door for scripts, one command a line.

A line that is refused stops the run, after those before it were recorded (`--keep-going` goes on);
the same file given again records the rest, and nothing twice.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from api.cli.options import options


def add_to(app: typer.Typer) -> None:
    """Add the command of this group."""
    app.command("record")(record)


def record(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="File .json o .ndjson, oppure - per stdin.")],
    key: Annotated[str | None, typer.Option(help="Chiave (file:...), se manca «by».")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Decide e non registra.")] = False,  # noqa: FBT002
    keep_going: Annotated[bool, typer.Option("--keep-going", help="Oltre gli errori.")] = False,  # noqa: FBT002
) -> None:
    """Registra le richieste di un file, una per riga, ciascuna con la sua ricevuta."""
    from api.app import open_ledger
    from api.cli import output
    from api.cli.recording_run import Run
    from api.cli.stamping import stamp_after

    chosen = options(context)
    with open_ledger(chosen.home) as opened, TemporaryDirectory() as scratch:
        trial = Path(scratch) if dry_run else None
        with closing(Run.over(opened, file, key, chosen, trial)) as run:
            run.go(keep_going=keep_going)
            run.follow()
            run.sum_up()
        output.flush()
        if run.done and not dry_run:
            stamp_after(opened)
    if run.failed:
        raise typer.Exit(run.failed)
