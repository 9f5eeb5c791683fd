"""`pista settings` and `pista pending`: what the body has set, and what waits for administrators.

Both only show; a setting is adopted with `pista record` and `adopt-policy/1`, what waits is approved
with `give-approval/1`. Source: FORMATS section 4; DOMAIN section 9.11.
"""

from __future__ import annotations

import typer  # noqa: TC002  the annotations are read at run time

from api.cli.options import options


def add_to(app: typer.Typer) -> None:
    """Add the commands of this group."""
    app.command("settings")(settings)
    app.command("pending")(pending)


def settings(context: typer.Context) -> None:
    """Elenca le impostazioni dell'ente: il valore di oggi, quelli ammessi, che cosa regolano."""
    from api.app import open_reading
    from api.cli import output
    from api.machine import now
    from ledger.domain.days import legal_day

    with open_reading(options(context).home) as reading:
        law, today = reading.law, legal_day(now())
    rows = [
        {
            "setting": one.setting,
            "value": law.setting(one.setting, today),
            "default": one.default,
            "allowed": one.words,
            "means": one.means,
            "source": law.row(one.setting, today).source,  # type: ignore[union-attr]  # has a default
        }
        for one in law.settings
    ]
    if options(context).json:
        for row in rows:
            output.data("item", row)
        output.data("summary", {"count": len(rows)})
        return
    shown = [(row["setting"], row["value"], row["allowed"], row["means"]) for row in rows]
    output.table(("impostazione", "valore", "ammessi", "che cosa regola"), shown)


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
