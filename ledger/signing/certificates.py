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
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from ledger.errors import StorageError, Unreadable
from ledger.signing.algorithms import ES256, parse_jwk
from ledger.signing.certificate_form import (
    ACTOR_CONSTRAINTS,
    CA_CONSTRAINTS,
    begin_certificate,
    check_extensions,
    check_issuer,
    check_subject,
    finish_certificate,
    key_of,
    mismatch,
    name_of,
    parse_certificate,
    usage_of,
)
from ledger.signing.key_file import (
    format_private_key,
    load_private_key,
    read_key_file,
    write_key_file,
)
from ledger.signing.names import is_origin

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path


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
        issuer = parse_certificate(self.pem)
        key = parse_jwk(jwk).raw
        builder = (
            begin_certificate(actor, not_before, serial).issuer_name(issuer.subject).public_key(key)
        )
        for extension, critical in (
            (ACTOR_CONSTRAINTS, True),
            (usage_of(ca=False), True),
            (x509.SubjectKeyIdentifier.from_public_key(key), False),
            (
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.private.public_key()),
                False,
            ),
        ):
            builder = builder.add_extension(extension, critical)
        return finish_certificate(builder, self.private)


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
    private = ec.generate_private_key(ec.SECP256R1())
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
        or private.public_key() != parse_certificate(pem).public_key()
    ):
        raise StorageError(
            "ca-key-unfit",
            f"La chiave in {path} non è quella del certificato della CA del registro: indicare il"
            " file della chiave giusta.",
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
        raise Unreadable(
            "origin-malformed",
            f"{origin!r} non può essere il nome di un registro: indicarne uno come"
            " pnrr.comune.lecce.it/c_e506.",
        )
    public = private.public_key()
    builder = begin_certificate(common_name(origin), not_before, serial).public_key(public)
    builder = builder.issuer_name(name_of(common_name(origin)))
    builder = builder.add_extension(CA_CONSTRAINTS, critical=True)
    builder = builder.add_extension(usage_of(ca=True), critical=True)
    identifier = x509.SubjectKeyIdentifier.from_public_key(public)
    return CA(
        private, finish_certificate(builder.add_extension(identifier, critical=False), private)
    )


def common_name(origin: str) -> str:
    """Return the common name of the CA of a ledger."""
    return f"Pista {origin}"


def certificate_digest(pem: str) -> bytes:
    """Return the SHA-256 of the DER of a PEM certificate, 32 bytes: the x5t#S256 of envelopes.

    Raises:
        Unreadable: `certificate-malformed`.
    """
    return hashlib.sha256(parse_certificate(pem).public_bytes(Encoding.DER)).digest()


def verify_ca(pem: str, origin: str) -> None:
    """Accept a certificate as the CA of a ledger: P-256, self-signed, its name, marked as CA.

    Raises:
        NotVerified: `certificate-mismatch`, saying what does not fit; `key-unsound`.
        Unreadable: `certificate-malformed`.
    """
    certificate = parse_certificate(pem)
    if key_of(certificate).alg != ES256:
        raise mismatch(certificate, "la sua chiave non è P-256")
    check_issuer(certificate, certificate)
    check_subject(certificate, common_name(origin))
    check_extensions(certificate, CA_CONSTRAINTS, usage_of(ca=True))


def verify_issued(pem: str, ca_pem: str, jwk: Mapping[str, object], actor: str) -> None:
    """Accept a certificate as issued by the CA, for this key and this actor.

    Raises:
        NotVerified: `certificate-mismatch`, saying what does not fit; `jwk-malformed`,
            `key-unsound`.
        Unreadable: `certificate-malformed`.
    """
    certificate = parse_certificate(pem)
    check_issuer(certificate, parse_certificate(ca_pem))
    check_subject(certificate, actor)
    check_extensions(certificate, ACTOR_CONSTRAINTS, usage_of(ca=False))
    if key_of(certificate).kid != parse_jwk(jwk).kid:
        raise mismatch(certificate, "è di un'altra chiave")
