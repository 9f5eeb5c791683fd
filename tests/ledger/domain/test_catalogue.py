"""The catalogue is whole: names, commands, sentences, rules, roles. Source: DOMAIN sections 9 to 11."""

from __future__ import annotations

import importlib
import json
import re
import string
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest

import ledger.domain.events as events_package
import ledger.domain.rules as rules_package
from ledger.domain.events.catalogue import FAMILIES, event_types, type_asked, type_named
from ledger.domain.events.declaration import Role
from ledger.domain.rules.finding import declared_findings
from ledger.domain.rules.refusal import declared_rules
from ledger.domain.shapes import Kind, Many, Record, Table
from ledger.errors import NotAuthorised, Refused
from schemas import files
from tests.ledger.domain.worlds import ALL_ROLES, World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.domain.events.declaration import EventType
    from tests.ledger.domain.cases import Accepted

HERE = Path(__file__).parent
TABLES = tuple(
    importlib.import_module(f"tests.ledger.domain.{path.stem}")
    for path in sorted(HERE.glob("test_decide_*.py"))
)
# The catalogue of DOMAIN section 9, restated: one row a type, with the roles of section 11.
RESTATED = {row["type"]: row for row in json.loads(files.read("codes/catalogue.json"))}
REFUSED = {f"{t.__name__}: {name}": case for t in TABLES for name, case in t.REFUSED.items()}
BY_TYPE: dict[str, Accepted] = {
    case.when["command"]: case for t in TABLES for case in t.ACCEPTED.values()
}
# Refused before the rules are asked, or asked of envelopes alone.
OF_THE_FORM = {
    "act-number-zero",
    "cup-mismatch",
    "legal-date-mismatch",
    "malformed-request",
    "missing-field",
    "nothing-to-confirm",
    "personal-data-in-text",
}
OF_ENVELOPES = {
    "piece-misplaced",
    "pieces-missing",
    "streams-mismatch",
    "streams-too-many",
    "file-name-refused",
    "file-named-twice",
    "corrects-not-meant",
    "ledger-event-not-bare",
    "type-superseded",
}
# Said by the form of a value, wherever it stands.
OF_A_VALUE = ("-malformed", "act-number-zero")
# Raised by facts of many types, so that no declaration names them.
OF_EVERY_FACT = {"fact-registered-late", "improbable-date", "personal-data-in-text"}
TYPES = event_types().values()
FACTS = {t.command: t for t in TYPES if not t.is_ledger and t.succeeded_by is None}


def test_each_refusal_is_broken_by_a_row_of_the_tables() -> None:
    broken = {case.code for case in REFUSED.values()}
    assert broken - OF_THE_FORM == set(declared_rules()) - OF_ENVELOPES
    assert broken >= OF_THE_FORM


def test_each_type_is_accepted_by_a_row_of_the_tables() -> None:
    assert set(BY_TYPE) == set(FACTS)


def test_each_refusal_of_a_declaration_is_of_the_declared_ones() -> None:
    named = {rule.code: rule for declared in TYPES for rule in declared.refusals}
    assert all(declared_rules()[code] is rule for code, rule in named.items())


def test_each_finding_is_named_by_a_declaration_or_of_every_fact() -> None:
    named = {code for declared in TYPES for code in declared.findings}
    assert named | OF_EVERY_FACT == set(declared_findings())
    assert not named & OF_EVERY_FACT


@pytest.mark.parametrize("rule", declared_rules().values(), ids=declared_rules())
def test_a_remedy_that_is_a_command_is_a_command(rule: object) -> None:
    first = getattr(rule, "remedy", "").split(" ")[0]
    commands = {row["command"] for row in RESTATED.values()}
    assert not first or first in commands


@pytest.mark.parametrize("declared", TYPES, ids=event_types())
def test_names_are_stable_texts_with_a_version(declared: EventType) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+/[1-9][0-9]*", declared.name)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+/[1-9][0-9]*", declared.command)
    assert declared.name.split("/")[1] == declared.command.split("/")[1]
    past = declared.name.split("/")[0].split("-")[-1]
    assert past.endswith("ed") or past in {"given", "set", "sent", "withdrawn"}
    assert declared.italian[0].isupper()
    assert type_named(declared.name) is declared is type_asked(declared.command)


@pytest.mark.parametrize("declared", TYPES, ids=event_types())
def test_a_sentence_names_fields_that_are_always_there(declared: EventType) -> None:
    required = {field.attribute for field in declared.shape.fields if field.required}
    names = {
        name.split(".")[0] for _, name, _, _ in string.Formatter().parse(declared.says) if name
    }
    assert names <= required


@pytest.mark.parametrize("declared", TYPES, ids=event_types())
def test_every_name_of_a_field_is_ascii_in_snake_case(declared: EventType) -> None:
    names = list(_names(declared.shape))
    assert names
    assert [name for name in names if not re.fullmatch(r"[a-z][a-z0-9_]*", name)] == []


def _names(kind: Kind) -> Iterator[str]:
    if isinstance(kind, Record):
        for field in kind.fields:
            yield field.name
            yield from _names(field.kind)
    elif isinstance(kind, Many | Table):
        yield from _names(kind.item)


@pytest.mark.parametrize("declared", TYPES, ids=event_types())
def test_the_legal_date_is_a_field_that_is_always_there(declared: EventType) -> None:
    dates = [field for field in declared.shape.fields if field.name == declared.dated_by]
    assert [field.required for field in dates] == ([True] if declared.dated_by else [])


def test_every_file_of_events_is_a_family_of_the_catalogue() -> None:
    files = {path.stem for path in Path(events_package.__path__[0]).glob("*.py")}
    families = {family.__name__.rsplit(".", 1)[-1] for family in FAMILIES}
    assert files - {"__init__", "catalogue", "declaration", "streams"} == families
    assert {declared.family for declared in TYPES} == families


def test_importing_the_catalogue_declares_every_rule() -> None:
    folder = Path(rules_package.__path__[0])
    codes = {
        code
        for path in folder.glob("*.py")
        for code in re.findall(r'@(?:refusal|finding)\(\s*"([a-z0-9-]+)"', path.read_text())
    }
    program = (
        "from ledger.domain.events import catalogue\n"
        "from ledger.domain.rules.finding import declared_findings\n"
        "from ledger.domain.rules.refusal import declared_rules\n"
        "print(*declared_rules(), *declared_findings())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) == codes


def test_the_catalogue_and_its_restatement_have_the_same_types() -> None:
    assert set(event_types()) == set(RESTATED)
    assert sum(1 for row in RESTATED.values() if "succeeded_by" not in row) == 147


@pytest.mark.parametrize("declared", TYPES, ids=event_types())
def test_a_type_is_declared_as_the_catalogue_restates_it(declared: EventType) -> None:
    row = RESTATED[declared.name]
    assert (declared.command, declared.italian) == (row["command"], row["italian"])
    fields = {f.name + ("" if f.required else "?") for f in declared.shape.fields}
    assert fields - {"intervention?", "note?", "docs?"} == set(row["fields"])
    assert set(declared.by or ("amministratore",)) == set(row["signers"])
    assert declared.succeeded_by == row.get("succeeded_by")
    if declared.succeeded_by is not None:
        return
    of_values = {code for code in row["refusals"] if code.endswith(OF_A_VALUE)}
    assert {rule.code for rule in declared.refusals} >= set(row["refusals"]) - of_values


@pytest.mark.parametrize("command", FACTS)
def test_each_role_that_is_not_named_is_refused_though_the_key_holds_it(command: str) -> None:
    case = BY_TYPE[command]
    world = World().given(*case.given)
    for role in set(get_args(Role)) - set(FACTS[command].by):
        answer = world.when({**case.when, "role": role, "signed_by": ALL_ROLES})
        assert isinstance(answer, NotAuthorised), role
        assert answer.code == "not-authorised"


@pytest.mark.parametrize("command", FACTS)
def test_each_role_that_is_named_is_refused_to_a_key_that_does_not_hold_it(command: str) -> None:
    case = BY_TYPE[command]
    world = World().given(*case.given)
    for role in FACTS[command].by:
        other = next(one for one in get_args(Role) if one != role)
        answer = world.when({**case.when, "role": role, "signed_by": other})
        assert isinstance(answer, NotAuthorised), role


def test_an_unknown_command_is_answered_with_the_nearest_names() -> None:
    with pytest.raises(Refused) as caught:
        type_asked("register-decreto/1")
    assert caught.value.code == "command-unknown"
    assert "register-determina/1" in caught.value.sentence
    with pytest.raises(Refused) as caught:
        type_named("phase-entered/2")
    assert caught.value.code == "type-unknown"
