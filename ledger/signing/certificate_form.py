"""The form of the certificates that a ledger issues: names, usage, times, and how each is checked.

    Version 3, random serial, ecdsa-with-SHA256
    Issuer   CN=Pista <origin>        Subject   CN=Pista <origin>, or CN=<actor id>
    Validity 20260101000000Z to 99991231235959Z ("no end", RFC 5280 section 4.1.2.5)
    basicConstraints critical, keyUsage critical, subjectKeyIdentifier, authorityKeyIdentifier

Source: RFC 5280 sections 4.1 and 4.2; RFC 7468; design FORMATS section 4.
"""

from __future__ import annotations

import base64
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

_BEGIN: Final = "-----BEGIN CERTIFICATE-----"
_END: Final = "-----END CERTIFICATE-----"
_COLUMNS: Final = 64
_VERSION_3: Final = bytes.fromhex("a003020102")

NO_END: Final = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
CA_CONSTRAINTS: Final = x509.BasicConstraints(ca=True, path_length=0)
ACTOR_CONSTRAINTS: Final = x509.BasicConstraints(ca=False, path_length=None)


def parse_certificate(pem: str) -> x509.Certificate:
    """Return the one certificate of a PEM text that is exactly what would be written.

    Raises:
        Unreadable: `certificate-malformed`, when the text is another form of PEM, or the certificate
            is not of version 3 with a serial above 0, which RFC 5280 wants and libraries handle
            differently.
    """
    try:
        der = parse_pem(pem)
        if not _has_sound_serial(der):
            raise ValueError("the version is not 3, or the serial is not above 0")  # noqa: TRY301  one error for all
        return x509.load_der_x509_certificate(der)
    except (ValueError, x509.InvalidVersion) as error:
        raise Unreadable(
            "certificate-malformed",
            "Un certificato è un solo blocco PEM con righe di 64 colonne e a capo finale,"
            f" nient'altro: {error}. Chiederlo di nuovo a chi lo ha emesso.",
        ) from error


def format_pem(der: bytes) -> str:
    """Return the PEM text of a certificate, in lines of 64 columns (RFC 7468 section 3)."""
    text = base64.b64encode(der).decode("ascii")
    lines = [text[start : start + _COLUMNS] for start in range(0, len(text), _COLUMNS)]
    return "\n".join([_BEGIN, *lines, _END, ""])


def parse_pem(pem: str) -> bytes:
    """Return the DER of a text that `format_pem` gives.

    Raises:
        ValueError: when the text is another form of PEM.
    """
    der = base64.b64decode("".join(pem.split("\n")[1:-2]).encode("ascii"), validate=True)
    if format_pem(der) != pem:
        raise ValueError("the text is not the PEM of its bytes")
    return der


def _has_sound_serial(der: bytes) -> bool:
    """Tell whether a certificate begins as version 3 with a serial above 0 (RFC 5280 4.1.2)."""
    start = _content_of(der, _content_of(der, 0))
    serial = der[start + len(_VERSION_3) :]
    octets = serial[2 : 2 + serial[1]] if serial[:1] == b"\x02" and len(serial) > 1 else b""
    positive = octets[:1] < b"\x80" and any(octets)
    return der[start : start + len(_VERSION_3)] == _VERSION_3 and positive


def _content_of(der: bytes, start: int) -> int:
    """Return where the content of the DER element at a place begins."""
    length = der[start + 1] if start + 1 < len(der) else 0
    return start + 2 + (length & 0x7F if length & 0x80 else 0)


def key_of(certificate: x509.Certificate) -> PublicKey:
    """Return the public key of a certificate.

    Raises:
        NotVerified: `certificate-mismatch`, when it cannot be read; `key-unsound`.
    """
    try:
        raw = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise mismatch(certificate, "la sua chiave pubblica non si può leggere") from error
    return public_key_of(raw)


def check_issuer(certificate: x509.Certificate, issuer: x509.Certificate) -> None:
    """Accept a certificate that names the issuer and is signed by its key.

    Raises:
        NotVerified: `certificate-mismatch`.
    """
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError) as error:
        raise mismatch(certificate, "non è emesso dalla CA del registro") from error


def check_subject(certificate: x509.Certificate, name: str) -> None:
    """Accept a certificate whose subject is one common name, and that has no end.

    Raises:
        NotVerified: `certificate-mismatch`.
    """
    try:
        same = certificate.subject == name_of(name)
    except (ValueError, TypeError) as error:
        raise mismatch(certificate, "il suo soggetto non si può leggere") from error
    if not same:
        raise mismatch(certificate, f"il suo soggetto non è CN={name}")
    if certificate.not_valid_after_utc != NO_END:
        raise mismatch(certificate, "non scade il 99991231235959Z")


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
        raise mismatch(certificate, "le sue estensioni mancano o sono rovinate") from error
    if found != (constraints, usage):
        raise mismatch(certificate, "basicConstraints o keyUsage non sono quelli dovuti")


def mismatch(certificate: x509.Certificate, fault: str) -> NotVerified:
    """Return the error for a certificate that is not what it is shown for."""
    return NotVerified(
        "certificate-mismatch",
        f"Il certificato con numero di serie {certificate.serial_number:x} non è quello dovuto:"
        f" {fault}. Chiederne uno nuovo a chi gestisce il registro.",
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
    return format_pem(certificate.public_bytes(Encoding.DER))


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
