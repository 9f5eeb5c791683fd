"""`pista verify` and `pista compare`: packages, and proofs against a log, checked without trusting anyone."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import options

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from exporters.verification.comparison import Comparison
    from exporters.verification.report import Report
    from ledger.transparency.source import Source


def add_to(app: typer.Typer) -> None:
    """Add the commands of this group."""
    app.command("verify")(verify)
    app.command("compare")(compare)


def verify(
    context: typer.Context,
    package: Annotated[
        Path | None, typer.Argument(help="Il pacchetto: ZIP o cartella.", show_default=False)
    ] = None,
    trust: Annotated[
        Path | None, typer.Option(help="File di fiducia, avuto per altra via.")
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            help="Un punto di controllo conservato: la nota, una prova, una ricevuta, un pacchetto."
        ),
    ] = None,
    max_age: Annotated[
        int | None, typer.Option("--max-age", min=1, help="Ore oltre le quali è vecchio.")
    ] = None,
    tsa_ca: Annotated[
        Path | None,
        typer.Option("--tsa-ca", help="PEM: le autorità di marcatura temporale di cui ci si fida."),
    ] = None,
    log: Annotated[
        str | None, typer.Option(help="Dove leggere il registro: ogni foglia è riletta.")
    ] = None,
    scan: Annotated[  # noqa: FBT002
        bool, typer.Option("--scan", help="Chiede la rilettura: senza, il rapporto è incompleto.")
    ] = False,
    report: Annotated[Path | None, typer.Option(help="Scrive il rapporto JSON.")] = None,
    misbehaviour: Annotated[
        Path | None, typer.Option(help="Una prova contro un registro, in luogo del pacchetto.")
    ] = None,
) -> None:
    """Verifica un pacchetto, senza registro e senza rete: i passi di FORMATS 7, uno per riga."""
    from api.proof_files import find_checkpoint
    from exporters.verification.verify import verify_package
    from ledger.signing.timestamp_trust import parse_tsa_trust

    if misbehaviour is not None:
        _verify_misbehaviour(context, misbehaviour, trust)
        return
    if package is None:
        raise typer.BadParameter("indicare un pacchetto, o --misbehaviour")
    tsa = _read(tsa_ca)
    with _source(log) as source:
        found = verify_package(
            package,
            policy=_read(trust),
            kept=None if checkpoint is None else find_checkpoint(checkpoint).note,
            max_age=None if max_age is None else timedelta(hours=max_age),
            tsa=None if tsa is None else parse_tsa_trust(tsa),
            log=source,
            scan=scan,
            progress=None if options(context).quiet else _told,
        )
    if report is not None:
        report.write_bytes(found.to_json())
    _print_report(found, as_json=options(context).json)
    if found.exit:
        raise typer.Exit(found.exit)


def compare(
    context: typer.Context,
    package: Annotated[Path, typer.Argument(help="Il pacchetto: ZIP o cartella.")],
    place: Annotated[
        str | None,
        typer.Argument(help="Il registro; altrimenti l'indirizzo nel file di fiducia."),
    ] = None,
    trust: Annotated[
        Path | None, typer.Option(help="File di fiducia, avuto per altra via.")
    ] = None,
) -> None:
    """Dice se un pacchetto è ancora ciò che il registro dice, e che cosa è venuto dopo."""
    from api.witnessing import source_of
    from exporters.verification.comparison import compare_package

    policy = _read(trust)
    if policy is None:
        raise typer.BadParameter("serve --trust: senza, il registro attesterebbe sé stesso")
    with source_of(place or _address_in(policy)) as source:
        told = None if options(context).quiet else _told
        found = compare_package(package, policy, source, told)
    code = _tell_comparison(found, as_json=options(context).json)
    if code:
        raise typer.Exit(code)


def _tell_comparison(found: Comparison, *, as_json: bool) -> int:
    """Print what was found and return the exit code."""
    from api.cli import exits, output
    from ledger.journal.leaf import format_time

    code = found.report.exit
    if code == exits.OK and (found.lack or found.went_back):
        code = exits.INCOMPLETE
    if as_json:
        for one in found.news:
            streams = [{"name": place.name, "seq": place.seq} for place in one.leaf.streams]
            at = format_time(one.leaf.received_at)
            output.data("item", {"index": one.index, "received_at": at, "streams": streams})
        steps = [step.plain() for step in found.report.steps]
        sizes = {"package": found.report.size, "log": found.head.size}
        output.data("summary", {"count": len(found.news), **sizes, "steps": steps, "exit": code})
        return code
    for step in found.report.steps:
        if step.number in {13, 14} or step.outcome == "failed":
            for text in step.lines():
                output.line(text)
    output.line(f"pacchetto: {found.report.size} foglie; registro: {found.head.size}")
    if found.went_back:
        output.line(
            "il registro mostra meno foglie del pacchetto: è tornato indietro, o è una copia"
        )
    if found.lack:
        output.line(found.lack)
    for one in found.news:
        places = ", ".join(f"{place.name} {place.seq}" for place in one.leaf.streams)
        output.line(
            f"dopo: registrazione {one.index}, {format_time(one.leaf.received_at)}, {places}"
        )
    output.line(f"registrazioni dei suoi CUP venute dopo: {len(found.news)}")
    output.line(found.report.lines()[-1])
    return code


def _address_in(policy: bytes) -> str:
    from ledger.journal.policy import parse_policy

    address = next((log.url for log in parse_policy(policy).logs if log.url), "")
    if not address:
        raise typer.BadParameter("il file di fiducia non dà l'indirizzo del registro: indicarlo")
    return address


def _verify_misbehaviour(context: typer.Context, path: Path, trust: Path | None) -> None:
    """Judge a file that says what a log did: 0 shown, 1 not shown, 3 shown under its own key only."""
    from api.cli import exits, output
    from ledger.journal.policy import parse_policy
    from ledger.transparency.judging import judge_misbehaviour
    from ledger.transparency.misbehaviour import parse_misbehaviour

    evidence = parse_misbehaviour(_read(path) or b"")
    policy = _read(trust)
    judged = judge_misbehaviour(evidence, None if policy is None else parse_policy(policy))
    code = exits.OK if judged.is_proof and policy is not None else exits.INCOMPLETE
    if options(context).json:
        members = {"origin": judged.origin, "size": judged.size, "code": judged.code}
        output.data("item", {**members, "sentence": judged.sentence, "proof": judged.is_proof})
        output.data("summary", {"count": 1, "exit": code})
    else:
        output.line(f"{judged.code}: {judged.sentence}")
        if not judged.is_proof:
            output.line(
                "OSSERVAZIONE: le note sono firmate; che siano state mostrate, lo dice chi osserva"
            )
        elif policy is None:
            output.line(
                f"PROVATO per la chiave {evidence.log_key}: confrontarla con il file di fiducia"
            )
        else:
            output.line("PROVATO")
    if code:
        raise typer.Exit(code)


def _source(place: str | None) -> AbstractContextManager[Source | None]:
    from api.witnessing import source_of

    return nullcontext() if place is None else source_of(place)


def _told(number: int, title: str) -> None:
    """Print the step that begins, where a person looks on."""
    import sys

    from api.cli import output

    if sys.stderr.isatty():
        output.note(f"{number:2} {title} ...")


def _read(path: Path | None) -> bytes | None:
    """Return the bytes of a file that the person named.

    Raises:
        Unreadable: when it cannot be read.
    """
    from ledger.errors import Unreadable

    if path is None:
        return None
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(
            "file-unreadable", f"Il file {path} non si può leggere: {error}"
        ) from error


def _print_report(found: Report, *, as_json: bool) -> None:
    import sys

    from api.cli import output

    if as_json:
        sys.stdout.write(found.to_json().decode())
        return
    for text in found.lines():
        output.line(text)
