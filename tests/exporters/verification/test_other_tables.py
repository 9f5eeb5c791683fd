"""A package made by other tables of law: what follows from them is not judged, all the rest is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from exporters.package import write_folder
from ledger.domain.law import LawRow
from ledger.records import load_law
from tests.exporters.ledger_fixture import Built, build
from tests.exporters.ledger_writer import ADMINISTRATOR
from tests.exporters.verification.attacker import Forgery, codes

if TYPE_CHECKING:
    from pathlib import Path

LAW = load_law()
DAYS = LawRow(rule="act-registered-late.days", value="1", source="un'altra versione")
OTHER = replace(LAW, rows=(DAYS, *LAW.rows))


@pytest.fixture
def fresh(tmp_path: Path) -> Built:
    """Return a ledger of its own; its founding names tables that this program has not."""
    return build(tmp_path)


def made_elsewhere(built: Built, folder: Path) -> Forgery:
    """Return a package whose findings are those of other tables."""
    package = write_folder(built.evidence, [built.cup], folder, law=OTHER)
    return Forgery(package.path, folder / "copy")


def test_findings_by_other_tables_are_told_as_not_judged(fresh: Built, tmp_path: Path) -> None:
    report = made_elsewhere(fresh, tmp_path).verify(fresh.policy)
    assert (report.failures, report.exit) == ((), 3)
    assert report.step(12).detail.count("altre tabelle") == 2


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
