"""Certificates: golden ones judged by openssl, and what verify_ca and verify_issued refuse."""

from __future__ import annotations

import hashlib
import itertools
import ssl
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from ledger.errors import NotVerified, StorageError, Unreadable
from ledger.signing.certificate_form import (
    ACTOR_CONSTRAINTS,
    CA_CONSTRAINTS,
    NO_END,
    begin_certificate,
    check_subject,
    finish_certificate,
    name_of,
    parse_certificate,
    usage_of,
)
from ledger.signing.certificates import (
    certificate_digest,
    create_ca,
    open_ca,
    verify_ca,
    verify_issued,
)
from tests.ledger.signing.signing_kit import (
    ACTOR,
    NOT_BEFORE,
    ORIGIN,
    VECTORS,
    actor_id,
    fixed_ca,
    p256_signer,
    vector_signer,
)

if TYPE_CHECKING:
    from pathlib import Path

ALGORITHMS = ("ES256", "EdDSA", "RS256")
SIGNER = p256_signer("golden")


def openssl(*arguments: object) -> str:
    """Return what openssl prints in the folder of the vectors."""
    command = ["openssl", *map(str, arguments)]
    return subprocess.run(command, cwd=VECTORS, capture_output=True, check=True, text=True).stdout


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_openssl_accepts_a_certificate_under_its_ca(alg: str) -> None:
    name = f"{alg.lower()}.crt"
    assert openssl("verify", "-x509_strict", "-CAfile", "ca.crt", name) == f"{name}: OK\n"
    shown = openssl(
        "x509", "-in", name, "-noout", "-subject", "-enddate", "-fingerprint", "-sha256"
    )
    digest = certificate_digest((VECTORS / name).read_text())
    assert f"CN = {ACTOR}\n" in shown
    assert "notAfter=Dec 31 23:59:59 9999 GMT\n" in shown
    assert digest.hex(":").upper() in shown


def test_openssl_shows_the_ca_as_one() -> None:
    shown = openssl("x509", "-in", "ca.crt", "-noout", "-text")
    assert f"Subject: CN = Pista {ORIGIN}\n" in shown
    for line in ("CA:TRUE, pathlen:0", "Certificate Sign, CRL Sign", "ecdsa-with-SHA256"):
        assert line in shown


@pytest.mark.parametrize(("serial", "alg"), list(enumerate(ALGORITHMS, 2)))
def test_the_golden_certificates_are_issued_again(serial: int, alg: str) -> None:
    ca, jwk = fixed_ca(), vector_signer(alg).jwk()
    pem = (VECTORS / f"{alg.lower()}.crt").read_text()
    assert ca.pem == (VECTORS / "ca.crt").read_text()
    assert ca.issue(jwk, ACTOR, NOT_BEFORE, serial) == pem
    assert max(map(len, pem.splitlines())) == 64
    verify_ca(ca.pem, ORIGIN)
    verify_issued(pem, ca.pem, jwk, ACTOR)


def test_the_digest_is_that_of_the_der() -> None:
    pem = (VECTORS / "es256.crt").read_text()
    assert certificate_digest(pem) == hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).digest()


def test_serials_are_random_when_none_is_given() -> None:
    ca = fixed_ca()
    assert ca.issue(SIGNER.jwk(), ACTOR, NOT_BEFORE) != ca.issue(SIGNER.jwk(), ACTOR, NOT_BEFORE)


def test_a_ca_is_created_and_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    made = create_ca(path, ORIGIN, NOT_BEFORE, password=b"segreta")
    opened = open_ca(path, made.pem, b"segreta")
    verify_ca(opened.pem, ORIGIN)
    verify_issued(opened.issue(SIGNER.jwk(), ACTOR, NOT_BEFORE), made.pem, SIGNER.jwk(), ACTOR)
    with pytest.raises(StorageError, match="ca-key-unfit"):
        open_ca(path, fixed_ca().pem, b"segreta")
    with pytest.raises(StorageError, match="key-file-exists"):
        create_ca(path, ORIGIN, NOT_BEFORE)


@pytest.mark.parametrize("origin", ["", "a b", "o" * 59])
def test_a_ca_for_no_origin_is_not_made(tmp_path: Path, origin: str) -> None:
    with pytest.raises(Unreadable, match="origin-malformed"):
        create_ca(tmp_path / "ca.pem", origin, NOT_BEFORE)
    assert not (tmp_path / "ca.pem").exists()


def other_form(  # noqa: PLR0913  each is one thing a certificate says
    subject: str | x509.Name = ACTOR,
    issuer: str = f"Pista {ORIGIN}",
    constraints: x509.BasicConstraints | None = ACTOR_CONSTRAINTS,
    *,
    usage_of_ca: bool = False,
    not_after: datetime = NO_END,
    by: str = "ca",
    key: ec.EllipticCurvePublicKey | None = None,
) -> str:
    """Return a certificate by the key of a CA that says something else."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(name_of(subject) if isinstance(subject, str) else subject)
        .issuer_name(name_of(issuer))
        .not_valid_before(NOT_BEFORE)
        .not_valid_after(not_after)
        .serial_number(9)
    )
    public = key or SIGNER.public.raw
    builder = builder.public_key(public).add_extension(usage_of(ca=usage_of_ca), critical=True)
    if constraints is not None:
        builder = builder.add_extension(constraints, critical=True)
    return finish_certificate(builder, fixed_ca(by).private)


MISMATCHES: dict[str, str] = {
    "of another actor": other_form(subject=actor_id("b")),
    "that names another issuer": other_form(issuer="Pista elsewhere"),
    "signed by another key": other_form(by="thief"),
    "that is a CA": other_form(constraints=CA_CONSTRAINTS),
    "without constraints": other_form(constraints=None),
    "with the usage of a CA": other_form(usage_of_ca=True),
    "that ends": other_form(not_after=datetime(2030, 1, 1, tzinfo=UTC)),
    "of another key": other_form(key=ec.derive_private_key(5, ec.SECP256R1()).public_key()),
    "that is the CA itself": fixed_ca().pem,
}


@pytest.mark.parametrize("name", MISMATCHES)
def test_a_certificate_is_refused(name: str) -> None:
    with pytest.raises(NotVerified) as caught:
        verify_issued(MISMATCHES[name], fixed_ca().pem, SIGNER.jwk(), ACTOR)
    assert caught.value.code == "certificate-mismatch"


def test_the_form_that_the_table_changes_is_accepted_unchanged() -> None:
    verify_issued(other_form(), fixed_ca().pem, SIGNER.jwk(), ACTOR)


def test_a_certificate_with_a_name_of_two_parts_is_refused() -> None:
    names = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, ACTOR),
            x509.NameAttribute(NameOID.COMMON_NAME, "Mario Rossi"),
        ]
    )
    pem = other_form(names)
    with pytest.raises(NotVerified, match="certificate-mismatch"):
        verify_issued(pem, fixed_ca().pem, SIGNER.jwk(), ACTOR)


def test_a_ca_of_another_name_form_or_key_is_refused() -> None:
    for pem in (
        fixed_ca(origin="elsewhere").pem,
        (VECTORS / "es256.crt").read_text(),
        other_form(f"Pista {ORIGIN}", constraints=CA_CONSTRAINTS, usage_of_ca=True, by="thief"),
    ):
        with pytest.raises(NotVerified, match="certificate-mismatch"):
            verify_ca(pem, ORIGIN)


def test_a_ca_with_a_curve_that_is_not_p256_is_refused() -> None:
    private = ec.derive_private_key(7, ec.SECP384R1())
    builder = begin_certificate(f"Pista {ORIGIN}", NOT_BEFORE, 1)
    builder = builder.issuer_name(name_of(f"Pista {ORIGIN}")).public_key(private.public_key())
    certificate = builder.sign(private, SHA256())
    with pytest.raises(NotVerified, match="key-unsound"):
        verify_ca(certificate.public_bytes(Encoding.PEM).decode(), ORIGIN)


def test_a_ca_whose_key_is_sound_but_not_p256_is_refused() -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes(32))
    builder = begin_certificate(f"Pista {ORIGIN}", NOT_BEFORE, 1)
    builder = builder.issuer_name(name_of(f"Pista {ORIGIN}")).public_key(private.public_key())
    certificate = builder.sign(private, None)
    with pytest.raises(NotVerified, match="certificate-mismatch"):
        verify_ca(certificate.public_bytes(Encoding.PEM).decode(), ORIGIN)


PEM = (VECTORS / "es256.crt").read_text()
MALFORMED = {
    "empty": "",
    "no PEM": "certificate",
    "cut": PEM[:300],
    "a key": (VECTORS / "es256.public.pem").read_text(),
    "two certificates": PEM + PEM,
    "text before": "subject=...\n" + PEM,
    "no final newline": PEM[:-1],
    "lines ended by CR LF": PEM.replace("\n", "\r\n"),
    "other columns": PEM.replace("\n", "", 2).replace("CERTIFICATE-----", "CERTIFICATE-----\n", 1),
    "a letter beyond ASCII": PEM + "è",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_text_that_is_not_one_pem_certificate_is_refused(name: str) -> None:
    with pytest.raises(Unreadable) as caught:
        certificate_digest(MALFORMED[name])
    assert caught.value.code == "certificate-malformed"


@pytest.mark.parametrize("change", [0x01, 0x80])
def test_every_changed_byte_of_a_certificate_is_refused(change: int) -> None:
    ca, der = fixed_ca().pem, ssl.PEM_cert_to_DER_cert(PEM)
    ca_der = ssl.PEM_cert_to_DER_cert(ca)
    verify_issued(ssl_pem(der), ca, SIGNER.jwk(), ACTOR)
    for offset in range(len(der)):
        with pytest.raises(NotVerified):
            verify_issued(ssl_pem(flip(der, offset, change)), ca, SIGNER.jwk(), ACTOR)
    for offset in range(len(ca_der)):
        with pytest.raises(NotVerified):
            verify_ca(ssl_pem(flip(ca_der, offset, change)), ORIGIN)


def test_every_changed_byte_of_a_subject_is_another_subject() -> None:
    der = ssl.PEM_cert_to_DER_cert(PEM)
    begin = der.index(ACTOR.encode()) - len("\x30\x25\x31\x23\x30\x21\x06\x03\x55\x04\x03\x0c\x1a")
    places = range(begin, begin + 39)
    for offset, change in itertools.product(places, (0x01, 0x10, 0x40, 0x80)):
        with pytest.raises(NotVerified):
            check_subject(parse_certificate(ssl_pem(flip(der, offset, change))), ACTOR)


def flip(octets: bytes, offset: int, change: int) -> bytes:
    """Return bytes of which one is changed."""
    changed = bytearray(octets)
    changed[offset] ^= change
    return bytes(changed)


def ssl_pem(der: bytes) -> str:
    """Return the PEM of a DER, written by the standard library."""
    return ssl.DER_cert_to_PEM_cert(der)
