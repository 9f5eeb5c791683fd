"""`pista export`: packages out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import options
from api.cli.showing import AsOf, KnownAt, _cup, _day, _known

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from api.app import Opened
    from exporters.package import PackageInfo
    from ledger.journal.batch import Receipt


def add_to(app: typer.Typer) -> None:
    """Add the commands of this group."""
    app.command("export")(export)


def export(
    context: typer.Context,
    cups: Annotated[list[str], typer.Argument(help="Uno o più CUP.")],
    to: Annotated[Path | None, typer.Option(help="Cartella dei pacchetti.")] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    at: Annotated[
        int | None, typer.Option("--at", help="Un punto precedente del registro.")
    ] = None,
    key: Annotated[str | None, typer.Option(help="Chi esporta (file:...).")] = None,
    role: Annotated[str | None, typer.Option(help="In quale ruolo, tra quelli che ha.")] = None,
    recipient: Annotated[str | None, typer.Option(help="Per chi.")] = None,
    scan: Annotated[  # noqa: FBT002
        bool, typer.Option("--scan", help="Aggiunge ogni foglia del registro, da rileggere.")
    ] = False,
    no_record: Annotated[bool, typer.Option("--no-record", help="Non lo registra.")] = False,  # noqa: FBT002
) -> None:
    """Scrive il pacchetto di controllo di uno o più CUP e lo registra."""
    from api.app import open_ledger
    from api.cli import exits
    from api.cli.export_words import Lacks, published_size, tell_export
    from api.cli.stamping import stamp_for_export
    from api.publishing import quorum_lacks
    from exporters.package import write_package

    chosen = options(context)
    with open_ledger(chosen.home) as opened:
        opened.evidence.policies.check_in_force()
        folder = to or opened.home.packages
        folder.mkdir(parents=True, exist_ok=True)
        size = published_size(opened) if at is None else at
        without_stamp = ""
        if at is None:
            size = size or opened.evidence.last_head()
            without_stamp = stamp_for_export(opened, size)
        info = write_package(
            opened.evidence,
            [_cup(cup) for cup in cups],
            folder,
            size=size,
            as_of=_day(as_of),
            known_at=_known(opened, known_at),
            law=opened.law,
            remarks=opened.settings.remarks,
            scan=scan,
        )
        receipt = None
        if not no_record and key is not None:
            receipt = record_export(opened, info, cups, key, role, recipient)
            opened.runner.catch_up()
        lack = quorum_lacks(opened, info.checkpoint)
    tell_export(chosen, info, receipt, Lacks(lack, without_stamp))
    if lack or without_stamp:
        raise typer.Exit(exits.INCOMPLETE)


def record_export(
    opened: Opened,
    info: PackageInfo,
    cups: Sequence[str],
    key: str,
    role: str | None,
    recipient: str | None,
) -> Receipt:
    """Record a package on each of its CUPs; the receipt of the first lies beside the ZIP.

    It is proven under the head that witnesses sign next, where they do.
    """
    from api.cli.export_words import published_size
    from api.client.desk import open_scribe
    from api.client.receipts import format_receipt
    from api.client.requests import write
    from api.machine import now
    from api.publishing import proven_under
    from ledger.domain.days import legal_day

    today = legal_day(now())
    scribe = open_scribe(opened, key)
    beside = {
        "role": role or _role_of(opened, scribe.identity.actor, today),
        "occurred_on": today.isoformat(),
    }
    data = {
        "scope": "completo",
        "as_of": {
            "size": info.question.size,
            "root": opened.journal.root_at(info.question.size).hex(),
        },
        "manifest": info.manifest,
        "recipient": recipient,
    }
    receipts = [write(scribe, "export-package/1", data, cup=cup, **beside) for cup in cups]
    size = published_size(opened)
    first = receipts[0] if size is None else proven_under(opened, receipts[0], size)
    proof = info.path.with_name(info.path.name + ".receipt")
    proof.write_bytes(format_receipt(first))
    return first


def _role_of(opened: Opened, actor: str, today: date) -> str | None:
    """Return the first role, in the order of the catalogue, that an actor may export in."""
    from ledger.domain.events.catalogue import type_asked

    held = opened.ledger.judge.keys.roles_at(actor, opened.journal.size, today)
    return next((role for role in type_asked("export-package/1").by if role in held), None)
