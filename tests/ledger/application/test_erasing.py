"""An erasure through the door: it finds what it concerns in the log itself, whoever opened it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from ledger.errors import PistaError, StorageError
from ledger.journal.leaf import EventLeaf, parse_leaf
from ledger.records import encode_digest
from ledger.signing.envelope import parse
from tests.ledger.application.door_kit import CUP, OTHER_CUP, House, grant
from tests.ledger.application.door_story import (
    ACT,
    DETERMINA,
    EVERY_STORE,
    kept_file,
    refused_code,
    register,
)

if TYPE_CHECKING:
    from ledger.domain.event import ObjectRef
    from ledger.journal.batch import Receipt

STREAMS = [f"act/{ACT}", f"cup/{CUP}", f"cup/{OTHER_CUP}"]
APPROVAL = {"role": "segretario", "occurred_on": "2026-03-02", "cup": OTHER_CUP}
ERASURE = {"role": "dpo", "occurred_on": "2026-03-02"}
HOLD = {"hold": "h-1", "cause": "audit", "scope": "intervento"}


def shared(house: House) -> tuple[ObjectRef, Receipt]:
    """Register an act of two CUPs; return its file and its receipt. Two people may erase."""
    grant(house, "ospite", "dpo")
    grant(house, "ragioneria", "segretario")
    register(house)
    register(house, OTHER_CUP)
    ref = kept_file(house)
    data = {**DETERMINA, "links": [{"cup": CUP}, {"cup": OTHER_CUP}]}
    written = house.write("rup", "register-determina/1", data, role="rup", objects=(ref,))
    return ref, written


def asked_and_approved(house: House, **what: object) -> Receipt:
    """Ask for an erasure and approve it; return the receipt of the approval."""
    data = {"request": "r-1", "received_on": "2026-03-02", "ground": "revoca", **what}
    house.write("ospite", "request-erasure/2", data, role="dpo")
    return house.write("ragioneria", "approve-erasure/1", {"request": "r-1"}, **APPROVAL)


def streams_at(house: House, index: int) -> list[str]:
    """Return the streams of the leaf at an index."""
    leaf = parse_leaf(house.journal.leaf(index))
    assert isinstance(leaf, EventLeaf)
    return [place.name for place in leaf.streams]


@EVERY_STORE
def test_request_approval_and_erasure_stand_wherever_the_content_does(house: House) -> None:
    ref, _ = shared(house)
    approval = asked_and_approved(house, commits=[ref.commit])
    data = {"commits": [ref.commit], "legal_basis": "garante-order", "approval": approval.event_id}
    erasure = house.write("ospite", "erase-content/1", data, **ERASURE)
    for receipt in (approval, erasure):
        assert streams_at(house, receipt.index) == STREAMS
    for cup in (CUP, OTHER_CUP):
        (file,) = house.ledger.judge.histories.dossier(f"cup/{cup}").documents.files
        assert file.erased is not None
        assert file.erased.index == erasure.index


def test_an_erasure_signed_for_fewer_streams_is_refused(house: House) -> None:
    ref, _ = shared(house)
    approval = asked_and_approved(house, commits=[ref.commit])
    data = {"commits": [ref.commit], "legal_basis": "garante-order", "approval": approval.event_id}
    draft = house.draft("ospite", house.command("erase-content/1", data, **ERASURE))
    claims = parse(house.signed("ospite", draft)).payload["streams"]
    for left_out in STREAMS:
        short = [claim for claim in claims if claim["name"] != left_out]
        assert refused_code(house, house.forged("ospite", draft, streams=short)) == (
            "streams-mismatch"
        )
    house.ledger.record(house.signed("ospite", draft))


def test_a_process_that_did_not_draft_it_finds_the_same_streams(house: House) -> None:
    ref, _ = shared(house)
    approval = asked_and_approved(house, commits=[ref.commit])
    data = {"commits": [ref.commit], "legal_basis": "garante-order", "approval": approval.event_id}
    raw = house.envelope("ospite", "erase-content/1", data, **ERASURE)
    receipt = house.another().ledger.record(raw)
    assert streams_at(house, receipt.index) == STREAMS


def test_an_event_is_erased_by_its_leaf_and_the_digest_of_its_envelope(house: House) -> None:
    ref, written = shared(house)
    digest = encode_digest(parse(house.journal.envelope(written.index)).digest)
    named = [{"index": written.index, "digest": digest}]
    approval = asked_and_approved(house, commits=[ref.commit], envelopes=named)
    data = {"commits": [ref.commit], "legal_basis": "court-order", "approval": approval.event_id}
    erasure = house.write("ospite", "erase-content/1", {**data, "envelopes": named}, **ERASURE)
    assert streams_at(house, erasure.index) == STREAMS
    histories = house.ledger.judge.histories
    assert all(not histories.dossier(name).acts for name in STREAMS)


def lawful(house: House, ref: ObjectRef) -> bytes:
    """Return the signed erasure of a content, asked for and approved."""
    approval = asked_and_approved(house, commits=[ref.commit])
    data = {"commits": [ref.commit], "legal_basis": "garante-order", "approval": approval.event_id}
    return house.envelope("ospite", "erase-content/1", data, **ERASURE)


def test_what_is_erased_is_destroyed_once_it_is_recorded(house: House) -> None:
    ref, _ = shared(house)
    kept = kept_file(house, "altro.pdf")
    raw = lawful(house, ref)
    assert house.ledger.vault.exists(octets_of(ref))
    house.ledger.record(raw)
    assert not house.ledger.vault.exists(octets_of(ref))
    assert house.ledger.vault.exists(octets_of(kept))


def test_what_is_refused_destroys_nothing(house: House) -> None:
    ref, _ = shared(house)
    raw = lawful(house, ref)
    house.write("ragioneria", "set-retention-hold/1", HOLD, **APPROVAL)
    assert refused_code(house, raw) in {"stream-moved", "hold-in-force"}
    assert house.ledger.vault.exists(octets_of(ref))


def test_an_erasure_is_destroyed_with_others_of_one_commit(house: House) -> None:
    ref, _ = shared(house)
    outcomes = house.ledger.record_many([b"x", lawful(house, ref)])
    assert [isinstance(one, PistaError) for one in outcomes] == [True, False]
    assert not house.ledger.vault.exists(octets_of(ref))


def test_an_erasure_recorded_together_with_others_is_destroyed(house: House) -> None:
    ref, _ = shared(house)
    (receipt,) = house.ledger.record_together([lawful(house, ref)])
    assert streams_at(house, receipt.index) == STREAMS
    assert not house.ledger.vault.exists(octets_of(ref))


def test_an_erasure_that_the_vault_could_not_finish_is_finished_by_sending_it_again(
    house: House,
) -> None:
    ref, _ = shared(house)
    raw = lawful(house, ref)
    lock = house.folder / "vault" / "lock"
    lock.rename(house.folder / "aside")
    lock.mkdir()
    with pytest.raises(StorageError) as caught:
        house.ledger.record(raw)
    assert caught.value.code == "erasure-unfinished"
    (again,) = house.ledger.record_many([raw])
    assert isinstance(again, StorageError)
    assert house.ledger.vault.exists(octets_of(ref))
    lock.rmdir()
    (house.folder / "aside").rename(lock)
    receipt = house.ledger.record(raw)
    assert f"n. {receipt.index}" in caught.value.sentence
    assert not house.ledger.vault.exists(octets_of(ref))
    assert house.ledger.record(raw).index == receipt.index


def octets_of(ref: ObjectRef) -> bytes:
    """Return the commitment of a file as the vault knows it."""
    return base64.b64decode(ref.commit)
