"""What `pista anchor adopt` says: what would be done, what a person must be sure of, what was done.

    ricevuta newest.receipt: albero di 25 foglie
    ultima sua registrazione: 20/11/2026 10:11 UTC, 6 giorni fa
    testimoni: nessuno: è la sola parola del registro, che può darla a ogni sua copia
    archivio: 27 foglie, 2 oltre quel punto
    prove conservate nella cartella: 14, nessuna contraddice l'archivio; la più avanzata ha 27 ...
    ancora: si scriverebbe in var/anchor, a 25 foglie
    per adottarlo occorre essere certi che: ...

Without the confirmation nothing is written and the exit is 13 (`adoption-not-confirmed`). With it
the exit is 0, or 3 when something is left that a person must know: the checkpoint is of the copy
itself (`end-not-proven`), or files that might have shown more could not be read
(`kept-proof-unreadable`). Source: D62.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import typer

from api.cli import exits, output
from ledger.errors import Frozen, NotVerified, PistaError, Refused
from ledger.journal.leaf import format_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from api.adoption import Plan
    from api.cli.options import Options

NOT_CONFIRMED = (
    "Nulla è stato scritto. Nessun punto di controllo dice che cosa è venuto dopo: se il registro"
    " era andato oltre queste {} foglie, anche in una sola copia, scrivendo qui firmerebbe due"
    " verità, e non si rimedia."
)
CONDITIONS = """per adottarlo occorre essere certi che:
  - nessun'altra copia di questo registro sia al lavoro, né possa tornarci: spente per sempre;
  - i testimoni, interrogati adesso, non conoscano più di {size} foglie;
  - le ricevute e i pacchetti più recenti, chiesti a chi firma e a chi li riceve, non ne mostrino
    di più (messi in outbox/, sono guardati anche qui)."""
REMEDY = (
    "quando è certo, ripetere con --nothing-newer-exists; nel dubbio non adottare, ma dichiarare"
    " la lacuna e fondare un nuovo registro."
)
END_NOT_PROVEN = (
    "Il punto di controllo, a {} foglie su {}, viene da questa copia: è l'ultimo del suo archivio, o"
    " sta nella sua cartella. Ogni copia rimessa ha i propri, e non dicono nulla di ciò che il"
    " registro firmò dopo. Se un testimone, una ricevuta o un pacchetto mostra più foglie, fermare"
    " subito chi scrive."
)
UNREAD = (
    "{} file che potevano mostrare un registro più lungo non si leggono, o non li ha firmati il"
    " registro: {}. Guardarli prima di scrivere."
)
NAMED = 3  # files in one sentence


def tell_adoption(
    chosen: Options, plan: Plan, checkpoint: Path, now: datetime, *, adopted: bool
) -> None:
    """Say what was adopted, or would be.

    Raises:
        Refused: `adoption-not-confirmed`, when nothing was written.
        typer.Exit: 3, when it was written and something is left to know.
    """
    left = list(_warnings(plan))
    if chosen.json:
        output.data("item", _members(plan, chosen.home.anchor, now, adopted=adopted))
    else:
        for text in _lines(plan, checkpoint, now):
            output.line(text)
    for warning in left:
        if chosen.json:
            output.data("warning", output.describe(warning))
        output.explain(warning)
    if not adopted:
        _say_conditions(chosen, plan)
        raise Refused("adoption-not-confirmed", NOT_CONFIRMED.format(plan.store), remedy=REMEDY)
    _say_done(chosen, plan, left)


def _say_conditions(chosen: Options, plan: Plan) -> None:
    if not chosen.json:
        output.line(f"ancora: si scriverebbe in {chosen.home.anchor}, a {plan.head.size} foglie")
        output.line(CONDITIONS.format(size=plan.store))


def _say_done(chosen: Options, plan: Plan, left: Sequence[PistaError]) -> None:
    code = exits.INCOMPLETE if left else exits.OK
    if chosen.json:
        output.data("summary", {"count": 1, "exit": code})
    else:
        output.line(f"ancora rimessa a {plan.head.size} foglie; il registro torna a scrivere")
        if plan.beyond:
            output.note(
                f"{plan.beyond} foglie oltre quel punto valgono sulla sola parola dell'archivio"
            )
    if code:
        raise typer.Exit(code)


def _members(plan: Plan, anchor: Path, now: datetime, *, adopted: bool) -> dict[str, Any]:
    """Return what a program reads of an adoption."""
    newest, made_at = plan.kept.newest, plan.made_at
    return {
        "anchor": plan.head.size,
        "path": str(anchor),
        "adopted": adopted,
        "form": plan.form,
        "made_at": None if made_at is None else format_time(made_at),
        "age_seconds": None if made_at is None else int(_age(made_at, now).total_seconds()),
        "witnesses": [
            {"name": one.name, "at": format_time(_time(one.time))} for one in plan.cosigners
        ],
        "store": plan.store,
        "beyond": plan.beyond,
        "kept": len(plan.kept.proofs),
        "newest_kept": None if newest is None else {"where": newest.where, "size": newest.size},
    }


def _lines(plan: Plan, checkpoint: Path, now: datetime) -> Iterator[str]:
    """Yield what a person reads of the checkpoint, of the store, and of what else is kept."""
    yield f"{plan.form} {checkpoint}: albero di {plan.head.size} foglie"
    yield f"ultima sua registrazione: {_moment(plan.made_at, now)}"
    names = ", ".join(f"{one.name} ({_moment(_time(one.time), now)})" for one in plan.cosigners)
    alone = "nessuno: è la sola parola del registro, che può darla a ogni sua copia"
    yield f"testimoni: {names or alone}"
    yield f"archivio: {plan.store} foglie, {plan.beyond} oltre quel punto"
    newest = plan.kept.newest
    if newest is not None:
        yield (
            f"prove conservate nella cartella: {len(plan.kept.proofs)}, nessuna contraddice"
            f" l'archivio; la più avanzata ha {newest.size} foglie ({newest.where})"
        )


def _warnings(plan: Plan) -> Iterator[PistaError]:
    """Yield what a person must know though nothing contradicts."""
    if plan.is_own:
        yield Frozen("end-not-proven", END_NOT_PROVEN.format(plan.head.size, plan.store))
    unread = plan.kept.unread
    if unread:
        named = "; ".join(f"{where} ({why})" for where, why in unread[:NAMED])
        more = f"; e altri {len(unread) - NAMED}" if len(unread) > NAMED else ""
        yield NotVerified("kept-proof-unreadable", UNREAD.format(len(unread), named + more))


def _time(seconds: int) -> datetime:
    """Return the time of a cosignature; one beyond the calendar is its last moment."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.max.replace(tzinfo=UTC)


def _age(at: datetime, now: datetime) -> timedelta:
    return max(now - at, timedelta())


def _moment(at: datetime | None, now: datetime) -> str:
    """Return a time with its age, in days or hours."""
    if at is None:
        return "nessuna"
    age = _age(at, now)
    hours = age // timedelta(hours=1)
    told = f"{age.days} giorni fa" if age.days > 1 else f"{hours} ore fa"
    return f"{at:%d/%m/%Y %H:%M} UTC, {told if hours > 1 else 'meno di due ore fa'}"
