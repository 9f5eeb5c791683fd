"""Two programs want the same at the same time, by the command line: who is told what.

This process holds its turn at the end of the log until `pista record` has drafted and signed, and
only then writes; so the other is always late, and never by chance.
"""

from __future__ import annotations

import io
import json
import secrets
import time
from typing import TYPE_CHECKING, Any

import pytest

from api.app import open_ledger
from api.client.desk import open_scribe
from api.machine import now
from ledger.application.requests import parse_request
from ledger.domain.event import ObjectRef
from ledger.records import encode_digest, event_id
from tests.api.home_kit import run
from tests.endurance.many_requests import ACT_FILE, REGISTER
from tests.endurance.places import BODY, enrol, found_place
from tests.endurance.programs import started

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from api.app import Opened
    from tests.endurance.places import Place
    from tests.endurance.programs import Program

CUP = "C81C22001220006"
DAY = "2023-03-01"
REFUSED, CONFLICT, BUSY = 13, 14, 11
PATIENCE = 4.0  # below the limit after which the other gives up
ACT = f"act/{BODY}/{REGISTER}/2023/100"
INTERVENTION = {
    "cup": CUP,
    "title": "Intervento conteso",
    "measure": "M1C1I1.2",
    "body": {"ipa": BODY, "tax_code": "80008510754"},
    "natura": "02",
    "decided_in": 2022,
}
DETERMINA = {
    "command": "register-determina/1",
    "role": "rup",
    "data": {
        "register": REGISTER,
        "year": 2023,
        "number": "100",
        "adopted_on": DAY,
        "subject": "Impegno",
        "office": "Ufficio",
        "signatory": "p_" + "a" * 26,
        "links": [{"cup": CUP}],
        "cup_in_text": "si",
        "file": ACT_FILE,
        "subtype": "impegno",
    },
}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A ledger in a file with one intervention and two who may write."""
    return contested_place(tmp_path)


def contested_place(folder: Path, database: str = "") -> Place:
    """Return such a ledger, wherever it is stored."""
    made = found_place(folder, database)
    enrol(made, "other", ("rup",))
    (made.requests / ACT_FILE).write_bytes(b"%PDF-1.7 un atto")
    first = {"command": "register-intervention/2", "role": "rup", "data": INTERVENTION}
    ran = run(made.home, "record", str(written(made, "first", {**first, "occurred_on": DAY})))
    assert ran.exit_code == 0, ran.stderr
    return made


def phase(name: str) -> dict[str, Any]:
    """Return a request that enters a phase."""
    beside = {"role": "rup", "cup": CUP, "occurred_on": DAY}
    return {"command": "enter-phase/1", "data": {"phase": name}, **beside}


def written(place: Place, name: str, request: dict[str, Any]) -> Path:
    """Write a file of one request, by the hand of the RUP."""
    files = {"files": {ACT_FILE: ACT_FILE}} if request is DETERMINA else {}
    file = place.requests / f"{name}.ndjson"
    line = json.dumps({"by": "file:keys/rup.pem", **request, **files})
    file.write_text(f"{line}\n", encoding="utf-8")
    return file


def recorded_late(place: Place, request: dict[str, Any], theirs: dict[str, Any]) -> Program:
    """Record a request; `theirs` is recorded after it was signed and before it arrives."""
    file = written(place, "late", request)
    with started(place, "--json", "record", str(file)) as program:
        with open_ledger(place.home, clock=clock_after(place, file)) as opened:
            scribe = open_scribe(opened, f"file:{place.home.keys / 'other.pem'}")
            objects = (kept(opened),) if theirs is DETERMINA else ()
            new_id = event_id(now(), secrets.token_bytes(10))
            assert scribe.write(parse_request({**theirs, "id": new_id}, objects)).first
        program.end()
    return program


def clock_after(place: Place, file: Path) -> Callable[[], datetime]:
    """Return a clock that waits, in the turn of who asks it, for the signed line of a file."""
    book = file.with_name(f"{file.name}.ids")

    def is_signed() -> bool:
        ids = book.read_text(encoding="utf-8").split(" ")[1:2] if book.exists() else []
        return any((place.home.outbox / f"{one}.jws").exists() for one in ids)

    def clock() -> datetime:
        deadline = time.monotonic() + PATIENCE
        while not is_signed() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert is_signed()
        return now()

    return clock


def kept(opened: Opened) -> ObjectRef:
    """Keep a file for an act."""
    stored = opened.vault.put(io.BytesIO(b"%PDF-1.7 un altro"), "application/pdf")
    commit = encode_digest(stored.commit)
    return ObjectRef(ACT_FILE, commit, stored.size_bytes, stored.media_type)


def test_the_same_act_at_the_same_time_is_a_conflict_with_the_new_heads(
    tmp_path: Path, database: str
) -> None:
    place = contested_place(tmp_path, database)
    program = recorded_late(place, DETERMINA, DETERMINA)
    warning, summary = program.lines
    assert (warning["line"], warning["code"]) == (1, "stream-moved")
    assert warning["heads"] == {ACT: 1, f"cup/{CUP}": 2}
    assert (summary["recorded"], summary["exit"], program.end()) == (0, CONFLICT, CONFLICT)
    assert f"ora: {ACT} ha 1 registrazioni" in program.stderr
    again = run(place.home, "record", str(place.requests / "late.ndjson"))
    assert again.exit_code == REFUSED
    assert "act-already-registered" in again.stderr


def test_an_unrelated_registration_on_the_same_cup_is_no_conflict(place: Place) -> None:
    program = recorded_late(place, DETERMINA, phase("PROGETTAZIONE"))
    item, summary = program.lines
    assert (item["first"], summary["recorded"], program.end()) == (True, 1, 0)
    with open_ledger(place.home) as opened:
        assert opened.journal.stream_indexes(f"cup/{CUP}")[-1] == item["index"]


def test_the_same_fact_at_the_same_time_is_refused_by_its_rule(place: Place) -> None:
    program = recorded_late(place, phase("PROGETTAZIONE"), phase("PROGETTAZIONE"))
    warning, _ = program.lines
    assert (warning["code"], program.end()) == ("nothing-changed", REFUSED)


def test_two_programs_do_not_record_the_same_file(place: Place) -> None:
    file = written(place, "twice", phase("PROGETTAZIONE"))
    book = file.with_name(f"{file.name}.ids")
    with started(place, "--json", "record", str(file)) as first:
        assert first.wait_until(book.exists)
        second = run(place.home, "record", str(file))
        assert first.end() == 0
    assert second.exit_code in {0, BUSY}  # the first may have ended by then
    assert "requests-busy" in second.stderr or "già registrata" in second.stdout
    with open_ledger(place.home) as opened:
        assert opened.journal.stream_head(f"cup/{CUP}") is not None
        assert len(opened.journal.stream_indexes(f"cup/{CUP}")) == 2
