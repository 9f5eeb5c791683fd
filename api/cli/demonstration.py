"""The demonstration: the true story of one intervention, told through the door that staff use.

Founding by two administrators who must agree, keys and roles of five people, the story in two files
of requests with a change of key between them, the log published with the signatures of two witnesses,
the package, and its verification with a trust file that is kept outside. Everything is made anew each
time. Source: EXPERIENCE section 2.
"""

from __future__ import annotations

import shutil
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from api.app import open_ledger
from api.cli import output
from api.cli.options import Options
from api.cli.packages import record_export
from api.cli.recording_run import Run
from api.client import enrolment
from api.client.desk import open_scribe, read_signer
from api.client.founding import found, new_actor
from api.client.requests import write
from api.demo.documents import make_documents
from api.demo.witnesses import make_witnesses
from api.home import Settings
from api.publishing import publish_head
from exporters.package import write_package
from exporters.verification.verify import verify_package
from ledger.domain.days import format_day_it
from ledger.errors import StorageError
from ledger.signing.signer import create_key_file
from ledger.views.replay import replay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.app import Opened
    from api.home import Home
    from exporters.package import PackageInfo
    from exporters.verification.report import Report
    from ledger.domain.statement import InterventionState

ORIGIN = "demo.pnrr.comune.lecce.it/c_e506"
BODY = "c_e506"
BODY_FACTS = {"body.kind": "comune", "body.size": "94000"}
CUP = "C81C22001220006"
REMARK = "Dati dimostrativi: fonti pubbliche per l'intervento, illustrativi atti e persone"
APPROVALS = 2
SINCE = date(2022, 1, 1)
SIGNATURES_FROM = datetime(2022, 1, 1, tzinfo=UTC)
STORY = ("01-prima-del-cambio-firma.ndjson", "02-dopo-il-cambio-firma.ndjson")


@dataclass(frozen=True, slots=True)
class Person:
    """One who signs in the demonstration: the name of the key file, office and roles."""

    key: str
    office: str
    roles: tuple[str, ...]


PEOPLE = (
    Person("rup", "Settore Innovazione tecnologica", ("rup", "dirigente")),
    Person("ragioneria", "Servizio Bilancio e Contabilità", ("finanziario",)),
    Person("segretario", "Segreteria generale", ("segretario", "pubblicatore")),
    Person("verifica", "Controlli interni", ("verificatore",)),
    Person("importatore", "Sistema informativo", ("importatore",)),
)


@contextmanager
def _step(title: str) -> Iterator[None]:
    """Print a step with the time it took."""
    output.note(f"... {title}")
    start = time.monotonic()
    yield
    output.note(f"    {title}: {time.monotonic() - start:.1f} s")


def run_demo(home: Home) -> int:
    """Make the demonstration in a home, from nothing; return the exit code of the verification."""
    _clear(home)
    with _step("registro fondato da due amministratori, con due testimoni"):
        _found(home)
    with open_ledger(home) as opened:
        with _step("firme di cinque persone, approvate in due"):
            _enrol(opened)
        with _step("tipo e grandezza dell'ente, adottati in due"):
            _describe_body(opened)
        with _step("documenti dimostrativi"):
            _documents(opened)
        with _step("storia registrata, prima parte"):
            _record(opened, STORY[0])
        with _step("cambio della firma del RUP"):
            _rotate(opened)
        with _step("storia registrata, seconda parte"):
            _record(opened, STORY[1])
        with _step("viste aggiornate"):
            opened.runner.catch_up()
        with _step("registro pubblicato, firmato dai testimoni"):
            size = _publish(opened)
        with _step("pacchetto di controllo"):
            info = _export(opened, size)
        trust = home.path / "trust.txt"
        trust.write_bytes(home.policy.read_bytes())
        with _step("verifica senza registro e senza rete"):
            report = verify_package(info.path, policy=trust.read_bytes())
        state = replay(opened.journal, CUP, opened.law).state
        _summary(opened, state, info, report)
    return report.exit


def _clear(home: Home) -> None:
    """Remove an earlier demonstration; refuse to touch a folder that holds anything else."""
    if not home.path.exists() or not any(home.path.iterdir()):
        return
    if not home.settings_file.exists() or home.read_settings().origin != ORIGIN:
        raise StorageError(
            "already-there",
            f"La cartella {home.path} non è di una dimostrazione: sceglierne un'altra con --to.",
        )
    shutil.rmtree(home.path)


def _key(home: Home, name: str) -> str:
    return f"file:{home.path / 'keys' / name}.pem"


def _found(home: Home) -> None:
    home.keys.mkdir(parents=True)
    for name in ("admin-1", "admin-2"):
        create_key_file(home.keys / f"{name}.pem")
    signers = [read_signer(_key(home, name)) for name in ("admin-1", "admin-2")]
    witnesses = make_witnesses(home.path)
    found(home, Settings(ORIGIN, BODY, (REMARK,)), signers, APPROVALS, witnesses.policy)
    witnesses.admit(ORIGIN)


def _enrol(opened: Opened) -> None:
    first = open_scribe(opened, _key(opened.home, "admin-1"))
    second = open_scribe(opened, _key(opened.home, "admin-2"))
    for person in PEOPLE:
        signer = create_key_file(opened.home.keys / f"{person.key}.pem")
        request = enrolment.request_enrolment(signer, ORIGIN)
        enrolment.enrol(opened, request, first)
        for role in person.roles:
            enrolment.grant(first, request.actor, role, SINCE, person.office)
        enrolment.approve(opened, request.kid, second)


def _describe_body(opened: Opened) -> None:
    """Adopt what the body is and how large: the terms of a notice depend on it."""
    first = open_scribe(opened, _key(opened.home, "admin-1"))
    second = open_scribe(opened, _key(opened.home, "admin-2"))
    for setting, value in BODY_FACTS.items():
        data = {"setting": setting, "value": value, "cause": "popolazione residente, arrotondata"}
        proposal = write(first, "adopt-policy/1", data)
        write(second, "give-approval/1", {"event": proposal.event_id})


def _documents(opened: Opened) -> None:
    """Make the PDFs; the signed one by a key and certificate made for it."""
    folder = opened.home.path / "docs"
    folder.mkdir()
    signer = create_key_file(opened.home.keys / "firma-digitale.pem")
    certificate = opened.ca.issue(signer.jwk(), new_actor(), SIGNATURES_FROM)
    key_pem = (opened.home.keys / "firma-digitale.pem").read_bytes()
    make_documents(folder, key_pem, certificate.encode())


def _record(opened: Opened, name: str) -> None:
    """Record one file of the story, as `pista record` does."""
    target = opened.home.path / name
    with as_file(files("api.demo") / "story" / name) as source:
        shutil.copyfile(source, target)
    chosen = Options(opened.home.path, json=False, quiet=True)
    with closing(Run.over(opened, str(target), None, chosen)) as run:
        failed = run.go(keep_going=False)
    if failed:
        raise StorageError("demo-stopped", f"La storia si è fermata nel file {name}.")


def _rotate(opened: Opened) -> None:
    new = create_key_file(opened.home.keys / "rup-2.pem")
    enrolment.rotate(opened, open_scribe(opened, _key(opened.home, "rup")), new)


def _publish(opened: Opened) -> int:
    """Publish the log, and return the size that its witnesses signed."""
    outcome = publish_head(opened)
    if not outcome.is_published:
        raise StorageError(
            "demo-stopped", " ".join(one.sentence for one in outcome.said if one.line is None)
        )
    return outcome.size


def _export(opened: Opened, size: int) -> PackageInfo:
    info = write_package(
        opened.evidence,
        [CUP],
        opened.home.packages,
        size=size,
        law=opened.law,
        remarks=opened.settings.remarks,
    )
    key = _key(opened.home, "rup-2")
    record_export(opened, info, [CUP], key, "rup", "Unità di audit (dimostrativa)")
    opened.runner.catch_up()
    return info


def _events(opened: Opened) -> int:
    """Return the number of registrations; the heads leaves between them are none."""
    return sum(1 for _, _, raw in opened.journal.entries(0, opened.journal.size) if raw)


def _summary(opened: Opened, state: InterventionState, info: PackageInfo, report: Report) -> None:
    """Print what was told, in five lines. Source: EXPERIENCE section 2."""
    first = state.interventions[0]
    national = state.national_state
    told = f"{national.label} {format_day_it(national.state_on)}" if national else "non rilevato"
    live = sum(1 for item in state.services if item.completion)
    output.line(f"CUP {CUP}  {first.title}  Comune di Lecce ({BODY})")
    output.line(
        f"registrazioni {_events(opened)}, del CUP {state.registrations}  atti {len(state.acts)}"
        f"  documenti {len(state.documents)}  servizi {len(state.services)} ({live} in esercizio)"
        f"  fase {state.phase.label if state.phase else '-'}  stato nazionale {told}"
    )
    output.line(
        f"finanziamento {state.funding.importo_finanziato.format_it()} EUR, dopo incremento prezzi"
        f" {state.funding.valore_post_incremento.format_it()} EUR  anomalie {len(state.findings)}"
    )
    for finding in state.findings:
        if finding.severity in ("critical", "serious"):
            output.line(f"  anomalia {finding.code}: {finding.sentence}")
    output.line(f"pacchetto {info.path}  sha256 {info.sha256}")
    for text in report.lines():
        output.line(text)
    output.line(
        "i due testimoni sono di questa macchina, e non provano nulla ad altri; senza marca"
    )
    folder = opened.home.path
    output.line(f"fiducia   {folder / 'trust.txt'}  (fuori dal pacchetto)")
    output.line(
        f"poi       make serve | .venv/bin/pista verify {info.path} --trust {folder / 'trust.txt'}"
    )
    output.line(f"          .venv/bin/pista --ledger {folder} replay {CUP} --as-of 2023-01-01")
