"""Event <-> signed bytes: what is written reads back; ids; the law of the format."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import Malformed, Refused
from ledger.journal.memory import MemoryRecorder
from ledger.records import encode_digest, event_id, load_law, payload_of, read_event
from ledger.signing.envelope import Basis, parse
from tests.ledger.application.door_kit import ORIGIN, START, House, build
from tests.ledger.application.door_story import determina, phase, register


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A ledger with one intervention and a determina."""
    made = build(tmp_path_factory.mktemp("records"), MemoryRecorder(ORIGIN))
    register(made)
    made.ledger.record(determina(made))
    return made


def test_every_recorded_event_is_written_back_as_it_was_signed(house: House) -> None:
    read = 0
    for index, _, raw in house.journal.entries(0, house.journal.size):
        if not raw:
            continue
        envelope = parse(raw)
        event = read_event(envelope, index, START)
        basis = Basis(envelope.basis.size, envelope.basis.root)
        again = payload_of(
            event, origin=ORIGIN, claims=envelope.streams, basis=basis, nonce=b"\0" * 16
        )
        assert {**again, "nonce": envelope.payload["nonce"]} == envelope.payload
        read += 1
    assert read > 5


def test_a_draft_and_its_reading_are_the_same_event(house: House) -> None:
    name, data, beside = phase("PROGETTAZIONE")
    command = house.command(name, data, reason="per prova", **beside)
    draft = house.draft("rup", command)
    envelope = parse(house.signed("rup", draft))
    assert read_event(envelope, draft.event.index, draft.event.received_at) == draft.event


BAD_MEMBERS: dict[str, tuple[dict[str, object], type[Refused], str]] = {
    "unknown type": ({"type": "phase-dreamt/1"}, Refused, "type-unknown"),
    "unknown version": ({"type": "phase-entered/2"}, Refused, "type-unknown"),
    "missing field": ({"data": {}}, Malformed, "missing-field"),
    "reason of blanks": ({"reason": "  "}, Refused, "malformed-request"),
}


@pytest.mark.parametrize("case", BAD_MEMBERS.values(), ids=BAD_MEMBERS.keys())
def test_an_envelope_that_the_catalogue_cannot_read_is_refused(
    house: House, case: tuple[dict[str, object], type[Refused], str]
) -> None:
    changed, kind, code = case
    name, data, beside = phase("PROGETTAZIONE")
    draft = house.draft("rup", house.command(name, data, **beside))
    with pytest.raises(kind) as caught:
        read_event(parse(house.forged("rup", draft, **changed)), 0, START)
    assert caught.value.code == code


@given(
    st.datetimes(datetime(1970, 1, 2), datetime(9999, 1, 1)),  # noqa: DTZ001  made aware below
    st.binary(min_size=10, max_size=10),
)
@settings(max_examples=100)
def test_an_id_is_a_version_7_uuid_of_its_time(at: datetime, random: bytes) -> None:
    text = event_id(at.replace(tzinfo=UTC), random)
    read = uuid.UUID(text)
    assert (str(read), read.version, read.variant) == (text, 7, uuid.RFC_4122)
    millis = int.from_bytes(read.bytes[:6], "big")
    since = at.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    assert abs(millis - since / timedelta(milliseconds=1)) <= 1


def test_ids_of_later_times_sort_later() -> None:
    ids = [event_id(START + timedelta(milliseconds=n), b"\xff" * 10) for n in range(20)]
    assert ids == sorted(ids)


def test_a_digest_is_base64_with_padding() -> None:
    assert encode_digest(b"\xff" * 32) == "/" * 42 + "8="


def test_the_law_of_the_format_knows_its_rules() -> None:
    law = load_law()
    assert law.knows("tuel-183-7")
    assert not law.knows("tuel-999")
