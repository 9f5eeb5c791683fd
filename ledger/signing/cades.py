"""Signing a document as CAdES baseline B: the `.p7m` file that Italian offices exchange.

    determina-100-2023.pdf.p7m        DER, SignedData (RFC 5652) with the PDF inside
        signed attributes             content-type, message-digest, signing-time,
                                      signing-certificate-v2 (RFC 5035)

    openssl cms -verify -inform DER -cades -in determina-100-2023.pdf.p7m -CAfile ca.crt \
        -purpose any -out determina-100-2023.pdf

This is the signature of the act, put before the act reaches the register; the event that registers
it has a signature of its own (envelope.py). ECDSA is deterministic (RFC 6979): the same content,
key, certificate and time give the same bytes.

Source: ETSI EN 319 122-1 (CAdES baseline B); D.Lgs. 82/2005 art. 24; DOMAIN section 8.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from asn1crypto.x509 import Certificate
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes, Signer

from ledger.errors import NotVerified, StorageError, Unreadable
from ledger.signing.key_file import load_private_key

if TYPE_CHECKING:
    from datetime import datetime

DIGEST: Final = "sha256"

DocumentKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def seal(content: bytes, key_pem: bytes, certificate_pem: bytes, signed_at: datetime) -> bytes:
    """Return the content inside its CAdES baseline B signature, DER.

    `key_pem` is PKCS #8 without password, P-256 or RSA; `certificate_pem` the certificate of that
    key; `signed_at` the claimed time, aware, before 2050, in whole seconds.

    Raises:
        StorageError: `key-file-locked`, `key-file-malformed`; `signing-key-unfit`, for a key that is
            neither P-256 nor RSA.
        Unreadable: `certificate-malformed`, when it is no PEM certificate.
        NotVerified: `certificate-mismatch`, when the certificate is for another key.
        ValueError: when the time has no zone, or is not before 2050 (UTCTime, RFC 5652 section 11.3).
    """
    if signed_at.tzinfo is None:
        raise ValueError("a time without zone cannot be the signing time")
    key = _document_key(key_pem)
    hand = _Hand(key, _certificate_of(key, certificate_pem))
    attributes = PdfCMSSignedAttributes(signing_time=signed_at)
    sealing = hand.async_sign_general_data(
        content, DIGEST, detached=False, use_cades=True, signed_attr_settings=attributes
    )
    sealed: bytes = asyncio.run(sealing).dump()
    return sealed


class _Hand(Signer):
    """The private key as pyHanko wants it: signs the encoded attributes that it is given."""

    def __init__(self, key: DocumentKey, certificate: Certificate) -> None:
        """Keep the key; the certificate travels in the signature."""
        super().__init__(signing_cert=certificate)
        self._key = key

    async def async_sign_raw(
        self,
        data: bytes,
        digest_algorithm: str,
        dry_run: bool = False,  # noqa: FBT001, FBT002  the signature of the base class
    ) -> bytes:
        """Return the signature over the attributes; DER for ECDSA."""
        del digest_algorithm, dry_run
        if isinstance(self._key, ec.EllipticCurvePrivateKey):
            return self._key.sign(data, ec.ECDSA(SHA256(), deterministic_signing=True))
        return self._key.sign(data, padding.PKCS1v15(), SHA256())


def _document_key(pem: bytes) -> DocumentKey:
    """Return the private key of a PEM text, of a kind that signs documents.

    Raises:
        StorageError: codes of key_file.py; `signing-key-unfit`.
    """
    key = load_private_key(pem)
    is_p256 = isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name == "secp256r1"
    if not isinstance(key, DocumentKey) or not (is_p256 or isinstance(key, rsa.RSAPrivateKey)):
        raise StorageError(
            "signing-key-unfit",
            "Un documento si firma con una chiave P-256 o RSA: usare una di queste.",
        )
    return key


def _certificate_of(key: DocumentKey, pem: bytes) -> Certificate:
    """Return the certificate of a PEM text when it is for that key.

    Raises:
        Unreadable: `certificate-malformed`.
        NotVerified: `certificate-mismatch`.
    """
    try:
        certificate = x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise Unreadable(
            "certificate-malformed",
            f"Il testo non è un certificato PEM ({error}): indicare il file del certificato.",
        ) from error
    if certificate.public_key() != key.public_key():
        raise NotVerified(
            "certificate-mismatch",
            f"Il certificato con numero di serie {certificate.serial_number:x} è di un'altra"
            " chiave: indicare quello della chiave che firma.",
        )
    return Certificate.load(certificate.public_bytes(Encoding.DER))
