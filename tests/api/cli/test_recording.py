"""`pista record`: lines in order, a bad one named, resumed without recording anything twice."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from api.app import open_ledger
from api.client.requests import make_command
from ledger.signing.envelope import parse
from tests.api.cli.recording_kit import record
from tests.api.home_kit import (
    CUP,
    enter,
    key,
    run,
    size_of,
    written,
)

if TYPE_CHECKING:
    from pathlib import Path

    from api.home import Home


NAME = "Rosa Rossi-Mariani"


DETERMINA: dict[str, Any] = {
    "command": "register-determina/1",
    "role": "rup",
    "data": {
        "register": "registro-generale",
        "year": 2023,
        "number": "100",
        "adopted_on": "2023-02-15",
        "subject": "Affidamento",
        "office": "Innovazione",
        "signatory": "@rossi",
        "links": [{"cup": CUP}],
        "cup_in_text": "si",
        "file": "determina.pdf",
        "subtype": "affidamento",
    },
    "persons": {"rossi": {"name": NAME}},
    "files": {"determina.pdf": "scan.pdf"},
}


def test_each_line_gets_a_receipt_and_the_summary_is_last(home: Home, tmp_path: Path) -> None:
    file = written(tmp_path / "r.ndjson", "# due fasi", enter("AFFIDAMENTO"), enter("ESECUZIONE"))
    ran = record(home, file)
    first, second, summary = ran.lines
    assert (first["line"], second["line"]) == (2, 3)
    assert (first["first"], second["first"]) == (True, True)
    assert first["sentence"].startswith("Avviata la fase")
    assert summary == {"schema": "pista.cli/1", "kind": "summary", "recorded": 2, "exit": 0}
    assert ran.exit_code == 0
    assert (home.outbox / f"{first['event']}.receipt").exists()


def test_the_same_file_again_records_nothing_twice(home: Home, tmp_path: Path) -> None:
    file = written(tmp_path / "r.ndjson", enter("AFFIDAMENTO"), enter("ESECUZIONE"))
    record(home, file)
    size = size_of(home)
    ran = record(home, file)
    assert [line["first"] for line in ran.lines[:-1]] == [False, False]
    assert (ran.lines[-1]["recorded"], ran.exit_code) == (0, 0)
    assert size_of(home) == size


def test_lines_put_in_between_do_not_record_the_others_again(home: Home, tmp_path: Path) -> None:
    file = written(tmp_path / "r.ndjson", enter("AFFIDAMENTO"))
    record(home, file)
    written(file, "# aggiunta", enter("COLLAUDO"), enter("AFFIDAMENTO"))
    ran = record(home, file)
    assert [line["first"] for line in ran.lines[:-1]] == [True, False]


def test_a_bad_line_is_named_and_those_before_are_recorded(home: Home, tmp_path: Path) -> None:
    size = size_of(home)
    file = written(tmp_path / "r.ndjson", enter("AFFIDAMENTO"), "{no", enter("ESECUZIONE"))
    ran = record(home, file)
    item, warning, summary = ran.lines
    assert (item["line"], warning["line"]) == (1, 2)
    assert (warning["kind"], warning["code"]) == ("warning", "malformed-request")
    assert (summary["recorded"], summary["exit"], ran.exit_code) == (1, 2, 2)
    assert "riga 2" in ran.stderr
    assert size_of(home) == size + 2
    written(file, enter("AFFIDAMENTO"), enter("COLLAUDO"), enter("ESECUZIONE"))
    ran = record(home, file)
    assert [line["first"] for line in ran.lines[:-1]] == [False, True, True]
    assert ran.exit_code == 0


def test_keep_going_records_what_is_good_and_exits_with_the_first_error(
    home: Home, tmp_path: Path
) -> None:
    file = written(
        tmp_path / "r.ndjson",
        enter("AFFIDAMENTO", role="finanziario"),
        "{no",
        enter("ESECUZIONE"),
    )
    ran = record(home, file, "--keep-going")
    assert [line["kind"] for line in ran.lines] == ["warning", "warning", "item", "summary"]
    assert (ran.lines[-1]["recorded"], ran.exit_code) == (1, 12)


def test_a_trial_decides_and_leaves_nothing(home: Home, tmp_path: Path) -> None:
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-1.7")
    file = written(tmp_path / "r.ndjson", DETERMINA, enter("AFFIDAMENTO"))
    before, kept = size_of(home), _objects(home)
    ran = record(home, file, "--dry-run")
    assert [line.get("dry_run") for line in ran.lines[:-1]] == [True, True]
    assert ran.exit_code == 0
    assert (size_of(home), _objects(home)) == (before, kept)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "r.ndjson", "scan.pdf"]
    assert NAME not in ran.stdout + ran.stderr


def test_a_trial_refuses_what_the_record_would_refuse(home: Home, tmp_path: Path) -> None:
    file = written(tmp_path / "r.ndjson", enter(occurred_on="2099-01-01"))
    ran = record(home, file, "--dry-run")
    assert (ran.lines[0]["code"], ran.exit_code) == ("future-date", 13)


def _objects(home: Home) -> int:
    return sum(1 for path in home.vault.rglob("*") if path.is_file())


def test_standard_input_is_a_file_without_a_name(home: Home) -> None:
    text = json.dumps(enter("AFFIDAMENTO")) + "\n"
    ran = record(home, "-", stdin=text)
    assert ran.lines[0]["first"]
    again = record(home, "-", stdin=text)
    assert (again.lines[0]["first"], again.lines[-1]["recorded"]) == (False, 0)


def test_persons_of_one_standard_input_are_unknown_to_another(home: Home) -> None:
    request = {"command": "assign-role/1", "cup": CUP, "role": "rup"}
    data = {"person": "@rossi", "role": "RUP", "from": "2023-01-01"}
    first = {**request, "data": data, "persons": {"rossi": {"name": NAME}}}
    record(home, "-", stdin=json.dumps(first))
    other = {**request, "data": {**data, "from": "2023-03-01"}}
    ran = record(home, "-", stdin=json.dumps(other))
    assert ran.lines[0]["errors"][0]["code"] == "person-unknown"


def test_a_json_file_is_one_request_on_many_lines(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "fase.json"
    file.write_text("\ufeff" + json.dumps(enter("AFFIDAMENTO"), indent=2), encoding="utf-8")
    assert record(home, file).lines[0]["first"]


def test_persons_and_files_go_to_the_vault_and_no_value_to_the_journal(
    home: Home, tmp_path: Path
) -> None:
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-1.7")
    ran = record(home, written(tmp_path / "r.ndjson", DETERMINA))
    assert ran.exit_code == 0
    assert NAME not in ran.stdout + ran.stderr
    with open_ledger(home) as opened:
        objects = parse(opened.journal.envelope(ran.lines[0]["index"])).objects
        contents = [b"".join(opened.vault.open(ref.commit)) for ref in objects]
    assert b"%PDF-1.7" in contents
    assert any(NAME.encode() in content for content in contents)
    leaked = [
        path
        for path in home.path.rglob("*")
        if path.is_file() and NAME.encode() in path.read_bytes()
    ]
    assert leaked == []


def test_a_corrected_person_in_the_same_file_is_refused(home: Home, tmp_path: Path) -> None:
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-1.7")
    other = {**DETERMINA, "data": {**DETERMINA["data"], "number": "101"}}
    other["persons"] = {"rossi": {"name": "Anna Rossi"}}
    ran = record(home, written(tmp_path / "r.ndjson", DETERMINA, other))
    assert ran.lines[1]["errors"][0]["code"] == "person-redefined"
    assert "Anna" not in ran.stdout + ran.stderr


def test_the_key_of_a_request_wins_and_is_looked_up_beside_the_file(
    home: Home, tmp_path: Path
) -> None:
    folder = tmp_path / "here" / "keys"
    folder.mkdir(parents=True)
    shutil.copy(home.keys / "rup.pem", folder / "me.pem")
    file = written(tmp_path / "here" / "r.ndjson", enter(by="file:keys/me.pem"))
    ran = run(home, "record", str(file), "--key", key(home, "ospite"))
    assert ran.exit_code == 0


def test_an_explicit_id_that_says_something_else_is_a_conflict(home: Home, tmp_path: Path) -> None:
    event_id = make_command("enter-phase/1", {"phase": "COLLAUDO"}).id
    file = written(tmp_path / "a.ndjson", enter("AFFIDAMENTO", id=event_id))
    assert record(home, file).exit_code == 0
    same = written(tmp_path / "b.ndjson", enter("AFFIDAMENTO", id=event_id))
    assert (record(home, same).exit_code, record(home, same).lines[0]["first"]) == (0, False)
    other = written(tmp_path / "c.ndjson", enter("COLLAUDO", id=event_id))
    ran = record(home, other)
    assert (ran.lines[0]["code"], ran.exit_code) == ("event-id-reused", 14)


def test_a_file_is_resumed_after_the_key_was_changed(home: Home, tmp_path: Path) -> None:
    file = written(tmp_path / "r.ndjson", enter("AFFIDAMENTO"))
    record(home, file)
    new = tmp_path / "new.pem"
    run(home, "key", "rotate", "--key", key(home, "rup"), "--to", str(new))
    ran = record(home, file)
    assert (ran.lines[0]["first"], ran.exit_code) == (False, 0)
    written(file, enter("AFFIDAMENTO"), enter("ESECUZIONE"))
    assert (record(home, file).lines[1]["code"]) == "key-revoked"


CRASHES: dict[str, str] = {
    "after the id was given": "ids",
    "after the envelope was kept": "envelope",
    "after the record, before the receipt": "receipt",
}


@pytest.mark.parametrize("step", CRASHES.values(), ids=CRASHES.keys())
def test_a_run_that_was_stopped_is_resumed_at_any_step(
    home: Home, tmp_path: Path, step: str
) -> None:
    file = written(tmp_path / "r.ndjson", enter("AFFIDAMENTO"))
    stopped_at(home, file, step)
    size = size_of(home)
    ran = record(home, file)
    assert ran.exit_code == 0
    assert ran.lines[0]["first"] == (step != "receipt")
    assert size_of(home) == (size if step == "receipt" else size + 2)
    assert (home.outbox / f"{ran.lines[0]['event']}.receipt").exists()
    (book,) = file.with_name("r.ndjson.ids").read_text(encoding="utf-8").splitlines()
    assert ran.lines[0]["event"] in book


def stopped_at(home: Home, file: Path, step: str) -> None:
    """Leave what a run leaves that was stopped after a step: a whole run in a copy, taken apart."""
    copy = shutil.copytree(home.path, home.path.with_name("copy"))
    target = type(home)(copy) if step != "receipt" else home
    ran = record(target, file)
    event = ran.lines[0]["event"]
    if step == "envelope":
        shutil.copy(target.outbox / f"{event}.jws", home.outbox / f"{event}.jws")
    if step == "receipt":
        (home.outbox / f"{event}.receipt").unlink()


def test_quiet_prints_nothing_of_what_went_well(home: Home, tmp_path: Path) -> None:
    file = written(tmp_path / "r.ndjson", enter("AFFIDAMENTO"))
    ran = run(home, "-q", "record", str(file), "--key", key(home, "rup"))
    assert (ran.stdout, ran.stderr, ran.exit_code) == ("", "", 0)
