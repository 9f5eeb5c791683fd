"""`pista witness`: stand for the logs of others, so that nobody can be shown two of them.

A witness needs no ledger: a folder with its keys and, for each log, what it cosigned last.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.witnessing import OpenWitness
    from ledger.transparency.witnessed_log import LogEntry

witness = typer.Typer(
    help="Un testimone: firma che i registri crescono senza riscriversi.", no_args_is_help=True
)

Folder = Annotated[Path, typer.Argument(help="La cartella del testimone.")]
PORT = 7380


def add_to(app: typer.Typer) -> None:
    """Add the commands of this group."""
    app.add_typer(witness, name="witness")


@witness.command("init")
def init(
    context: typer.Context,
    folder: Folder,
    name: Annotated[str, typer.Option(help="Il suo nome, come w1.example: non cambia più.")],
    url: Annotated[str, typer.Option(help="Dove risponderà, per la riga da consegnare.")] = "",
) -> None:
    """Fa un testimone: due chiavi e uno stato vuoto; mostra le righe per il file di fiducia."""
    from api.witnessing import make_witness

    _tell_keys(context, make_witness(folder, name), url)


@witness.command("add-log")
def add_log(
    context: typer.Context,
    folder: Folder,
    keys: Annotated[
        list[str] | None, typer.Argument(help="Chiavi di verifica (vkey) del registro.")
    ] = None,
    trust: Annotated[
        Path | None,
        typer.Option(
            help="Il file di fiducia del registro, al posto delle chiavi.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    origin: Annotated[str, typer.Option(help="L'origine, se non è il nome della chiave.")] = "",
    url: Annotated[str, typer.Option(help="Dove il registro è pubblicato.")] = "",
) -> None:
    """Ammette un registro con le sue chiavi, o gliene dà altre; ciò che è firmato resta."""
    from api.cli import output
    from api.witnessing import open_witness

    opened = open_witness(folder)
    entries = list(_entries(keys or [], trust, origin, url))
    for entry in entries:
        opened.folder.set_log(entry)
    for entry in entries:
        if options(context).json:
            output.data("item", {"origin": entry.origin, "keys": len(entry.keys), "url": entry.url})
        else:
            output.line(f"{entry.origin}: chiavi {len(entry.keys)}, da ora il testimone firma")
    if options(context).json:
        output.data("summary", {"count": len(entries)})


@witness.command("drop-log")
def drop_log(
    context: typer.Context,
    folder: Folder,
    origin: Annotated[str, typer.Argument(help="L'origine del registro.")],
) -> None:
    """Non firma più per un registro; ciò che ha firmato resta, e varrà se torna ammesso."""
    from api.cli import output
    from api.witnessing import open_witness

    open_witness(folder).folder.drop_log(origin)
    if options(context).json:
        output.data("item", {"origin": origin})
        output.data("summary", {"count": 1})
        return
    output.line(f"{origin}: il testimone non firma più")


@witness.command("serve")
def serve(
    folder: Folder,
    host: Annotated[str, typer.Option(help="Indirizzo.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Porta.", min=1, max=65535)] = PORT,
    per_second: Annotated[
        float, typer.Option(help="Richieste al secondo da un indirizzo.", min=0.1)
    ] = 10.0,
) -> None:
    """Risponde ai registri (C2SP tlog-witness); davanti, un server https."""
    import uvicorn

    from api.cli import output
    from api.cli.serving import LOOPBACK, check_free
    from api.http.limits import Limits
    from api.http.strangers import config_for_strangers
    from api.http.witness import make_witness_app
    from api.witnessing import open_witness
    from ledger.transparency.protocol import MAX_REQUEST_BYTES

    opened = open_witness(folder)
    opened.clock()
    if host not in LOOPBACK:
        output.note("attenzione: senza https davanti chiunque in rete vede e ritarda le richieste")
    check_free(host, port)
    output.line(f"http://{host}:{port}/add-checkpoint  {opened.cosigner.vkey}")
    output.flush()
    limits = Limits(MAX_REQUEST_BYTES, per_second=per_second, burst=max(1, round(3 * per_second)))
    app = make_witness_app(opened.witness, opened.folder, limits)
    uvicorn.Server(config_for_strangers(app, host, port)).run()


@witness.command("cosign")
def cosign(
    folder: Folder,
    place: Annotated[
        str,
        typer.Argument(help="L'indirizzo o la cartella del registro, o un punto di controllo."),
    ],
    proof: Annotated[
        Path | None,
        typer.Option(
            help="La prova di coerenza di quel punto di controllo, un'impronta per riga.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    to: Annotated[Path | None, typer.Option(help="Il file da scrivere, altrimenti stdout.")] = None,
) -> None:
    """Va a leggere il registro, o ciò che gli è portato, e lo firma senza server."""
    from api.witnessing import open_witness, source_of
    from ledger.journal.proofs import parse_consistency
    from ledger.transparency.visiting import cosign_carried, cosign_shown, newest_note

    opened = open_witness(folder)
    if Path(place).is_file():
        carried = () if proof is None else parse_consistency(proof.read_bytes())
        note = cosign_carried(opened.witness, Path(place).read_bytes(), carried)
    else:
        with source_of(place) as source:
            note = cosign_shown(source, opened.witness, newest_note(source, opened.witness))
    _hand_over(note, to)


@witness.command("rescan")
def rescan(
    context: typer.Context,
    folder: Folder,
    place: Annotated[str, typer.Argument(help="L'indirizzo o la cartella del registro.")],
    to: Annotated[Path | None, typer.Option(help="Il file da scrivere, altrimenti stdout.")] = None,
) -> None:
    """Rilegge ogni foglia, ricalcola ogni chiusura, e lo firma con la chiave NOME/rescan."""
    from api.cli import output
    from api.witnessing import open_witness, source_of
    from ledger.transparency.visiting import note_to_rescan, rescan_shown

    def told(done: int, size: int) -> None:
        if not options(context).quiet:
            output.note(f"foglie rilette {done} di {size}")

    opened = open_witness(folder)
    with source_of(place) as source:
        note = rescan_shown(source, opened.witness, note_to_rescan(source, opened.witness), told)
    _hand_over(note, to)


@witness.command("show")
def show(context: typer.Context, folder: Folder) -> None:
    """Mostra chiavi e registri: 0, oppure 1 se per uno non firma più o ne ha scoperto due."""
    from api.cli import exits, output
    from api.cli.witness_words import in_words, told_of
    from api.witnessing import open_witness

    opened = open_witness(folder)
    told = [told_of(log) for log in opened.folder.logs()]
    _tell_keys(context, opened, "", is_last=False)
    for members in told:
        if options(context).json:
            output.data("item", members)
        else:
            output.line(in_words(members))
    wrong = any(members["frozen"] or members["forks"] for members in told)
    code = exits.FAILED if wrong else exits.OK
    if options(context).json:
        output.data("summary", {"count": len(told), "exit": code})
    if code != exits.OK:
        raise typer.Exit(code)


@witness.command("confirm-clock")
def confirm_clock(context: typer.Context, folder: Folder) -> None:
    """Conferma che l'ora della macchina è giusta: il testimone torna a firmare."""
    from api.cli import output
    from api.witnessing import open_witness
    from ledger.journal.leaf import format_time

    look = open_witness(folder).guard.confirm(None)
    if options(context).json:
        output.data("item", {"confirmed": format_time(look.wall)})
        output.data("summary", {"exit": 0})
        return
    output.line(f"ora confermata: {format_time(look.wall)} (UTC)")


def _hand_over(note: bytes, to: Path | None) -> None:
    """Write a note to a file, whole or not at all, or else to stdout."""
    import sys

    from ledger.transparency.public_files import write_files

    if to is None:
        sys.stdout.write(note.decode("utf-8"))
    else:
        write_files(to.parent, {to.name: note})


def _tell_keys(
    context: typer.Context, opened: OpenWitness, url: str, *, is_last: bool = True
) -> None:
    """Print both keys as lines of a policy."""
    from api.cli import output

    for one in (opened.cosigner, opened.rescanner):
        line = f"witness {one.name} {one.vkey} {url}".rstrip()
        if options(context).json:
            output.data("item", {"name": one.name, "vkey": one.vkey, "policy": line})
        else:
            output.line(line)
    if options(context).json and is_last:
        output.data("summary", {"count": 2})


def _entries(keys: list[str], trust: Path | None, origin: str, url: str) -> Iterator[LogEntry]:
    """Yield the logs that keys, or the log lines of a trust file, name: the keys of one together.

    Raises:
        Malformed: `no-log-named`, when they name none, or both ways are used.
        Unreadable: when a key or the file cannot be read.
    """
    from ledger.errors import Malformed
    from ledger.journal.note import parse_vkey
    from ledger.journal.policy import Log, parse_policy
    from ledger.transparency.witnessed_log import LogEntry

    logs = [Log(parse_vkey(text)) for text in keys]
    logs += parse_policy(trust.read_bytes()).logs if trust is not None else ()
    if not logs or (keys and trust is not None):
        raise Malformed(
            "Indicare le chiavi del registro, oppure il suo file di fiducia con --trust.",
            [],
            code="no-log-named",
        )
    for named in dict.fromkeys(origin or log.key.name for log in logs):
        ours = [log for log in logs if origin or log.key.name == named]
        yield LogEntry(named, tuple(log.key for log in ours), url or ours[0].url)
