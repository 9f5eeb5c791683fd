"""CAdES baseline B signatures, judged by openssl."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from ledger.errors import NotVerified, PistaError, StorageError, Unreadable
from ledger.signing.cades import seal
from ledger.signing.certificates import CA, build_ca
from ledger.signing.key_file import PrivateKey, format_private_key
from ledger.signing.signer import key_signer

if TYPE_CHECKING:
    from pathlib import Path

ACTOR = "abcdefghijklmnopqrstuvwxyz"
BEGIN = datetime(2022, 1, 1, tzinfo=UTC)
SIGNED_AT = datetime(2023, 1, 20, 10, 30, tzinfo=UTC)
CONTENT = b"%PDF-1.4 determina n. 100/2023\r\n\x00\xff"
P256 = ec.derive_private_key(11, ec.SECP256R1())
OTHER_P256 = ec.derive_private_key(12, ec.SECP256R1())


@pytest.fixture(scope="module")
def ca() -> CA:
    private = ec.derive_private_key(10, ec.SECP256R1())
    return build_ca(private, "demo.example/c_e506", BEGIN, serial=1)


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def certificate(ca: CA, key: PrivateKey) -> bytes:
    return ca.issue(key_signer(key).jwk(), ACTOR, BEGIN, serial=2).encode()


def sealed_with(ca: CA, key: PrivateKey, signed_at: datetime = SIGNED_AT) -> bytes:
    return seal(CONTENT, format_private_key(key), certificate(ca, key), signed_at)


def opened_by_openssl(ca: CA, sealed: bytes, folder: Path) -> subprocess.CompletedProcess[bytes]:
    (folder / "ca.crt").write_text(ca.pem, encoding="ascii")
    (folder / "act.p7m").write_bytes(sealed)
    asked = ["-verify", "-inform", "DER", "-cades", "-purpose", "any", "-CAfile", "ca.crt"]
    command = ["openssl", "cms", *asked, "-in", "act.p7m", "-binary"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False)


def signer_info(sealed: bytes) -> cms.SignerInfo:
    return cms.ContentInfo.load(sealed)["content"]["signer_infos"][0]


def test_openssl_accepts_an_ecdsa_signature_and_gives_the_content_back(
    ca: CA, tmp_path: Path
) -> None:
    answer = opened_by_openssl(ca, sealed_with(ca, P256), tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout == CONTENT


def test_openssl_accepts_an_rsa_signature(
    ca: CA, rsa_key: rsa.RSAPrivateKey, tmp_path: Path
) -> None:
    answer = opened_by_openssl(ca, sealed_with(ca, rsa_key), tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout == CONTENT


@pytest.mark.parametrize("place", ["content", "signature"])
def test_openssl_refuses_a_changed_byte(ca: CA, tmp_path: Path, place: str) -> None:
    sealed = bytearray(sealed_with(ca, P256))
    at = sealed.index(CONTENT) if place == "content" else len(sealed) - 1
    sealed[at] ^= 1
    assert opened_by_openssl(ca, bytes(sealed), tmp_path).returncode != 0


def test_openssl_refuses_the_certificate_of_another_issuer(ca: CA, tmp_path: Path) -> None:
    stranger = build_ca(P256, "demo.example/c_e506", BEGIN, serial=9)
    assert opened_by_openssl(stranger, sealed_with(ca, P256), tmp_path).returncode != 0


def test_the_signed_attributes_are_those_of_baseline_b(ca: CA) -> None:
    attributes = signer_info(sealed_with(ca, P256))["signed_attrs"]
    assert sorted(attribute["type"].native for attribute in attributes) == [
        "content_type",
        "message_digest",
        "signing_certificate_v2",
        "signing_time",
    ]


def test_the_signing_time_is_the_one_given(ca: CA) -> None:
    attributes = signer_info(sealed_with(ca, P256))["signed_attrs"]
    times = {a["type"].native: a["values"][0].native for a in attributes}
    assert times["signing_time"] == SIGNED_AT


def test_the_same_input_gives_the_same_bytes(ca: CA, rsa_key: rsa.RSAPrivateKey) -> None:
    assert sealed_with(ca, P256) == sealed_with(ca, P256)
    assert sealed_with(ca, rsa_key) == sealed_with(ca, rsa_key)


UNFIT_KEYS: dict[str, PrivateKey] = {
    "an Ed25519 key": ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)),
    "a key on another curve": ec.derive_private_key(11, ec.SECP384R1()),
}


@pytest.mark.parametrize("kind", UNFIT_KEYS)
def test_a_key_of_another_kind_is_refused(ca: CA, kind: str) -> None:
    key = format_private_key(UNFIT_KEYS[kind])
    with pytest.raises(StorageError) as raised:
        seal(CONTENT, key, certificate(ca, P256), SIGNED_AT)
    assert raised.value.code == "signing-key-unfit"


BAD_PEM: dict[str, tuple[bytes, bytes, type[PistaError], str]] = {
    "the key is no PEM": (b"none", b"", StorageError, "key-file-malformed"),
    "the key has a password": (
        format_private_key(P256, b"secret"),
        b"",
        StorageError,
        "key-file-locked",
    ),
    "the certificate is no PEM": (
        format_private_key(P256),
        b"none",
        Unreadable,
        "certificate-malformed",
    ),
}


@pytest.mark.parametrize("case", BAD_PEM)
def test_a_text_that_is_no_key_or_certificate_is_refused(case: str) -> None:
    key_pem, certificate_pem, family, code = BAD_PEM[case]
    with pytest.raises(family) as raised:
        seal(CONTENT, key_pem, certificate_pem, SIGNED_AT)
    assert raised.value.code == code


def test_the_certificate_of_another_key_is_refused(ca: CA) -> None:
    with pytest.raises(NotVerified) as raised:
        seal(CONTENT, format_private_key(P256), certificate(ca, OTHER_P256), SIGNED_AT)
    assert raised.value.code == "certificate-mismatch"


@pytest.mark.parametrize(
    "signed_at",
    [SIGNED_AT.replace(tzinfo=None), SIGNED_AT.replace(year=2050)],
    ids=["without a zone", "after 2049"],
)
def test_a_time_that_utctime_cannot_say_is_refused(ca: CA, signed_at: datetime) -> None:
    with pytest.raises(ValueError, match=r"zone|2049|year"):
        sealed_with(ca, P256, signed_at)
