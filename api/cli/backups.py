"""`pista backup` and `pista restore`: the ledger kept elsewhere, and brought or proven from there.

Exit 0 when nothing is left to do, 3 when a person has something to do yet (backup_words.py).
Source: EXPERIENCE section 3.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import Options, options

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.backup_marks import BackupMark
    from api.home import Home
    from ledger.application.proof_of_restore import Proven


def add_to(app: typer.Typer) -> None:
    """Add the commands of this group."""
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(
    context: typer.Context,
    to: Annotated[str, typer.Option(help="La cartella delle copie: un percorso o file:///...")],
    with_keys: Annotated[  # noqa: FBT002
        bool, typer.Option("--with-keys", help="Anche log.pem, ca.pem e vault.key.")
    ] = False,
) -> None:
    """Copia il registro mentre si scrive: registrazioni, documenti cifrati, ricevute."""
    from api.backup_marks import MADE, BackupMark
    from api.backups import backup_source, target_folder
    from api.cli.backup_words import tell_made
    from api.machine import now
    from ledger.application.backup import make_backup

    chosen = options(context)
    home, at = chosen.home, now()
    with backup_source(home, with_keys=with_keys) as source:
        made = make_backup(source, target_folder(to, home), at, _teller(chosen))
    mark = BackupMark(at, str(made.folder), made.description.size)
    _remember(home, MADE, mark)
    tell_made(chosen, made, with_keys=with_keys)


def restore(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(help="La cartella di una copia.")],
    prove: Annotated[  # noqa: FBT002
        bool, typer.Option("--prove", help="Solo in prova: a parte, e confrontata.")
    ] = False,
    anchor: Annotated[
        Path | None, typer.Option(help="L'ancora con cui confrontare, se non è nella cartella.")
    ] = None,
    erasures_from: Annotated[
        Path | None,
        typer.Option(help="Registro o copia più recenti, da cui leggere le cancellazioni."),
    ] = None,
    database: Annotated[
        str, typer.Option(help="Dove tenerlo, come postgresql://UTENTE@SERVER/BASE.")
    ] = "",
) -> None:
    """Rimette un registro da una copia in una cartella vuota; con --prove lo fa a parte e verifica."""
    from api.backups import Beside, prove_backup, restore_home
    from api.cli.backup_words import tell_proven, tell_restored

    chosen = options(context)
    if prove:
        proven, amiss = prove_backup(source, chosen.home, _teller(chosen))
        if proven.is_whole and not amiss:
            _mark_proven(chosen.home, source, proven)
        tell_proven(chosen, source, proven, amiss)
        return
    beside = Beside(anchor, erasures_from, database)
    restored, amiss = restore_home(source, chosen.home, beside, _teller(chosen))
    tell_restored(chosen, restored, amiss)


def _mark_proven(home: Home, source: Path, proven: Proven) -> None:
    """Remember the proof in the home of the ledger that was compared; elsewhere there is none."""
    from api.backup_marks import PROVEN, BackupMark
    from api.machine import now

    if proven.behind is not None:
        mark = BackupMark(now(), str(source), proven.description.size)
        _remember(home, PROVEN, mark)


def _remember(home: Home, name: str, mark: BackupMark) -> None:
    """Keep a mark in the home, for `pista doctor`; what was done is done without it too."""
    from api.backup_marks import write_mark
    from api.cli import output

    try:
        write_mark(home.path, name, mark)
    except OSError as error:
        output.note(f"{home.path / name} non si può scrivere: {error.strerror}")


def _teller(chosen: Options) -> Callable[[str, int, int], None]:
    """Return what prints progress, where a person looks on: ten words of each part at most."""
    from api.cli import output

    said: dict[str, int] = {}

    def told(what: str, done: int, total: int) -> None:
        tenth = 10 * done // total if total else 10
        if said.get(what) != tenth:
            said[what] = tenth
            output.note(f"{what}: {done} di {total}")

    def silent(_what: str, _done: int, _total: int) -> None:
        """Tell nobody."""

    return silent if chosen.quiet or not sys.stderr.isatty() else told
