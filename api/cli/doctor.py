"""`pista doctor`: each thing that must hold, with its remedy; exit 0, 3 (attention) or 1 (fails)."""

from __future__ import annotations

import io
import os
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import typer

from api.cli.doctor_check import ATTENTION, FAILS, OK, Check
from api.cli.doctor_publication import publication_checks
from api.cli.doctor_stamps import stamp_checks
from api.cli.options import options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.app import Opened
    from api.home import Home
    from ledger.domain.law import Law

SPACE_BYTES = 1024**3
BACKUP_AGE = timedelta(days=7)
ABOUT_STORE = {"store-not-durable", "table-replaced"}  # refusals of a store that answers


def add_to(app: typer.Typer) -> None:
    """Add the command of this group."""
    app.command("doctor")(doctor)


def doctor(context: typer.Context) -> None:
    """Controlla impostazioni, archivio, chiavi, ancora, viste, copie e spazio."""
    from api.cli import exits, output

    home = options(context).home
    found = [Check("cartella", OK, str(home.path.resolve())), *_program()]
    found.extend(_ledger(home))
    found.extend(_backups(home))
    found.extend(_space(home))
    for check in found:
        if options(context).json:
            output.data("item", {"what": check.what, "state": check.state, "detail": check.detail})
        else:
            output.line(f"{check.state:<11} {check.what:<20} {check.detail}")
    states = {check.state for check in found}
    incomplete = exits.INCOMPLETE if ATTENTION in states else exits.OK
    code = exits.FAILED if FAILS in states else incomplete
    if options(context).json:
        output.data("summary", {"checks": len(found), "exit": code})
    if code:
        raise typer.Exit(code)


def _program() -> Iterator[Check]:
    import sys
    from importlib.metadata import version

    yield Check("programma", OK, f"pista {version('pista')}, Python {sys.version.split()[0]}")
    libraries = ("cryptography", "eventsourcing", "lxml", "msgspec")
    yield Check("librerie", OK, ", ".join(f"{name} {version(name)}" for name in libraries))


def _ledger(home: Home) -> Iterator[Check]:
    """Yield how store and ledger are, or why the ledger does not open."""
    from api.app import open_ledger
    from ledger.errors import PistaError

    try:
        with open_ledger(home) as opened:
            yield from _store(home)
            yield from _checks(opened)
    except PistaError as error:
        if error.code in ABOUT_STORE:
            yield from _store(home)
        yield Check("registro", FAILS, f"{error.code}: {error.sentence}")


def _store(home: Home) -> Iterator[Check]:
    """Yield what the store is, and whether what it acknowledges stays after the power failed."""
    from ledger.journal.description import describe_store
    from ledger.views.failures import store_failures

    with store_failures():
        store = describe_store(home.journal_address(home.read_settings()))
    settings = " ".join(f"{name}={value}" for name, value in store.settings.items())
    remedy = "" if store.is_durable else ": una conferma può andare persa; correggere il server"
    state = OK if store.is_durable else FAILS
    yield Check("archivio", OK, f"{store.name}, {store.place}")
    yield Check("durata", state, f"{settings}{remedy}")


def _checks(opened: Opened) -> Iterator[Check]:
    """Yield what an open ledger shows: opening it has settled the anchor and checked its end."""
    from api.machine import now

    yield Check("registro", OK, f"{opened.settings.origin}, {opened.journal.size} posizioni")
    yield Check("ancora", OK, f"concorde con il registro ({opened.home.anchor.name})")
    yield Check("chiave del registro", OK, opened.evidence.origin)
    opened.runner.catch_up()
    health = opened.runner.health
    state = OK if health.behind == 0 else ATTENTION
    yield Check("viste", state, f"{health.seen} di {health.size}")
    yield from adopted_checks(opened, opened.law)
    yield _vault(opened)
    yield from publication_checks(opened, now())
    yield from stamp_checks(opened, os.environ)


def adopted_checks(opened: Opened, law: Law) -> Iterator[Check]:
    """Yield whether the tables and schemas of the program are those that the ledger adopted."""
    from ledger.domain.law import RULE_SET, SCHEMA_SET
    from ledger.views.accepted import read_recorded

    founding = read_recorded(opened.journal, 0)
    if founding is None:
        return
    for what, rule, own, at_founding, command in (
        ("tabelle di legge", RULE_SET, law.rule_set, founding.data.rules, "adopt-rule-set/1"),
        ("schemi", SCHEMA_SET, law.schema_set, founding.data.schemas, "adopt-schema-set/1"),
    ):
        adopted = [row.value for row in law.adoptions(rule)]
        newest = adopted[-1] if adopted else str(at_founding)
        if newest == own:
            yield Check(what, OK, f"{own[:16]}, come adottato dal registro")
        else:
            remedy = f"gli amministratori lo adottano con {command}, digest {own}"
            yield Check(
                what,
                ATTENTION,
                f"il programma ha un insieme che il registro non ha adottato; {remedy}",
            )


def _vault(opened: Opened) -> Check:
    """Write, read and erase a small object."""
    probe = b"prova di scrittura, lettura e cancellazione"
    stored = opened.vault.put(io.BytesIO(probe), "text/plain")
    same = b"".join(opened.vault.open(stored.commit)) == probe
    opened.vault.erase(stored.commit)
    gone = not opened.vault.exists(stored.commit)
    state = OK if same and gone else FAILS
    return Check(
        "archivio documenti", state, "scrive, legge, cancella" if state == OK else "errore"
    )


def _backups(home: Home) -> Iterator[Check]:
    """Yield how old the last backup and the last proof of one are, where there is a ledger."""
    from api.backup_marks import MADE, PROVEN

    if home.settings_file.exists():
        yield _backup("ultima copia", home, MADE, "pista backup --to CARTELLA")
        yield _backup("ultima copia provata", home, PROVEN, "pista restore COPIA --prove")


def _backup(what: str, home: Home, name: str, command: str) -> Check:
    from api.backup_marks import read_mark
    from api.machine import now

    mark = read_mark(home.path, name)
    if mark is None:
        return Check(what, ATTENTION, f"nessuna: `{command}`")
    detail = f"{mark.at:%d/%m/%Y %H:%M} UTC, {mark.size} posizioni, {mark.folder}"
    if now() - mark.at > BACKUP_AGE:
        return Check(what, ATTENTION, f"{detail}; ha più di {BACKUP_AGE.days} giorni: `{command}`")
    return Check(what, OK, detail)


def _space(home: Home) -> Iterator[Check]:
    if home.path.exists():
        free = shutil.disk_usage(home.path).free
        state = OK if free > SPACE_BYTES else ATTENTION
        yield Check("spazio", state, f"{free // 1024**2} MiB liberi")
