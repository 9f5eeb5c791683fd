"""The vault key: the one secret under which the keys of all objects are wrapped.

It lives in a file of its own, readable by its owner alone (mode 0600), outside the vault:

    pista/vault-key/v1
    AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=       base64 of 32 random bytes

What is wrapped is always 32 bytes and becomes 40 bytes, by AES key wrap, which is deterministic
and detects any change. To unwrap by hand, with K the 32 bytes of the vault key in hex:

    base64 -d <<< WRAPPED | openssl enc -d -id-aes256-wrap -K $K -iv A6A6A6A6A6A6A6A6

A vault key is known by its id, `SHA-256("pista/vault-key/v1" 0x0A || key)`, first 16 hex digits.

Source: design FORMATS section 5; RFC 3394 (AES key wrap), NIST SP 800-38F.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from ledger.errors import Absent, NotVerified, StorageError
from ledger.vault.durable import write_new

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

VAULT_KEY_BYTES: Final = 32
SECRET_BYTES: Final = 32
WRAPPED_BYTES: Final = 40

_HEADER: Final = b"pista/vault-key/v1\n"
_FILE_BYTES: Final = len(_HEADER) + 45
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class VaultKey:
    """A vault key of 32 bytes; the bytes are never shown by `repr`.

    Raises:
        StorageError: when it has another size (`vault-key-malformed`).
    """

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse a key of another size."""
        if len(self.secret) != VAULT_KEY_BYTES:
            raise _malformed("la chiave", f"ha {len(self.secret)} byte, non {VAULT_KEY_BYTES}")

    @property
    def id(self) -> str:
        """16 hex digits by which records say under which key they are wrapped."""
        return hashlib.sha256(_HEADER + self.secret).hexdigest()[:16]

    def wrap(self, secret: bytes) -> bytes:
        """Return the 40 bytes that hide 32 bytes; the same each time.

        Raises:
            ValueError: when the secret is not 32 bytes.
        """
        if len(secret) != SECRET_BYTES:
            raise ValueError(f"{SECRET_BYTES} bytes are wrapped, not {len(secret)}")
        return aes_key_wrap(self.secret, secret)

    def unwrap(self, wrapped: bytes) -> bytes:
        """Return the 32 bytes that were wrapped under this key.

        Raises:
            NotVerified: when they were changed or wrapped under another key (`key-unwrap-failed`).
        """
        try:
            secret = aes_key_unwrap(self.secret, wrapped)
        except InvalidUnwrap as error:
            raise _unwrap_failed(self.id) from error
        if len(secret) != SECRET_BYTES:
            raise _unwrap_failed(self.id)
        return secret


def new_vault_key(random: Callable[[int], bytes] = secrets.token_bytes) -> VaultKey:
    """Return a fresh key from a source of random bytes."""
    return VaultKey(random(VAULT_KEY_BYTES))


def format_vault_key(key: VaultKey) -> bytes:
    """Return the two lines of a vault key file."""
    return _HEADER + base64.b64encode(key.secret) + b"\n"


def parse_vault_key(data: bytes, name: str = "the vault key") -> VaultKey:
    """Return the key of a vault key file; `format_vault_key` gives back the same bytes.

    Raises:
        StorageError: for anything but the two lines (`vault-key-malformed`); `name` is for the
            sentence, which never shows what was read.
    """
    header, line = data[: len(_HEADER)], data[len(_HEADER) :]
    try:
        secret = base64.b64decode(line.removesuffix(b"\n"), validate=True)
    except binascii.Error:
        secret = b""
    if header != _HEADER or len(secret) != VAULT_KEY_BYTES:
        raise _malformed(name, "non sono le due righe di una chiave di deposito")
    key = VaultKey(secret)
    if format_vault_key(key) != data:
        raise _malformed(name, "non è scritta nella sua unica forma")
    return key


def write_vault_key(path: Path, key: VaultKey) -> None:
    """Write a new vault key file, mode 0600, and wait until the disk has it.

    Raises:
        StorageError: when the file is already there (`vault-key-exists`); a vault key that is
            lost makes every document unreadable, so none is ever overwritten.
    """
    try:
        write_new(path, format_vault_key(key))
    except FileExistsError as error:
        raise StorageError(
            "vault-key-exists",
            f"{path} contiene già una chiave di deposito, che non si sovrascrive: scegliere un"
            " altro percorso per quella nuova.",
        ) from error


def read_vault_key(path: Path) -> VaultKey:
    """Return the key of a file that only its owner may read.

    Raises:
        Absent: when there is no such file (`vault-key-absent`).
        StorageError: when it is no regular file or others have any access to it
            (`vault-key-exposed`), or it does not hold a vault key (`vault-key-malformed`).
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(_FILE_BYTES + 1)
    except FileNotFoundError as error:
        raise Absent(
            "vault-key-absent",
            f"La chiave di deposito non è in {path}: senza di essa nessun documento si può"
            " leggere. Rimetterla da dove se ne conserva la copia.",
        ) from error
    if not stat.S_ISREG(mode) or mode & _OTHERS:
        raise StorageError(
            "vault-key-exposed",
            f"{path} ha i permessi {stat.filemode(mode)}: altri, oltre al proprietario, possono"
            f" raggiungerlo. Eseguire `chmod 600 {path}` e valutare se la chiave è ancora segreta.",
        )
    return parse_vault_key(data, str(path))


def _malformed(name: str, reason: str) -> StorageError:
    """Return the error of a vault key that is none."""
    return StorageError(
        "vault-key-malformed",
        f"{name}: {reason}. Rimettere il file da dove se ne conserva la copia.",
    )


def _unwrap_failed(key_id: str) -> NotVerified:
    """Return the error of a wrapped secret that does not open."""
    return NotVerified(
        "key-unwrap-failed",
        f"Una chiave custodita non si apre con la chiave di deposito {key_id}: è stata cambiata, o"
        " è sotto un'altra chiave. Rimettere la scheda da una copia di riserva.",
    )
