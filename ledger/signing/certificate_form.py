"""The form of the certificates that a ledger issues: names, usage, times, and how each is checked.

    Version 3, random serial, ecdsa-with-SHA256
    Issuer   CN=Pista <origin>        Subject   CN=Pista <origin>, or CN=<actor id>
    Validity 20260101000000Z to 99991231235959Z ("no end", RFC 5280 section 4.1.2.5)
    basicConstraints critical, keyUsage critical, subjectKeyIdentifier, authorityKeyIdentifier

Source: RFC 5280 sections 4.1 and 4.2; RFC 7468; design FORMATS section 4.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from ledger.errors import NotVerified, Unreadable
from ledger.signing.algorithms import public_key_of

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

    from ledger.signing.algorithms import PublicKey

NO_END: Final = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
CA_CONSTRAINTS: Final = x509.BasicConstraints(ca=True, path_length=0)
ACTOR_CONSTRAINTS: Final = x509.BasicConstraints(ca=False, path_length=None)


def parse_certificate(pem: str) -> x509.Certificate:
    """Return the one certificate of a PEM text that is exactly what would be written.

    Raises:
        Unreadable: `certificate-malformed`.
    """
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode("ascii"))
        again = certificate.public_bytes(Encoding.PEM).decode("ascii")
    except (ValueError, x509.InvalidVersion) as error:
        raise Unreadable(
            "certificate-malformed", f"The text is no PEM certificate: {error}."
        ) from error
    if again != pem:
        raise Unreadable(
            "certificate-malformed",
            "A certificate is one PEM block of 64-column lines with its final newline, no more.",
        )
    return certificate


def key_of(certificate: x509.Certificate) -> PublicKey:
    """Return the public key of a certificate.

    Raises:
        NotVerified: `certificate-mismatch`, when it cannot be read; `key-unsound`.
    """
    try:
        raw = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise mismatch(certificate, "its public key cannot be read") from error
    return public_key_of(raw)


def check_issuer(certificate: x509.Certificate, issuer: x509.Certificate) -> None:
    """Accept a certificate that names the issuer and is signed by its key.

    Raises:
        NotVerified: `certificate-mismatch`.
    """
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError) as error:
        raise mismatch(certificate, "it was not issued by the CA of the ledger") from error


def check_subject(certificate: x509.Certificate, name: str) -> None:
    """Accept a certificate whose subject is one common name, and that has no end.

    Raises:
        NotVerified: `certificate-mismatch`.
    """
    if certificate.subject != name_of(name):
        raise mismatch(certificate, f"its subject is not CN={name}")
    if certificate.not_valid_after_utc != NO_END:
        raise mismatch(certificate, "it does not end at 99991231235959Z")


def check_extensions(
    certificate: x509.Certificate, constraints: x509.BasicConstraints, usage: x509.KeyUsage
) -> None:
    """Accept a certificate that says what it may be used for.

    Raises:
        NotVerified: `certificate-mismatch`.
    """
    try:
        extensions = certificate.extensions
        found = (
            extensions.get_extension_for_class(x509.BasicConstraints).value,
            extensions.get_extension_for_class(x509.KeyUsage).value,
        )
    except (
        ValueError,
        x509.ExtensionNotFound,
        x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType,
    ) as error:
        raise mismatch(certificate, "its extensions are missing or broken") from error
    if found != (constraints, usage):
        raise mismatch(certificate, "its basicConstraints or keyUsage is another")


def mismatch(certificate: x509.Certificate, fault: str) -> NotVerified:
    """Return the error for a certificate that is not what it is shown for."""
    return NotVerified(
        "certificate-mismatch",
        f"The certificate with serial {certificate.serial_number:x} does not fit: {fault}.",
    )


def begin_certificate(
    name: str, not_before: datetime, serial: int | None
) -> x509.CertificateBuilder:
    """Return the begin of a certificate: subject, validity, serial."""
    return (
        x509.CertificateBuilder()
        .subject_name(name_of(name))
        .not_valid_before(not_before)
        .not_valid_after(NO_END)
        .serial_number(x509.random_serial_number() if serial is None else serial)
    )


def finish_certificate(
    builder: x509.CertificateBuilder, private: ec.EllipticCurvePrivateKey
) -> str:
    """Return the PEM of a certificate signed deterministically (RFC 6979)."""
    certificate = builder.sign(private, SHA256(), ecdsa_deterministic=True)
    return certificate.public_bytes(Encoding.PEM).decode("ascii")


def name_of(common: str) -> x509.Name:
    """Return a name that is one common name."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def usage_of(*, ca: bool) -> x509.KeyUsage:
    """Return the key usage of a CA, or of an actor."""
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )
