"""A package made by other tables of law: what follows from them is not judged, all the rest is."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from exporters.package import write_folder
from exporters.to_json import state_to_json
from exporters.to_xml import state_to_xml
from exporters.verification.other_tables import without_tables
from ledger.domain.by_tables import BY_TABLES
from ledger.domain.compliance_tables import ComplianceTables
from ledger.domain.law import LawRow
from ledger.domain.phase_map import PhaseMap
from ledger.domain.shapes import shape_of
from ledger.domain.statement import InterventionState
from ledger.records import load_law
from tests.exporters.ledger_fixture import Built, build
from tests.exporters.ledger_writer import ADMINISTRATOR
from tests.exporters.verification.attacker import Forgery, codes
from tests.ledger.domain.plain_values import full

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

LAW = load_law()
DAYS = LawRow(rule="act-registered-late.days", value="1", source="un'altra versione")
OTHER = replace(
    LAW,
    rows=(DAYS, *LAW.rows),
    phase_map=PhaseMap(),
    deadlines=(),
    procedure_kinds=(),
    compliance=ComplianceTables(),
)
WHOLE = shape_of(InterventionState).parse(full(shape_of(InterventionState)))
FILES = {
    "intervention.json": state_to_json(WHOLE),
    "intervention.xml": state_to_xml(WHOLE),
}


def members(value: Any, place: str = "") -> Iterator[str]:  # noqa: ANN401  any JSON value
    """Yield the places of all members of a state, each item of a list as `*`."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield f"{place}{name}"
            yield from members(member, f"{place}{name}/")
    elif isinstance(value, list):
        for one in value:
            yield from members(one, f"{place}*/")


def test_an_example_with_every_member_loses_those_of_tables_and_no_other() -> None:
    data = FILES["intervention.json"]
    every = set(members(json.loads(data)))
    left = set(members(without_tables("intervention.json", data)))
    assert every >= BY_TABLES
    gone = {place for place in every if any(f"{place}/".startswith(f"{one}/") for one in BY_TABLES)}
    assert left == every - gone


def test_the_xml_loses_the_same_elements_as_the_json() -> None:
    """What is left of the XML is the XML of what is left of the JSON: the same leaves, in order."""
    data = FILES["intervention.xml"]
    lines = without_tables("intervention.xml", data)
    assert isinstance(lines, list)
    for place in BY_TABLES:
        last = place.rpartition("/")[2].encode()
        before = data.count(b"<" + last + b">")
        after = b"\n".join(lines).count(b"<" + last + b">")
        plain = json.loads(FILES["intervention.json"])
        of_place = sum(1 for one in members_of(plain, place.split("/")))
        assert before - after >= of_place > 0, place
    kept = etree.fromstring(b"\n".join(lines))
    assert kept.tag.endswith("intervention")


def members_of(value: Any, place: Sequence[str]) -> Iterator[object]:  # noqa: ANN401  any JSON value
    """Yield what stands at a place, `*` for each item of a list."""
    if not place:
        yield value
    elif place[0] == "*":
        for one in value:
            yield from members_of(one, place[1:])
    elif place[0] in value:
        yield from members_of(value[place[0]], place[1:])


@pytest.mark.parametrize("name", ["intervention.json", "intervention.xml"])
def test_a_changed_member_of_tables_is_left_out_and_any_other_is_seen(name: str) -> None:
    data = FILES[name]
    whole = without_tables(name, data)
    changed = {
        "of tables": data.replace(b"Non avviato", b"Eseguito"),
        "of facts": data.replace(b"c_e506", b"c_e507"),
    }
    assert changed["of tables"] != data != changed["of facts"]
    assert without_tables(name, changed["of tables"]) == whole
    assert without_tables(name, changed["of facts"]) != whole


@pytest.fixture
def fresh(tmp_path: Path) -> Built:
    """Return a ledger of its own; its founding names tables that this program has not."""
    return build(tmp_path, rules="0" * 64)


def made_elsewhere(built: Built, folder: Path) -> Forgery:
    """Return a package whose findings are those of other tables."""
    package = write_folder(built.evidence, [built.cup], folder, law=OTHER)
    return Forgery(package.path, folder / "copy")


def test_findings_by_other_tables_are_told_as_not_judged(fresh: Built, tmp_path: Path) -> None:
    report = made_elsewhere(fresh, tmp_path).verify(fresh.policy)
    assert (report.failures, report.exit) == ((), 3)
    assert report.step(12).detail.count("calcolato con altre") == 2


def test_findings_are_judged_where_the_ledger_adopted_the_tables_of_this_program(
    fresh: Built, tmp_path: Path
) -> None:
    data = {"digest": LAW.rule_set, "changes": "soglie"}
    receipt = fresh.ledger.record(ADMINISTRATOR, "rule-set-adopted/1", ["sys/log"], data)
    fresh.ledger.approved(receipt)
    assert codes(made_elsewhere(fresh, tmp_path).verify(fresh.policy), 12) == {"state-differs"}


@pytest.mark.parametrize("name", ["intervention.json", "intervention.xml", "history.json"])
def test_whatever_else_differs_is_a_failure_all_the_same(
    fresh: Built, tmp_path: Path, name: str
) -> None:
    forged = made_elsewhere(fresh, tmp_path)
    path = forged.path(f"state/{name}")
    path.write_bytes(path.read_bytes().replace(b"50000.00", b"50000.01").replace(b"ESEC", b"ESEL"))
    forged.seal()
    report = forged.verify(fresh.policy)
    assert {(f.code, f.file and f.file.rsplit("/", 1)[-1]) for f in report.step(12).failures} == {
        ("state-differs", name)
    }


def test_a_state_that_is_no_canonical_json_is_a_failure(fresh: Built, tmp_path: Path) -> None:
    forged = made_elsewhere(fresh, tmp_path)
    path = forged.path("state/intervention.json")
    path.write_bytes(path.read_bytes().replace(b'"acts":', b'"acts": '))
    forged.seal()
    assert codes(forged.verify(fresh.policy), 12) == {"json-not-canonical"}
