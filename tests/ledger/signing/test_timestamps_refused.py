"""What is no proof of time is refused, each thing by its own code; no bit of a token can change."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from ledger.errors import NotVerified, PistaError
from ledger.signing.timestamp_token import MAX_TOKEN_BYTES, kept_form
from ledger.signing.timestamp_trust import TSATrust, parse_tsa_trust
from ledger.signing.timestamps import verify_stamp
from tests.time_authority import (
    STAMPED_AT,
    STAMPING,
    Authority,
    Unit,
    answer,
    authority,
    below,
    ber,
    ec_key,
    pem,
    recipe,
    refusal,
    revocations,
    rsa_key,
)

if TYPE_CHECKING:
    from asn1crypto import cms
    from cryptography.x509 import ReasonFlags

MESSAGE = b"demo.example/c_e506\n3\nroot\n"
TOWN = authority(ec_key(1))
CITY = authority(rsa_key())
OTHER = authority(ec_key(5), seed=50)
TRUST = parse_tsa_trust(TOWN.trust_pem())
DAY = timedelta(days=1)
EVERY_BIT = bool(os.environ.get("PISTA_EXHAUSTIVE"))
STEP = 1 if EVERY_BIT else 97


@dataclass(frozen=True)
class Wrong:
    """One way in which a token is wrong, and the code it is refused with."""

    code: str
    by: Authority = TOWN
    how: dict[str, Any] = field(default_factory=dict)


def certified(**unit: Any) -> Authority:  # noqa: ANN401  any field of a unit
    return authority(ec_key(1), Unit(**unit))


def twice(signed: cms.SignedData) -> None:
    infos = [one.copy() for one in signed["signer_infos"]]
    signed["signer_infos"] = [*infos, *infos]


def no_signed_attributes(signed: cms.SignedData) -> None:
    del signed["signer_infos"][0]["signed_attrs"]


def other_digest_algorithm(signed: cms.SignedData) -> None:
    signed["digest_algorithms"] = [{"algorithm": "sha512"}]


def version_one(signed: cms.SignedData) -> None:
    signed["version"] = "v1"


def no_content(signed: cms.SignedData) -> None:
    signed["encap_content_info"] = {"content_type": "tst_info"}


WRONG: dict[str, Wrong] = {
    "a signature by another key": Wrong("stamp-signature-invalid", how={"signed_with": ec_key(99)}),
    "a digest of something else": Wrong("stamp-signature-invalid", how={"digest": b"1" * 32}),
    "an imprint of something else": Wrong("stamp-imprint-differs", how={"imprint": b"1" * 32}),
    "no certificate named": Wrong("stamp-certificate-unbound", how={"binding": ""}),
    "another certificate named": Wrong("stamp-certificate-unbound", how={"bound": OTHER.issuer}),
    "another certificate named by SHA-1": Wrong(
        "stamp-certificate-unbound",
        how={"bound": OTHER.issuer, "binding": "signing_certificate"},
    ),
    "another path named": Wrong("stamp-certificate-unbound", how={"bound_path": (OTHER.issuer,)}),
    "no certificate carried": Wrong("stamp-certificate-missing", how={"certificates": ()}),
    "only another certificate carried": Wrong(
        "stamp-certificate-missing", how={"certificates": (OTHER.certificate,)}
    ),
    "SHA-1": Wrong("stamp-algorithm-weak", by=CITY, how={"signed_hash": "sha1"}),
    "an imprint by SHA-1": Wrong("stamp-algorithm-weak", how={"imprint_hash": "sha1"}),
    "RSA of 1024 bits": Wrong("stamp-algorithm-weak", by=authority(rsa_key(1, 1024))),
    "another curve": Wrong("stamp-algorithm-weak", by=authority(ec_key(6, "secp256k1"))),
    "no extended key usage": Wrong("stamp-certificate-unfit", by=certified(with_usages=False)),
    "an extended key usage that is not critical": Wrong(
        "stamp-certificate-unfit", by=certified(is_critical=False)
    ),
    "another usage beside": Wrong(
        "stamp-certificate-unfit",
        by=certified(usages=(*STAMPING, ExtendedKeyUsageOID.CODE_SIGNING)),
    ),
    "another usage instead": Wrong(
        "stamp-certificate-unfit", by=certified(usages=(ExtendedKeyUsageOID.CODE_SIGNING,))
    ),
    "the certificate of an authority": Wrong("stamp-certificate-unfit", by=certified(is_ca=True)),
    "a certificate that had expired": Wrong(
        "stamp-certificate-expired", by=certified(end=STAMPED_AT - DAY)
    ),
    "a certificate not yet valid": Wrong(
        "stamp-certificate-expired", by=certified(begin=STAMPED_AT + DAY)
    ),
    "a name that is not in the certificate": Wrong(
        "stamp-authority-differs", how={"tsa": OTHER.root.subject}
    ),
    "another signed content type": Wrong("stamp-unreadable", how={"content_type": "data"}),
    "another version of TSTInfo": Wrong("stamp-unreadable", how={"info_version": "v2"}),
    "an extension that must be understood": Wrong(
        "stamp-unreadable", how={"extensions": (("1.2.3.4", True),)}
    ),
    "a local time": Wrong("stamp-unreadable", how={"at": "20260304102030+0100"}),
    "a time that is none": Wrong("stamp-unreadable", how={"at": "20260304102060Z"}),
    "an accuracy of ten years": Wrong(
        "stamp-unreadable", how={"accuracy": {"seconds": 10 * 366 * 24 * 3600}}
    ),
    "two signers": Wrong("stamp-unreadable", how={"change_signed": twice}),
    "no signed attributes": Wrong("stamp-unreadable", how={"change_signed": no_signed_attributes}),
    "digest algorithms that lack its own": Wrong(
        "stamp-unreadable", how={"change_signed": other_digest_algorithm}
    ),
    "another version of SignedData": Wrong("stamp-unreadable", how={"change_signed": version_one}),
    "no content": Wrong("stamp-unreadable", how={"change_signed": no_content}),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_token_is_refused_with(what: str) -> None:
    wrong = WRONG[what]
    kept = kept_form(answer(wrong.by, MESSAGE, recipe(**wrong.how)))
    for trust in (parse_tsa_trust(wrong.by.trust_pem()), None):
        if trust is None and what == "another path named":
            continue  # without an anchor there is no path to keep to
        with pytest.raises(NotVerified) as caught:
            verify_stamp(kept, MESSAGE, trust)
        assert caught.value.code == wrong.code


def test_a_token_over_other_bytes_is_refused() -> None:
    kept = kept_form(answer(TOWN, MESSAGE))
    with pytest.raises(NotVerified, match="stamp-imprint-differs"):
        verify_stamp(kept, MESSAGE + b"x", TRUST)


GOOD = answer(TOWN, MESSAGE)
NO_ANSWERS: dict[str, bytes] = {
    "nothing": b"",
    "text": b"<html>503</html>",
    "a cut answer": GOOD[:-1],
    "half an answer": GOOD[: len(GOOD) // 2],
    "its head": GOOD[:4],
    "a byte after it": GOOD + b"\x00",
    "an answer without end": b"\x30\x80" * 20_000,
    "a megabyte": bytes(MAX_TOKEN_BYTES + 1),
    "a grant without a token": b"\x30\x05\x30\x03\x02\x01\x00",
    "a grant of an empty token": b"\x30\x07\x30\x03\x02\x01\x00\x30\x00",
    "another sequence": b"\x30\x03\x02\x01\x00",
}


@pytest.mark.parametrize("what", NO_ANSWERS)
def test_it_is_no_token(what: str) -> None:
    with pytest.raises(PistaError) as caught:
        verify_stamp(kept_form(NO_ANSWERS[what]), MESSAGE, TRUST)
    assert caught.value.code == "stamp-unreadable"
    with pytest.raises(PistaError, match="stamp-unreadable"):
        verify_stamp(NO_ANSWERS[what], MESSAGE, TRUST)


def test_a_refusal_says_why_and_nothing_that_a_terminal_obeys() -> None:
    with pytest.raises(NotVerified, match="stamp-refused") as caught:
        kept_form(refusal(2, "non \x1b[31mora"))
    assert "non  [31mora" in caught.value.sentence
    assert "bad_alg" in caught.value.sentence


def test_what_is_kept_has_one_status_before_the_token() -> None:
    noisy = answer(TOWN, MESSAGE, recipe(status=1, text="x"))
    with pytest.raises(PistaError, match="stamp-unreadable"):
        verify_stamp(noisy, MESSAGE, TRUST)


# -------------------------------------------------------------------------- path and revocations


def test_a_path_is_refused_that_leads_to_an_anchor_and_may_not() -> None:
    short = below(TOWN, ec_key(8), path_length=0)
    kept = kept_form(answer(short, MESSAGE, recipe(certificates=(*short.chain, TOWN.issuer))))
    with pytest.raises(NotVerified, match="stamp-chain-invalid"):
        verify_stamp(kept, MESSAGE, TRUST)


@pytest.mark.parametrize("what", ["no CA", "no signing of certificates", "another purpose"])
def test_an_issuer_is_refused_that_may_not_issue_units(what: str) -> None:
    bad = below(TOWN, ec_key(8), issuer_of="root", flaw=what)
    kept = kept_form(answer(bad, MESSAGE))
    with pytest.raises(NotVerified, match="stamp-chain-invalid"):
        verify_stamp(kept, MESSAGE, TRUST)


def test_an_authority_of_the_same_name_with_other_keys_leads_nowhere() -> None:
    namesake = authority(ec_key(1), key_seed=60)
    kept = kept_form(answer(namesake, MESSAGE))
    assert not verify_stamp(kept, MESSAGE, TRUST).is_trusted


REASONS: dict[str, tuple[ReasonFlags | None, timedelta, bool]] = {
    "compromised after the token": (x509.ReasonFlags.key_compromise, DAY, False),
    "for no reason after the token": (None, DAY, False),
    "superseded after the token": (x509.ReasonFlags.superseded, DAY, True),
    "at the end of operation after the token": (
        x509.ReasonFlags.cessation_of_operation,
        DAY,
        True,
    ),
    "superseded before the token": (x509.ReasonFlags.superseded, -DAY, False),
}


@pytest.mark.parametrize("carried", [False, True], ids=["given", "carried"])
@pytest.mark.parametrize("what", REASONS)
def test_a_certificate_was_revoked(what: str, carried: bool) -> None:  # noqa: FBT001
    reason, after, holds = REASONS[what]
    listed = revocations(TOWN, TOWN.certificate.serial_number, STAMPED_AT + after, reason)
    how = recipe(crls=(listed,)) if carried else recipe()
    trust = TRUST if carried else TSATrust(TRUST.anchors, (listed,))
    kept = kept_form(answer(TOWN, MESSAGE, how))
    if holds:
        assert verify_stamp(kept, MESSAGE, trust).is_trusted
        return
    with pytest.raises(NotVerified, match="stamp-certificate-revoked"):
        verify_stamp(kept, MESSAGE, trust)


def test_revocations_are_read_from_the_file_of_the_anchors() -> None:
    serial = TOWN.certificate.serial_number
    listed = revocations(TOWN, serial, STAMPED_AT - DAY)
    text = TOWN.trust_pem() + pem(listed)
    with pytest.raises(NotVerified, match="stamp-certificate-revoked"):
        verify_stamp(kept_form(GOOD), MESSAGE, parse_tsa_trust(text))


def test_the_revocation_of_another_certificate_changes_nothing() -> None:
    listed = revocations(TOWN, TOWN.certificate.serial_number + 1, STAMPED_AT - DAY)
    assert verify_stamp(kept_form(GOOD), MESSAGE, TSATrust(TRUST.anchors, (listed,))).is_trusted


def test_revocations_are_refused_that_the_issuer_did_not_sign() -> None:
    serial = TOWN.certificate.serial_number
    forged = revocations(TOWN, serial + 1, STAMPED_AT - DAY, signed_with=ec_key(99))
    kept = kept_form(answer(TOWN, MESSAGE, recipe(crls=(forged,))))
    with pytest.raises(NotVerified, match="stamp-revocations-invalid"):
        verify_stamp(kept, MESSAGE, TRUST)


def test_a_token_without_anchor_is_refused_when_what_it_carries_revokes_it() -> None:
    listed = revocations(TOWN, TOWN.certificate.serial_number, STAMPED_AT - DAY)
    kept = kept_form(answer(TOWN, MESSAGE, recipe(crls=(listed,))))
    with pytest.raises(NotVerified, match="stamp-certificate-revoked"):
        verify_stamp(kept, MESSAGE, None)


# --------------------------------------------------------------------------------- every bit

SMALL: dict[str, tuple[bytes, TSATrust]] = {
    "ECDSA": (
        answer(TOWN, MESSAGE, recipe(certificates=(TOWN.certificate,), nonce=5)),
        parse_tsa_trust(pem(TOWN.issuer)),
    ),
    "RSA-PSS with its path": (
        answer(CITY, MESSAGE, recipe(is_pss=True, binding="both", tsa=CITY.certificate.subject)),
        parse_tsa_trust(CITY.trust_pem()),
    ),
    "BER": (ber(GOOD), TRUST),
}


@pytest.mark.parametrize("form", SMALL)
def test_no_flipped_bit_verifies(form: str) -> None:
    """In `make endurance` every bit, else a sample that differs by form."""
    given, trust = SMALL[form]
    kept = bytearray(kept_form(given))
    assert verify_stamp(bytes(kept), MESSAGE, trust).is_trusted
    start = 0 if EVERY_BIT else len(form)
    passed = []
    for bit in range(start, len(kept) * 8, STEP):
        kept[bit // 8] ^= 1 << bit % 8
        try:
            if verify_stamp(bytes(kept), MESSAGE, trust).is_trusted:
                passed.append(bit)
        except PistaError:
            pass
        kept[bit // 8] ^= 1 << bit % 8
    assert passed == []


def test_no_cut_token_verifies() -> None:
    kept = kept_form(GOOD)
    for size in range(0, len(kept), 1 if EVERY_BIT else 37):
        with pytest.raises(PistaError, match="stamp-unreadable"):
            verify_stamp(kept[:size], MESSAGE, TRUST)


def test_the_day_of_a_token_is_that_of_its_authority() -> None:
    assert verify_stamp(kept_form(GOOD), MESSAGE, TRUST).at == datetime(
        2026, 3, 4, 10, 20, 30, tzinfo=UTC
    )
