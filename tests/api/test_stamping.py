"""A head is stamped by an authority that answers what was asked; nothing else of it is kept."""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from api.app import open_ledger, open_reading
from api.client.desk import open_scribe
from api.client.exchange import Exchange
from api.client.requests import write
from api.client.tsa import HTTPAuthority
from api.stamp_mark import PAUSE, read_failure
from api.stamping import (
    AGE,
    Stamped,
    Stamper,
    is_due,
    newest_stamp,
    stamp_head,
    stamp_when_due,
    stamps_of,
)
from ledger.errors import PistaError
from ledger.signing.timestamp_trust import parse_tsa_trust
from ledger.signing.timestamps import verify_stamp
from tests.api.client.raw_server import answer
from tests.api.home_kit import CUP, key, size_of
from tests.api.tsa_server import TSAServer, body, changed, reply
from tests.time_authority import (
    OTHER_POLICY,
    POLICY,
    Unit,
    authority,
    ec_key,
    refusal,
    revocations,
)

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from api.home import Home

TOWN = authority(ec_key(1))
OTHER = authority(ec_key(5), seed=50)
TRUST = parse_tsa_trust(TOWN.trust_pem())
NOW = datetime.now(UTC)
SECONDS = 1.0


@contextmanager
def asking(server: TSAServer, **fields: Any) -> Iterator[Stamper]:  # noqa: ANN401  any field of a stamper
    """Lend what asks a server, with a second for each exchange."""
    with Exchange(SECONDS, trust_environment=False) as exchange:
        plain: dict[str, Any] = {
            "authority": HTTPAuthority(exchange, f"{server.url}/tsr"),
            "policy": None,
            "trust": TRUST,
            "clock": lambda: datetime.now(UTC),
            "nonce": lambda: 2**63 + 7,
        }
        yield Stamper(**{**plain, **fields})


def note_something(home: Home) -> None:
    """Record one event, so that the head moves."""
    with open_ledger(home) as opened:
        scribe = open_scribe(opened, key(home, "rup"))
        write(
            scribe, "record-note/1", {"text": "nota"}, cup=CUP, role="rup", occurred_on="2023-03-01"
        )


def stamped_now(home: Home, **fields: Any) -> Stamped:  # noqa: ANN401  as `asking`
    with TSAServer(TOWN) as server, asking(server, **fields) as stamper, open_reading(home) as one:
        return stamp_head(one, stamper)


def test_the_newest_head_is_stamped_and_verified_from_what_is_kept(home: Home) -> None:
    with TSAServer(TOWN) as server, asking(server, policy=POLICY) as stamper:
        with open_reading(home) as reading:
            done = stamp_head(reading, stamper)
            note = reading.evidence.signed(done.size)
        (asked,) = server.questions
    assert (done.is_new, done.size, done.stamp.is_trusted) == (True, size_of(home), True)
    assert (asked["nonce"].native, asked["cert_req"].native) == (2**63 + 7, True)
    assert asked["req_policy"].dotted == POLICY
    kept = stamps_of(home).read(done.size)
    assert kept is not None
    assert kept.note == note
    assert verify_stamp(kept.token, kept.note, TRUST) == done.stamp


def test_a_head_is_not_stamped_twice(home: Home) -> None:
    first = stamped_now(home)
    with TSAServer(TOWN) as server, asking(server) as stamper, open_reading(home) as reading:
        again = stamp_head(reading, stamper)
        assert server.requests == []
    assert (again.is_new, again.stamp) == (False, first.stamp)


def test_a_stamp_that_is_damaged_is_asked_for_again(home: Home) -> None:
    first = stamped_now(home)
    path = home.public_log / "checkpoints" / f"{first.size}.tsr"
    path.write_bytes(path.read_bytes()[:-1])
    assert stamped_now(home).is_new
    kept = stamps_of(home).read(first.size)
    assert kept is not None
    assert verify_stamp(kept.token, kept.note, TRUST).is_trusted


def test_without_anchors_any_authority_is_kept_and_none_is_trusted(home: Home) -> None:
    assert not stamped_now(home, trust=None).stamp.is_trusted


# --------------------------------------------------------------------------- bad authorities


def endless(connection: socket.socket, _: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\n\r\n")
    while True:
        connection.sendall(bytes(65_536))


def dripping(connection: socket.socket, _: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    for _turn in range(100):
        connection.sendall(b"0")
        time.sleep(0.1)


def silent(_connection: socket.socket, _: bytes) -> None:
    time.sleep(3 * SECONDS)


def sending(data: bytes) -> Callable[[socket.socket, bytes], None]:
    return lambda connection, _: connection.sendall(data)


def cut(connection: socket.socket, request: bytes) -> None:
    whole = reply(TOWN, request)
    connection.sendall(answer(200, whole[:-7]))


def trailing(connection: socket.socket, request: bytes) -> None:
    connection.sendall(answer(200, reply(TOWN, request) + b"\x00"))


def replayed(connection: socket.socket, request: bytes) -> None:
    """Answer with a token that is right for the note and was made for another question."""
    old = reply(TOWN, request, changed(nonce=99))
    connection.sendall(answer(200, old))


def unit(**fields: Any) -> TSAServer:  # noqa: ANN401  any field of a unit
    return TSAServer(authority(ec_key(1), Unit(**fields)))


REVOKED = revocations(TOWN, TOWN.certificate.serial_number, NOW - timedelta(days=1))
BAD: dict[str, tuple[Callable[[], TSAServer], str]] = {
    "wrong nonce": (lambda: TSAServer(TOWN, changed(nonce=1)), "stamp-nonce-differs"),
    "no nonce": (lambda: TSAServer(TOWN, changed(nonce=None)), "stamp-nonce-differs"),
    "a token of another question": (
        lambda: TSAServer(TOWN, serve=replayed),
        "stamp-nonce-differs",
    ),
    "other imprint": (lambda: TSAServer(TOWN, changed(imprint=b"1" * 32)), "stamp-imprint-differs"),
    "other policy": (lambda: TSAServer(TOWN, changed(policy=OTHER_POLICY)), "stamp-policy-differs"),
    "rejected": (lambda: TSAServer(TOWN, serve=sending(answer(200, refusal()))), "stamp-refused"),
    "rejected with a token": (lambda: TSAServer(TOWN, changed(status=2)), "stamp-refused"),
    "garbage": (lambda: TSAServer(TOWN, serve=sending(answer(200, b"ciao"))), "stamp-unreadable"),
    "empty": (lambda: TSAServer(TOWN, serve=sending(answer(200, b""))), "stamp-unreadable"),
    "no HTTP": (lambda: TSAServer(TOWN, serve=sending(b"220 smtp\r\n\r\n")), "answer-garbled"),
    "HTTP 500": (lambda: TSAServer(TOWN, serve=sending(answer(500, b"no"))), "tsa-failed"),
    "HTTP 401": (lambda: TSAServer(TOWN, serve=sending(answer(401, b""))), "tsa-not-allowed"),
    "redirect": (
        lambda: TSAServer(TOWN, serve=sending(answer(302, b"", "Location: https://other.example"))),
        "host-redirects",
    ),
    "endless body": (lambda: TSAServer(TOWN, serve=endless), "answer-too-long"),
    "drop by drop": (lambda: TSAServer(TOWN, serve=dripping), "host-slow"),
    "silent": (lambda: TSAServer(TOWN, serve=silent), "host-slow"),
    "expired certificate": (
        lambda: unit(end=NOW - timedelta(days=1)),
        "stamp-certificate-expired",
    ),
    "no EKU": (lambda: unit(with_usages=False), "stamp-certificate-unfit"),
    "EKU not critical": (lambda: unit(is_critical=False), "stamp-certificate-unfit"),
    "revoked": (lambda: TSAServer(TOWN, changed(crls=(REVOKED,))), "stamp-certificate-revoked"),
    "another CA": (lambda: TSAServer(OTHER), "stamp-authority-unknown"),
    "truncated DER": (lambda: TSAServer(TOWN, serve=cut), "stamp-unreadable"),
    "trailing bytes": (lambda: TSAServer(TOWN, serve=trailing), "stamp-unreadable"),
    "a clock an hour ahead": (
        lambda: TSAServer(TOWN, clock=lambda: datetime.now(UTC) + timedelta(hours=1)),
        "stamp-clock-differs",
    ),
    "a clock an hour behind": (
        lambda: TSAServer(TOWN, clock=lambda: datetime.now(UTC) - timedelta(hours=1)),
        "stamp-clock-differs",
    ),
    "a coarse clock": (
        lambda: TSAServer(TOWN, changed(accuracy={"seconds": 3600})),
        "stamp-accuracy-coarse",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_authority_leaves_nothing_but_the_reason(home: Home, what: str) -> None:
    make, code = BAD[what]
    began = time.monotonic()
    with (
        make() as server,
        asking(server, policy=POLICY) as stamper,
        open_reading(home) as reading,
        pytest.raises(PistaError) as caught,
    ):
        stamp_head(reading, stamper)
    assert caught.value.code == code
    assert time.monotonic() - began < 10 * SECONDS
    assert stamps_of(home).sizes() == []
    failure = read_failure(home.path)
    assert failure is not None
    assert (failure.code, failure.sentence) == (code, caught.value.sentence)


@pytest.mark.parametrize("what", ["silent", "garbage", "redirect"])
def test_recording_goes_on_beside_a_bad_authority(home: Home, what: str) -> None:
    before = size_of(home)
    make, code = BAD[what]
    with make() as server, asking(server) as stamper, open_reading(home) as reading:
        found = stamp_when_due(reading, stamper)
        assert isinstance(found, PistaError)
        assert found.code == code
    note_something(home)
    assert size_of(home) > before


def test_a_name_and_a_password_are_sent_to_the_authority_alone(home: Home) -> None:
    with TSAServer(TOWN) as server, Exchange(SECONDS, trust_environment=False) as exchange:
        with (
            asking(
                server, authority=HTTPAuthority(exchange, server.url, "comune", "segreta:1")
            ) as it,
            open_reading(home) as reading,
        ):
            stamp_head(reading, it)
        (request,) = server.requests
    assert b"authorization: basic y29tdw5lonnlz3jldge6mq==" in request.lower()
    assert b"application/timestamp-query" in request
    assert body(request)[:1] == b"\x30"


# ------------------------------------------------------------------------------------- by itself


def test_a_head_is_due_when_none_was_stamped(home: Home) -> None:
    with open_reading(home) as reading:
        assert is_due(reading, NOW)


def later(home: Home, after: timedelta) -> bool:
    with open_reading(home) as reading:
        return is_due(reading, datetime.now(UTC) + after)


def test_a_head_is_due_again_once_there_is_more_and_a_day_has_passed(home: Home) -> None:
    stamped_now(home)
    assert not later(home, 2 * AGE)
    note_something(home)
    assert not later(home, timedelta(hours=1))
    assert later(home, AGE)
    stamped_now(home)
    assert not later(home, AGE)


PHASE_EVENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "entered": ("enter-phase/1", {"phase": "AFFIDAMENTO"}),
    "completed": ("complete-phase/1", {"phase": "PROGETTAZIONE"}),
}


@pytest.mark.parametrize("what", PHASE_EVENTS)
def test_a_head_is_due_at_once_when_a_phase_was(home: Home, what: str) -> None:
    stamped_now(home)
    note_something(home)
    assert not later(home, timedelta(0))
    command, data = PHASE_EVENTS[what]
    with open_ledger(home) as opened:
        scribe = open_scribe(opened, key(home, "rup"))
        write(scribe, command, data, cup=CUP, role="rup", occurred_on="2023-03-01")
    assert later(home, timedelta(0))
    stamped_now(home)
    assert not later(home, timedelta(0))


def test_an_authority_that_failed_is_left_alone_for_an_hour(home: Home) -> None:
    make, _ = BAD["HTTP 500"]
    with make() as server, asking(server) as stamper, open_reading(home) as reading:
        assert isinstance(stamp_when_due(reading, stamper), PistaError)
        assert stamp_when_due(reading, stamper) is None
        assert len(server.requests) == 1
    assert not later(home, PAUSE / 2)
    assert later(home, PAUSE)
    stamped_now(home)
    assert read_failure(home.path) is None


def test_the_newest_stamp_is_the_one_over_the_largest_head(home: Home) -> None:
    first = stamped_now(home)
    note_something(home)
    second = stamped_now(home)
    found = newest_stamp(stamps_of(home))
    assert found == (second.size, second.stamp.at)
    (home.public_log / "checkpoints" / f"{second.size}.tsr").write_bytes(b"x")
    assert newest_stamp(stamps_of(home)) == (first.size, first.stamp.at)


def test_a_disk_that_refuses_is_said_and_nothing_is_half_written(home: Home) -> None:
    home.public_log.write_text("a file where the folder goes")
    with (
        TSAServer(TOWN) as server,
        asking(server) as stamper,
        open_reading(home) as reading,
        pytest.raises(PistaError) as caught,
    ):
        stamp_head(reading, stamper)
    assert caught.value.code == "publication-failed"
    home.public_log.unlink()
    assert stamped_now(home).is_new
