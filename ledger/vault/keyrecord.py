"""The key record of an object: all that must be destroyed for the object to be erased.

One file an object, `keys/<aa>/<commitment base64url>.json`, one line of canonical JSON:

    {"commit":"AUH0...","format":"pista/key-record/v1","id":"<32 hex digits>",
     "key":"<base64>","media_type":"application/pdf","salt":"<base64>","sha256":"<base64>",
     "size_bytes":182736,"vault_key":"<16 hex digits>"}

(Broken here for the page; the file has no spaces and one final 0x0A.) `key`, `salt` and `sha256`
are 32 bytes each, wrapped under the vault key that `vault_key` names, so the record tells nothing
to who lacks that key: not even whether a guessed file is the document. What parses, `format_record`
gives back byte for byte.

Source: design FORMATS section 5; vaultkey.py for the wrapping.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.errors import ShapeError, StorageError, Unreadable
from ledger.vault.commitment import format_commit, parse_commit
from ledger.vault.vault import StoredObject
from ledger.vault.vaultkey import WRAPPED_BYTES

if TYPE_CHECKING:
    from ledger.vault.vaultkey import VaultKey

MAX_RECORD_BYTES: Final = 4096

_FORMAT: Final = "pista/key-record/v1"
_FIELDS: Final = frozenset(
    {"commit", "format", "id", "key", "media_type", "salt", "sha256", "size_bytes", "vault_key"}
)
_ID: Final = re.compile(r"[0-9a-f]{32}")
_KEY_ID: Final = re.compile(r"[0-9a-f]{16}")
_MEDIA_NAME: Final = r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"
_MEDIA_TYPE: Final = re.compile(f"{_MEDIA_NAME}/{_MEDIA_NAME}")


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key record; `key`, `salt` and `sha256` are wrapped, 40 bytes each; `id` is hex."""

    commit: bytes
    id: str
    key: bytes
    salt: bytes
    sha256: bytes
    size_bytes: int
    media_type: str
    vault_key: str


def check_media_type(text: str) -> str:
    """Return the media type unchanged.

    Raises:
        ShapeError: when it is not `type/subtype` by RFC 6838, no parameters
            (`media-type-malformed`).
    """
    if not _MEDIA_TYPE.fullmatch(text):
        raise ShapeError(
            "media-type-malformed",
            f"{text[:80]!r} non è un tipo di file: scrivere tipo/sottotipo, come application/pdf.",
        )
    return text


def seal_record(vault_key: VaultKey, stored: StoredObject, key: bytes) -> KeyRecord:
    """Return the record of an object and its content key of 32 bytes."""
    return KeyRecord(
        commit=stored.commit,
        id=stored.id,
        key=vault_key.wrap(key),
        salt=vault_key.wrap(stored.salt),
        sha256=vault_key.wrap(stored.sha256),
        size_bytes=stored.size_bytes,
        media_type=stored.media_type,
        vault_key=vault_key.id,
    )


def open_record(vault_key: VaultKey, record: KeyRecord) -> tuple[StoredObject, bytes]:
    """Return the object of a record and its content key of 32 bytes.

    Raises:
        StorageError: when it is wrapped under another vault key (`vault-key-other`).
        NotVerified: when a wrapped value was changed (`key-unwrap-failed`).
    """
    if record.vault_key != vault_key.id:
        raise StorageError(
            "vault-key-other",
            f"La scheda di {format_commit(record.commit)} è sotto la chiave di deposito"
            f" {record.vault_key}, non {vault_key.id}: finire il cambio di chiave, o aprire il"
            " deposito con il file della chiave giusta.",
        )
    stored = StoredObject(
        id=record.id,
        commit=record.commit,
        salt=vault_key.unwrap(record.salt),
        size_bytes=record.size_bytes,
        media_type=record.media_type,
        sha256=vault_key.unwrap(record.sha256),
    )
    return stored, vault_key.unwrap(record.key)


def rewrap_record(old: VaultKey, new: VaultKey, record: KeyRecord) -> KeyRecord:
    """Return the same record under another vault key; raises as `open_record` does."""
    stored, key = open_record(old, record)
    return seal_record(new, stored, key)


def format_record(record: KeyRecord) -> bytes:
    """Return the bytes of a record."""
    fields = {
        "commit": format_commit(record.commit),
        "format": _FORMAT,
        "id": record.id,
        "key": base64.b64encode(record.key).decode("ascii"),
        "media_type": record.media_type,
        "salt": base64.b64encode(record.salt).decode("ascii"),
        "sha256": base64.b64encode(record.sha256).decode("ascii"),
        "size_bytes": record.size_bytes,
        "vault_key": record.vault_key,
    }
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode("ascii") + b"\n"


def parse_record(data: bytes, commit: bytes) -> KeyRecord:
    """Return the record that these bytes are, of the object that is known by `commit`.

    Raises:
        Unreadable: when they break the format or are of another object (`key-record-unreadable`).
    """
    try:
        record = _record(json.loads(data.decode("ascii")))
    except (ValueError, TypeError, KeyError, RecursionError, ShapeError, Unreadable) as error:
        raise _unreadable(commit, "non è nel suo formato") from error
    if format_record(record) != data:
        raise _unreadable(commit, "non è scritta nella sua unica forma")
    if record.commit != commit:
        raise _unreadable(commit, f"parla di {format_commit(record.commit)}")
    return record


def _record(fields: dict[str, object]) -> KeyRecord:
    """Return the record of parsed JSON; raises whatever the wrong type raises."""
    size = fields["size_bytes"]
    if fields.keys() != _FIELDS or type(size) is not int or size < 0:
        raise ValueError("fields")
    return KeyRecord(
        commit=parse_commit(_text(fields, "commit")),
        id=_matching(_ID, _text(fields, "id")),
        key=_wrapped(fields, "key"),
        salt=_wrapped(fields, "salt"),
        sha256=_wrapped(fields, "sha256"),
        size_bytes=size,
        media_type=check_media_type(_text(fields, "media_type")),
        vault_key=_matching(_KEY_ID, _text(fields, "vault_key")),
    )


def _text(fields: dict[str, object], name: str) -> str:
    """Return a field that must be text."""
    value = fields[name]
    if not isinstance(value, str):
        raise TypeError(name)
    return value


def _matching(pattern: re.Pattern[str], text: str) -> str:
    """Return the text when all of it matches."""
    if not pattern.fullmatch(text):
        raise ValueError(text)
    return text


def _wrapped(fields: dict[str, object], name: str) -> bytes:
    """Return the 40 bytes of a wrapped value."""
    value = binascii.a2b_base64(_text(fields, name), strict_mode=True)
    if len(value) != WRAPPED_BYTES:
        raise ValueError(name)
    return value


def _unreadable(commit: bytes, reason: str) -> Unreadable:
    """Return the error of a record that is not what was written."""
    return Unreadable(
        "key-record-unreadable",
        f"La scheda di chiave di {format_commit(commit)} è rovinata: {reason}. Rimettere la scheda"
        " da una copia di riserva.",
    )
