"""What the log says of itself: signed events that should not be there, and what is gone from it.

These ledgers are written consistently: every tree, tile, anchor and column fits. Only the strict
reading of each event, with the keys in force at its place, tells that something is wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ledger.journal.leaf import EventLeaf, format_hash, parse_leaf
from ledger.journal.row import pack, unpack
from ledger.signing.envelope import parse
from tests.exporters.ledger_erasure import erase
from tests.exporters.ledger_fixture import CUP
from tests.exporters.ledger_writer import ORIGIN, PUBLISHER, RUP
from tests.ledger.fsck.ledgers import begin_again, places

if TYPE_CHECKING:
    from ledger.fsck.finding import Finding
    from tests.exporters.ledger_writer import Ledger
    from tests.ledger.fsck.conftest import Copy
    from tests.ledger.fsck.ledgers import Made

DOCUMENT = {"doc": "x.txt", "kind": "altro", "form": "solo-elettronico"}


def draft(ledger: Ledger, /, **changed: Any) -> dict[str, Any]:  # noqa: ANN401  members of a payload
    """Return the payload of a document attached by the RUP, with members changed."""
    payload = ledger.draft(RUP, "document-attached/1", [f"cup/{CUP}"], DOCUMENT, role="rup")
    return {**payload, "occurred_on": "2026-03-01", **changed}


def wrong_ledger(ledger: Ledger) -> bytes:
    return ledger.sign(RUP, draft(ledger, ledger="altro.example/c_e506"))


def old_key(ledger: Ledger) -> bytes:
    return ledger.sign(RUP, draft(ledger), ledger.enter(RUP, "first"))


def unknown_key(ledger: Ledger) -> bytes:
    return ledger.sign(RUP, draft(ledger), ledger.enter(RUP, "third"))


def key_of_another(ledger: Ledger) -> bytes:
    return ledger.sign(RUP, draft(ledger), ledger.holders[PUBLISHER])


def role_not_granted(ledger: Ledger) -> bytes:
    return ledger.sign(RUP, draft(ledger, role="finanziario"))


def data_of_no_form(ledger: Ledger) -> bytes:
    return ledger.sign(RUP, draft(ledger, data={**DOCUMENT, "kind": "inventato"}))


def no_legal_date(ledger: Ledger) -> bytes:
    return ledger.sign(RUP, draft(ledger, occurred_on=None))


def streams_of_keys(ledger: Ledger) -> bytes:
    payload = ledger.draft(RUP, "document-attached/1", [f"actor/{RUP}"], DOCUMENT, role="rup")
    return ledger.sign(RUP, {**payload, "occurred_on": "2026-03-01"})


def unknown_type(ledger: Ledger) -> bytes:
    return ledger.sign(RUP, draft(ledger, type="invented-thing/1"))


WRONG = {
    "signed for another ledger": (wrong_ledger, "ledger-mismatch"),
    "a key that was rotated away": (old_key, "key-revoked"),
    "a key that nobody enrolled": (unknown_key, "key-unknown"),
    "the key of another": (key_of_another, "actor-mismatch"),
    "a role that was not granted": (role_not_granted, "role-not-granted"),
    "data not of the form of the type": (data_of_no_form, "code-unknown"),
    "an event without a legal date": (no_legal_date, "occurred-on-missing"),
    "streams that the type cannot join": (streams_of_keys, "streams-not-of-type"),
}


def recorded(made: Made, raw_of: Any) -> int:  # noqa: ANN401  one of the functions above
    """Record an event that should not be there; return its position."""
    with begin_again(made) as ledger:
        return ledger.submit(raw_of(ledger)).index + 1


@pytest.mark.parametrize("what", WRONG)
def test_an_event_that_should_not_be_there_is_named(what: str, told_file: Made, copy: Copy) -> None:
    raw_of, code = WRONG[what]
    twin = copy(told_file)
    position = recorded(twin, raw_of)
    found = list(twin.examine().findings)
    assert {one.position for one in found} == {position}, places(found)
    assert found[0].is_fault
    if what != "data not of the form of the type":
        assert found[0].code == code


def test_a_type_of_another_version_wants_attention(told_file: Made, copy: Copy) -> None:
    twin = copy(told_file)
    recorded(twin, unknown_type)
    assert [(one.code, one.is_fault) for one in twin.examine().findings] == [
        ("type-unknown", False)
    ]


def test_an_event_of_keys_that_nobody_may_sign_is_named(told_file: Made, copy: Copy) -> None:
    twin = copy(told_file)
    with begin_again(twin) as ledger:
        data = {"actor": PUBLISHER, "role": "rup", "cause": "x"}
        receipt = ledger.record(RUP, "role-revoked/1", [f"actor/{PUBLISHER}"], data)
    found = list(twin.examine().findings)
    assert places(found) == [f"not-administrator event.data, position {receipt.index + 1}"]


def test_a_basis_that_goes_back_or_was_never_published_is_named(
    told_file: Made, copy: Copy
) -> None:
    twin = copy(told_file)
    with begin_again(twin) as ledger:
        older = {"size": 2, "root": format_hash(ledger.journal.root_at(2))}
        first = ledger.submit(ledger.sign(RUP, draft(ledger)))
        raw = ledger.sign(RUP, draft(ledger, basis=older))
        second = ledger.submit(raw)
    found = list(twin.examine().findings)
    assert places(found) == [f"basis-older event.data, position {second.index + 1}"]
    assert first.index < second.index


def empty(made: Made, position: int) -> tuple[int, str]:
    """Take the envelope out of a row; return index and digest of what was erased."""
    ((data,),) = made.execute("SELECT data FROM event WHERE position = ?", position)
    leaf, _ = unpack(data)
    made.execute("UPDATE event SET data = ? WHERE position = ?", pack(leaf, b""), position)
    parsed = parse_leaf(leaf)
    assert isinstance(parsed, EventLeaf)
    return position - 1, format_hash(parsed.envelope_digest)


def position_of(made: Made, type_: str) -> int:
    """Return the position of the first event of a type."""
    query = "SELECT min(position) FROM event WHERE type = ?"
    return int(made.execute(query, type_)[0][0])


def test_an_envelope_is_missed_unless_it_was_erased(told_file: Made, copy: Copy) -> None:
    twin = copy(told_file)
    position = position_of(twin, "phase-reverted/1")
    index, digest = empty(twin, position)
    found = list(twin.examine().findings)
    assert places(found) == [f"envelope-missing event.data, position {position}"]
    with begin_again(twin) as ledger:
        erase(ledger, [f"cup/{CUP}"], envelopes=[{"index": index, "digest": digest}])
    assert list(twin.examine().findings) == []
    assert list(twin.examine(from_kept=True).findings) == []


def test_an_event_of_keys_is_never_erased(told_file: Made, copy: Copy) -> None:
    twin = copy(told_file)
    position = position_of(twin, "key-rotated/1")
    index, digest = empty(twin, position)
    with begin_again(twin) as ledger:
        erase(ledger, [f"cup/{CUP}"], envelopes=[{"index": index, "digest": digest}])
    codes = {one.code for one in twin.examine().findings if one.position == position}
    assert "envelope-missing" in codes


def test_an_erased_envelope_that_is_still_there_is_named(told_file: Made, copy: Copy) -> None:
    twin = copy(told_file)
    position = position_of(twin, "phase-reverted/1")
    digest = digest_of(twin, position)
    with begin_again(twin) as ledger:
        erase(ledger, [f"cup/{CUP}"], envelopes=[{"index": position - 1, "digest": digest}])
    found = list(twin.examine().findings)
    assert places(found) == [f"erased-envelope-present event.data, position {position}"]


def digest_of(made: Made, position: int) -> str:
    """Return the digest of an envelope, in base64."""
    ((data,),) = made.execute("SELECT data FROM event WHERE position = ?", position)
    return format_hash(parse(unpack(data)[1]).digest)


def test_an_erased_object_is_not_there(told_file: Made, copy: Copy) -> None:
    twin = copy(told_file)
    ((data,),) = twin.execute(
        "SELECT data FROM event WHERE position = ?", position_of(twin, "document-attached/1")
    )
    (ref,) = parse(unpack(data)[1]).objects
    with begin_again(twin) as ledger:
        erase(ledger, [f"cup/{CUP}"], commits=[format_hash(ref.commit)])
    found = list(twin.examine(with_vault=True).findings)
    assert [one.code for one in found] == ["erased-object-present"]
    twin.open_vault().erase(ref.commit)
    assert list(twin.examine(with_vault=True).findings) == []


def test_an_object_that_is_gone_without_an_erasure_is_missed(told_file: Made, copy: Copy) -> None:
    twin = copy(told_file)
    vault = twin.open_vault()
    (first, *_) = [stored.commit for stored in vault.list()]
    vault.erase(first)
    found = list(twin.examine(with_vault=True).findings)
    assert [one.code for one in found] == ["object-missing"]


@pytest.mark.parametrize("member", ["size", "media_type"])
def test_an_object_other_than_signed_for_is_named(member: str, told_file: Made, copy: Copy) -> None:
    twin = copy(told_file)
    stored = next(iter(twin.open_vault().list()))
    said = {
        "name": "x.txt",
        "commit": format_hash(stored.commit),
        "size": stored.size_bytes,
        "media_type": stored.media_type,
    }
    said[member] = 7 if member == "size" else "text/html"
    recorded(twin, lambda ledger: ledger.sign(RUP, draft(ledger, objects=[said])))
    found = list(twin.examine(with_vault=True).findings)
    assert [one.code for one in found] == ["object-said-otherwise"]


def test_the_same_id_twice_is_named(told_file: Made, copy: Copy) -> None:
    """Its key cannot be stored twice, so that of the second is not there."""
    twin = copy(told_file)
    first = position_of(twin, "phase-reverted/1")
    ((key,),) = twin.execute("SELECT key FROM event WHERE position = ?", first)
    twin.execute("UPDATE event SET key = NULL WHERE position = ?", first)
    position = recorded(twin, lambda ledger: ledger.sign(RUP, draft(ledger, id=key)))
    found: list[Finding] = list(twin.examine().findings)
    assert places(found) == [
        f"column-differs event.key, position {first}",
        f"id-repeated event.data, position {position}",
    ]
    assert twin.origin == ORIGIN
