"""Requests that are refused: with their code, exit and pointer, and nothing recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.cli.recording_kit import record
from tests.api.home_kit import (
    INTERVENTION,
    OTHER_CUP,
    enter,
    run,
    size_of,
    written,
)

if TYPE_CHECKING:
    from pathlib import Path

    from api.home import Home


BAD_REQUESTS: dict[str, tuple[object, int, str]] = {
    "unknown command": (enter(command="dream-phase/1"), 2, "command-unknown"),
    "unknown command with a near one": (enter(command="enter-phas/1"), 2, "command-unknown"),
    "no command": ({"data": {}}, 2, "missing-field"),
    "unknown member": (enter(colour="red"), 2, "unknown-field"),
    "unknown field": (enter(data={"phase": "COLLAUDO", "x": 1}), 2, "unknown-field"),
    "a day that does not exist": (enter(occurred_on="2023-02-30"), 2, "date-malformed"),
    "a role of nobody": (enter(role="capo"), 2, "malformed-request"),
    "a key that is a number": (enter(by=5), 2, "malformed-request"),
    "a key that is a list": (enter(by=["a"]), 2, "malformed-request"),
    "a key file that is not there": (enter(by="file:keys/none.pem"), 2, "key-file-absent"),
    "an id that is none": (enter(id="../../etc/passwd"), 2, "malformed-request"),
    "an id that is a number": (enter(id=7), 2, "malformed-request"),
    "files that are a text": (enter(files="a.pdf"), 2, "malformed-request"),
    "persons that are a list": (enter(persons=[1]), 2, "malformed-request"),
    "data that are a text": (enter(data="COLLAUDO"), 2, "malformed-request"),
    "a list": ([enter()], 2, "malformed-request"),
    "too deep": ('{"data":' + "[" * 100_000, 2, "malformed-request"),
    "a role that the key does not hold": (enter(role="segretario"), 12, "not-authorised"),
    "an intervention that is not registered": (enter(cup=OTHER_CUP), 13, "intervention-unknown"),
    "a date to come": (enter(occurred_on="2099-01-01"), 13, "future-date"),
}


@pytest.mark.parametrize("case", BAD_REQUESTS.values(), ids=BAD_REQUESTS.keys())
def test_a_bad_request_is_answered_with_its_code_and_nothing_is_recorded(
    home: Home, tmp_path: Path, case: tuple[object, int, str]
) -> None:
    size = size_of(home)
    request, code, name = case
    ran = record(home, written(tmp_path / "r.ndjson", request))
    warning, summary = ran.lines
    codes = {warning["code"], *(error["code"] for error in warning.get("errors", ()))}
    assert (ran.exit_code, summary["exit"], summary["recorded"]) == (code, code, 0)
    assert name in codes
    assert size_of(home) == size


def test_a_cup_with_letters_for_digits_is_refused_with_a_proposal(
    home: Home, tmp_path: Path
) -> None:
    request = {
        "command": "register-intervention/2",
        "role": "rup",
        "occurred_on": "2022-06-28",
        "data": {**INTERVENTION, "cup": "C81F22OO4270006"},
    }
    ran = record(home, written(tmp_path / "r.ndjson", request))
    assert ran.exit_code == 2
    (fault,) = ran.lines[0]["errors"]
    assert (fault["pointer"], fault["proposal"]) == ("/data/cup", OTHER_CUP)
    assert OTHER_CUP in ran.stderr


def test_without_any_key_the_request_is_refused(home: Home, tmp_path: Path) -> None:
    file = written(tmp_path / "r.ndjson", enter())
    ran = run(home, "--json", "record", str(file))
    assert (ran.lines[0]["errors"][0]["pointer"], ran.exit_code) == ("/by", 2)


def test_a_file_that_is_not_there_is_named(home: Home) -> None:
    ran = record(home, "none.ndjson")
    assert ran.exit_code == 2
    assert "none.ndjson" in ran.stderr


def test_a_file_that_is_not_utf8_is_refused(home: Home, tmp_path: Path) -> None:
    (tmp_path / "r.ndjson").write_bytes(b'{"command": "perch\xe9"}\n')
    assert record(home, tmp_path / "r.ndjson").exit_code == 2
