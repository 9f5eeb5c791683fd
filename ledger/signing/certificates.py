"""The ledger's own issuing certificate, and the certificates of actors' keys.

    keys/ca.crt       subject CN=Pista pnrr.comune.lecce.it/c_e506, self-signed, P-256,
                      basicConstraints CA:TRUE pathlen:0, keyUsage keyCertSign cRLSign
    keys/<kid>.crt    subject CN=<actor id>, issued by it, CA:FALSE, keyUsage digitalSignature

    openssl verify -CAfile keys/ca.crt keys/<kid>.crt
    openssl x509 -in keys/<kid>.crt -noout -fingerprint -sha256        the x5t#S256 of the envelopes

A certificate exists so that standard tools can check a signature; it names nobody. Validity goes by
place in the log (keys.py), so all end at 99991231235959Z, "no end" in RFC 5280 section 4.1.2.5.
Signing is deterministic: same key, names, times and serial, same bytes. PEM has 64-column lines, one
certificate and nothing else.

Source: RFC 5280; RFC 7468; design FORMATS section 4.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from ledger.errors import NotVerified, StorageError, Unreadable
from ledger.signing.algorithms import ES256, parse_jwk, public_key_of
from ledger.signing.key_file import (
    format_private_key,
    generate_private_key,
    load_private_key,
    read_key_file,
    write_key_file,
)
from ledger.signing.names import is_origin

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NO_END: Final = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)

_CA_CONSTRAINTS: Final = x509.BasicConstraints(ca=True, path_length=0)
_ACTOR_CONSTRAINTS: Final = x509.BasicConstraints(ca=False, path_length=None)


@dataclass(frozen=True, slots=True)
class CA:
    """The ledger's issuer: its private key in memory, and its certificate."""

    private: ec.EllipticCurvePrivateKey = field(repr=False)
    pem: str

    def issue(
        self,
        jwk: Mapping[str, object],
        actor: str,
        not_before: datetime,
        serial: int | None = None,
    ) -> str:
        """Return the PEM certificate of an actor's key; a random serial when none is given.

        Raises:
            NotVerified: `jwk-malformed`, `key-unsound`.
        """
        issuer = _parse_certificate(self.pem)
        key = parse_jwk(jwk).raw
        builder = _builder(actor, not_before, serial).issuer_name(issuer.subject).public_key(key)
        for extension, critical in (
            (_ACTOR_CONSTRAINTS, True),
            (_usage(ca=False), True),
            (x509.SubjectKeyIdentifier.from_public_key(key), False),
            (
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.private.public_key()),
                False,
            ),
        ):
            builder = builder.add_extension(extension, critical)
        return _sign(builder, self.private)


def create_ca(
    path: Path,
    origin: str,
    not_before: datetime,
    serial: int | None = None,
    password: bytes | None = None,
) -> CA:
    """Make a CA for the ledger `origin`, write its key to a new file (mode 0600), return it.

    The certificate is public: the founding event carries it, and `open_ca` wants it back.

    Raises:
        Unreadable: `origin-malformed`.
        StorageError: `key-file-exists`, `key-file-unwritable`.
    """
    private = generate_private_key("ES256")
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise StorageError("ca-key-unfit", "The key of a CA is P-256.")
    ca = build_ca(private, origin, not_before, serial)
    write_key_file(path, format_private_key(private, password))
    return ca


def open_ca(path: Path, pem: str, password: bytes | None = None) -> CA:
    """Return the CA whose key is in a file and whose certificate is given.

    Raises:
        Absent: `key-file-absent`.
        StorageError: `ca-key-unfit`, when the key is not that of the certificate; codes of
            key_file.py.
        Unreadable: `certificate-malformed`.
    """
    private = load_private_key(read_key_file(path), password)
    if (
        not isinstance(private, ec.EllipticCurvePrivateKey)
        or private.public_key() != _parse_certificate(pem).public_key()
    ):
        raise StorageError(
            "ca-key-unfit", f"The key in {path} is not the key of the ledger's CA certificate."
        )
    return CA(private, pem)


def build_ca(
    private: ec.EllipticCurvePrivateKey,
    origin: str,
    not_before: datetime,
    serial: int | None = None,
) -> CA:
    """Return the CA of a ledger for a private key; a random serial when none is given.

    Raises:
        Unreadable: `origin-malformed`.
    """
    if not is_origin(origin):
        raise Unreadable("origin-malformed", f"{origin!r} cannot name a ledger: see names.py.")
    public = private.public_key()
    builder = _builder(common_name(origin), not_before, serial).public_key(public)
    builder = builder.issuer_name(_name(common_name(origin)))
    builder = builder.add_extension(_CA_CONSTRAINTS, critical=True)
    builder = builder.add_extension(_usage(ca=True), critical=True)
    identifier = x509.SubjectKeyIdentifier.from_public_key(public)
    return CA(private, _sign(builder.add_extension(identifier, critical=False), private))


def common_name(origin: str) -> str:
    """Return the common name of the CA of a ledger."""
    return f"Pista {origin}"


def certificate_digest(pem: str) -> bytes:
    """Return the SHA-256 of the DER of a PEM certificate, 32 bytes: the x5t#S256 of envelopes.

    Raises:
        Unreadable: `certificate-malformed`.
    """
    return hashlib.sha256(_parse_certificate(pem).public_bytes(Encoding.DER)).digest()


def verify_ca(pem: str, origin: str) -> None:
    """Accept a certificate as the CA of a ledger: P-256, self-signed, its name, marked as CA.

    Raises:
        NotVerified: `certificate-mismatch`, saying what does not fit; `key-unsound`.
        Unreadable: `certificate-malformed`.
    """
    certificate = _parse_certificate(pem)
    if public_key_of(certificate.public_key()).alg != ES256:
        raise _mismatch(certificate, "its key is not P-256")
    _check_issuer(certificate, certificate)
    _check_subject(certificate, common_name(origin))
    _check_extensions(certificate, _CA_CONSTRAINTS, _usage(ca=True))


def verify_issued(pem: str, ca_pem: str, jwk: Mapping[str, object], actor: str) -> None:
    """Accept a certificate as issued by the CA, for this key and this actor.

    Raises:
        NotVerified: `certificate-mismatch`, saying what does not fit; `jwk-malformed`,
            `key-unsound`.
        Unreadable: `certificate-malformed`.
    """
    certificate = _parse_certificate(pem)
    _check_issuer(certificate, _parse_certificate(ca_pem))
    _check_subject(certificate, actor)
    _check_extensions(certificate, _ACTOR_CONSTRAINTS, _usage(ca=False))
    if public_key_of(certificate.public_key()).kid != parse_jwk(jwk).kid:
        raise _mismatch(certificate, "it is for another key")


def _parse_certificate(pem: str) -> x509.Certificate:
    """Return the one certificate of a PEM text that is exactly what would be written.

    Raises:
        Unreadable: `certificate-malformed`.
    """
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode("ascii"))
        again = certificate.public_bytes(Encoding.PEM).decode("ascii")
    except ValueError as error:
        raise Unreadable(
            "certificate-malformed", f"The text is no PEM certificate: {error}."
        ) from error
    if again != pem:
        raise Unreadable(
            "certificate-malformed",
            "A certificate is one PEM block of 64-column lines with its final newline, no more.",
        )
    return certificate


def _check_issuer(certificate: x509.Certificate, issuer: x509.Certificate) -> None:
    """Accept a certificate that names the issuer and is signed by its key.

    Raises:
        NotVerified: `certificate-mismatch`.
    """
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError) as error:
        raise _mismatch(certificate, "it was not issued by the CA of the ledger") from error


def _check_subject(certificate: x509.Certificate, name: str) -> None:
    """Accept a certificate whose subject is one common name, and that has no end.

    Raises:
        NotVerified: `certificate-mismatch`.
    """
    if certificate.subject != _name(name):
        raise _mismatch(certificate, f"its subject is not CN={name}")
    if certificate.not_valid_after_utc != NO_END:
        raise _mismatch(certificate, "it does not end at 99991231235959Z")


def _check_extensions(
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
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension) as error:
        raise _mismatch(certificate, "its extensions are missing or broken") from error
    if found != (constraints, usage):
        raise _mismatch(certificate, "its basicConstraints or keyUsage is another")


def _mismatch(certificate: x509.Certificate, fault: str) -> NotVerified:
    """Return the error for a certificate that is not what it is shown for."""
    return NotVerified(
        "certificate-mismatch",
        f"The certificate with serial {certificate.serial_number:x} does not fit: {fault}.",
    )


def _builder(name: str, not_before: datetime, serial: int | None) -> x509.CertificateBuilder:
    """Return the begin of a certificate: subject, validity, serial."""
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .not_valid_before(not_before)
        .not_valid_after(NO_END)
        .serial_number(x509.random_serial_number() if serial is None else serial)
    )


def _sign(builder: x509.CertificateBuilder, private: ec.EllipticCurvePrivateKey) -> str:
    """Return the PEM of a certificate signed deterministically (RFC 6979)."""
    certificate = builder.sign(private, SHA256(), ecdsa_deterministic=True)
    return certificate.public_bytes(Encoding.PEM).decode("ascii")


def _name(common: str) -> x509.Name:
    """Return a name that is one common name."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _usage(*, ca: bool) -> x509.KeyUsage:
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
