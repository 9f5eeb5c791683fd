"""The scribe believes only what is proven: receipts, heads, and what it saw before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from api.client.desk import Desk
from api.client.receipts import format_receipt
from api.client.scribe import Scribe
from ledger.application.door import Ledger
from ledger.errors import Absent, Conflict, NotVerified, Refused
from ledger.journal.checkpoint import Checkpoint, sign_checkpoint
from ledger.journal.leaf import EventLeaf, StreamPlace, format_leaf, parse_leaf
from ledger.journal.merkle import leaf_hash
from ledger.journal.proofs import LogProof, format_proof
from ledger.signing.envelope import parse
from ledger.signing.octets import format_base64url, parse_base64url
from tests.api.client.scribe_kit import POLICY, command, scribe_of
from tests.exporters.ledger_writer import octets
from tests.ledger.application.door_kit import NOTE_SIGNER, ORIGIN, House
from tests.ledger.application.door_story import phase

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger.journal.batch import Receipt


class Lying(Ledger):
    """A ledger that records, and then shows another receipt than the true one."""

    def __init__(self, true: Ledger, lie: Callable[[Receipt], Receipt]) -> None:
        """Lie over a true ledger."""
        super().__init__(
            journal=true.journal,
            sequencer=true.sequencer,
            judge=true.judge,
            vault=true.vault,
            clock=true._clock,
            random=lambda count: octets("nonce of the lying ledger", count),
        )
        self.lie = lie

    @override
    def record(self, raw: bytes) -> Receipt:
        """Record and lie."""
        return self.lie(super().record(raw))


def test_what_is_written_leaves_envelope_receipt_and_head_on_the_desk(house: House) -> None:
    asked = command(house)
    receipt = scribe_of(house).write(asked)
    desk = Desk(house.folder / "desk")
    assert desk.envelope_file(asked.id).read_bytes() == receipt.envelope
    assert desk.receipt_file(asked.id).read_bytes() == format_receipt(receipt)
    assert desk.head_file(house.people["rup"].signer.kid).exists()
    assert [
        path.suffix for path in (house.folder / "desk").iterdir() if path.suffix == ".tmp"
    ] == []


def _moved_leaf(receipt: Receipt) -> Receipt:
    leaf = parse_leaf(receipt.leaf)
    assert isinstance(leaf, EventLeaf)
    places = tuple(StreamPlace("cup/C81C22001220099", place.seq) for place in leaf.streams)
    return replace(receipt, leaf=format_leaf(replace(leaf, streams=places)))


def _renumbered_leaf(receipt: Receipt) -> Receipt:
    leaf = parse_leaf(receipt.leaf)
    assert isinstance(leaf, EventLeaf)
    places = tuple(StreamPlace(place.name, place.seq + 1) for place in leaf.streams)
    return replace(receipt, leaf=format_leaf(replace(leaf, streams=places)))


def _other_signature(receipt: Receipt) -> Receipt:
    text, _, signature = receipt.envelope.rpartition(b".")
    return replace(receipt, envelope=text + b"." + b"A" * len(signature))


def _later_leaf(receipt: Receipt) -> Receipt:
    leaf = parse_leaf(receipt.leaf)
    assert isinstance(leaf, EventLeaf)
    later = leaf.received_at.replace(year=leaf.received_at.year + 1)
    return replace(receipt, leaf=format_leaf(replace(leaf, received_at=later)))


def _other_index(receipt: Receipt) -> Receipt:
    return replace(
        receipt, proof=receipt.proof.replace(f"index {receipt.index}\n".encode(), b"index 0\n")
    )


def _unsigned_head(receipt: Receipt) -> Receipt:
    head, _, _ = receipt.proof.rpartition("— ".encode())
    return replace(receipt, proof=head)


LIES: dict[str, tuple[Callable[[Receipt], Receipt], str]] = {
    "the leaf lies in another stream": (_moved_leaf, "receipt-other"),
    "the leaf has another number": (_renumbered_leaf, "receipt-other"),
    "the envelope has another signature": (_other_signature, "receipt-other"),
    "the leaf has another time": (_later_leaf, "inclusion-not-proven"),
    "the proof is of another place": (_other_index, "inclusion-not-proven"),
    "the head is not signed": (_unsigned_head, ""),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_a_receipt_that_does_not_prove_what_was_signed_is_refused(
    house: House, lie: tuple[Callable[[Receipt], Receipt], str]
) -> None:
    tell, code = lie
    asked = command(house)
    with pytest.raises(NotVerified) as caught:
        scribe_of(house, Lying(house.ledger, tell)).write(asked)
    assert code in ("", caught.value.code)
    assert not Desk(house.folder / "desk").receipt_file(asked.id).exists()


def test_the_receipt_of_another_event_is_refused(house: House) -> None:
    first = scribe_of(house).write(command(house))
    lying = Lying(house.ledger, lambda _: first)
    with pytest.raises(NotVerified) as caught:
        scribe_of(house, lying).write(command(house, "AFFIDAMENTO"))
    assert caught.value.code == "receipt-other"


P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def other_signature(raw: bytes) -> bytes:
    """Return the same event under the other valid signature of the same key: (r, n - s)."""
    text, _, signature = raw.rpartition(b".")
    r, s = parse_base64url(signature.decode())[:32], parse_base64url(signature.decode())[32:]
    other = (P256_ORDER - int.from_bytes(s, "big")).to_bytes(32, "big")
    return text + b"." + format_base64url(r + other).encode()


def test_a_first_receipt_with_another_valid_signature_is_accepted(house: House) -> None:
    scribe = scribe_of(house)
    raw = house.signed("rup", scribe.drafts(command(house))[0])
    stored = other_signature(raw)
    first = house.ledger.record(stored)
    again = scribe.send(raw)
    assert (again.index, again.first, again.envelope) == (first.index, False, stored)


def test_a_log_that_stored_the_event_under_a_false_signature_is_refused(house: House) -> None:
    def lie(receipt: Receipt) -> Receipt:
        false = _other_signature(receipt)
        leaf = parse_leaf(receipt.leaf)
        assert isinstance(leaf, EventLeaf)
        digest = parse(false.envelope).digest
        data = format_leaf(replace(leaf, envelope_digest=digest))
        note = sign_checkpoint(Checkpoint(ORIGIN, 1, leaf_hash(data)), NOTE_SIGNER)
        return replace(false, leaf=data, proof=format_proof(LogProof(0, (), note)))

    with pytest.raises(NotVerified) as caught:
        scribe_of(house, Lying(house.ledger, lie)).write(command(house))
    assert caught.value.code == "signature-invalid"


def test_what_is_refused_is_not_on_the_desk(house: House) -> None:
    asked = command(house)
    with pytest.raises(Refused):
        scribe_of(house, name="ospite").write(asked)
    assert not Desk(house.folder / "desk").envelope_file(asked.id).exists()


def test_what_was_signed_and_not_recorded_is_drafted_anew(house: House) -> None:
    asked = command(house)
    scribe = scribe_of(house)
    draft = scribe.drafts(asked)[0]
    raw = house.signed("rup", draft)
    Desk(house.folder / "desk").envelope_file(asked.id).write_bytes(raw)
    assert scribe.resume(asked.id) is None
    receipt = scribe.write(asked)
    assert receipt.first
    assert parse(receipt.envelope).id == asked.id


def test_what_was_recorded_before_its_receipt_was_kept_gets_it_again(house: House) -> None:
    asked = command(house)
    scribe = scribe_of(house)
    first = scribe.write(asked)
    kept = Desk(house.folder / "desk").receipt_file(asked.id)
    kept.unlink()
    size = house.journal.size
    again = scribe.resume(asked.id)
    assert again is not None
    assert (again.first, house.journal.size) == (False, size)
    assert kept.read_bytes() == format_receipt(first)


def test_an_id_that_another_hand_used_is_a_conflict(house: House) -> None:
    asked = command(house)
    scribe_of(house).write(asked)
    name, data, beside = phase("COLLAUDO")
    with pytest.raises(Conflict) as caught:
        scribe_of(house).write(house.command(name, data, id=asked.id, **beside))
    assert caught.value.code == "event-id-reused"


def test_a_key_that_was_never_enrolled_has_no_hand(house: House) -> None:
    stranger = house.enter("ospite", "never").signer
    scribe = Scribe(house.ledger, stranger, POLICY, Desk(house.folder / "desk"))
    with pytest.raises(Absent) as caught:
        scribe.write(command(house))
    assert caught.value.code == "key-unknown"
