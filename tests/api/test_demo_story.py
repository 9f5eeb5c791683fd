"""The demo story: every line passes the rules, and the end is what public sources say."""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
import zlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from io import BytesIO
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils.reader import PdfFileReader

from api.client.attachments import Attachments
from api.client.requests_file import read_lines
from api.demo.documents import PAPERS, PICTURE, make_documents
from ledger.application.requests import parse_request
from ledger.domain.decide import judge, propose
from ledger.domain.evolve import fold, withdrawn
from ledger.domain.situation import Situation
from ledger.domain.statement import InterventionState, state
from ledger.records import event_id, load_law
from ledger.signing.certificates import build_ca
from ledger.signing.key_file import format_private_key
from ledger.signing.signer import key_signer
from ledger.vault.folder import FolderVault
from ledger.vault.vaultkey import new_vault_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ledger.domain.dossier import Dossier
    from ledger.domain.event import Event

CUP, SISTER = "C81C22001220006", "C81F22004270006"
TODAY = date(2026, 11, 24)
START = datetime(2026, 11, 24, 9, tzinfo=UTC)
BEGIN = datetime(2022, 1, 1, tzinfo=UTC)
STORY = ("01-prima-del-cambio-firma.ndjson", "02-dopo-il-cambio-firma.ndjson")
ROLES = {
    "rup": frozenset({"rup", "dirigente"}),
    "ragioneria": frozenset({"finanziario"}),
    "segretario": frozenset({"segretario", "pubblicatore"}),
    "verifica": frozenset({"verificatore"}),
    "importatore": frozenset({"importatore"}),
}
LAW = load_law()


@dataclass
class MemoryRecord:
    """The record as the rules see it, in a list."""

    events: list[Event] = field(default_factory=list)

    def dossier(self, stream: str) -> Dossier:
        return fold(stream, self.history(stream))

    def history(self, stream: str) -> Sequence[Event]:
        return [event for event in self.events if stream in event.streams]

    def event(self, event_id: str) -> Event | None:
        return next((event for event in self.events if event.id == event_id), None)


@dataclass(frozen=True)
class Told:
    """The story, recorded: requests as written, events as accepted, and the folder of its files."""

    requests: tuple[dict[str, Any], ...]
    record: MemoryRecord
    folder: Path

    def state(
        self, cup: str = CUP, as_of: date | None = None, size: int = 1000
    ) -> InterventionState:
        stream = f"cup/{cup}"
        known = [event for event in self.record.events[:size] if stream in event.streams]
        dossier = fold(stream, known, as_of=as_of)
        return state(dossier, as_of=as_of or TODAY, known_at=size, known_at_time=None, law=LAW)


def requests_of(name: str) -> list[dict[str, Any]]:
    text = (files("api.demo") / "story" / name).read_text(encoding="utf-8")
    return [line.parse() for line in read_lines(iter(text.splitlines()))]


def documents_in(folder: Path) -> Path:
    ca = build_ca(ec.derive_private_key(10, ec.SECP256R1()), "demo.example/c_e506", BEGIN, 1)
    key = ec.derive_private_key(11, ec.SECP256R1())
    certificate = ca.issue(key_signer(key).jwk(), "a" * 26, BEGIN, 2)
    docs = folder / "docs"
    docs.mkdir()
    make_documents(docs, format_private_key(key), certificate.encode())
    (folder / "ca.crt").write_text(ca.pem, encoding="ascii")
    return docs


def accept(request: dict[str, Any], attachments: Attachments, record: MemoryRecord) -> None:
    """Take one request through the door: parse, propose, judge, append."""
    place = len(record.events)
    request = {"id": event_id(START, place.to_bytes(10, "big")), **request}
    plain, objects = attachments.resolve(request)
    signer = request["by"].removeprefix("file:keys/").removesuffix(".pem").removesuffix("-2")
    situation = Situation("c_e506", TODAY, ROLES[signer], LAW, record)
    actor, now = signer.ljust(26, "a"), START + timedelta(seconds=place)
    command = parse_request(plain, objects)
    event = propose(command, situation, actor=actor, now=now, index=place)
    judge(event, situation)
    record.events.append(event)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("demo")
    documents_in(folder)
    random = Random(1).randbytes  # noqa: S311  a fixed source, for a test
    vault = FolderVault(folder / "vault", new_vault_key(random), random=random)
    record, requests = MemoryRecord(), []
    for name in STORY:
        attachments = Attachments(vault, folder, folder / f"{name}.persons", random)
        for request in requests_of(name):
            accept(request, attachments, record)
            requests.append(request)
    return Told(tuple(requests), record, folder)


def test_a_type_of_every_family_of_facts_is_told(told: Told) -> None:
    names = {event.type.name for event in told.record.events}
    assert len(names) >= 37
    families = {event.type.family for event in told.record.events}
    assert families >= {
        "interventions",
        "scope",
        "people",
        "declarations",
        "acts",
        "act_tracks",
        "albo",
        "phases",
        "funding",
        "spending",
        "payments",
        "incomes",
        "procurement",
        "contracts",
        "schedule",
        "targets",
        "compliance",
        "documents",
        "observations",
    }
    assert len(told.record.events) >= 60


def test_what_was_paid_is_what_is_left_after_the_reversal(told: Told) -> None:
    spending = told.state().spending
    assert (spending.committed, spending.paid) == (29_890_000, 14_640_000)
    assert [payment.reversed for payment in spending.payments] == [14_640_000, 0]


def test_the_end_is_what_public_sources_say(told: Told) -> None:
    end, phase, national = told.state(), told.state().phase, told.state().national_state
    assert phase is not None
    assert national is not None
    assert (phase.phase, national.state, national.state_on) == ("ESECUZIONE", "E", date(2026, 8, 2))
    assert end.funding.importo_finanziato == end.funding.valore_post_incremento == 31955600
    live = [service for service in end.services if service.completion]
    assert (len(end.services), len(live)) == (14, 9)


def test_the_price_increase_and_its_revocation_stay_in_the_history(told: Told) -> None:
    entries = told.state().funding.entries
    deltas = [m.delta for e in entries if e.is_price_increase for m in e.movements]
    assert deltas == [1240000, -1240000]


def test_the_phase_goes_back_and_differs_between_2022_2023_and_now(told: Told) -> None:
    days = (date(2022, 12, 31), date(2023, 4, 30), date(2023, 6, 30), None)
    phases = [found.phase.phase for day in days if (found := told.state(as_of=day)).phase]
    assert phases == ["PROGETTAZIONE", "PROGETTAZIONE", "AFFIDAMENTO", "ESECUZIONE"]
    times = {phase.phase: phase.times_entered for phase in told.state().phases}
    assert (times["PROGETTAZIONE"], times["AFFIDAMENTO"], times["ESECUZIONE"]) == (2, 2, 1)


def test_a_name_with_semicolons_is_one_service(told: Told) -> None:
    tenth = told.state().services[9]
    assert (tenth.item, tenth.name[:15]) == ("s10", "bilanci annuali")
    assert tenth.name.endswith("certificazioni del credito; programmazione")


def test_the_error_was_in_the_state_until_it_was_corrected(told: Told) -> None:
    events = told.record.events
    correction = next(event for event in events if event.type.name == "error-corrected/1")
    before, after = (told.state(size=correction.index + more) for more in (0, 2))
    assert before.phases[3].entered_on == date(2023, 3, 7)
    assert after.phases[3].entered_on == date(2023, 7, 3)
    assert withdrawn(events) == frozenset(correction.corrects)
    assert told.record.event(correction.data.replaced_by) is events[correction.index + 1]


def test_the_rup_of_the_page_follows_another_without_a_gap(told: Told) -> None:
    before, now = (a for a in told.state().people if a.role == "rup")
    assert before.to is not None
    assert now.from_ == before.to + timedelta(days=1)
    assert now.to is None


def test_shares_on_two_interventions_sum_to_the_act(told: Told) -> None:
    act = told.record.dossier(f"cup/{SISTER}").acts["c_e506/registro-generale/2023/100"]
    assert (act.share_of(CUP), act.share_of(SISTER), act.amount) == (1525000, 305000, 1830000)
    assert told.state(SISTER).funding.importo_finanziato == 5996600


def test_every_act_is_published_and_enforceable(told: Told) -> None:
    acts = told.state().acts
    assert len(acts) == 7
    assert {(a.publication, a.enforceability) for a in acts} == {("pubblicata", "esecutiva")}


def test_the_findings_are_those_of_late_and_true_facts_alone(told: Told) -> None:
    found = Counter(finding.code for finding in told.state().findings)
    assert found.pop("fact-registered-late") > 30
    assert found == {
        "act-registered-late": 7,
        "phase-disagrees-national": 1,
        "label-outdated": 1,
        "dnsh-edition-superseded": 1,
        "enforceability-by-policy": 1,
    }


def test_what_is_invented_says_so(told: Told) -> None:
    unmarked = {
        (request["command"], request.get("cup", request["data"].get("cup")))
        for request in told.requests
        if not request["data"].get("note", "").startswith("Dato dimostrativo")
    }
    assert unmarked == {
        ("register-intervention/2", CUP),
        ("record-funding/1", CUP),
        ("record-funding/1", SISTER),
        ("observe-national-state/1", CUP),
    }


def test_invented_persons_are_illustrative_and_the_rup_is_not(told: Told) -> None:
    persons = [p for request in told.requests for p in request.get("persons", {}).values()]
    invented = [p["name"] for p in persons if p.get("illustrative")]
    assert invented == [f"Persona Dimostrativa {n}" for n in (1, 3, 2, 4, 5)]
    assert [p["name"] for p in persons if not p.get("illustrative")] == ["Antonio Gatto"]


def test_the_rup_signs_with_the_new_key_in_the_second_file_alone() -> None:
    keys = [{r["by"] for r in requests_of(name) if "keys/rup" in r["by"]} for name in STORY]
    assert keys == [{"file:keys/rup.pem"}, {"file:keys/rup-2.pem"}]


def test_no_date_is_after_the_open_data_of_the_story(told: Told) -> None:
    assert max(event.day for event in told.record.events) <= date(2026, 8, 17)


def test_the_observed_rows_are_the_published_ones(told: Told, realdata: Path) -> None:
    with (realdata / "padigitale/LECCE_c_e506_all_rows.csv").open(encoding="utf-8") as stream:
        old = next(row for row in csv.DictReader(stream) if row["codice_cup"] == CUP)
    history = json.loads((realdata / "padigitale/LECCE_C81C22001220006_history.json").read_text())
    first, last = (e.data for e in told.record.events if e.type.family == "observations")
    assert set(next(csv.reader([first.raw]))) <= set(old.values())
    assert next(csv.reader([last.raw])) == list(history["row_2026"].values())
    for seen in (first, last):
        assert seen.digest == hashlib.sha256(seen.raw.encode()).hexdigest()


def test_the_documents_made_are_the_ones_that_the_story_names(told: Told) -> None:
    named = {path for request in told.requests for path in request.get("files", {}).values()}
    assert named == {f"docs/{path.name}" for path in (told.folder / "docs").iterdir()}


def test_each_page_shows_its_codes_and_that_it_is_a_demonstration(told: Told) -> None:
    for paper in PAPERS:
        made = next((told.folder / "docs").glob(f"{paper.name}*"))
        for shown in (*paper.cups, *paper.cigs, "Dati dimostrativi"):
            assert shown.encode() in made.read_bytes(), (paper.name, shown)


def test_the_codes_of_a_page_are_those_of_its_act(told: Told) -> None:
    papers = {paper.name: paper for paper in PAPERS}
    for act in told.record.dossier(f"cup/{CUP}").acts.values():
        paper = papers[act.file.removesuffix(".p7m")]
        assert paper.on == act.adopted_on
        assert (paper.cigs, paper.cups) == (act.cigs, tuple(link.cup for link in act.links))


def test_the_same_documents_are_made_twice(told: Told, tmp_path: Path) -> None:
    again = documents_in(tmp_path)
    for made in (told.folder / "docs").iterdir():
        assert made.read_bytes() == (again / made.name).read_bytes(), made.name


def test_openssl_finds_the_page_inside_the_signed_determina(told: Told) -> None:
    asked = ["-inform", "DER", "-cades", "-purpose", "any", "-CAfile", "ca.crt", "-binary"]
    command = ["openssl", "cms", "-verify", *asked, "-in", "docs/determina-100-2023.pdf.p7m"]
    answer = subprocess.run(command, cwd=told.folder, capture_output=True, check=False)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith(b"%PDF-1.")


def test_another_program_reads_every_page(told: Told) -> None:
    for made in (told.folder / "docs").glob("*.pdf"):
        assert PdfFileReader(BytesIO(made.read_bytes())).root["/Pages"]["/Count"] == 1, made.name


def test_the_picture_has_nine_blue_squares_of_fourteen(told: Told) -> None:
    data = (told.folder / "docs" / PICTURE).read_bytes()
    pixels = zlib.decompress(data[41:-16])
    rows_of_squares = [pixels.count(colour * 24) for colour in (b"\x00\x66\xcc", b"\xb1\xb8\xc1")]
    assert rows_of_squares == [24 * 9, 24 * 5]
