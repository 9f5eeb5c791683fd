"""`pista monitor`: follow a log from outside, and keep what proves it when it is caught.

Exit codes of `--once`: 0 quiet, 1 caught with a proof that needs nobody's word, 3 something is wrong that
nobody can prove, or the log could not be read. Without it, it goes on until it has caught the log.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.options import options

if TYPE_CHECKING:
    from ledger.transparency.monitor import Look
    from ledger.transparency.monitor_folder import MonitorFolder

STATE = Path("monitor")
EVERY = 3600.0
CUP_STREAM = "cup/"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this group."""
    app.command("monitor")(monitor)


def monitor(
    context: typer.Context,
    place: Annotated[str, typer.Argument(help="L'indirizzo o la cartella del registro.")],
    trust: Annotated[
        Path,
        typer.Option(
            "--policy",
            "--trust",
            help="File di fiducia, avuto per altra via.",
            exists=True,
            dir_okay=False,
        ),
    ],
    state: Annotated[Path, typer.Option(help="Dove conserva ciò che ha visto.")] = STATE,
    once: Annotated[bool, typer.Option("--once", help="Guarda una volta sola.")] = False,  # noqa: FBT002
    every: Annotated[float, typer.Option(help="Secondi fra uno sguardo e l'altro.", min=1)] = EVERY,
    max_age: Annotated[
        int, typer.Option("--max-age", min=1, help="Ore oltre le quali un capo è vecchio.")
    ] = 48,
) -> None:
    """Segue un registro: rilegge ogni foglia nuova, e conserva la prova di ciò che non deve fare."""
    import time

    from api.cli import exits
    from api.machine import now
    from api.witnessing import source_of
    from ledger.journal.policy import parse_policy
    from ledger.transparency.disk import FileDisk
    from ledger.transparency.monitor import Terms, look_at
    from ledger.transparency.monitor_folder import MonitorFolder

    policy = parse_policy(trust.read_bytes())
    folder = MonitorFolder(state, FileDisk())
    with folder.alone(), source_of(place) as source:
        while True:
            terms = Terms(now(), timedelta(hours=max_age))
            look = look_at(source, policy, folder.recall, terms)
            code = _exit_of(look)
            _tell(look, folder, code, as_json=options(context).json)
            if once or code == exits.FAILED:
                break
            time.sleep(every)
    if code != exits.OK:
        raise typer.Exit(code)


def _exit_of(look: Look) -> int:
    from api.cli import exits

    if look.is_proven:
        return exits.FAILED
    return exits.OK if look.is_quiet else exits.INCOMPLETE


def _tell(look: Look, folder: MonitorFolder, code: int, *, as_json: bool) -> None:
    """Keep what proves something, print all, and only then keep what was seen: nothing goes untold."""
    from api.cli import output

    alarms = [
        {
            "code": alarm.judged.code,
            "sentence": alarm.judged.sentence,
            "proof": alarm.judged.is_proof,
            "file": str(folder.keep_alarm(alarm.judged.origin, alarm.evidence)),
        }
        for alarm in look.alarms
    ]
    (_tell_program if as_json else _tell_person)(look, alarms, code)
    output.flush()
    if look.memory is not None:
        folder.keep(look.memory)


def _tell_program(look: Look, alarms: list[dict[str, Any]], code: int) -> None:
    from api.cli import output
    from ledger.journal.leaf import format_time

    for one in look.news:
        streams = [{"name": place.name, "seq": place.seq} for place in one.leaf.streams]
        received = format_time(one.leaf.received_at)
        output.data("item", {"index": one.index, "received_at": received, "streams": streams})
    for alarm in alarms:
        output.data("warning", alarm)
    output.data("summary", _summary(look, code))


def _summary(look: Look, code: int) -> dict[str, Any]:
    size = None if look.head is None else look.head.size
    said = {"state": look.state, "sentence": look.sentence, "size": size, "count": len(look.news)}
    return {**said, "exit": code}


def _tell_person(look: Look, alarms: list[dict[str, Any]], code: int) -> None:
    from api.cli import output

    if look.memory is not None and look.state == "first":
        for row in look.memory.scan.rows():
            if row.stream.startswith(CUP_STREAM):
                cup = row.stream.removeprefix(CUP_STREAM)
                output.line(f"CUP {cup}: registrazioni {row.count}")
    for name, lines in _by_stream(look).items():
        output.line(f"{name}: nuove {len(lines)}")
        for text in lines:
            output.line(f"  {text}")
    for alarm in alarms:
        word = "PROVA" if alarm["proof"] else "OSSERVAZIONE"
        output.line(f"{word} {alarm['code']}: {alarm['sentence']}")
        output.line(f"  conservata in {alarm['file']}")
    if code and not alarms:
        output.line(f"{look.state}: {look.sentence}")
    elif not alarms:
        output.line(look.sentence)


def _by_stream(look: Look) -> dict[str, list[str]]:
    """Return a line for each new event, by CUP; those of no CUP stand under their first stream."""
    found: dict[str, list[str]] = {}
    for one in look.news:
        at = one.leaf.received_at.isoformat(timespec="seconds")
        cups = [place for place in one.leaf.streams if place.name.startswith(CUP_STREAM)]
        for place in cups or one.leaf.streams[:1]:
            cup = place.name.removeprefix(CUP_STREAM)
            name = f"CUP {cup}" if cups else f"flusso {cup}"
            found.setdefault(name, []).append(f"registrazione {one.index}, posto {place.seq}, {at}")
    return found
