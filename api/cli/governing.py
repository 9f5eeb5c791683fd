"""`pista settings` and `pista pending`: what the body has set, and what waits for administrators.

    pista settings                                  the values of today
    pista settings --as-of 2023-06-30               what held on that legal day, as known now
    pista settings --known-at @412                  what the first 413 leaves had put in force

Both only show; a setting is adopted with `pista record` and `adopt-policy/1`, what waits is approved
with `give-approval/1`. Source: FORMATS section 4; DOMAIN section 9.11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer  # noqa: TC002  the annotations are read at run time

from api.cli.options import options
from api.cli.showing import AsOf, KnownAt, question

if TYPE_CHECKING:
    from datetime import date

    from ledger.domain.law import Law
    from ledger.domain.settings import Setting


def add_to(app: typer.Typer) -> None:
    """Add the commands of this group."""
    app.command("settings")(settings)
    app.command("pending")(pending)


def settings(context: typer.Context, as_of: AsOf = None, known_at: KnownAt = None) -> None:
    """Elenca le impostazioni dell'ente a una data legale: valore, da quando, valori ammessi, scopo."""
    from api.app import open_reading
    from api.cli import output
    from ledger.domain.days import format_day_it
    from ledger.domain.law import BODY, RULE_SET, SCHEMA_SET

    with open_reading(options(context).home) as reading:
        size, day = question(reading, as_of, known_at)
        law = reading.law.at(size)
    rows = [_setting(one, law, day) for one in law.settings]
    others = {"body": BODY, "rule_set": RULE_SET, "schema_set": SCHEMA_SET}
    adopted = {name: _adopted(law, rule, day) for name, rule in others.items()}
    if options(context).json:
        for row in rows:
            output.data("item", row)
        asked = {"as_of": day.isoformat(), "known_at": size}
        output.data("summary", {"count": len(rows), **asked, **adopted})
        return
    output.line(f"al {format_day_it(day)}, con quanto registrato nelle prime {size} posizioni")
    shown = [
        (row["setting"], row["value"], row["from"] or "-", row["allowed"], row["means"])
        for row in rows
    ]
    output.table(("impostazione", "valore", "dal", "ammessi", "che cosa regola"), shown)
    for name, value in adopted.items():
        output.line(f"{name}  {value or 'come alla fondazione'}")


def _setting(one: Setting, law: Law, day: date) -> dict[str, Any]:
    """Return a setting as it was on a legal day, with the row that gives its value."""
    row = law.row(one.setting, day)
    if row is None:
        raise KeyError(one.setting)
    return {
        "setting": one.setting,
        "value": row.value,
        "from": row.from_.isoformat() if row.from_ else None,
        "default": one.default,
        "allowed": one.words,
        "means": one.means,
        "source": row.source,
    }


def _adopted(law: Law, rule: str, day: date) -> str | None:
    """Return what was adopted last for a rule that is no setting, None when nothing was."""
    row = law.adopted_row(rule, day)
    return None if row is None else row.value


def pending(context: typer.Context) -> None:
    """Elenca le registrazioni che attendono l'approvazione di altri amministratori."""
    from api.app import open_ledger
    from api.cli import output
    from ledger.domain.sentences import sentence
    from ledger.views.accepted import read_recorded

    with open_ledger(options(context).home) as opened:
        rows = [
            (waiting.event_id, waiting.index, waiting.missing, event)
            for waiting in opened.ledger.judge.keys.pending()
            if (event := read_recorded(opened.journal, waiting.index)) is not None
        ]
    if options(context).json:
        for event_id, index, missing, event in rows:
            told = {"event": event_id, "index": index, "missing": missing}
            output.data("item", {**told, "sentence": sentence(event)})
        output.data("summary", {"count": len(rows)})
        return
    shown = [(event_id, str(missing), sentence(event)) for event_id, _, missing, event in rows]
    output.table(("registrazione", "approvazioni mancanti", "che cosa"), shown)
