"""Private keys on disk: one PEM file for each, which its owner alone may read.

    -rw------- 1 pista pista 241 mario.pem
    -----BEGIN PRIVATE KEY-----          PKCS #8, or ENCRYPTED PRIVATE KEY with a password
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg...
    -----END PRIVATE KEY-----

A file is created, never overwritten. A file that its group or others may read is not opened: a key
that was exposed is replaced, not used on.

Source: RFC 5958, RFC 7468 (PKCS #8, PEM); design FORMATS section 4.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from ledger.errors import Absent, StorageError
from ledger.signing.algorithms import EDDSA, ES256, RS256

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey

_RSA_BITS: Final = 3072
_MAX_FILE_BYTES: Final = 64 * 1024
_OWNER_ONLY: Final = 0o600
_CLOSED: Final = "La chiave privata non si apre ({}): controllare la parola d'ordine e il file."
_MAKERS: Final[Mapping[str, Callable[[], PrivateKey]]] = {
    ES256: lambda: ec.generate_private_key(ec.SECP256R1()),
    EDDSA: ed25519.Ed25519PrivateKey.generate,
    RS256: lambda: rsa.generate_private_key(65537, _RSA_BITS),
}


def generate_private_key(alg: str) -> PrivateKey:
    """Return a new private key of an algorithm.

    Raises:
        StorageError: `algorithm-unknown`.
    """
    if alg not in _MAKERS:
        raise StorageError(
            "algorithm-unknown", f"Non si può fare una chiave {alg!r}: usare {', '.join(_MAKERS)}."
        )
    return _MAKERS[alg]()


def format_private_key(key: PrivateKey, password: bytes | None = None) -> bytes:
    """Return a private key as PKCS #8 PEM, encrypted when a password is given."""
    encryption = NoEncryption() if password is None else BestAvailableEncryption(password)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def load_private_key(pem: bytes, password: bytes | None = None) -> PrivateKey:
    """Return the private key of a PEM text.

    Raises:
        StorageError: `key-file-locked`, when the password is missing, wrong or not needed;
            `key-file-malformed`, when it is no PEM private key of a kind that can sign.
    """
    try:
        key = load_pem_private_key(pem, password)
    except TypeError as error:
        raise StorageError("key-file-locked", _CLOSED.format(error)) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        code = "key-file-malformed" if password is None else "key-file-locked"
        raise StorageError(code, _CLOSED.format(error)) from error
    if not isinstance(
        key, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
    ):
        raise StorageError(
            "key-file-malformed", "La chiave privata non è di un tipo che firma: usare P-256."
        )
    return key


def write_key_file(path: Path, pem: bytes) -> None:
    """Write a new key file, mode 0600, synced to disk with its folder.

    Raises:
        StorageError: `key-file-exists`; `key-file-unwritable`, when the disk refuses.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    except FileExistsError as error:
        raise StorageError(
            "key-file-exists", f"{path} esiste già e non si sovrascrive: scegliere un altro nome."
        ) from error
    except OSError as error:
        raise StorageError(
            "key-file-unwritable",
            f"{path} non si può creare ({error}): controllare percorso, permessi e spazio.",
        ) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        _sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            path.unlink()
        raise StorageError(
            "key-file-unwritable",
            f"{path} non è stato scritto ({error}): controllare disco e spazio, poi ripetere.",
        ) from error


def read_key_file(path: Path) -> bytes:
    """Return the text of a key file that its owner alone may read.

    Raises:
        Absent: `key-file-absent`.
        StorageError: `key-file-exposed`, when group or others have any right on it;
            `key-file-malformed`, when it is no plain small file; `key-file-unreadable`.
    """
    try:
        with path.open("rb") as file:
            _check_status(path, os.fstat(file.fileno()))
            return file.read(_MAX_FILE_BYTES)
    except FileNotFoundError as error:
        raise Absent(
            "key-file-absent", f"Il file della chiave {path} non c'è: controllare il percorso."
        ) from error
    except OSError as error:
        raise StorageError(
            "key-file-unreadable",
            f"{path} non si può leggere ({error}): controllare percorso e permessi.",
        ) from error


def _check_status(path: Path, status: os.stat_result) -> None:
    """Accept a plain small file that its owner alone may read.

    Raises:
        StorageError: `key-file-exposed`; `key-file-malformed`.
    """
    if not stat.S_ISREG(status.st_mode) or status.st_size > _MAX_FILE_BYTES:
        raise StorageError(
            "key-file-malformed", f"{path} non è il file di una chiave: indicarne un altro."
        )
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise StorageError(
            "key-file-exposed",
            f"{path} si può leggere da altri, oltre al proprietario: eseguire `chmod 600 {path}`,"
            " e sostituire la chiave se altri possono averla letta.",
        )


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
