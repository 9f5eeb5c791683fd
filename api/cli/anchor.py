"""`pista anchor`: where the ledger has stood, kept where no backup restores it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from api.cli.options import options

if TYPE_CHECKING:
    from api.app import Reading
    from api.home import Home
    from ledger.journal.anchor import AnchorState
    from ledger.journal.policy import Policy

BEFORE_ADOPTING: Final = (
    "Prima di adottarla:",
    "  1. fermare per sempre ogni altra copia di questo registro che potrebbe ancora scrivere;",
    "  2. chiedere ai testimoni l'ultimo punto di controllo, e guardare le ricevute e i pacchetti",
    "     più recenti in mano a chi li ha avuti: se uno prova più foglie, usare quello;",
    "  3. se qualcosa fu confermato dopo, e l'archivio non lo ha, non adottare: si firmerebbero due",
    "     verità. Allora si dichiara la lacuna e si fonda un nuovo registro.",
    "Poi ripetere il comando con --nothing-newer-exists.",
)

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
        Path,
        typer.Option(
            help="Il punto di controllo più recente che si è potuto ritrovare: la nota, una"
            " ricevuta o una prova (.tlog-proof)."
        ),
    ],
    nothing_newer: Annotated[  # noqa: FBT002  an option of the command line
        bool,
        typer.Option(
            "--nothing-newer-exists",
            help="Confermo: nessun'altra copia scrive, e niente di più recente è stato trovato.",
        ),
    ] = False,
) -> None:
    """Rimette l'ancora perduta, da un punto di controllo conservato altrove."""
    from api.app import open_reading
    from api.cli import exits
    from api.home import read_part
    from ledger.journal.adopt import adopt, check_adoptable
    from ledger.journal.anchor import FileAnchor
    from ledger.journal.policy import parse_policy
    from ledger.views.replay import head_time

    home = options(context).home
    with open_reading(home) as reading:
        policy = parse_policy(read_part(home.policy))
        head = policy.verify_checkpoint(_kept(checkpoint)).checkpoint
        kept, root_at = FileAnchor(home.anchor), reading.journal.root_at
        check_adoptable(kept, head, root_at)
        _check_newest(home, policy, reading)
        if nothing_newer:
            adopt(kept, head, root_at)
        plan = _Plan(head.size, reading.journal.size, head_time(reading.journal, head.size))
    _tell(plan, is_done=nothing_newer, as_json=options(context).json)
    if not nothing_newer:
        raise typer.Exit(exits.INCOMPLETE)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where the anchor goes: leaves there, leaves of the store, receipt of the last one there."""

    size: int
    store: int
    received_at: datetime | None


def _check_newest(home: Home, policy: Policy, reading: Reading) -> None:
    """Refuse a store beyond which the home has kept a receipt.

    Raises:
        Frozen: `newer-proof-kept`.
    """
    from api.kept_heads import newer_than
    from ledger.errors import Frozen

    newer = newer_than(home, policy, reading.journal)
    if newer is not None:
        raise Frozen(
            "newer-proof-kept",
            f"{newer.file} prova un albero di {newer.size} foglie che l'archivio (di"
            f" {reading.journal.size}) non contiene: questa non è la copia più recente, e adottarne"
            " l'ancora farebbe firmare due verità. Ritrovare la copia completa, o dichiarare la"
            " lacuna e fondare un nuovo registro.",
        )


def _tell(plan: _Plan, *, is_done: bool, as_json: bool) -> None:
    """Say where the anchor is now, or would be and what to be sure of first."""
    from api.cli import exits, output

    beyond = plan.store - plan.size
    received = plan.received_at.isoformat() if plan.received_at else None
    if as_json:
        output.data(
            "item",
            {"anchor": plan.size, "beyond": beyond, "received_at": received, "adopted": is_done},
        )
        output.data("summary", {"exit": exits.OK if is_done else exits.INCOMPLETE})
        return
    last = "" if received is None else f", l'ultima ricevuta il {received}"
    if is_done:
        output.line(f"ancora rimessa a {plan.size} foglie{last}; il registro torna a scrivere")
    else:
        output.line(f"l'ancora andrebbe a {plan.size} foglie{last}; l'archivio ne ha {plan.store}")
        for text in BEFORE_ADOPTING:
            output.line(text)
    if beyond:
        output.note(f"{beyond} foglie oltre quel punto valgono sulla sola parola dell'archivio")


def _kept(file: Path) -> bytes:
    """Return the checkpoint in a file that a person kept: the note, a proof or a receipt.

    Raises:
        Malformed: `file-missing`, when it cannot be read.
        Unreadable: when a proof or a receipt breaks its grammar.
    """
    from api.kept_heads import checkpoint_in
    from ledger.errors import Fault, Malformed

    try:
        data = file.read_bytes()
    except OSError as error:
        sentence = f"il file {file} non si può leggere ({error.strerror}): indicarne un altro"
        raise Malformed(sentence, [Fault("/checkpoint", "file-missing", sentence)]) from error
    return checkpoint_in(data)
