"""Envelopes: golden ones judged by openssl, every changed byte found, malformed ones by name."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from ledger.errors import NotVerified, Unreadable
from ledger.signing.certificates import certificate_digest
from ledger.signing.envelope import (
    Basis,
    Envelope,
    Header,
    ObjectRef,
    StreamClaim,
    VerifiedEnvelope,
    assemble,
    parse,
    signing_input,
    verify,
)
from ledger.signing.octets import format_base64url, parse_base64
from tests.ledger.signing.signing_kit import (
    ACTOR,
    EMPTY_ROOT,
    EVENT_ID,
    IAT,
    ORIGIN,
    VECTORS,
    forge,
    golden,
    header_of,
    join,
    sign_event,
    sound_payload,
    vector_signer,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ALGORITHMS = ("ES256", "EdDSA", "RS256")
HEADER: dict[str, Any] = json.loads(
    base64.urlsafe_b64decode(golden("ES256").split(b".")[0] + b"==")
)
PARTS = [base64.urlsafe_b64decode(part + b"==") for part in golden("ES256").split(b".")]


def der_of(signature: bytes) -> bytes:
    """Return r || s as the DER that openssl wants, written by hand."""

    def integer(octets: bytes) -> bytes:
        number = octets.lstrip(b"\0")
        number = b"\0" + number if number[0] & 0x80 else number
        return bytes([2, len(number)]) + number

    body = integer(signature[:32]) + integer(signature[32:])
    return bytes([0x30, len(body)]) + body


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_openssl_accepts_the_golden_envelope_and_refuses_a_changed_one(
    alg: str, tmp_path: Path
) -> None:
    to_sign, _, signature = golden(alg).rpartition(b".")
    octets = base64.urlsafe_b64decode(signature + b"==")
    (tmp_path / "signature").write_bytes(der_of(octets) if alg == "ES256" else octets)
    key = str(VECTORS / f"{alg.lower()}.public.pem")
    if alg == "EdDSA":
        command = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", key]
        command += ["-sigfile", "signature", "-in", "input"]
    else:
        command = ["openssl", "dgst", "-sha256", "-verify", key, "-signature", "signature", "input"]
    for text, accepted in ((to_sign, True), (to_sign[:-1] + b"A", False)):
        (tmp_path / "input").write_bytes(text)
        run = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
        assert (run.returncode == 0) is accepted, run.stderr


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_the_golden_envelope_is_what_its_key_signs_again(alg: str) -> None:
    signer = vector_signer(alg)
    certificate = (VECTORS / f"{alg.lower()}.crt").read_text()
    assert sign_event(signer, certificate, sound_payload()) == golden(alg)
    verified = verify(parse(golden(alg)), signer.public)
    assert verified.kid == signer.kid
    assert verified.envelope.raw == golden(alg)


def test_an_envelope_shows_its_members() -> None:
    envelope = parse(golden("ES256"))
    certificate = (VECTORS / "es256.crt").read_text()
    assert envelope.header == header_of(vector_signer("ES256"), certificate)
    assert envelope.header.certificate_digest == certificate_digest(certificate)
    assert envelope.digest == hashlib.sha256(golden("ES256")).digest()
    assert envelope.signing_input + b"." == golden("ES256")[: len(envelope.signing_input) + 1]
    assert (envelope.id, envelope.ledger, envelope.type) == (
        EVENT_ID,
        ORIGIN,
        "determina-registered/1",
    )
    empty = parse_base64(EMPTY_ROOT)
    assert envelope.streams == (
        StreamClaim("act/c_e506/registro-generale/2023/1234-bis", 0, None),
        StreamClaim("cup/C81C22001220006", 17, empty),
    )
    assert envelope.basis == Basis(1234, empty)
    assert (envelope.actor, envelope.role, envelope.occurred_on) == (ACTOR, "rup", "2023-05-04")
    assert envelope.claimed_at == datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
    assert envelope.reason == sound_payload()["reason"]
    assert envelope.corrects == ("01981f6e-7d0a-7c3e-9b1d-2f4a6c8e0b1c",)
    assert envelope.data == sound_payload()["data"]
    assert envelope.objects == (
        ObjectRef("determina.pdf.p7m", empty, 182736, "application/pkcs7-mime"),
    )


def test_optional_members_may_be_missing_and_ledger_events_have_no_role_nor_date() -> None:
    payload = sound_payload() | {"role": None, "occurred_on": None, "objects": []}
    del payload["reason"], payload["corrects"]
    signer = vector_signer("EdDSA")
    raw = sign_event(signer, (VECTORS / "eddsa.crt").read_text(), payload)
    envelope = verify(parse(raw), signer.public).envelope
    assert (envelope.role, envelope.occurred_on, envelope.reason) == (None, None, None)
    assert (envelope.corrects, envelope.objects) == ((), ())


@pytest.mark.parametrize("change", [0x01, 0x20])
def test_every_changed_byte_of_an_envelope_is_refused(change: int) -> None:
    raw, key = golden("ES256"), vector_signer("ES256").public
    verify(parse(raw), key)
    for offset in range(len(raw)):
        changed = bytearray(raw)
        changed[offset] ^= change
        with pytest.raises(NotVerified):
            verify(parse(bytes(changed)), key)


def test_every_cut_or_lengthened_envelope_is_refused() -> None:
    raw, key = golden("ES256"), vector_signer("ES256").public
    for changed in [raw[:cut] for cut in range(0, len(raw), 7)] + [raw + b"A", raw + b"\n"]:
        with pytest.raises(NotVerified):
            verify(parse(changed), key)


def test_an_envelope_is_refused_under_another_key() -> None:
    with pytest.raises(NotVerified, match="signature-invalid"):
        verify(parse(golden("ES256")), vector_signer("EdDSA").public)


def test_an_algorithm_switched_in_the_header_is_refused() -> None:
    raw = join(json_bytes(HEADER | {"alg": "EdDSA"}), PARTS[1], PARTS[2])
    with pytest.raises(NotVerified, match="algorithm-mismatch"):
        verify(parse(raw), vector_signer("ES256").public)


def test_only_verify_makes_a_verified_envelope() -> None:
    with pytest.raises(TypeError):
        VerifiedEnvelope(parse(golden("ES256")), "kid")


def json_bytes(value: object) -> bytes:
    """Return canonical JSON for plain values, by the standard library."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()


def header(**changes: object) -> bytes:
    """Return an envelope whose header has other members; None takes one away."""
    members = {k: v for k, v in (HEADER | changes).items() if v is not None}
    return join(json_bytes(members), PARTS[1], PARTS[2])


def payload(**changes: object) -> bytes:
    """Return an envelope whose payload has other members; ... takes one away."""
    members = {k: v for k, v in (sound_payload() | changes).items() if v is not ...}
    return join(PARTS[0], json_bytes(members), PARTS[2])


def stream(name: str, seq: object = 0, prev: object = None, **more: object) -> dict[str, object]:
    """Return a claim of a stream."""
    return {"name": name, "seq": seq, "prev": prev, **more}


def reference(**changes: object) -> list[dict[str, Any]]:
    """Return a list of one object with other members; ... takes one away."""
    members = sound_payload()["objects"][0] | changes
    return [{k: v for k, v in members.items() if v is not ...}]


CUP = "cup/C81C22001220006"
B64 = "YQ=="
MANY = [stream(f"act/c_e506/r/2023/{n}") for n in range(1000, 1501)]
RAW = golden("ES256")
HEAD, BODY, TAIL = RAW.split(b".")

MALFORMED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "jws-malformed"),
    "two parts": (HEAD + b"." + BODY, "jws-malformed"),
    "four parts": (RAW + b"." + TAIL, "jws-malformed"),
    "not ASCII": (RAW + b"\xc3\xa8", "jws-malformed"),
    "JSON serialisation": (b'{"payload":""}', "jws-malformed"),
    "trailing newline": (RAW + b"\n", "base64url-not-canonical"),
    "leading blank": (b" " + RAW, "base64url-not-canonical"),
    "padding": (RAW + b"==", "base64url-not-canonical"),
    "unused bits in the signature": (RAW[:-1] + b"B", "base64url-not-canonical"),
    "standard alphabet": (RAW.replace(b"_", b"/").replace(b"-", b"+"), "base64url-not-canonical"),
    "no signature": (HEAD + b"." + BODY + b".", "wrong-length"),
    "a signature of 63 bytes": (join(PARTS[0], PARTS[1], bytes(63)), "wrong-length"),
    "a signature of 65 bytes": (join(PARTS[0], PARTS[1], bytes(65)), "wrong-length"),
    "a DER signature": (join(PARTS[0], PARTS[1], der_of(PARTS[2])), "wrong-length"),
    "empty header": (join(b"", PARTS[1], PARTS[2]), "json-malformed"),
    "header is a list": (join(b"[]", PARTS[1], PARTS[2]), "jws-malformed"),
    "payload is a text": (join(PARTS[0], b'"a"', PARTS[2]), "jws-malformed"),
    "header with a blank": (
        join(PARTS[0].replace(b":", b": ", 1), PARTS[1], PARTS[2]),
        "json-not-canonical",
    ),
    "header with a duplicate key": (
        join(PARTS[0][:-1] + b',"alg":"ES256"}', PARTS[1], PARTS[2]),
        "json-not-canonical",
    ),
    "payload with a duplicate key": (
        join(PARTS[0], PARTS[1][:-1] + b',"v":1}', PARTS[2]),
        "json-not-canonical",
    ),
    "payload with a newline at the end": (
        join(PARTS[0], PARTS[1] + b"\n", PARTS[2]),
        "json-not-canonical",
    ),
    "payload with a byte after it": (join(PARTS[0], PARTS[1] + b"}", PARTS[2]), "json-malformed"),
    "payload with escaped text": (
        forge(HEADER, sound_payload(), PARTS[2]),
        "json-not-canonical",
    ),
    "header over 4 KiB": (header(alg="x" * 4096), "too-long"),
    "payload over 64 KiB": (payload(data={"a": "x" * 65536}), "too-long"),
    "a megabyte": (b"A" * 2**20 + b".A.A", "too-long"),
    "alg none": (header(alg="none"), "algorithm-unknown"),
    "alg none and no signature": (
        join(json_bytes(HEADER | {"alg": "none"}), PARTS[1], b""),
        "algorithm-unknown",
    ),
    "alg HS256": (header(alg="HS256"), "algorithm-unknown"),
    "alg in lower case": (header(alg="es256"), "algorithm-unknown"),
    "alg is a list": (header(alg=["ES256"]), "algorithm-unknown"),
    "no alg": (header(alg=None), "algorithm-unknown"),
    "RS256 with a short signature": (header(alg="RS256"), "wrong-length"),
    "sigT": (header(sigT="2026-09-21T14:13:20Z"), "member-unknown"),
    "jwk in the header": (header(jwk={}), "member-unknown"),
    "jku": (header(jku="https://example.org"), "member-unknown"),
    "x5u": (header(x5u="https://example.org"), "member-unknown"),
    "x5c": (header(x5c=[]), "member-unknown"),
    "b64": (header(b64=False), "member-unknown"),
    "crit": (header(crit=["b64"], b64=False), "member-unknown"),
    "no iat": (header(iat=None), "member-missing"),
    "no kid": (header(kid=None), "member-missing"),
    "no certificate digest": (header(**{"x5t#S256": None}), "member-missing"),
    "iat is true": (header(iat=True), "member-malformed"),
    "iat is a text": (header(iat=str(IAT)), "member-malformed"),
    "iat before 1970": (header(iat=-1), "member-malformed"),
    "iat after the year 9999": (header(iat=253402300800), "member-malformed"),
    "iat is a float": (header(iat=1.5), "json-malformed"),
    "kid is short": (header(kid="AAAA"), "member-malformed"),
    "kid with unused bits": (header(kid="A" * 42 + "B"), "member-malformed"),
    "typ is another": (header(typ="JWT"), "member-malformed"),
    "cty is another": (header(cty="pista-possession+json"), "member-malformed"),
    "iat is not claimed_at": (header(iat=IAT + 1), "claimed-at-mismatch"),
    "claimed_at with an offset": (
        payload(claimed_at="2026-09-21T14:13:20+00:00"),
        "claimed-at-mismatch",
    ),
    "claimed_at with a fraction": (
        payload(claimed_at="2026-09-21T14:13:20.0Z"),
        "claimed-at-mismatch",
    ),
    "an unknown member": (payload(extra=1), "member-unknown"),
    "no nonce": (payload(nonce=...), "member-missing"),
    "no role": (payload(role=...), "member-missing"),
    "no objects": (payload(objects=...), "member-missing"),
    "version 2": (payload(v=2), "member-malformed"),
    "version true": (payload(v=True), "member-malformed"),
    "version 1.0": (payload(v=1.0), "json-malformed"),
    "a float in data": (payload(data={"amount": 319556.5}), "json-malformed"),
    "a big integer in data": (payload(data={"n": 2**53}), "not-in-signed-profile"),
    "a key beyond ASCII in data": (payload(data={"è": 1}), "not-in-signed-profile"),
    "normal form D in data": (payload(data={"a": "e\u0301"}), "not-in-signed-profile"),
    "data is a list": (payload(data=[]), "member-malformed"),
    "data is null": (payload(data=None), "member-malformed"),
    "id is no UUIDv7": (
        payload(id="01981f6e-7d0a-4c3e-9b1d-2f4a6c8e0b1d"),
        "member-malformed",
    ),
    "id in upper case": (payload(id=EVENT_ID.upper()), "member-malformed"),
    "ledger with a blank": (payload(ledger="a b"), "member-malformed"),
    "type without version": (payload(type="determina-registered"), "member-malformed"),
    "actor too short": (payload(actor="a"), "member-malformed"),
    "role is empty": (payload(role=""), "member-malformed"),
    "a day that is none": (payload(occurred_on="2023-02-30"), "member-malformed"),
    "a day with a time": (payload(occurred_on="2023-02-28T00:00:00Z"), "member-malformed"),
    "reason is null": (payload(reason=None), "member-malformed"),
    "reason is empty": (payload(reason=""), "member-malformed"),
    "corrects is null": (payload(corrects=None), "member-malformed"),
    "corrects twice the same": (payload(corrects=[EVENT_ID, EVENT_ID]), "member-malformed"),
    "corrects no id": (payload(corrects=["a"]), "member-malformed"),
    "nonce of 15 bytes": (payload(nonce=format_base64url(bytes(15))), "member-malformed"),
    "nonce with padding": (
        payload(nonce=format_base64url(bytes(16)) + "=="),
        "member-malformed",
    ),
    "no streams": (payload(streams=[]), "member-malformed"),
    "streams is an object": (payload(streams={}), "member-malformed"),
    "501 streams": (payload(streams=MANY), "member-malformed"),
    "unsorted streams": (
        payload(streams=[stream(CUP), stream("act/c_e506/r/2023/1")]),
        "member-malformed",
    ),
    "the same stream twice": (payload(streams=[stream(CUP), stream(CUP)]), "member-malformed"),
    "a stream of no kind": (payload(streams=[stream("other/1")]), "member-malformed"),
    "a stream that is a text": (payload(streams=[CUP]), "member-malformed"),
    "a stream with a further member": (payload(streams=[stream(CUP, x=1)]), "member-malformed"),
    "seq below 0": (payload(streams=[stream(CUP, -1)]), "member-malformed"),
    "seq is false": (payload(streams=[stream(CUP, seq=False)]), "member-malformed"),
    "seq is a text": (payload(streams=[stream(CUP, "0")]), "member-malformed"),
    "prev at seq 0": (payload(streams=[stream(CUP, 0, EMPTY_ROOT)]), "member-malformed"),
    "no prev at seq 1": (payload(streams=[stream(CUP, 1)]), "member-malformed"),
    "prev too short": (payload(streams=[stream(CUP, 1, B64)]), "member-malformed"),
    "prev with unused bits": (
        payload(streams=[stream(CUP, 1, "A" * 42 + "B=")]),
        "member-malformed",
    ),
    "basis without root": (payload(basis={"size": 1}), "member-malformed"),
    "basis with a further member": (
        payload(basis={"size": 1, "root": EMPTY_ROOT, "x": 1}),
        "member-malformed",
    ),
    "basis of size below 0": (payload(basis={"size": -1, "root": EMPTY_ROOT}), "member-malformed"),
    "empty basis with another root": (
        payload(basis={"size": 0, "root": "A" * 43 + "="}),
        "member-malformed",
    ),
    "basis root in base64url": (
        payload(basis={"size": 1, "root": EMPTY_ROOT.replace("+", "-")}),
        "member-malformed",
    ),
    "objects is null": (payload(objects=None), "member-malformed"),
    "object name with a folder": (payload(objects=reference(name="a/b")), "member-malformed"),
    "object commitment too short": (payload(objects=reference(commit=B64)), "member-malformed"),
    "object size below 0": (payload(objects=reference(size=-1)), "member-malformed"),
    "object size is a text": (payload(objects=reference(size="1")), "member-malformed"),
    "object without media type": (payload(objects=reference(media_type=...)), "member-malformed"),
    "object with a salt": (payload(objects=reference(salt="x")), "member-malformed"),
    "object media type with parameters": (
        payload(objects=reference(media_type="text/plain;charset=utf-8")),
        "member-malformed",
    ),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_envelope_is_refused(name: str) -> None:
    raw, code = MALFORMED[name]
    with pytest.raises(Unreadable) as caught:
        parse(raw)
    assert caught.value.code == code, caught.value


def test_the_helpers_of_the_table_make_sound_envelopes_when_nothing_is_changed() -> None:
    assert header() == payload() == golden("ES256")


def test_500_streams_are_enough_and_accepted() -> None:
    assert len(parse(payload(streams=MANY[:500])).streams) == 500


def test_limits_count_decoded_bytes() -> None:
    spare = 64 * 1024 - len(json_bytes(sound_payload() | {"data": {"a": ""}}))
    assert isinstance(parse(payload(data={"a": "x" * spare})), Envelope)
    with pytest.raises(Unreadable, match="too-long"):
        parse(payload(data={"a": "x" * (spare + 1)}))


BAD_INPUT: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a member is missing": (lambda p: p.pop("nonce"), "member-missing"),
    "streams are not sorted": (lambda p: p["streams"].reverse(), "member-malformed"),
    "claimed_at is another": (
        lambda p: p.update(claimed_at="2026-09-21T14:13:21Z"),
        "claimed-at-mismatch",
    ),
    "an amount is a float": (lambda p: p.update(data={"a": 1.5}), "not-in-signed-profile"),
    "the data are too long": (lambda p: p.update(data={"a": "x" * 65536}), "too-long"),
}


@pytest.mark.parametrize("name", BAD_INPUT)
def test_nothing_is_signed_that_would_not_parse_again(name: str) -> None:
    change, code = BAD_INPUT[name]
    bad = copy.deepcopy(sound_payload())
    change(bad)
    header = header_of(vector_signer("ES256"), (VECTORS / "es256.crt").read_text())
    with pytest.raises(Unreadable) as caught:
        signing_input(header, bad)
    assert caught.value.code == code


def test_no_header_is_signed_that_names_an_unknown_algorithm() -> None:
    with pytest.raises(Unreadable, match="member-malformed"):
        signing_input(Header("none", IAT, "A" * 43, bytes(32)), sound_payload())


def test_assembling_the_parts_of_an_envelope_gives_it_back() -> None:
    envelope = parse(golden("EdDSA"))
    assert assemble(envelope.signing_input, envelope.signature) == golden("EdDSA")
