"""A vault in a local folder; layout.py says what lies where in it.

    vault = FolderVault(Path("vault"), read_vault_key(Path("vault.key")))
    stored = vault.put(Path("determina.pdf"), "application/pdf")
    stored.commit                                   goes into the event
    b"".join(vault.open(stored.commit))             the content, verified once all of it is read
    vault.erase(stored.commit)                      after content-erased/1 is in the journal

Many processes may read and write at once; who recovers after an interruption or rotates the vault
key is alone. Rotation wraps all records under a new key and says so in the folder last;
interrupted, it is simply run again with the same two keys. Run after erasures, and with the old key
destroyed, it also takes the sense from what old blocks of the disk or backups may still hold.

Source: design FORMATS section 5, decisions D10 and D16.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.errors import Absent, Busy, NotVerified, StorageError
from ledger.vault import durable
from ledger.vault.commitment import SALT_BYTES, Measure, format_commit
from ledger.vault.keyrecord import check_media_type, open_record, rewrap_record, seal_record
from ledger.vault.layout import Layout
from ledger.vault.objects import (
    KEY_BYTES,
    OBJECT_ID_BYTES,
    decrypt_object,
    encrypt_object,
    encrypted_size,
    read_chunks,
)
from ledger.vault.vault import StoredObject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ledger.vault.keyrecord import KeyRecord
    from ledger.vault.objects import Readable
    from ledger.vault.vaultkey import VaultKey


class FolderVault:
    """A vault in a folder, which is made when it is not there."""

    def __init__(
        self,
        path: Path,
        vault_key: VaultKey,
        *,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        """Open the folder and finish what an interruption left, unless someone is at work in it.

        Raises:
            StorageError: when the folder is under another vault key (`vault-key-other`).
        """
        self._layout = Layout(path)
        self._key = vault_key
        self._random = random
        with durable.locked(self._layout.lock, alone=False):
            self._layout.claim(vault_key)
        with suppress(Busy), durable.locked(self._layout.lock, alone=True):
            self._layout.recover()

    def put(self, source: Readable | Path, media_type: str) -> StoredObject:
        """Store what a source gives; on return the disk has it. Memory use does not grow with it.

        Raises:
            ShapeError: for a media type that is not `type/subtype` (`media-type-malformed`).
            StorageError: when the folder is by now under another key (`vault-key-other`).
        """
        check_media_type(media_type)
        if isinstance(source, Path):
            with source.open("rb") as file:
                return self._put(file, media_type)
        return self._put(source, media_type)

    def open(self, commit: bytes) -> Iterator[bytes]:
        """Return the content in chunks; it is verified only when the iterator has ended.

        The first three are raised at once, the others while the chunks are read.

        Raises:
            Absent: when there is no such object (`object-absent`).
            StorageError: when the record is under another vault key (`vault-key-other`).
            Unreadable: when the record is damaged (`key-record-unreadable`).
            Absent: when only the ciphertext is missing (`object-content-absent`).
            NotVerified: when keys, ciphertext or content are not what was stored
                (`key-unwrap-failed`, `object-header-wrong`, `object-damaged`,
                `object-not-committed`).
        """
        stored, key = open_record(self._key, self._layout.read_record(commit))
        return self._content(stored, key)

    def describe(self, commit: bytes) -> StoredObject:
        """Return what is known of an object; only `open` verifies that it is true.

        Raises:
            Absent: when there is no such object (`object-absent`).
            NotVerified: when the record is damaged (`key-record-unreadable`, `key-unwrap-failed`).
            StorageError: when the record is under another vault key (`vault-key-other`).
        """
        return open_record(self._key, self._layout.read_record(commit))[0]

    def salt(self, commit: bytes) -> bytes:
        """Return the 32 bytes of the salt; raises as `describe` does."""
        return self.describe(commit).salt

    def exists(self, commit: bytes) -> bool:
        """Tell whether the record is there, with a ciphertext of the size it should have.

        Raises:
            Unreadable: when the record is damaged (`key-record-unreadable`).
        """
        try:
            record = self._layout.read_record(commit)
            size = self._layout.object_path(record.id).stat().st_size
        except (Absent, FileNotFoundError):
            return False
        return size == encrypted_size(record.size_bytes)

    def find_sha256(self, digest: bytes) -> StoredObject | None:
        """Return an object whose content has this SHA-256 of 32 bytes, if any.

        Reads every record and unwraps only the one found: wrapping is deterministic.
        Raises as `describe` does.
        """
        wanted = self._key.wrap(digest)
        for commit in self._layout.commits():
            with suppress(Absent):
                record = self._layout.read_record(commit)
                if record.sha256 == wanted:
                    return open_record(self._key, record)[0]
        return None

    def list(self) -> Iterator[StoredObject]:
        """Yield every object, in the order of the commitments; raises as `describe` does."""
        for commit in self._layout.commits():
            with suppress(Absent):
                yield self.describe(commit)

    def erase(self, commit: bytes) -> None:
        """Destroy key, salt, digest and ciphertext; the vault key is not needed for it.

        An interrupted erasure is finished when the folder is next opened. Of an object whose
        record is damaged only the record is destroyed, since nothing else tells its ciphertext,
        which nobody can read any more.

        Raises:
            Absent: when there is no such object, so also the second time (`object-absent`).
        """
        with durable.locked(self._layout.lock, alone=False):
            try:
                record = self._layout.read_record(commit)
            except NotVerified:
                durable.shred(self._layout.record_path(commit))
            else:
                self._layout.withdraw(record)

    def rotate(self, new_key: VaultKey) -> None:
        """Wrap every record under a new vault key and use it; content is not encrypted again.

        The new key must be on disk before. Nothing is changed when a record cannot be read.

        Raises:
            Busy: when anyone is writing in the folder (`vault-busy`).
            NotVerified: when a record is damaged (`key-record-unreadable`, `key-unwrap-failed`).
            StorageError: when a record is under a third key (`vault-key-other`).
        """
        with durable.locked(self._layout.lock, alone=True):
            self._layout.claim(self._key)
            self._layout.recover()
            for _ in self._rewrapped(new_key):
                pass
            for record in self._rewrapped(new_key):
                self._layout.replace_record(record)
            self._layout.mark(new_key)
            self._key = new_key

    def _put(self, source: Readable, media_type: str) -> StoredObject:
        """Store an open source, or leave nothing behind."""
        with durable.locked(self._layout.lock, alone=False):
            self._layout.claim(self._key)
            object_id = self._random(OBJECT_ID_BYTES)
            if self._layout.object_path(object_id.hex()).exists():
                raise StorageError(
                    "object-id-taken",
                    "La sorgente di byte casuali ha dato due volte l'identificativo"
                    f" {object_id.hex()}. Il deposito non scrive: farla riparare da chi gestisce"
                    " il sistema.",
                )
            try:
                return self._write(object_id, source, media_type)
            except BaseException:
                self._layout.discard(object_id.hex())
                raise

    def _write(self, object_id: bytes, source: Readable, media_type: str) -> StoredObject:
        """Write the ciphertext while measuring the content, then let the object be."""
        key, salt = self._random(KEY_BYTES), self._random(SALT_BYTES)
        measure = Measure(salt)
        content = measure.over(read_chunks(source))
        self._layout.write_object(object_id.hex(), encrypt_object(key, object_id, content))
        stored = StoredObject(
            id=object_id.hex(),
            commit=measure.commit,
            salt=salt,
            size_bytes=measure.size_bytes,
            media_type=media_type,
            sha256=measure.sha256,
        )
        self._layout.place(seal_record(self._key, stored, key))
        return stored

    def _content(self, stored: StoredObject, key: bytes) -> Iterator[bytes]:
        """Yield the content and compare it with the commitment at the end."""
        measure = Measure(stored.salt)
        try:
            file = self._layout.object_path(stored.id).open("rb")
        except FileNotFoundError as error:
            raise Absent(
                "object-content-absent",
                f"Il contenuto cifrato {stored.id} di {format_commit(stored.commit)} manca, ma la"
                " sua chiave c'è, quindi non è stato cancellato: rimettere il file da una copia"
                " di riserva.",
            ) from error
        with file:
            yield from measure.over(decrypt_object(key, bytes.fromhex(stored.id), file))
        if (measure.commit, measure.size_bytes) != (stored.commit, stored.size_bytes):
            raise NotVerified(
                "object-not-committed",
                f"Il contenuto dell'oggetto {stored.id} non è quello dell'impronta"
                f" {format_commit(stored.commit)}: rimettere scheda e contenuto cifrato da una"
                " copia di riserva.",
            )

    def _rewrapped(self, new_key: VaultKey) -> Iterator[KeyRecord]:
        """Yield the records that are not yet under the new key, as they will be."""
        for commit in self._layout.commits():
            record = self._layout.read_record(commit)
            if record.vault_key == new_key.id:
                open_record(new_key, record)
            else:
                yield rewrap_record(self._key, new_key, record)
