"""The door: drafted, signed, recorded; decided again at the place; a receipt given again."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from ledger.errors import Conflict, Malformed, NotAuthorised, Refused
from ledger.journal.memory import MemoryRecorder
from ledger.signing.envelope import parse
from tests.ledger.application.door_kit import (
    CUP,
    ORIGIN,
    OTHER_CUP,
    PEOPLE,
    House,
    build,
    enrol,
    founding,
    opened,
)
from tests.ledger.application.door_story import (
    ACT,
    EVERY_STORE,
    INTERVENTION,
    determina,
    drafted_phase,
    kept_file,
    phase,
    refused_code,
    register,
    visto,
)

if TYPE_CHECKING:
    from pathlib import Path


@EVERY_STORE
def test_what_was_drafted_and_signed_is_recorded_verbatim(house: House) -> None:
    raw = house.envelope(
        "rup", "register-intervention/2", INTERVENTION, role="rup", occurred_on="2026-03-01"
    )
    receipt = house.ledger.record(raw)
    assert receipt.first
    assert house.journal.envelope(receipt.index) == raw == receipt.envelope
    assert house.journal.find(parse(raw).id) == receipt.index


def test_a_draft_says_in_a_sentence_what_is_signed(house: House) -> None:
    command = house.command(
        "register-intervention/2", INTERVENTION, role="rup", occurred_on="2026-03-01"
    )
    draft = house.draft("rup", command)
    assert "Completamento della migrazione in cloud" in draft.sentence
    assert draft.event.streams == (f"cup/{CUP}",)
    assert house.journal.find(draft.event.id) is None


REFUSED_AT_DRAFT: dict[str, tuple[str, str, dict[str, Any], dict[str, Any], str]] = {
    "the intervention is not registered": ("rup", *phase("COLLAUDO"), "intervention-unknown"),
    "the role is not the actor's": (
        "ospite",
        "register-intervention/2",
        INTERVENTION,
        {"role": "rup", "occurred_on": "2026-03-01"},
        "not-authorised",
    ),
    "the role may not sign this type": (
        "ragioneria",
        "register-intervention/2",
        INTERVENTION,
        {"role": "finanziario", "occurred_on": "2026-03-01"},
        "not-authorised",
    ),
    "the legal date is to come": (
        "rup",
        "register-intervention/2",
        INTERVENTION,
        {"role": "rup", "occurred_on": "2026-03-04"},
        "future-date",
    ),
    "the legal date is missing": (
        "rup",
        "register-intervention/2",
        INTERVENTION,
        {"role": "rup"},
        "missing-field",
    ),
    "nothing says which intervention": (
        "rup",
        "enter-phase/1",
        {"phase": "COLLAUDO"},
        {"role": "rup", "occurred_on": "2026-03-01"},
        "streams-missing",
    ),
}


@pytest.mark.parametrize("case", REFUSED_AT_DRAFT.values(), ids=REFUSED_AT_DRAFT.keys())
def test_what_is_refused_at_the_draft_leaves_the_ledger_as_it_was(
    house: House, case: tuple[str, str, dict[str, Any], dict[str, Any], str]
) -> None:
    person, name, data, beside, code = case
    before = house.head()
    with pytest.raises(Refused) as caught:
        house.envelope(person, name, data, **beside)
    assert caught.value.code == code
    assert house.head() == before


@EVERY_STORE
def test_of_two_drafts_on_one_head_the_second_has_moved(house: House) -> None:
    register(house)
    name, data, beside = phase("PROGETTAZIONE")
    first = house.envelope("rup", name, data, **beside)
    second = house.envelope("rup", "enter-phase/1", {"phase": "AFFIDAMENTO"}, **beside)
    house.ledger.record(first)
    with pytest.raises(Conflict) as caught:
        house.ledger.record(second)
    assert caught.value.code == "stream-moved"
    assert caught.value.heads == {f"cup/{CUP}": 2}


@EVERY_STORE
def test_two_drafts_on_streams_apart_are_both_recorded(house: House) -> None:
    raws = [
        house.envelope(
            "rup",
            "register-intervention/2",
            {**INTERVENTION, "cup": cup},
            role="rup",
            occurred_on="2026-03-01",
        )
        for cup in (CUP, OTHER_CUP)
    ]
    assert [house.ledger.record(raw).first for raw in raws] == [True, True]


@EVERY_STORE
def test_a_role_revoked_after_the_draft_refuses_the_record(house: House) -> None:
    register(house)
    name, data, beside = phase("PROGETTAZIONE")
    raw = house.envelope("rup", name, data, **beside)
    house.write(
        "admin", "revoke-role/1", {"actor": PEOPLE["rup"], "role": "rup", "cause": "trasferito"}
    )
    assert refused_code(house, raw) == "not-authorised"


@EVERY_STORE
def test_a_visto_on_an_act_that_moved_after_the_draft_is_a_conflict(house: House) -> None:
    register(house)
    house.ledger.record(determina(house))
    name, data, beside = visto()
    raw = house.envelope("ragioneria", name, data, **beside)
    receipt = house.journal.find(
        parse(house.journal.envelope(house.journal.stream_indexes(f"act/{ACT}")[0])).id
    )
    assert receipt is not None
    house.write(
        "rup",
        "correct-error/1",
        {"cause": "numero errato"},
        role="rup",
        occurred_on="2026-03-02",
        corrects=[parse(house.journal.envelope(receipt)).id],
    )
    assert refused_code(house, raw) == "stream-moved"


def test_a_visto_rechained_on_a_corrected_act_is_refused_by_the_rule(house: House) -> None:
    register(house)
    first = house.ledger.record(determina(house))
    name, data, beside = visto()
    old = house.draft("ragioneria", house.command(name, data, **beside))
    house.write(
        "rup",
        "correct-error/1",
        {"cause": "numero errato"},
        role="rup",
        occurred_on="2026-03-02",
        corrects=[first.event_id],
    )
    claims = []
    for stream in old.event.streams:
        head = house.journal.stream_head(stream)
        assert head is not None
        prev = base64.b64encode(head[2]).decode()
        claims.append({"name": stream, "seq": head[0], "prev": prev})
    code = refused_code(house, house.forged("ragioneria", old, streams=claims))
    assert code in {"act-unknown", "streams-mismatch"}


@EVERY_STORE
def test_the_same_bytes_again_give_the_first_receipt(house: House) -> None:
    _, raw = drafted_phase(house)
    first, again = house.ledger.record(raw), house.ledger.record(raw)
    assert (first.first, again.first) == (True, False)
    assert (again.index, again.proof, again.leaf) == (first.index, first.proof, first.leaf)


def test_the_receipt_is_given_again_when_key_and_file_are_gone(house: House) -> None:
    register(house)
    raw = determina(house)
    first = house.ledger.record(raw)
    kid = house.people["rup"].signer.kid
    house.write("admin", "revoke-key/1", {"actor": PEOPLE["rup"], "kid": kid, "cause": "smarrita"})
    house.ledger.vault.erase(parse(raw).objects[0].commit)
    again = house.ledger.record(raw)
    assert (again.index, again.first) == (first.index, False)


@EVERY_STORE
def test_the_same_id_with_other_bytes_is_a_conflict(house: House) -> None:
    draft, raw = drafted_phase(house)
    house.ledger.record(raw)
    assert refused_code(house, house.forged("rup", draft, reason="altro")) == "event-id-reused"


def test_an_id_is_not_taken_over_by_one_without_the_key(house: House) -> None:
    draft, raw = drafted_phase(house)
    house.ledger.record(raw)
    house.people["rup"] = house.enter("rup", "of a thief")
    assert refused_code(house, house.forged("rup", draft)) == "event-id-reused"


def test_a_ledger_is_founded_once(house: House) -> None:
    raw = house.envelope("admin", "found-ledger/1", founding(house))
    assert refused_code(house, raw) == "founding-misplaced"


def test_nothing_is_recorded_before_the_founding(tmp_path: Path) -> None:
    house = build(tmp_path, MemoryRecorder(ORIGIN))
    _, raw = drafted_phase(house)
    empty = MemoryRecorder(ORIGIN)
    ledger = opened(empty, type(house.anchor)(), house.clock, house.ledger.vault, "empty")
    with pytest.raises(NotAuthorised) as caught:
        ledger.record(raw)
    assert caught.value.code == "key-unknown"
    assert empty.head().position == 0


def test_a_founding_without_administrators_is_refused(tmp_path: Path) -> None:
    house = build(tmp_path, MemoryRecorder(ORIGIN))
    data = {**founding(house), "administrators": []}
    empty = MemoryRecorder(ORIGIN)
    ledger = opened(empty, type(house.anchor)(), house.clock, house.ledger.vault, "empty")
    draft = house.draft("admin", house.command("found-ledger/1", data))
    raw = house.forged("admin", draft)
    with pytest.raises(NotAuthorised) as caught:
        ledger.record(raw)
    assert caught.value.code == "not-founded"


def test_a_missing_file_stops_the_record_and_not_the_draft(house: House) -> None:
    register(house)
    ref = kept_file(house)
    raw = determina(house)
    house.ledger.vault.erase(parse(raw).objects[0].commit)
    assert refused_code(house, raw) == "object-missing"
    assert ref.commit != base64.b64encode(parse(raw).objects[0].commit).decode()


def test_enrolling_a_key_twice_is_refused(house: House) -> None:
    with pytest.raises(NotAuthorised):
        enrol(house, "rup")


def test_a_malformed_request_names_every_fault(house: House) -> None:
    with pytest.raises(Malformed) as caught:
        house.command("enter-phase/1", {"phase": 3, "x": 1}, rol="rup")
    assert [fault.pointer for fault in caught.value.faults] == ["/rol"]
    with pytest.raises(Malformed) as caught:
        house.command("enter-phase/1", {"phase": 3, "x": 1})
    assert {fault.pointer for fault in caught.value.faults} == {"/data/phase", "/data/x"}
