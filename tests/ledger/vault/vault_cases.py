"""What the tests of the vault folder share: keys, sources, and a look at every file."""

from __future__ import annotations

import base64
import hashlib
import io
from itertools import count
from typing import TYPE_CHECKING

from ledger.vault.folder import FolderVault
from ledger.vault.vaultkey import VaultKey

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ledger.vault.vault import StoredObject, Vault

KEY = VaultKey(bytes(range(32)))
NEW_KEY = VaultKey(b"n" * 32)
PDF = "application/pdf"
CONTENT = b"%PDF-1.7 determina n. 1"
MIB = 1024 * 1024


class Zeros:
    """A source of `size` zeros that holds none of them; it may break off with an error."""

    def __init__(self, size: int, error: BaseException | None = None) -> None:
        """Give `size` zeros; with an error, raise it in place of the last of them."""
        self._left = size
        self._error = error

    def read(self, size: int, /) -> bytes:
        given_ = min(size, self._left)
        self._left -= given_
        if self._error and not self._left:
            raise self._error
        return bytes(given_)


def counted() -> Callable[[int], bytes]:
    """Return a source of bytes that are different each time and the same each run."""
    numbers = count()
    return lambda size: hashlib.sha256(f"{next(numbers)}".encode()).digest()[:size]


def opened(path: Path, key: VaultKey = KEY) -> FolderVault:
    return FolderVault(path, key, random=counted())


def stored(vault: Vault, content: bytes = CONTENT) -> StoredObject:
    return vault.put(io.BytesIO(content), PDF)


def files(root: Path) -> dict[str, bytes]:
    """Return every file under a folder but the lock and the marker."""
    paths = sorted(path for path in root.rglob("*") if path.is_file())
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in paths
        if path.name not in {"lock", "vault"}
    }


def read(vault: Vault, commitment: bytes) -> bytes:
    return b"".join(vault.open(commitment))


def holds(data: bytes, secret: bytes) -> bool:
    """Tell whether data holds a secret, as it is or written in one of the usual ways."""
    written = (secret, secret.hex().encode(), base64.b64encode(secret)[:40])
    return any(form in data for form in written)
