"""`pista key`: firms of people: requested, approved, changed, disabled. Source: FORMATS section 4."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import options

keys = typer.Typer(help="Firme delle persone: abilitazione, cambio, disattivazione.")

By = Annotated[str, typer.Option("--by", help="Chi firma: file:keys/admin-1.pem")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this group."""
    app.add_typer(keys, name="key")


@keys.command("enrol")
def enrol(
    context: typer.Context,
    key: Annotated[Path, typer.Option(help="File della chiave; se manca lo crea.")],
    by: By,
    role: Annotated[list[str] | None, typer.Option(help="Ruoli da concedere.")] = None,
    office: Annotated[str, typer.Option(help="Ufficio.")] = "-",
    alg: Annotated[str, typer.Option(help="ES256, EdDSA, RS256")] = "ES256",
) -> None:
    """Abilita una firma: la chiave, la prova di possesso, i ruoli; in attesa degli altri."""
    from api.app import open_ledger
    from api.cli import output
    from api.client import enrolment
    from api.client.desk import key_password, open_scribe, read_signer
    from api.machine import now
    from ledger.domain.days import legal_day
    from ledger.signing.signer import create_key_file

    roles = [_known_role(name) for name in role or []]
    with open_ledger(options(context).home) as opened:
        admin = open_scribe(opened, by)
        if not key.exists():
            create_key_file(key, alg=alg, password=key_password())
        signer = read_signer(f"file:{key}")
        request = enrolment.request_enrolment(signer, opened.settings.origin)
        receipt = enrolment.enrol(opened, request, admin)
        for name in roles:
            enrolment.grant(admin, request.actor, name, legal_day(now()), office)
        opened.runner.catch_up()
        needed = opened.ledger.judge.keys.k
    if options(context).json:
        members = {"kid": request.kid, "actor": request.actor, "index": receipt.index}
        _one_item({**members, "approvals": needed})
        return
    output.line(f"firma {request.kid} di {request.actor}, registrazione n. {receipt.index}")
    if needed > 1:
        output.line(f"in attesa: servono {needed} amministratori")
        output.line(f"approvare con: pista key approve {request.kid} --by file:...")


@keys.command("approve")
def approve(
    context: typer.Context,
    kid: Annotated[str, typer.Argument(help="La firma da approvare.")],
    by: By,
) -> None:
    """Approva ciò che attende per una firma: l'abilitazione e i ruoli."""
    from api.app import open_ledger
    from api.cli import output
    from api.client import enrolment
    from api.client.desk import open_scribe

    with open_ledger(options(context).home) as opened:
        receipts = enrolment.approve(opened, kid, open_scribe(opened, by))
        opened.runner.catch_up()
    if options(context).json:
        _one_item({"kid": kid, "approved": len(receipts), "index": receipts[-1].index})
        return
    output.line(f"{len(receipts)} approvazioni, fino alla registrazione n. {receipts[-1].index}")


@keys.command("list")
def list_keys(context: typer.Context) -> None:
    """Elenca le firme con il loro stato e i ruoli."""
    from api.app import open_ledger
    from api.cli import output
    from api.machine import now
    from ledger.domain.days import legal_day

    with open_ledger(options(context).home) as opened:
        directory = opened.ledger.judge.keys
        size, today = opened.journal.size, legal_day(now())
        rows = [
            (
                found.kid,
                listed.actor,
                found.state,
                ", ".join(sorted(directory.roles_at(listed.actor, size, today))) or "-",
            )
            for listed in directory.actors()
            for found in listed.keys
        ]
    if options(context).json:
        for kid, actor, state, roles in rows:
            output.data("item", {"kid": kid, "actor": actor, "state": state, "roles": roles})
        output.data("summary", {"count": len(rows)})
        return
    output.table(("firma", "firmatario", "stato", "ruoli"), rows)


@keys.command("rotate")
def rotate(
    context: typer.Context,
    key: Annotated[str, typer.Option(help="La firma di oggi (file:...).")],
    to: Annotated[Path, typer.Option(help="File della nuova; se manca lo crea.")],
    alg: Annotated[str, typer.Option(help="ES256, EdDSA, RS256")] = "ES256",
) -> None:
    """Cambia la firma di una persona: la nuova è firmata dalla vecchia, che poi non vale più."""
    from api.app import open_ledger
    from api.cli import output
    from api.client import enrolment
    from api.client.desk import key_password, open_scribe, read_signer
    from ledger.signing.signer import create_key_file

    with open_ledger(options(context).home) as opened:
        old = open_scribe(opened, key)
        if not to.exists():
            create_key_file(to, alg=alg, password=key_password())
        new = read_signer(f"file:{to}")
        receipt = enrolment.rotate(opened, old, new)
        opened.runner.catch_up()
    if options(context).json:
        _one_item({"kid": new.kid, "index": receipt.index})
        return
    output.line(f"nuova firma {new.kid}, registrazione n. {receipt.index}")


@keys.command("revoke")
def revoke(
    context: typer.Context,
    kid: Annotated[str, typer.Argument(help="La firma da disattivare.")],
    reason: Annotated[str, typer.Option(help="Perché.")],
    by: By,
    since: Annotated[int | None, typer.Option(help="In mani altrui dalla posizione.")] = None,
) -> None:
    """Disattiva una firma; con --since quanto ha firmato da allora è contestato."""
    from api.app import open_ledger
    from api.cli import output
    from api.client import enrolment
    from api.client.desk import open_scribe
    from ledger.errors import Absent

    with open_ledger(options(context).home) as opened:
        found = opened.ledger.judge.keys.find_key(kid)
        if found is None:
            raise Absent("no-such-key", f"La firma {kid} non è in questo registro.")
        scribe = open_scribe(opened, by)
        receipt = enrolment.revoke(scribe, found.actor, kid, reason, since)
        opened.runner.catch_up()
    if options(context).json:
        _one_item({"kid": kid, "index": receipt.index})
        return
    output.line(f"firma {kid} disattivata, registrazione n. {receipt.index}")


def _known_role(name: str) -> str:
    """Return a role that can be granted; raises ShapeError, before anything is recorded."""
    from typing import get_args

    from ledger.domain.events.declaration import Role
    from ledger.errors import ShapeError

    if name not in get_args(Role):
        raise ShapeError("role-unknown", f"{name!r} non è un ruolo: {', '.join(get_args(Role))}.")
    return name


def _one_item(members: dict[str, object]) -> None:
    """Print one JSON item and the summary."""
    from api.cli import output

    output.data("item", members)
    output.data("summary", {"count": 1})
