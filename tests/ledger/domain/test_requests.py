"""Requests as people write them, good and bad. Source: EXPERIENCE section 3, `record`; FORMATS 1."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.application.requests import parse_request
from ledger.domain.event import ObjectRef
from ledger.errors import Malformed, Refused
from tests.ledger.domain.worlds import CUP, event_id

GOOD: dict[str, Any] = {
    "command": "enter-phase/1",
    "id": event_id(1),
    "cup": CUP,
    "role": "rup",
    "occurred_on": "2023-02-15",
    "reason": "Recupero di quanto non era registrato",
    "corrects": [event_id(0)],
    "data": {"phase": "AFFIDAMENTO"},
}
NOT_OBJECTS: dict[str, object] = {
    "null": None,
    "a list": [GOOD],
    "a text": "enter-phase/1",
    "a number": 1,
    "true": True,
}
BAD: dict[str, tuple[dict[str, object], str, str]] = {
    "no command": ({"command": None}, "/command", "malformed-request"),
    "a blank command": ({"command": " "}, "/command", "malformed-request"),
    "a member that does not exist": ({"cups": [CUP]}, "/cups", "unknown-field"),
    "the type of an event": ({"type": "phase-entered/1"}, "/type", "unknown-field"),
    "a member of the envelope": (
        {"claimed_at": "2026-01-01T00:00:00Z"},
        "/claimed_at",
        "unknown-field",
    ),
    "an id of another kind": (
        {"id": "f47ac10b-58cc-4372-a567-0e02b2c3d479"},
        "/id",
        "event-id-malformed",
    ),
    "an id in upper case": ({"id": event_id(1).upper()}, "/id", "event-id-malformed"),
    "a CUP that is none": ({"cup": "C81C2200122000"}, "/cup", "cup-malformed"),
    "a role that does not exist": ({"role": "sindaco"}, "/role", "malformed-request"),
    "a role as a list": ({"role": ["rup"]}, "/role", "malformed-request"),
    "a date in Italian": ({"occurred_on": "15/02/2023"}, "/occurred_on", "date-malformed"),
    "a date with a time": (
        {"occurred_on": "2023-02-15T00:00:00Z"},
        "/occurred_on",
        "date-malformed",
    ),
    "a day that does not exist": ({"occurred_on": "2023-02-29"}, "/occurred_on", "date-malformed"),
    "a blank reason": ({"reason": ""}, "/reason", "malformed-request"),
    "one correction without a list": ({"corrects": event_id(0)}, "/corrects", "malformed-request"),
    "a correction of a number": ({"corrects": [7]}, "/corrects/0", "malformed-request"),
    "a correction of something else": ({"corrects": ["x"]}, "/corrects/0", "event-id-malformed"),
    "data as a list": ({"data": []}, "/data", "malformed-request"),
    "data as null": ({"data": None}, "/data", "malformed-request"),
    "data without a field": ({"data": {}}, "/data/phase", "missing-field"),
    "data with a field too many": (
        {"data": {"phase": "AFFIDAMENTO", "fase": "x"}},
        "/data/fase",
        "unknown-field",
    ),
    "a phase of another list": ({"data": {"phase": "GARA"}}, "/data/phase", "malformed-request"),
    "a phase in lower case": (
        {"data": {"phase": "affidamento"}},
        "/data/phase",
        "malformed-request",
    ),
    "a code within the data": (
        {"data": {"phase": "AFFIDAMENTO", "intervention": {"measure": "1.2"}}},
        "/data/intervention/measure",
        "measure-malformed",
    ),
}
UNKNOWN = {
    "another version": "enter-phase/2",
    "without version": "enter-phase",
    "the name of the event": "phase-entered/1",
    "upper case": "Enter-Phase/1",
    "a blank at the end": "enter-phase/1 ",
}


def test_a_request_is_the_command_that_it_says() -> None:
    ref = ObjectRef("a.pdf", "c2FsdGVk", 1, "application/pdf")
    command = parse_request(GOOD, [ref])
    assert (command.id, command.type.name, command.cup) == (event_id(1), "phase-entered/1", CUP)
    assert (command.role, str(command.occurred_on)) == ("rup", "2023-02-15")
    assert (command.corrects, command.objects) == ((event_id(0),), (ref,))
    assert command.reason == GOOD["reason"]
    assert command.data.phase == "AFFIDAMENTO"


def test_a_request_needs_only_command_id_and_data() -> None:
    command = parse_request({name: GOOD[name] for name in ("command", "id", "data")})
    beside = (command.cup, command.role, command.occurred_on, command.reason, command.corrects)
    assert beside == (None, None, None, None, ())


def test_a_cup_beside_the_data_is_in_normal_form() -> None:
    assert parse_request({**GOOD, "cup": "c81c 22001220006"}).cup == CUP


@pytest.mark.parametrize("value", NOT_OBJECTS.values(), ids=NOT_OBJECTS)
def test_what_is_no_object_is_no_request(value: object) -> None:
    with pytest.raises(Malformed) as caught:
        parse_request(value)
    assert [(fault.pointer, fault.code) for fault in caught.value.faults] == [
        ("", "malformed-request")
    ]


@pytest.mark.parametrize(("change", "pointer", "code"), BAD.values(), ids=BAD)
def test_a_bad_request_is_refused_where_it_is_bad(
    change: dict[str, object], pointer: str, code: str
) -> None:
    with pytest.raises(Malformed) as caught:
        parse_request({**GOOD, **change})
    [fault] = caught.value.faults
    assert (fault.pointer, fault.code) == (pointer, code)
    assert caught.value.code == code
    assert fault.sentence


@pytest.mark.parametrize("member", ["command", "id"])
def test_a_request_without_what_it_needs_says_so(member: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_request({name: value for name, value in GOOD.items() if name != member})
    assert [(f.pointer, f.code) for f in caught.value.faults] == [(f"/{member}", "missing-field")]


@pytest.mark.parametrize("name", UNKNOWN.values(), ids=UNKNOWN)
def test_a_command_is_known_by_its_whole_name(name: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_request({**GOOD, "command": name})
    assert caught.value.code == "command-unknown"


def test_all_that_is_wrong_beside_the_data_is_told_at_once() -> None:
    with pytest.raises(Malformed) as caught:
        parse_request({**GOOD, "cup": "x", "role": "x", "corrects": ["x", "y"]})
    assert [fault.pointer for fault in caught.value.faults] == [
        "/cup",
        "/role",
        "/corrects/0",
        "/corrects/1",
    ]
