"""`pista trust`: what an auditor gets outside the package."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import options

trust = typer.Typer(help="Il file di fiducia (tlog-policy).", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add the commands of this group."""
    app.add_typer(trust, name="trust")


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


@trust.command("adopt")
def adopt_trust(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="Il nuovo file di fiducia.", exists=True, dir_okay=False)
    ],
    by_hand: Annotated[  # noqa: FBT002
        bool,
        typer.Option("--by-hand", help="Testimoni senza indirizzo: le firme si portano qui."),
    ] = False,
) -> None:
    """Controlla un file di fiducia; in uso lo mette solo quando gli amministratori lo hanno adottato.

    0 in uso, 3 valido e da adottare: la richiesta stampata va data a `pista record`.
    """
    from api.app import open_reading
    from api.cli import exits, output
    from api.publishing import adopt_policy

    chosen = options(context)
    with open_reading(chosen.home) as reading:
        digest, is_in_force = adopt_policy(reading, file.read_bytes(), by_hand=by_hand)
    code = exits.OK if is_in_force else exits.INCOMPLETE
    request = {
        "command": "adopt-policy/1",
        "data": {"setting": "trust.policy", "value": digest, "cause": "nuovo file di fiducia"},
    }
    if chosen.json:
        asked = {} if is_in_force else {"request": request}
        output.data("item", {"sha256": digest, "in_force": is_in_force, **asked})
        output.data("summary", {"exit": code})
    elif is_in_force:
        output.line(f"{chosen.home.policy}  sha256 {digest}: in uso")
    else:
        output.line(json.dumps(request, ensure_ascii=False))
        output.note("valido, non ancora in vigore: gli amministratori lo adottano, poi ripetere")
    if code:
        raise typer.Exit(code)
