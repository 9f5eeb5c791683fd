"""`pista checkpoint`: the heads of the log, shown, and published with their witnesses."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import stamping
from api.cli.options import options

if TYPE_CHECKING:
    from api.cli.options import Options
    from ledger.transparency.publication import Outcome

checkpoint = typer.Typer(help="Punti di controllo.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add the commands of this group."""
    stamping.add_to(checkpoint)
    app.add_typer(checkpoint, name="checkpoint")


@checkpoint.command("show")
def show(
    context: typer.Context,
    size: Annotated[int | None, typer.Argument(help="Un punto precedente.")] = None,
) -> None:
    """Mostra l'ultimo punto di controllo, o quello di una dimensione, con i testimoni che ha."""
    from api.app import open_reading

    with open_reading(options(context).home) as reading:
        wanted = reading.evidence.last_head() if size is None else size
        sys.stdout.write(reading.evidence.checkpoint(wanted).decode("utf-8"))


@checkpoint.command("publish")
def publish(context: typer.Context) -> None:
    """Pubblica il registro come file statici e chiede la firma ai testimoni.

    Ripeterlo rinnova le firme: almeno ogni 24 ore. 0 pubblicato, 3 mancano testimoni, 1 un testimone
    contraddice il registro.
    """
    from api.app import open_reading
    from api.cli import output
    from api.publishing import publish_head

    chosen = options(context)

    def told(done: int, of: int) -> None:
        if not chosen.quiet and sys.stderr.isatty():
            output.note(f"file {done} di {of}")

    with open_reading(chosen.home) as reading:
        outcome = publish_head(reading, told=told)
    code = exit_of(outcome)
    tell(chosen, outcome, code)
    if code:
        raise typer.Exit(code)


@checkpoint.command("add")
def add(
    context: typer.Context,
    notes: Annotated[
        list[Path],
        typer.Argument(help="Note che testimoni hanno firmato.", exists=True, dir_okay=False),
    ],
) -> None:
    """Aggiunge le firme di testimoni senza server, o che hanno riletto tutto; pubblica se bastano.

    0 ogni punto di controllo ha il suo quorum, 3 a uno mancano ancora firme.
    """
    from api.app import open_reading
    from api.cli import output
    from api.publishing import add_carried

    chosen = options(context)
    with open_reading(chosen.home) as reading:
        outcomes = [add_carried(reading, path.read_bytes()) for path in notes]
    code = max(map(exit_of, outcomes))
    for outcome in outcomes:
        if chosen.json:
            output.data("item", {"size": outcome.size, "published": outcome.is_published})
        else:
            output.line(_verdict(outcome))
    if chosen.json:
        output.data("summary", {"count": len(outcomes), "exit": code})
    if code:
        raise typer.Exit(code)


def exit_of(outcome: Outcome) -> int:
    """Return the exit code of an attempt to publish."""
    from api.cli import exits

    if outcome.alarms:
        return exits.FAILED
    return exits.OK if outcome.is_published else exits.INCOMPLETE


def tell(chosen: Options, outcome: Outcome, code: int) -> None:
    """Print what an attempt to publish came to, witness by witness."""
    from api.cli import output

    if chosen.json:
        for one in outcome.said:
            members = {"witness": one.witness, "state": one.state, "sentence": one.sentence}
            output.data("item", {**members, "time": one.time, "alarm": one.is_alarm})
        summary = {"size": outcome.size, "published": outcome.is_published}
        output.data("summary", {**summary, "written": outcome.written, "exit": code})
        return
    for one in outcome.said:
        output.line(f"{'ALLARME: ' if one.is_alarm else ''}{one.sentence}")
    output.line(_verdict(outcome))


def _verdict(outcome: Outcome) -> str:
    if outcome.is_published:
        files = "un file nuovo" if outcome.written == 1 else f"{outcome.written} file nuovi"
        return f"pubblicato il punto di controllo {outcome.size}, {files}"
    return (
        f"il punto di controllo {outcome.size} resta in attesa di testimoni: pubblicato è quello di"
        " prima; ripetere quando rispondono, o portare le loro firme con `pista checkpoint add`"
    )
