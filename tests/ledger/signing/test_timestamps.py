"""Time stamps of many forms are read, and say what the authority said; openssl judges the plain ones."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from asn1crypto import tsp

from ledger.errors import NotVerified, PistaError, ShapeError
from ledger.signing.timestamp_token import kept_form, read_token
from ledger.signing.timestamp_trust import parse_tsa_trust
from ledger.signing.timestamps import (
    STRICT,
    TOLERANT,
    Asked,
    TimeStamp,
    accept_answer,
    format_request,
    verify_stamp,
)
from tests.time_authority import (
    OTHER_POLICY,
    POLICY,
    STAMPED_AT,
    Authority,
    answer,
    authority,
    ber,
    ec_key,
    openssl_answer,
    pem,
    recipe,
    rsa_key,
    unsorted,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MESSAGE = b"demo.example/c_e506\n3\nroot\n"
ASKED = Asked(MESSAGE, nonce=2**63 + 5)
TOWN = authority(ec_key(1))
CITY = authority(rsa_key())


def stamped(by: Authority, trust: bytes | None = None, **how: object) -> TimeStamp:
    kept = kept_form(answer(by, MESSAGE, recipe(**how)))
    return verify_stamp(kept, MESSAGE, parse_tsa_trust(trust or by.trust_pem()))


def test_a_stamp_says_when_how_exactly_by_whom_and_under_which_policy() -> None:
    stamp = stamped(TOWN, nonce=9, accuracy={"seconds": 1, "millis": 500, "micros": 7})
    assert stamp == TimeStamp(
        at=STAMPED_AT,
        accuracy=timedelta(seconds=1, milliseconds=500, microseconds=7),
        policy=POLICY,
        serial=4711,
        authority="CN=Unità di marcatura 1,O=Prova,C=IT",
        imprint_hash="sha256",
        nonce=9,
        ordering=False,
        is_qualified=False,
        is_trusted=True,
        reader=STRICT,
    )
    assert stamp.no_later_than == STAMPED_AT + timedelta(seconds=1, microseconds=500_007)


FORMS: dict[str, tuple[Authority, dict[str, Any], str]] = {
    "ECDSA on P-256": (TOWN, {}, STRICT),
    "ECDSA on P-384 with SHA-384": (
        authority(ec_key(2, "secp384r1")),
        {"signed_hash": "sha384"},
        STRICT,
    ),
    "ECDSA on P-521 with SHA-512": (
        authority(ec_key(3, "secp521r1")),
        {"signed_hash": "sha512"},
        STRICT,
    ),
    "RSA PKCS #1": (CITY, {}, STRICT),
    "RSA PKCS #1 with SHA-512": (CITY, {"signed_hash": "sha512"}, STRICT),
    "RSA-PSS": (CITY, {"is_pss": True}, TOLERANT),
    "a certificate named by SHA-1": (CITY, {"binding": "signing_certificate"}, STRICT),
    "a certificate named in both ways": (CITY, {"binding": "both"}, STRICT),
    "a certificate and its path named": (TOWN, {"bound_path": (TOWN.issuer,)}, STRICT),
    "a signer named by key identifier": (TOWN, {"by_key_id": True}, TOLERANT),
    "an imprint with SHA-384": (TOWN, {"imprint_hash": "sha384"}, STRICT),
    "an imprint with SHA-512": (TOWN, {"imprint_hash": "sha512"}, STRICT),
    "no accuracy": (TOWN, {"accuracy": None}, STRICT),
    "ordering": (TOWN, {"ordering": True}, STRICT),
    "the name of the authority": (TOWN, {"tsa": TOWN.certificate.subject}, STRICT),
    "an extension that may be skipped": (TOWN, {"extensions": (("1.2.3.4", False),)}, STRICT),
    "granted with modifications": (TOWN, {"status": 1, "text": "policy"}, STRICT),
    "the unit's certificate alone": (TOWN, {"certificates": (TOWN.certificate,)}, TOLERANT),
}


@pytest.mark.parametrize("form", FORMS)
def test_it_is_read_with(form: str) -> None:
    by, how, reader = FORMS[form]
    trust = pem(by.root, by.issuer)
    stamp = stamped(by, trust, **how)
    assert (stamp.at, stamp.is_trusted) == (STAMPED_AT, True)
    assert stamp.reader in {reader, STRICT}


@pytest.mark.parametrize("form", [form for form, case in FORMS.items() if case[2] == TOLERANT][:2])
def test_the_strict_reader_cannot_read(form: str) -> None:
    by, how, _ = FORMS[form]
    assert stamped(by, **how).reader == TOLERANT


@pytest.mark.parametrize("encode", [ber, unsorted])
def test_it_is_read_in_an_encoding_that_strict_parsers_refuse(
    encode: Callable[[bytes], bytes],
) -> None:
    plain = answer(TOWN, MESSAGE, recipe(nonce=ASKED.nonce))
    kept, stamp = accept_answer(encode(plain), ASKED, parse_tsa_trust(TOWN.trust_pem()))
    assert (stamp.at, stamp.is_trusted, stamp.reader) == (STAMPED_AT, True, TOLERANT)
    assert verify_stamp(kept, MESSAGE, parse_tsa_trust(TOWN.trust_pem())) == stamp


def test_a_token_without_certificates_is_read_with_the_one_that_the_reader_has() -> None:
    stamp = stamped(TOWN, pem(TOWN.certificate), certificates=())
    assert stamp.is_trusted


TIMES = {
    "20260304102030Z": STAMPED_AT,
    "20260304102030.5Z": STAMPED_AT + timedelta(milliseconds=500),
    "20260304102030.500Z": STAMPED_AT + timedelta(milliseconds=500),
    "20260304102030.1234567Z": STAMPED_AT + timedelta(microseconds=123_457),
}


@pytest.mark.parametrize("text", TIMES)
def test_the_time_is_read_from(text: str) -> None:
    assert stamped(TOWN, at=text).at == TIMES[text]


def test_a_stamp_says_that_it_calls_itself_qualified() -> None:
    stamp = stamped(TOWN, extensions=(("1.3.6.1.5.5.7.1.3", False),), is_qualified=True)
    assert stamp.is_qualified
    assert not stamped(TOWN, extensions=(("1.3.6.1.5.5.7.1.3", False),)).is_qualified


def test_without_anchors_all_is_verified_but_the_authority() -> None:
    kept = kept_form(answer(TOWN, MESSAGE))
    stamp = verify_stamp(kept, MESSAGE, None)
    assert (stamp.at, stamp.is_trusted, stamp.reader) == (STAMPED_AT, False, TOLERANT)


def test_an_authority_that_leads_to_no_anchor_is_not_trusted() -> None:
    assert not stamped(TOWN, authority(ec_key(4), seed=50).trust_pem()).is_trusted


@pytest.mark.parametrize("anchor", ["root", "issuer", "certificate"])
def test_any_certificate_of_the_path_can_be_the_anchor(anchor: str) -> None:
    assert stamped(TOWN, pem(getattr(TOWN, anchor))).is_trusted


def test_what_is_kept_is_granted_and_then_the_token_as_it_came() -> None:
    whole = answer(TOWN, MESSAGE)
    noisy = answer(TOWN, MESSAGE, recipe(status=1, text="con modifiche"))
    assert kept_form(whole) == whole
    assert kept_form(noisy) == whole
    assert kept_form(kept_form(noisy)) == whole


# -------------------------------------------------------------------- what an authority is asked


def test_the_question_has_the_digest_the_nonce_the_policy_and_wants_certificates() -> None:
    read = tsp.TimeStampReq.load(format_request(replace(ASKED, policy=POLICY)), strict=True)
    assert read["nonce"].native == ASKED.nonce
    assert read["req_policy"].dotted == POLICY
    assert read["cert_req"].native is True
    assert read["message_imprint"]["hash_algorithm"]["algorithm"].native == "sha256"


def test_a_policy_that_is_no_identifier_is_refused() -> None:
    with pytest.raises(ShapeError, match="tsa-policy-malformed"):
        format_request(replace(ASKED, policy="aruba"))


def test_a_certificate_authority_list_that_holds_none_is_refused() -> None:
    for text in (b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        with pytest.raises(PistaError, match="tsa-ca-malformed"):
            parse_tsa_trust(text)


WRONG_ANSWERS: dict[str, tuple[dict[str, Any], str]] = {
    "another nonce": ({"nonce": 1}, "stamp-nonce-differs"),
    "no nonce": ({"nonce": None}, "stamp-nonce-differs"),
    "another hash": ({"imprint_hash": "sha512"}, "stamp-imprint-differs"),
    "another policy": ({"policy": OTHER_POLICY}, "stamp-policy-differs"),
    "an accuracy of two minutes": ({"accuracy": {"seconds": 120}}, "stamp-accuracy-coarse"),
    "a rejection": ({"status": 2}, "stamp-refused"),
    "a warning of revocation": ({"status": 4}, "stamp-refused"),
}


@pytest.mark.parametrize("case", WRONG_ANSWERS)
def test_an_answer_is_not_accepted_with(case: str) -> None:
    changes, code = WRONG_ANSWERS[case]
    given = answer(TOWN, MESSAGE, recipe(**{"nonce": ASKED.nonce, **changes}))
    with pytest.raises(NotVerified) as caught:
        accept_answer(given, replace(ASKED, policy=POLICY), parse_tsa_trust(TOWN.trust_pem()))
    assert caught.value.code == code


def test_an_answer_of_an_authority_that_is_not_trusted_is_not_accepted() -> None:
    given = answer(TOWN, MESSAGE, recipe(nonce=ASKED.nonce))
    other = parse_tsa_trust(authority(ec_key(4), seed=50).trust_pem())
    with pytest.raises(NotVerified, match="stamp-authority-unknown"):
        accept_answer(given, ASKED, other)
    assert not accept_answer(given, ASKED, None)[1].is_trusted


# ------------------------------------------------------------------------------------- openssl


@pytest.mark.parametrize("by", [TOWN, CITY], ids=["ECDSA", "RSA"])
@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_what_openssl_answers_is_accepted(by: Authority, digest: str, tmp_path: Path) -> None:
    asked = replace(ASKED, policy=OTHER_POLICY)
    settings = {"ordering": "yes", "ess_cert_id_chain": "yes", "clock_precision_digits": "3"}
    given = openssl_answer(by, format_request(asked), tmp_path, digest=digest, **settings)
    before = datetime.now(UTC)
    _, stamp = accept_answer(given, asked, parse_tsa_trust(by.trust_pem()))
    assert (stamp.policy, stamp.ordering, stamp.is_trusted) == (OTHER_POLICY, True, True)
    assert stamp.accuracy == timedelta(seconds=1, microseconds=500_100)
    assert abs(before - stamp.at) < timedelta(minutes=1)


@pytest.mark.parametrize("binding", ["sha1", "sha256"])
def test_openssl_names_the_certificate_by(binding: str, tmp_path: Path) -> None:
    query = format_request(ASKED)
    given = openssl_answer(TOWN, query, tmp_path, ess_cert_id_alg=binding)
    names = {name for binds in read_token(kept_form(given)).bindings for name, _ in binds}
    assert names == {binding}
    assert accept_answer(given, ASKED, parse_tsa_trust(TOWN.trust_pem()))[1].is_trusted


NOT_FOR_OPENSSL_TS = {"RSA-PSS", "a signer named by key identifier"}  # PKCS #7 cannot say them


@pytest.mark.parametrize("form", [form for form in FORMS if form not in NOT_FOR_OPENSSL_TS])
def test_openssl_verifies_what_is_kept_with(form: str, tmp_path: Path) -> None:
    assert judged_by_openssl_ts(tmp_path, form, MESSAGE) == 0


def test_openssl_refuses_what_is_kept_over_other_bytes(tmp_path: Path) -> None:
    assert judged_by_openssl_ts(tmp_path, "RSA PKCS #1", MESSAGE + b"x") != 0


@pytest.mark.parametrize("form", FORMS)
def test_openssl_cms_verifies_the_signature_of_what_is_kept_with(form: str, tmp_path: Path) -> None:
    by, how, _ = FORMS[form]
    kept = kept_form(answer(by, MESSAGE, recipe(**how)))
    token: bytes = tsp.TimeStampResp.load(kept)["time_stamp_token"].dump()
    (tmp_path / "token").write_bytes(token)
    (tmp_path / "ca.pem").write_bytes(pem(by.root, by.issuer))
    purpose = ["-purpose", "timestampsign", "-attime", str(int(STAMPED_AT.timestamp()))]
    asked = ["-verify", "-inform", "DER", "-in", "token", "-CAfile", "ca.pem", "-out", "info"]
    command = ["openssl", "cms", *asked, "-binary", "-cades", *purpose]
    judged = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert judged.returncode == 0, judged.stderr.decode()
    assert (tmp_path / "info").read_bytes() == read_token(kept).content


def judged_by_openssl_ts(folder: Path, form: str, message: bytes) -> int:
    by, how, _ = FORMS[form]
    (folder / "kept.tsr").write_bytes(kept_form(answer(by, MESSAGE, recipe(**how))))
    (folder / "note").write_bytes(message)
    (folder / "ca.pem").write_bytes(pem(by.root, by.issuer))
    at = ["-attime", str(int(STAMPED_AT.timestamp()))]
    asked = ["-verify", "-in", "kept.tsr", "-data", "note", "-CAfile", "ca.pem", *at]
    command = ["openssl", "ts", *asked]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode
