"""`pista checkpoint timestamp` and `pista checkpoint authority`: when a head of the log existed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import options

if TYPE_CHECKING:
    from api.app import Reading
    from api.automatic_stamps import Outcome
    from api.stamping import Stamped


def add_to(checkpoint: typer.Typer) -> None:
    """Add the commands of this group to those of checkpoints."""
    checkpoint.command("timestamp")(timestamp)
    checkpoint.command("authority")(authority)


def timestamp(context: typer.Context) -> None:
    """Chiede la marca temporale sull'ultimo punto di controllo, se non l'ha già.

    0 c'è, di un'autorità riconosciuta; 3 c'è, e l'autorità non è fra quelle riconosciute; 1 la risposta
    non vale. Nulla di ciò che è registrato dipende da questo.
    """
    import os

    from api.app import open_reading
    from api.cli import exits, output
    from api.stamping import stamp_head, stamper_of
    from ledger.errors import Absent

    chosen = options(context)
    with open_reading(chosen.home) as reading, stamper_of(chosen.home, os.environ) as stamper:
        if stamper is None:
            raise Absent(
                "tsa-not-named",
                "Nessuna autorità di marcatura temporale: indicarla con `pista checkpoint authority"
                " INDIRIZZO`, o in PISTA_TSA_URL.",
            )
        stamped = stamp_head(reading, stamper)
    code = exits.OK if stamped.stamp.is_trusted else exits.INCOMPLETE
    if chosen.json:
        output.data("item", members(stamped))
        output.data("summary", {"exit": code})
    else:
        output.line(told(stamped))
    if code:
        raise typer.Exit(code)


def authority(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="Indirizzo, come https://tsa.esempio.it/tsr.")],
    ca: Annotated[
        Path | None, typer.Option(help="PEM: certificati delle autorità riconosciute, e revoche.")
    ] = None,
    policy: Annotated[
        str, typer.Option(help="Politica (OID), se l'autorità ne ha più d'una.")
    ] = "",
    user: Annotated[str, typer.Option(help="Nome utente, se lo chiede.")] = "",
) -> None:
    """Dice a quale autorità chiedere le marche temporali, e di quali fidarsi."""
    from api.cli import output
    from api.stamping import trusted_names
    from api.tsa_settings import TSASettings, write_settings
    from ledger.errors import Unreadable

    home = options(context).home
    home.read_settings()
    try:
        trust = None if ca is None else ca.read_bytes()
    except OSError as error:
        raise Unreadable("file-unreadable", f"Il file {ca} non si può leggere: {error}") from error
    write_settings(home.path, TSASettings(url, policy, user), trust)
    names = trusted_names(home)
    if options(context).json:
        output.data("item", {"url": url, "policy": policy, "user": user, "trusted": names})
        output.data("summary", {"exit": 0})
        return
    output.line(f"autorità di marcatura {url}")
    output.line(f"riconosciute: {'; '.join(names) or 'nessuna, con --ca se ne indicano'}")


def members(stamped: Stamped) -> dict[str, object]:
    """Return a stamp as JSON values."""
    stamp = stamped.stamp
    return {
        "size": stamped.size,
        "at": f"{stamp.at:%Y-%m-%dT%H:%M:%S.%fZ}",
        "authority": stamp.authority,
        "policy": stamp.policy,
        "serial": str(stamp.serial),
        "trusted": stamp.is_trusted,
        "qualified": stamp.is_qualified,
        "reader": stamp.reader,
        "new": stamped.is_new,
    }


def told(stamped: Stamped) -> str:
    """Return a stamp as a line for people."""
    stamp = stamped.stamp
    word = "marcato" if stamped.is_new else "già marcato"
    trust = "" if stamp.is_trusted else "; autorità non fra quelle riconosciute"
    return (
        f"punto di controllo {stamped.size} {word}: {stamp.at:%d/%m/%Y %H:%M:%S} UTC,"
        f" {stamp.authority}{trust}"
    )


def stamp_after(reading: Reading) -> None:
    """Have the newest head stamped when it is due, after all else was said; never fails for it."""
    import os

    from api.automatic_stamps import stamp_beside
    from api.cli import output

    if words := told_beside(stamp_beside(reading, os.environ)):
        output.note(words)


def stamp_for_export(reading: Reading, size: int) -> str:
    """Have the head of a package stamped; return why it is not, "" when it is or nobody is named."""
    import os

    from api.stamping import stamp_head, stamper_of
    from ledger.errors import Frozen, PistaError

    try:
        with stamper_of(reading.home, os.environ) as stamper:
            if stamper is not None:
                stamp_head(reading, stamper, size)
    except Frozen:
        raise
    except PistaError as error:
        return error.sentence
    return ""


def told_beside(outcome: Outcome) -> str:
    """Return what is said of a stamp that was taken by itself, "" when none was due."""
    from ledger.errors import PistaError

    if outcome is None:
        return ""
    if isinstance(outcome, PistaError):
        return f"senza marca temporale, ciò che è registrato resta registrato: {outcome.sentence}"
    return told(outcome)
