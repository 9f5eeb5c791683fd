"""What is decoded at once from an accepted payload is what the strict reader makes of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.domain.event import Event, ObjectRef
from ledger.domain.events.catalogue import event_types
from ledger.errors import Malformed, Refused, Unreadable
from ledger.records import read_accepted
from ledger.signing.canonical import encode_signed
from ledger.signing.typed import decode_members, decoder_of
from tests.ledger.domain.plain_values import full, plain_of

if TYPE_CHECKING:
    from ledger.domain.events.declaration import EventType

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
OBJECT = {"name": "a.pdf", "commit": "q" * 43 + "=", "size": 7, "media_type": "application/pdf"}


def payload(declared: EventType, data: Any, **more: object) -> dict[str, Any]:  # noqa: ANN401  any JSON
    """Return the members of an event of this type."""
    return {
        "v": 1,
        "id": "01981f6e-7d0a-7c3e-9b1d-2f4a6c8e0b1d",
        "ledger": "pnrr.comune.lecce.it/c_e506",
        "type": declared.name,
        "streams": [{"name": "cup/C81C22001220006", "prev": None, "seq": 0}],
        "basis": {"root": "x", "size": 3},
        "actor": "a" * 26,
        "role": None,
        "occurred_on": None,
        "claimed_at": "2026-03-02T07:59:00Z",
        "data": data,
        "objects": [],
        "nonce": "x",
        **more,
    }


@pytest.mark.parametrize("declared", event_types().values(), ids=list(event_types()))
@given(st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_data_of_every_type_are_what_its_shape_parses(
    declared: EventType, values: st.DataObject
) -> None:
    for data in (full(declared.shape), values.draw(plain_of(declared.shape))):
        read = read_accepted(encode_signed(payload(declared, data)), 5, AT).data
        strict = declared.shape.parse(data)
        assert read == strict
        assert declared.shape.plain(read) == declared.shape.plain(strict)


@pytest.mark.parametrize("declared", event_types().values(), ids=list(event_types()))
def test_the_data_of_every_type_are_decoded_without_the_way_around(declared: EventType) -> None:
    decode = decoder_of(declared.data, lambda kind, text: kind.parse(text))  # type: ignore[attr-defined]
    data = full(declared.shape)
    assert decode(encode_signed(data)) == declared.shape.parse(data)


def test_every_member_of_a_payload_is_read() -> None:
    declared = event_types()["phase-entered/1"]
    said = payload(
        declared,
        {"phase": "ESECUZIONE"},
        role="rup",
        occurred_on="2026-02-23",
        objects=[OBJECT],
        reason="perché sì",
        corrects=["01981f6e-7d0a-7c3e-9b1d-2f4a6c8e0b1e"],
    )
    assert read_accepted(encode_signed(said), 5, AT) == Event(
        id="01981f6e-7d0a-7c3e-9b1d-2f4a6c8e0b1d",
        type=declared,
        streams=("cup/C81C22001220006",),
        actor="a" * 26,
        role="rup",
        occurred_on=date(2026, 2, 23),
        claimed_at=datetime(2026, 3, 2, 7, 59, tzinfo=UTC),
        data=declared.shape.parse({"phase": "ESECUZIONE"}),
        reason="perché sì",
        corrects=("01981f6e-7d0a-7c3e-9b1d-2f4a6c8e0b1e",),
        objects=(ObjectRef("a.pdf", OBJECT["commit"], 7, "application/pdf"),),  # type: ignore[arg-type]
        index=5,
        received_at=AT,
    )


SPOILED: dict[str, tuple[dict[str, object], type[Exception], str]] = {
    "data that miss a field": ({"data": {}}, Malformed, "missing-field"),
    "data with a value of another list": ({"data": {"phase": "X"}}, Malformed, "malformed-request"),
    "a type that is not known": ({"type": "phase-dreamt/1"}, Refused, "type-unknown"),
}


@pytest.mark.parametrize("name", SPOILED)
def test_what_was_spoiled_is_named_as_the_strict_reader_names_it(name: str) -> None:
    changed, kind, code = SPOILED[name]
    said = payload(event_types()["phase-entered/1"], {"phase": "ESECUZIONE"}) | changed
    with pytest.raises(kind) as caught:
        read_accepted(encode_signed(said), 5, AT)
    assert getattr(caught.value, "code", "") == code


@pytest.mark.parametrize("data", [b"", b"{", b'{"id":"\xff"}', b"[]", b'{"id":1}'])
def test_bytes_that_are_no_payload_any_more_are_unreadable(data: bytes) -> None:
    with pytest.raises(Unreadable, match="json-malformed"):
        decode_members(data)
