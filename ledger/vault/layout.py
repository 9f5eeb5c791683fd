"""What lies where in a vault folder, and how an interruption is put right.

    vault                      "pista/vault/v1" and the id of the vault key, two lines
    lock                       empty; flock: shared to write, alone to recover or rotate
    objects/5f/5f0c...         ciphertext; the name is the random id, 32 hex digits
    keys/01/AUH0....json       key record; the name is the commitment, the folder its first byte
    tmp/5f0c...                ciphertext while it is written
    tmp/5f0c....json           key record about to be put, or being erased

Folders have mode 0700, files 0600. The rule that makes every interruption harmless: an id named in
`tmp` is of an object that must not be. To put is to write both files in `tmp`, then to move the
ciphertext, then the record; to erase is to move the record back to `tmp` and to destroy both. So
whoever finds something in `tmp`, and nobody at work, finishes with it.

Source: design FORMATS section 5, decisions D10 and D16.
"""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Final

from ledger.errors import Absent, StorageError
from ledger.vault import durable
from ledger.vault.commitment import COMMIT_BYTES, format_commit, parse_commit
from ledger.vault.keyrecord import MAX_RECORD_BYTES, KeyRecord, format_record, parse_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from ledger.vault.vaultkey import VaultKey

FOLDERS: Final = ("objects", "keys", "tmp")

_FORMAT: Final = b"pista/vault/v1\n"
_LEFTOVER: Final = re.compile(r"([0-9a-f]{32})(\.json)?")


class Layout:
    """The files of one vault folder; `id` is everywhere 32 hex digits, `commit` 32 bytes."""

    def __init__(self, root: Path, *, is_for_reading: bool = False) -> None:
        """Make the folders that are not there, unless it is for reading."""
        self.root = root
        self.lock = root / "lock"
        self.marker = root / "vault"
        self._tmp = root / "tmp"
        if not is_for_reading:
            for name in FOLDERS:
                durable.make_folder(root / name)

    def object_path(self, id_: str) -> Path:
        """Return where the ciphertext of an id is."""
        return self.root / object_name(id_)

    def record_path(self, commit: bytes) -> Path:
        """Return where the record of a commitment is; ValueError when it is not 32 bytes."""
        return self.root / record_name(commit)

    def commits(self) -> Iterator[bytes]:
        """Yield the commitments of all records, in order."""
        for folder in sorted((self.root / "keys").iterdir()):
            names = [path.name.removesuffix(".json") for path in folder.iterdir()]
            yield from sorted(parse_commit(name) for name in names)

    def read_record(self, commit: bytes) -> KeyRecord:
        """Return the record of an object.

        Raises:
            Absent: when there is none (`object-absent`).
            Unreadable: when it is damaged (`key-record-unreadable`).
        """
        try:
            with self.record_path(commit).open("rb") as file:
                data = file.read(MAX_RECORD_BYTES + 1)
        except FileNotFoundError as error:
            raise _absent(commit) from error
        return parse_record(data, commit)

    def replace_record(self, record: KeyRecord) -> None:
        """Put a record in the place of the one that is there; the caller holds the lock alone."""
        path = self.record_path(record.commit)
        durable.replace(path, format_record(record), self._tmp / "rotation")

    def write_object(self, id_: str, ciphertext: Iterable[bytes]) -> None:
        """Write the ciphertext of an object that is not yet to be."""
        durable.write_chunks(self._tmp / id_, ciphertext)

    def place(self, record: KeyRecord) -> None:
        """Let an object be whose ciphertext has been written.

        The record lies in `tmp` before the ciphertext leaves it, so that the id stays named there.
        """
        leftover = self._tmp / f"{record.id}.json"
        durable.write_new(leftover, format_record(record))
        object_path, record_path = self.object_path(record.id), self.record_path(record.commit)
        durable.make_folder(object_path.parent)
        durable.move(self._tmp / record.id, object_path)
        durable.make_folder(record_path.parent)
        try:
            durable.move(leftover, record_path)
        except BaseException:
            durable.shred(record_path)
            raise

    def withdraw(self, record: KeyRecord) -> None:
        """Let an object be no more: its keys first, then its ciphertext.

        Raises:
            Absent: when another was faster (`object-absent`).
        """
        leftover = self._tmp / f"{record.id}.json"
        try:
            durable.move(self.record_path(record.commit), leftover)
        except FileNotFoundError as error:
            raise _absent(record.commit) from error
        durable.blank(leftover)
        self.discard(record.id)

    def discard(self, id_: str) -> None:
        """Destroy the object of an id named in `tmp`; the record goes last, since it names it."""
        durable.shred(self.object_path(id_))
        durable.shred(self._tmp / id_)
        durable.shred(self._tmp / f"{id_}.json")

    def recover(self) -> None:
        """Finish with whatever is in `tmp`; the caller holds the lock alone."""
        for leftover in sorted(self._tmp.iterdir()):
            if named := _LEFTOVER.fullmatch(leftover.name):
                self.discard(named.group(1))
            else:
                durable.shred(leftover)

    def claim(self, key: VaultKey) -> None:
        """Write into a new folder under which key it is, and refuse one under another.

        Raises:
            StorageError: when it is under another vault key (`vault-key-other`).
        """
        if not self.marker.exists():
            self.mark(key)
        marker = self.marker.read_bytes()
        if marker != format_marker(key):
            said = marker.removeprefix(_FORMAT).decode("ascii", "replace").strip()
            raise StorageError(
                "vault-key-other",
                f"Il deposito {self.root} è sotto la chiave {said[:40]!r}, non {key.id}: aprirlo"
                " con il file della chiave giusta.",
            )

    def mark(self, key: VaultKey) -> None:
        """Write under which key the folder is."""
        beside = self._tmp / f"vault-{secrets.token_hex(8)}"
        durable.replace(self.marker, format_marker(key), beside)


def object_name(id_: str) -> str:
    """Return the name, within a vault folder, of the ciphertext of an id."""
    return f"objects/{id_[:2]}/{id_}"


def record_name(commit: bytes) -> str:
    """Return the name, within a vault folder, of the record of a commitment.

    Raises:
        ValueError: when the commitment is not 32 bytes.
    """
    if len(commit) != COMMIT_BYTES:
        raise ValueError(f"a commitment has {COMMIT_BYTES} bytes, not {len(commit)}")
    return f"keys/{commit[:1].hex()}/{format_commit(commit)}.json"


def format_marker(key: VaultKey) -> bytes:
    """Return the two lines of the file `vault`."""
    return _FORMAT + key.id.encode("ascii") + b"\n"


def _absent(commit: bytes) -> Absent:
    """Return the error of an object that is not there."""
    return Absent(
        "object-absent",
        f"Il deposito non ha il contenuto di impronta {format_commit(commit)}. Se nessuna"
        " registrazione ne dice la cancellazione, rimettere il deposito da una copia di riserva.",
    )
