"""Several in one commit: refused one by one, resting on each other, forgotten when rolled back."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from ledger.errors import NotAuthorised, PistaError, Refused
from ledger.journal.batch import Receipt
from ledger.journal.memory import MemoryRecorder
from ledger.signing.envelope import parse
from tests.ledger.application.door_kit import ORIGIN, House, build, key_data
from tests.ledger.application.door_story import (
    ACT,
    EVERY_STORE,
    INTERVENTION,
    determina,
    drafted_phase,
    other_id,
    refused_code,
    register,
    visto,
)

if TYPE_CHECKING:
    from pathlib import Path


@EVERY_STORE
def test_a_batch_accepts_and_refuses_one_by_one(house: House) -> None:
    draft, raw = drafted_phase(house)
    unknown_type = house.forged("rup", draft, type="phase-dreamt/1", id=other_id(house))
    same_place = house.forged("rup", draft, id=other_id(house))
    outcomes = house.ledger.record_many([b"niente", raw, same_place, unknown_type, raw])
    told = [one.code if isinstance(one, PistaError) else one.first for one in outcomes]
    assert told == ["jws-malformed", True, "stream-moved", "type-unknown", False]


@EVERY_STORE
def test_a_batch_of_refusals_alone_writes_nothing(house: House) -> None:
    before = house.head()
    outcomes = house.ledger.record_many([b"niente", b""])
    assert all(isinstance(one, PistaError) for one in outcomes)
    assert house.head() == before


def act_and_visto(house: House) -> tuple[bytes, bytes]:
    """Return a determina, and a visto that a second house drafted on the first one's bytes."""
    register(house)
    act = determina(house)
    twin = build(house.folder / "twin", MemoryRecorder(ORIGIN))
    register(twin)
    name, data, beside = visto()
    twin.ledger.record(determina(twin))
    draft = twin.draft("ragioneria", twin.command(name, data, **beside))
    digest = base64.b64encode(parse(act).digest).decode()
    claims = [
        {"name": claim.name, "seq": claim.seq + 1, "prev": digest} for claim in parse(act).streams
    ]
    size, root = house.head()
    basis = {"size": size, "root": base64.b64encode(root).decode()}
    return act, house.forged("ragioneria", draft, streams=claims, basis=basis)


@EVERY_STORE
def test_in_one_batch_the_second_may_rest_on_the_first(house: House) -> None:
    act, endorsement = act_and_visto(house)
    first, second = house.ledger.record_many([act, endorsement])
    assert isinstance(first, Receipt)
    assert isinstance(second, Receipt)
    assert second.index == first.index + 1
    assert first.checkpoint == second.checkpoint


def test_what_rests_on_a_refused_one_is_refused_with_it(house: House) -> None:
    act, endorsement = act_and_visto(house)
    broken = act[:-8] + b"AAAAAAAA"
    outcomes = house.ledger.record_many([broken, endorsement])
    assert [isinstance(one, Refused) for one in outcomes] == [True, True]


def test_a_batch_that_was_rolled_back_is_forgotten(tmp_path: Path) -> None:
    recorder = MemoryRecorder(ORIGIN)
    house = build(tmp_path, recorder)
    act, endorsement = act_and_visto(house)
    before = house.head()
    for _ in range(3):
        recorder.fail_next("before-write", OSError("il disco non risponde"))
        with pytest.raises(OSError, match="disco"):
            house.ledger.record_many([act, endorsement])
    assert house.head() == before
    assert house.ledger.judge.histories.dossier(f"act/{ACT}").count == 0
    assert refused_code(house, endorsement) == "stream-moved"
    outcomes = house.ledger.record_many([act, endorsement])
    assert all(isinstance(one, Receipt) for one in outcomes)


def test_a_rolled_back_enrolment_gives_no_key(tmp_path: Path) -> None:
    recorder = MemoryRecorder(ORIGIN)
    house = build(tmp_path, recorder)
    second = house.enter("ospite", "second")
    raw = house.envelope("admin", "enrol-actor/1", key_data(second, "proof"))
    recorder.fail_next("before-write", OSError("il disco non risponde"))
    with pytest.raises(OSError, match="disco"):
        house.ledger.record(raw)
    assert house.ledger.judge.keys.find_key(second.signer.kid) is None
    assert house.ledger.record(raw).first


def test_a_key_is_enrolled_at_the_place_of_a_batch_that_was_rolled_back(tmp_path: Path) -> None:
    recorder = MemoryRecorder(ORIGIN)
    house = build(tmp_path, recorder)
    request = ("register-intervention/2", INTERVENTION)
    raw = house.envelope("rup", *request, role="rup", occurred_on="2026-03-01")
    recorder.fail_next("before-write", OSError("il disco non risponde"))
    with pytest.raises(OSError, match="disco"):
        house.ledger.record(raw)
    second = house.enter("ospite", "second")
    assert house.write("admin", "enrol-actor/1", key_data(second, "proof")).first


def test_an_enrolment_in_a_batch_does_not_let_its_key_sign_in_the_same_batch(house: House) -> None:
    fresh = house.enter("ospite", "second")
    raw = house.envelope("admin", "enrol-actor/1", key_data(fresh, "proof"))
    house.people["ospite"] = fresh
    draft = house.draft(
        "rup",
        house.command(
            "register-intervention/2", INTERVENTION, role="rup", occurred_on="2026-03-01"
        ),
    )
    enrolled, refused = house.ledger.record_many([raw, house.forged("ospite", draft)])
    assert isinstance(enrolled, Receipt)
    assert isinstance(refused, NotAuthorised)
