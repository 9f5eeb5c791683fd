"""Tests of state and history as JSON."""

from __future__ import annotations

import json
from datetime import date

import pytest
import rfc8785

from exporters.history import history_of
from exporters.to_json import history_lines, history_to_json, state_to_json
from ledger.domain.evolve import fold
from ledger.domain.statement import state
from ledger.records import load_law
from tests.exporters.example_documents import (
    GOLDEN,
    STREAM,
    documents,
    example_events,
    example_history,
    example_state,
)

JSON_FILES = ("history.json", "intervention.json")


@pytest.mark.parametrize("name", JSON_FILES)
def test_the_bytes_are_those_of_the_golden_file(name: str) -> None:
    assert documents()[name] == (GOLDEN / name).read_bytes()


@pytest.mark.parametrize("name", JSON_FILES)
def test_another_implementation_of_rfc_8785_gives_the_same_bytes(name: str) -> None:
    content = (GOLDEN / name).read_bytes()
    assert rfc8785.dumps(json.loads(content)) + b"\n" == content


def test_the_state_names_the_cup_and_what_was_known() -> None:
    told = json.loads(state_to_json(example_state()))
    assert told["v"] == 1
    assert told["cup"] == "C81C22001220006"
    assert told["known_at"] == told["registrations"] == len(example_events())


def test_the_state_of_an_empty_dossier_says_only_what_must_be_there() -> None:
    empty = state(
        fold(STREAM, []), as_of=date(2024, 1, 1), known_at=0, known_at_time=None, law=load_law()
    )
    told = json.loads(state_to_json(empty))
    assert "acts" not in told
    assert "known_at_time" not in told
    assert told["interventions"] == []


def test_a_code_is_told_as_it_was_given() -> None:
    told = json.loads(history_to_json(example_history()))
    assert told["events"][0]["data"]["cup"] == " c81c-22001220006\r\n"


def test_members_that_say_nothing_are_left_out_of_an_entry() -> None:
    least = json.loads(history_to_json(example_history()))["events"][1]
    assert {"reason", "corrects", "objects"}.isdisjoint(least)


def test_the_history_of_nothing_is_an_empty_list() -> None:
    told = history_to_json(history_of(STREAM, [], size=7))
    assert told == b'{"events":[],"size":7,"stream":"cup/C81C22001220006","v":1}\n'


def test_the_lines_of_a_history_are_its_entries() -> None:
    history = example_history()
    whole = json.loads(history_to_json(history))
    lines = list(history_lines(history.events))
    assert [json.loads(line) for line in lines] == whole["events"]
    assert all(line.count(b"\n") == 1 and line.endswith(b"\n") for line in lines)
