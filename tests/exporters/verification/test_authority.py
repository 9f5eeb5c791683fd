"""A server that lets everything pass is found out: keys and roles need their approvals."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from exporters.package import write_folder
from exporters.verification.verify import verify_package
from ledger.records import load_law
from tests.exporters.ledger_fixture import Built, build, by_rup
from tests.exporters.ledger_writer import ADMINISTRATOR, Holder
from tests.exporters.verification.attacker import codes

if TYPE_CHECKING:
    from pathlib import Path

INTRUDER = "f" * 26


@pytest.fixture
def fresh(tmp_path: Path) -> Built:
    """Return a ledger of its own, whose server lets everything pass."""
    return build(tmp_path)


def with_intruder(built: Built, *, approve: bool) -> int:
    """Enrol an intruder, who then records an event, and return its index."""
    ledger = built.ledger
    holder: Holder = ledger.enter(INTRUDER, "first")
    stream = f"actor/{INTRUDER}"
    key = ledger.record(ADMINISTRATOR, "actor-enrolled/1", [stream], ledger.key_data(holder))
    role = {"actor": INTRUDER, "role": "rup", "from": "2026-01-01", "office": "x"}
    grant = ledger.record(ADMINISTRATOR, "role-granted/1", [stream], role)
    if approve:
        ledger.approved(key)
        ledger.approved(grant)
    ledger.holders[INTRUDER] = holder
    data = {"description": "Intervento descritto di nuovo"}
    streams = [f"cup/{built.cup}"]
    ledger.record(INTRUDER, "intervention-described/1", streams, data, role="rup", on=_day())
    return ledger.journal.stream_indexes(streams[0], ledger.journal.last_heads_size())[-1]


def _day() -> date:
    return date(2026, 3, 1)


def test_a_key_enrolled_by_one_administrator_alone_is_not_in_force(
    fresh: Built, tmp_path: Path
) -> None:
    index = with_intruder(fresh, approve=False)
    package = write_folder(fresh.evidence, [fresh.cup], tmp_path, law=load_law())
    report = verify_package(package.path, policy=fresh.policy)
    failed = [(f.step, f.code, f.index) for f in report.failures]
    assert failed == [(8, "key-not-yet-in-force", index)]


def test_a_key_enrolled_by_two_administrators_is_in_force(fresh: Built, tmp_path: Path) -> None:
    with_intruder(fresh, approve=True)
    package = write_folder(fresh.evidence, [fresh.cup], tmp_path, law=load_law())
    assert verify_package(package.path, policy=fresh.policy).exit == 0


def test_a_role_that_was_not_granted_is_found(fresh: Built, tmp_path: Path) -> None:
    data = {"description": "Intervento descritto di nuovo"}
    streams = [f"cup/{fresh.cup}"]
    fresh.ledger.record(
        ADMINISTRATOR, "intervention-described/1", streams, data, role="dirigente", on=_day()
    )
    package = write_folder(fresh.evidence, [fresh.cup], tmp_path, law=load_law())
    report = verify_package(package.path, policy=fresh.policy)
    assert codes(report, 8) == {"role-not-granted"}


def test_a_later_event_changes_the_head_and_all_still_holds(fresh: Built, tmp_path: Path) -> None:
    by_rup(fresh.ledger, "intervention-described/1", "2026-03-01", {"description": "Di nuovo"})
    package = write_folder(fresh.evidence, [fresh.cup], tmp_path, law=load_law())
    report = verify_package(package.path, policy=fresh.policy)
    assert report.exit == 0
    assert "non è provata" not in report.step(15).detail
