"""Looking at a vault folder without touching it: every file with its meaning, every object verified.

    inspection = Inspection(Path("vault"), read_vault_key(Path("vault.key")))
    for found in inspection.files(): ...        FoundFile("keys/01/AUH0....json", "record", ...)
    inspection.verify(commit)                   record, keys, ciphertext, content, commitment

Opening a vault for work finishes what an interruption left; this does not, so that who examines it
sees what is there. layout.py says what lies where.

Source: design FORMATS section 5, decision D10.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from ledger.errors import Absent, Busy, NotVerified, StorageError, Unreadable
from ledger.vault import durable
from ledger.vault.commitment import Measure, format_commit, parse_commit
from ledger.vault.keyrecord import open_record
from ledger.vault.layout import FOLDERS, Layout, format_marker
from ledger.vault.objects import decrypt_object

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ledger.vault.vault import StoredObject
    from ledger.vault.vaultkey import VaultKey

Meaning = Literal["marker", "lock", "object", "record", "leftover", "unknown"]

_ALONE: Final[dict[str, Meaning]] = {"vault": "marker", "lock": "lock"}
_HEX: Final = frozenset("0123456789abcdef")
_ID_DIGITS: Final = 32


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file of the folder, by its path in it; `id` of an object, `commit` of a key record."""

    path: str
    meaning: Meaning
    id: str = ""
    commit: bytes = b""


class Inspection:
    """A vault folder that is only read."""

    def __init__(self, root: Path, key: VaultKey) -> None:
        """Name the folder and the key under which it should be."""
        self.root = root
        self._layout = Layout(root, is_for_reading=True)
        self._key = key

    def files(self) -> Iterator[FoundFile]:
        """Yield every file, folder by folder, in order; what is no regular file has no meaning."""
        yield from self._files_of(self.root, 0)

    def is_at_work(self) -> bool:
        """Tell whether another program is writing in the folder now."""
        if not self._layout.lock.exists():
            return False
        try:
            with durable.locked(self._layout.lock, alone=True):
                return False
        except Busy:
            return True

    def verify_marker(self) -> None:
        """Accept the file that says under which key the folder is.

        Raises:
            StorageError: when it is not there (`vault-file-absent`), or not that of the key
                (`vault-key-other`).
        """
        self._verify(self._layout.marker, format_marker(self._key), "vault-key-other")

    def verify_lock(self) -> None:
        """Accept the lock, an empty file.

        Raises:
            StorageError: when it is not there (`vault-file-absent`), or not empty
                (`vault-lock-written`).
        """
        self._verify(self._layout.lock, b"", "vault-lock-written")

    def _verify(self, path: Path, content: bytes, code: str) -> None:
        try:
            found = path.read_bytes()
        except FileNotFoundError as error:
            raise Absent(
                "vault-file-absent",
                f"Nel deposito manca il file {path.name}: si rifà aprendo il deposito con la sua"
                " chiave.",
            ) from error
        if found != content:
            raise StorageError(
                code,
                f"Il file {path.name} del deposito non ha il contenuto dovuto: rimetterlo da una"
                " copia di riserva.",
            )

    def verify(self, commit: bytes) -> StoredObject:
        """Return what is known of an object, once all of it is verified.

        Raises:
            Absent: when there is no such object (`object-absent`), or no ciphertext
                (`object-content-absent`).
            StorageError: when it is under another vault key (`vault-key-other`).
            NotVerified: when record, keys, ciphertext or content are not what was stored.
        """
        stored, key = open_record(self._key, self._layout.read_record(commit))
        measure = Measure(stored.salt)
        try:
            with self._layout.object_path(stored.id).open("rb") as file:
                content = decrypt_object(key, bytes.fromhex(stored.id), file)
                for _ in measure.over(content):
                    pass
        except FileNotFoundError as error:
            raise Absent(
                "object-content-absent",
                f"Il contenuto cifrato {stored.id} di {format_commit(commit)} manca: rimettere il"
                " file da una copia di riserva.",
            ) from error
        found = measure.commit, measure.size_bytes, measure.sha256
        if found != (stored.commit, stored.size_bytes, stored.sha256):
            raise NotVerified(
                "object-not-committed",
                f"Il contenuto dell'oggetto {stored.id} non è quello che dice la sua scheda"
                f" {format_commit(commit)}: rimettere i due file da una copia di riserva.",
            )
        return stored

    def describe(self, commit: bytes) -> StoredObject:
        """Return what the record of an object says; raises as `verify` does for the record."""
        return open_record(self._key, self._layout.read_record(commit))[0]

    def object_of(self, commit: bytes) -> str:
        """Return the id of the ciphertext that a record names; raises as `Layout.read_record`."""
        return self._layout.read_record(commit).id

    def file_of(self, commit: bytes) -> FoundFile:
        """Return where the record of an object lies."""
        path = self._layout.record_path(commit).relative_to(self.root)
        return FoundFile(path.as_posix(), "record", commit=commit)

    def _files_of(self, folder: Path, depth: int) -> Iterator[FoundFile]:
        for path in sorted(folder.iterdir()):
            if path.is_dir() and not path.is_symlink() and depth < len(FOLDERS):
                yield from self._files_of(path, depth + 1)
            else:
                yield self._meaning(path)

    def _meaning(self, path: Path) -> FoundFile:
        """Return what a file is, by where it lies and how it is called."""
        name = path.relative_to(self.root).as_posix()
        parts = name.split("/")
        if path.is_symlink() or not path.is_file():
            return FoundFile(name, "unknown")
        if name in _ALONE:
            return FoundFile(name, _ALONE[name])
        if parts[0] == "tmp":
            return FoundFile(name, "leftover")
        if parts[0] == "objects" and _is_id(path.name):
            if path == self._layout.object_path(path.name):
                return FoundFile(name, "object", id=path.name)
        elif parts[0] == "keys":
            commit = _commit_of(path.name)
            if commit is not None and path == self._layout.record_path(commit):
                return FoundFile(name, "record", commit=commit)
        return FoundFile(name, "unknown")


def _is_id(text: str) -> bool:
    return len(text) == _ID_DIGITS and _HEX.issuperset(text)


def _commit_of(name: str) -> bytes | None:
    """Return the commitment of which a file has the record, None when it has none."""
    try:
        return parse_commit(name.removesuffix(".json")) if name.endswith(".json") else None
    except Unreadable:
        return None
