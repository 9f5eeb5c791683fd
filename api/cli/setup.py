"""`pista init` and `pista demo`: a new ledger, and the whole story of one intervention."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import options


def add_to(app: typer.Typer) -> None:
    """Add the commands of this group."""
    app.command("init")(init)
    app.command("demo")(demo)


def init(
    context: typer.Context,
    ente: Annotated[str, typer.Option(help="Codice IPA dell'ente, come c_e506.")],
    origin: Annotated[str, typer.Option(help="Nome del registro, come pnrr.comune.it/c_e506.")],
    admin_key: Annotated[
        list[Path] | None, typer.Option(help="Chiave di un amministratore; ripetibile.")
    ] = None,
    approvals: Annotated[int, typer.Option(help="Quanti amministratori devono concordare.")] = 1,
    database: Annotated[
        str, typer.Option(help="Dove tenerlo, come postgresql://UTENTE@SERVER/BASE.")
    ] = "",
) -> None:
    """Fonda un registro: cartella, chiavi, prima registrazione, file di fiducia."""
    from api.cli import output
    from api.client.desk import key_password, read_signer
    from api.client.founding import check_founding, found
    from api.home import Settings, check_stored_url
    from ledger.signing.signer import create_key_file

    home = options(context).home
    body = _body(ente)
    files = admin_key or [home.keys / "admin-1.pem"]
    check_founding(home, origin, len(files), approvals)
    check_stored_url(database)
    home.keys.mkdir(parents=True, exist_ok=True)
    for file in files:
        if not file.exists():
            create_key_file(file, password=key_password())
    signers = [read_signer(f"file:{file}") for file in files]
    receipt = found(home, Settings(origin, body, database=database), signers, approvals)
    if options(context).json:
        told = [str(file) for file in files]
        members = {"origin": origin, "index": receipt.index, "trust": str(home.policy)}
        output.data("item", {**members, "administrators": told})
        output.data("summary", {"count": 1})
        return
    output.line(f"registro {origin} fondato in {home.path}, registrazione n. {receipt.index}")
    for file in files:
        output.line(f"amministratore: {file}")
    output.line(f"file di fiducia: {home.policy}  (consegnarlo fuori dal pacchetto)")


def _body(ente: str) -> str:
    """Return the IPA code of the body, for good: what only looks like one is refused.

    Raises:
        ShapeError: `ipa-malformed`.
    """
    from ledger.domain.identifiers import IPA
    from ledger.errors import ShapeError

    body = str(IPA.parse(ente))
    if body != ente.strip().lower():
        raise ShapeError("ipa-malformed", f"{ente!r} non è un codice IPA, come c_e506.")
    return body


def demo(
    context: typer.Context,
    to: Annotated[Path | None, typer.Option(help="Cartella della dimostrazione.")] = None,
) -> None:
    """Racconta l'intervento C81C22001220006: registrato, firmato, esportato, verificato."""
    from api.cli.demonstration import run_demo
    from api.home import Home

    folder = to or options(context).ledger or Path("var/demo")
    code = run_demo(Home(folder))
    if code:
        raise typer.Exit(code)
