"""Signers: something that holds a private key and signs bytes.

    file:keys/mario.pem        a key file (key_file.py); a plain path means the same
    pkcs11:...                 a smart card or security module; not available yet in this version

A signer is addressed by URI. Adding a kind is one entry in OPENERS and one file. ECDSA signatures
are deterministic (RFC 6979): the same key and message give the same bytes.

Source: design FORMATS section 4; RFC 8089 (file URIs); RFC 7512 (pkcs11 URIs).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import unquote

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from ledger.errors import NotVerified, StorageError
from ledger.signing.algorithms import ES256, PublicKey, format_jwk, public_key_of
from ledger.signing.key_file import (
    PrivateKey,
    format_private_key,
    generate_private_key,
    load_private_key,
    read_key_file,
    write_key_file,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SCHEME: Final = re.compile("([a-z][a-z0-9+.-]+):(.*)", re.DOTALL)


class Signer(Protocol):
    """Signs bytes with one private key; `kid` is its RFC 7638 thumbprint, `alg` as in JWS."""

    @property
    def kid(self) -> str:
        """Return the thumbprint of the public key."""

    @property
    def alg(self) -> str:
        """Return the algorithm of the key."""

    def sign(self, message: bytes) -> bytes:
        """Return the signature over a message, in the form that JWS wants."""

    def jwk(self) -> dict[str, str]:
        """Return the public key as JWK, with the members of the thumbprint alone."""


@dataclass(frozen=True, slots=True)
class KeySigner:
    """A signer whose private key is in memory; the key is never shown."""

    private: PrivateKey = field(repr=False)
    public: PublicKey

    @property
    def kid(self) -> str:
        """Return the thumbprint of the public key."""
        return self.public.kid

    @property
    def alg(self) -> str:
        """Return the algorithm of the key."""
        return self.public.alg

    def sign(self, message: bytes) -> bytes:
        """Return the signature over a message; 64 bytes r || s for ES256."""
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return self.private.sign(message)
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            rule = ec.ECDSA(SHA256(), deterministic_signing=True)
            r, s = decode_dss_signature(self.private.sign(message, rule))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return self.private.sign(message, padding.PKCS1v15(), SHA256())

    def jwk(self) -> dict[str, str]:
        """Return the public key as JWK, with the members of the thumbprint alone."""
        return format_jwk(self.public)


def key_signer(private: PrivateKey) -> KeySigner:
    """Return the signer of a private key.

    Raises:
        NotVerified: `key-unsound`, when its public key could not be enrolled.
    """
    return KeySigner(private, public_key_of(private.public_key()))


def load_signer(pem: bytes, password: bytes | None = None) -> KeySigner:
    """Return the signer of a PKCS #8 PEM text.

    Raises:
        StorageError: `key-file-locked`, `key-file-malformed`; also for an unsound key.
    """
    try:
        return key_signer(load_private_key(pem, password))
    except NotVerified as error:
        raise StorageError("key-file-malformed", error.sentence) from error


def create_key_file(path: Path, alg: str = ES256, password: bytes | None = None) -> KeySigner:
    """Make a new key, write it to a new file with mode 0600, and return its signer.

    Raises:
        StorageError: `key-file-exists`, `key-file-unwritable`, `algorithm-unknown`.
    """
    private = generate_private_key(alg)
    write_key_file(path, format_private_key(private, password))
    return key_signer(private)


def open_signer(uri: str, password: bytes | None = None) -> Signer:
    """Return the signer that a URI, or a plain path, names.

    Raises:
        Absent: `key-file-absent`.
        StorageError: `signer-unknown`, for a scheme that has no opener; `signer-not-available`,
            for one that has none yet; the codes of key_file.py.
    """
    found = _SCHEME.fullmatch(uri)
    if found is None:
        return load_signer(read_key_file(Path(uri)), password)
    scheme, rest = found.groups()
    if scheme not in OPENERS:
        raise StorageError(
            "signer-unknown",
            f"Non c'è una firma di tipo {scheme!r}: usare file:<percorso> o uno fra"
            f" {', '.join(OPENERS)}.",
        )
    return OPENERS[scheme](rest, password)


def _open_file(rest: str, password: bytes | None) -> Signer:
    """Return the signer of `file:<path>`; the path may be relative, and percent-encoded."""
    local = rest.removeprefix("//")
    if rest != local and not local.startswith("/"):
        raise StorageError(
            "signer-unknown", f"file:{rest} nomina un altro computer: usare file:<percorso>."
        )
    return load_signer(read_key_file(Path(unquote(local))), password)


def _open_pkcs11(_rest: str, _password: bytes | None) -> Signer:
    """Refuse smart cards and security modules, which this version cannot open."""
    raise StorageError(
        "signer-not-available",
        "Le firme su carta o modulo PKCS #11 non sono ancora disponibili in questa versione:"
        " usare il file di una chiave, file:<percorso>.",
    )


OPENERS: Final[Mapping[str, Callable[[str, bytes | None], Signer]]] = {
    "file": _open_file,
    "pkcs11": _open_pkcs11,
}
