"""What a type asks of its envelope: role, legal date, streams; and types nobody here knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from exporters.package import write_folder
from exporters.verification.type_steps import check_type
from exporters.verification.verify import verify_package
from ledger.domain.law import AdoptedRow, LawRow
from ledger.errors import NotVerified
from ledger.records import load_law
from ledger.signing.envelope import parse
from tests.exporters.ledger_fixture import CUP, Built, build
from tests.exporters.ledger_writer import ACCOUNTANT, ADMINISTRATOR, RUP
from tests.exporters.verification.attacker import codes

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2026, 3, 1)
LAW = load_law()
PHASE = "phase-entered/1"
ENROLLED = "actor-enrolled/1"
OBJECT = {"name": "x", "commit": "A" * 43 + "=", "size": 1, "media_type": "text/plain"}
OF_CUP: dict[str, Any] = {"role": "rup", "on": DAY}

BAD: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "a fact without a role": (PHASE, f"cup/{CUP}", {"on": DAY}, "role-not-of-type"),
    "a fact by a role that may not": (
        PHASE,
        f"cup/{CUP}",
        {"role": "pubblicatore", "on": DAY},
        "role-not-of-type",
    ),
    "a fact without its day": (PHASE, f"cup/{CUP}", {"role": "rup"}, "occurred-on-missing"),
    "a fact in the stream of the ledger": (PHASE, "sys/log", OF_CUP, "streams-not-of-type"),
    "a fact in the stream of the sources": (PHASE, "sys/sources", OF_CUP, "streams-not-of-type"),
    "a file of open data in the stream of a CUP": (
        "source-observed/1",
        f"cup/{CUP}",
        OF_CUP,
        "streams-not-of-type",
    ),
    "a file of open data in the stream of the ledger": (
        "source-observed/1",
        "sys/log",
        OF_CUP,
        "streams-not-of-type",
    ),
    "a key in the stream of the sources": (ENROLLED, "sys/sources", {}, "streams-not-of-type"),
    "a registration by an istruttore": (
        "determina-registered/1",
        f"cup/{CUP}",
        {"role": "istruttore", "on": DAY},
        "role-not-of-type",
    ),
    "an anchor with a legal day": (
        "ledger-anchored/1",
        "sys/log",
        {"on": DAY},
        "ledger-event-too-full",
    ),
    "a fact in the stream of a person": (PHASE, f"actor/{RUP}", OF_CUP, "streams-not-of-type"),
    "a key in the stream of a CUP": (ENROLLED, f"cup/{CUP}", {}, "streams-not-of-type"),
    "a key by a role": (ENROLLED, f"actor/{RUP}", {"role": "rup"}, "role-not-of-type"),
    "a key with a legal day": (ENROLLED, f"actor/{RUP}", {"on": DAY}, "ledger-event-too-full"),
    "a key with a file": (
        ENROLLED,
        f"actor/{RUP}",
        {"objects": [OBJECT]},
        "ledger-event-too-full",
    ),
    "a key that corrects": (
        ENROLLED,
        f"actor/{RUP}",
        {"corrects": ["01890a5d-ac96-774b-bcce-b302099a8057"]},
        "ledger-event-too-full",
    ),
}


@pytest.mark.parametrize(("type_", "stream", "parts", "code"), BAD.values(), ids=BAD.keys())
def test_an_envelope_has_what_its_type_asks_for(
    built: Built, type_: str, stream: str, parts: dict[str, Any], code: str
) -> None:
    draft = built.ledger.draft(RUP, type_, [stream], {}, **parts)
    with pytest.raises(NotVerified, match=code):
        check_type(parse(built.ledger.sign(RUP, draft)), LAW, DAY)


GOOD: dict[str, tuple[str, str, dict[str, Any]]] = {
    "an exception of the whole ledger": (
        "sod-exception-declared/1",
        "sys/log",
        {"role": "segretario", "on": DAY},
    ),
    "a file of open data": (
        "source-observed/1",
        "sys/sources",
        {"role": "importatore", "on": DAY},
    ),
    "the correction of an exception of the whole ledger": (
        "error-corrected/1",
        "sys/log",
        {"role": "segretario", "on": DAY, "corrects": ["01890a5d-ac96-774b-bcce-b302099a8057"]},
    ),
    "an anchor with its proof": ("ledger-anchored/1", "sys/log", {"objects": [OBJECT]}),
}


@pytest.mark.parametrize(("type_", "stream", "parts"), GOOD.values(), ids=GOOD.keys())
def test_some_types_stand_in_the_streams_of_the_ledger(
    built: Built, type_: str, stream: str, parts: dict[str, Any]
) -> None:
    draft = built.ledger.draft(RUP, type_, [stream], {}, **parts)
    check_type(parse(built.ledger.sign(RUP, draft)), LAW, DAY)


def test_a_role_that_the_ledger_has_let_in_may_sign(built: Built) -> None:
    row = LawRow(rule="sod.istruttore-registers", value="yes", source="prova")
    law = replace(LAW, adopted=(AdoptedRow(row=row, index=7, force_at=7),))
    parts: dict[str, Any] = {"role": "istruttore", "on": DAY}
    draft = built.ledger.draft(RUP, "determina-registered/1", [f"cup/{CUP}"], {}, **parts)
    envelope = parse(built.ledger.sign(RUP, draft))
    check_type(envelope, law.at(8), DAY)
    with pytest.raises(NotVerified, match="role-not-of-type"):
        check_type(envelope, law.at(7), DAY)


def test_every_registration_of_a_good_ledger_has_what_its_type_asks_for(built: Built) -> None:
    raws = [built.evidence.envelope(index) for index in range(built.size)]
    envelopes = [parse(raw) for raw in raws if raw]
    for envelope in envelopes:
        check_type(envelope, LAW, DAY)
    assert len(envelopes) > 20


@pytest.mark.parametrize(
    ("actor", "parts", "expected"),
    [
        (ACCOUNTANT, {"role": "finanziario", "on": DAY}, {"role-not-of-type"}),
        (RUP, {"on": DAY}, {"role-not-of-type"}),
    ],
    ids=["by a role that was granted and may not", "without a role"],
)
def test_a_server_that_lets_such_an_event_pass_is_found_out(
    tmp_path: Path, actor: str, parts: dict[str, Any], expected: set[str]
) -> None:
    fresh = build(tmp_path)
    data = {"description": "Descritto di nuovo"}
    fresh.ledger.record(actor, "intervention-described/1", [f"cup/{CUP}"], data, **parts)
    index = fresh.evidence.stream(f"cup/{CUP}", fresh.evidence.last_head())[-1]
    package = write_folder(fresh.evidence, [CUP], tmp_path, law=load_law())
    report = verify_package(package.path, policy=fresh.policy)
    assert codes(report, 8) == expected
    assert {f.index for f in report.step(8).failures} == {index}


def test_an_unknown_type_beside_the_cup_is_told_as_not_judged(tmp_path: Path) -> None:
    fresh = build(tmp_path)
    fresh.ledger.record(ADMINISTRATOR, "key-blessed/1", ["sys/log"], {})
    package = write_folder(fresh.evidence, [CUP], tmp_path, law=load_law())
    report = verify_package(package.path, policy=fresh.policy)
    assert (report.failures, report.exit) == ((), 3)
    assert report.step(12).outcome == "incomplete"
    assert "key-blessed/1" in report.step(12).detail
