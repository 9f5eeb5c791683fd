"""Tests of the generated schemas: what they accept, what they refuse, and that they are committed."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import make_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import schemas
from exporters.json_schema import data_schema
from exporters.schema_files import schema_files, write_schema_files
from exporters.spelling import spelling_of, stem_of
from ledger.domain.events.catalogue import event_types
from ledger.errors import Malformed
from schemas.files import names, read
from tests.exporters.example_documents import documents, plain_data

Change = tuple[tuple[str | int, ...], Any]

JSON_SCHEMAS = {"history.json": "history-1.json", "intervention.json": "state-1.json"}
FOLDER = Path(schemas.__file__ or "").parent
DROP = object()
BAD_DATA: dict[str, tuple[str, str, Any]] = {
    "a required member is missing": ("phase-entered/1", "phase", DROP),
    "a member is unknown": ("phase-entered/1", "color", "rosso"),
    "a choice is not of the list": ("phase-entered/1", "phase", "FINITA"),
    "a member is null": ("phase-entered/1", "note", None),
    "a text is empty": ("phase-entered/1", "note", ""),
    "a text is blank": ("phase-entered/1", "note", " \n"),
    "a text holds a control character": ("phase-entered/1", "note", "a\tb"),
    "a text is too long": ("phase-entered/1", "note", "a" * 20_001),
    "a list is a text": ("phase-entered/1", "docs", "determina.pdf"),
    "a list is too long": ("phase-entered/1", "docs", ["determina.pdf"] * 501),
    "a file name has a folder": ("phase-entered/1", "docs", ["a/determina.pdf"]),
    "an amount is a number": ("funding-granted/1", "amount", 319556),
    "an amount has one decimal": ("funding-granted/1", "amount", "319556.0"),
    "an amount has a leading zero": ("funding-granted/1", "amount", "0319556.00"),
    "an amount that is not signed is below zero": ("funding-granted/1", "amount", "-1.00"),
    "an amount is minus zero": (
        "funding-adjusted/1",
        "movements",
        [{"source": "PNRR", "delta": "-0.00"}],
    ),
    "a date is Italian": ("funding-granted/1", "notified_on", "04/05/2024"),
    "a date has no such month": ("funding-granted/1", "notified_on", "2024-13-04"),
    "a date has an hour": ("funding-granted/1", "notified_on", "2024-05-04T00:00:00Z"),
    "an integer is a text": ("intervention-registered/2", "decided_in", "2022"),
    "an integer has 17 digits": ("intervention-registered/2", "decided_in", 2**53),
    "a boolean is a text": ("document-attached/1", "public", "true"),
    "a nested object has an unknown member": (
        "intervention-registered/2",
        "body",
        {"ipa": "c_e506", "tax_code": "80008510754", "color": "rosso"},
    ),
    "an id is in upper case": ("approval-given/1", "event", "01981F6E-7D0A-7C3E-9B1D-000000000009"),
    "a digest has 63 digits": ("package-exported/1", "manifest", "0" * 63),
}
BAD_STATE: dict[str, Change] = {
    "a member is unknown": (("color",), "rosso"),
    "the CUP is missing": (("cup",), DROP),
    "the day has no such month": (("as_of",), "2024-13-31"),
    "a list is a text": (("phases",), "ESECUZIONE"),
    "an amount is a number": (("funding", "importo_finanziato"), 1),
    "a severity is not of the list": (("findings", 0, "severity"), "grave"),
}
BAD_HISTORY: dict[str, Change] = {
    "an entry has no data": (("events", 0, "data"), DROP),
    "an entry has an unknown member": (("events", 0, "color"), "rosso"),
    "a type is unknown": (("events", 0, "type"), "phase-entered/2"),
    "the data are of another type": (("events", 0, "type"), "phase-entered/1"),
    "a time has no zone": (("events", 0, "received_at"), "2024-05-06T08:00:00"),
    "a digest is in base64": (("events", 0, "envelope"), "A" * 43 + "="),
}


def changed(document: Any, change: Change) -> Any:  # noqa: ANN401  any JSON value
    """Return a copy of a document with one member changed or dropped."""
    (*path, last), value = change
    made = copy.deepcopy(document)
    place = made
    for step in path:
        place = place[step]
    if value is DROP:
        del place[last]
    else:
        place[last] = value
    return made


def validator(name: str) -> Draft202012Validator:
    """Return the validator of a committed JSON Schema."""
    return Draft202012Validator(json.loads(read(name)))


@pytest.fixture(scope="module")
def told() -> dict[str, bytes]:
    """State and history of the made-up dossier."""
    return documents()


def test_the_committed_files_are_those_that_are_generated() -> None:
    generated = schema_files()
    committed = {name: read(name) for name in names() if not name.startswith("codes/")}
    assert sorted(committed) == sorted(generated)
    stale = [name for name in generated if committed[name] != generated[name]]
    assert stale == [], "run: python -m exporters.schema_files"


def test_writing_the_files_removes_a_schema_that_is_no_more_generated(tmp_path: Path) -> None:
    write_schema_files(tmp_path)
    (tmp_path / "events" / "phase-forgotten-1.json").write_text("{}")
    write_schema_files(tmp_path)
    found = {str(path.relative_to(tmp_path)): path for path in tmp_path.rglob("*.*")}
    assert {name: path.read_bytes() for name, path in found.items()} == schema_files()


@pytest.mark.parametrize("name", [name for name in schema_files() if name.endswith(".json")])
def test_a_json_schema_is_one_and_names_itself(name: str) -> None:
    schema = json.loads(read(name))
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"].startswith("urn:pista:")
    assert not any(definition == {} for definition in schema["$defs"].values())


def test_no_two_json_schemas_have_the_same_name() -> None:
    ids = [
        json.loads(read(name))["$id"] for name in names() if "codes/" not in name and "json" in name
    ]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("name", sorted(event_types()))
def test_the_schema_of_a_type_accepts_what_the_type_reads(name: str, *, full: bool) -> None:
    shape = event_types()[name].shape
    data = plain_data(shape, full=full)
    assert shape.plain(shape.parse(data)) == data
    validator(f"events/{stem_of(name)}.json").validate(data)


@pytest.mark.parametrize("case", BAD_DATA)
def test_what_a_type_refuses_its_schema_refuses(case: str) -> None:
    name, member, value = BAD_DATA[case]
    shape = event_types()[name].shape
    data = changed(plain_data(shape, full=True), ((member,), value))
    with pytest.raises(Malformed):
        shape.parse(data)
    assert not validator(f"events/{stem_of(name)}.json").is_valid(data)


@pytest.mark.parametrize("name", sorted(event_types()))
def test_a_request_is_read_by_its_command(name: str) -> None:
    declared = event_types()[name]
    judge = validator("command-1.json")
    data = plain_data(declared.shape, full=True)
    request = {"command": declared.command, "data": data}
    assert judge.is_valid(request)
    assert not judge.is_valid({**request, "data": {**data, "color": "rosso"}})
    assert not judge.is_valid({**request, "command": name})
    assert not judge.is_valid({"command": declared.command})


def test_a_request_may_name_a_person_by_alias_and_a_signed_event_may_not() -> None:
    shape = event_types()["determina-registered/1"].shape
    data = {**plain_data(shape, full=False), "signatory": "@rossi"}
    request = {"command": "register-determina/1", "data": data, "persons": {"rossi": {"name": "R"}}}
    assert validator("command-1.json").is_valid(request)
    assert not validator("events/determina-registered-1.json").is_valid(data)


@pytest.mark.parametrize("document", JSON_SCHEMAS)
def test_what_is_exported_as_json_is_valid(document: str, told: dict[str, bytes]) -> None:
    validator(JSON_SCHEMAS[document]).validate(json.loads(told[document]))


@pytest.mark.parametrize("case", BAD_STATE)
def test_the_schema_of_the_state_refuses(case: str, told: dict[str, bytes]) -> None:
    document = changed(json.loads(told["intervention.json"]), BAD_STATE[case])
    assert not validator("state-1.json").is_valid(document)


@pytest.mark.parametrize("case", BAD_HISTORY)
def test_the_schema_of_the_history_refuses(case: str, told: dict[str, bytes]) -> None:
    document = changed(json.loads(told["history.json"]), BAD_HISTORY[case])
    assert not validator("history-1.json").is_valid(document)


def test_a_type_without_spelling_is_refused() -> None:
    with pytest.raises(TypeError, match="float"):
        spelling_of(float, "signed")


def test_two_things_of_one_name_are_refused() -> None:
    taken = make_dataclass("Text", [("value", int)], frozen=True)
    holder = make_dataclass("Holder", [("text", str), ("taken", taken)], frozen=True)
    declared = replace(event_types()["phase-entered/1"], data=holder)
    with pytest.raises(ValueError, match="Text"):
        data_schema(declared)


def test_the_specification_lists_every_event_type_with_its_command() -> None:
    lines = (FOLDER / "README.md").read_text(encoding="utf-8").splitlines()
    rows = [tuple(cell.strip() for cell in line.split("|")[1:4]) for line in lines]
    told = {row for row in rows if row[1:2] and row[1].endswith(("/1`", "/2`"))}
    assert told == {(f"`{t.name}`", f"`{t.command}`", t.italian) for t in event_types().values()}


@pytest.mark.parametrize("section", ["State", "History", "Requests"])
def test_the_specification_names_every_member(section: str) -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    (chapter,) = [part for part in text.split("\n## ") if part.startswith(section)]
    told = {name for line in chapter.splitlines() for name in re.findall(r"`(\w+)`", line[:80])}
    members = {
        "State": json.loads(read("state-1.json"))["properties"],
        "History": json.loads(read("history-1.json"))["$defs"]["HistoryEntry"]["properties"],
        "Requests": json.loads(read("command-1.json"))["properties"],
    }
    assert set(members[section]) <= told
