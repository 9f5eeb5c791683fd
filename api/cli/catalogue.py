"""`pista commands`: what can be asked, by whom, in which form."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from api.cli.options import options


def add_to(app: typer.Typer) -> None:
    """Add the command of this group."""
    app.command("commands")(commands)


def commands(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="Un comando, come enter-phase/1.")] = None,
) -> None:
    """Elenca i comandi; di uno mostra chi può, lo schema e un esempio da copiare."""
    from api.cli import output
    from ledger.domain.events.catalogue import event_types

    if name is not None:
        _show(name, as_json=options(context).json)
        return
    types = event_types().values()
    every = [one for one in types if one.succeeded_by is None]
    earlier = len(types) - len(every)
    if options(context).json:
        for declared in every:
            output.data("item", {"command": declared.command, "event": declared.name})
        output.data("summary", {"types": len(every), "earlier": earlier})
        return
    output.table(
        ("comando", "registrazione", "può firmare"),
        [(t.command, t.italian, ", ".join(t.by) or "amministratori") for t in every],
    )
    output.line(f"versioni precedenti, ancora lette: {earlier}")
    output.line(f"{len(every)} tipi")


def _show(name: str, *, as_json: bool) -> None:
    """Print one command: who may sign, refusals, JSON Schema, example."""
    from api.cli import output
    from exporters.examples import example_request
    from exporters.json_schema import data_schema
    from ledger.domain.events.catalogue import newest_asked, type_asked

    declared = type_asked(name) if "/" in name else newest_asked(name)
    schema, example = data_schema(declared), example_request(declared)
    if as_json:
        members = {"command": declared.command, "by": list(declared.by), "data": schema}
        output.data("item", {**members, "example": example})
        output.data("summary", {"types": 1})
        return
    output.line(f"{declared.command}  {declared.italian}  ->  {declared.name}")
    output.line(f"può firmare: {', '.join(declared.by) or 'amministratori'}")
    for rule in declared.refusals:
        output.line(f"non registrabile  {rule.code}: {rule.source}")
    output.line("schema dei dati:")
    output.line(json.dumps(schema, ensure_ascii=False, indent=1))
    output.line("esempio:")
    output.line(json.dumps(example, ensure_ascii=False, indent=1))
