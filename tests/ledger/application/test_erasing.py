"""An erasure through the door: it finds what it concerns in the log itself, whoever opened it."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
