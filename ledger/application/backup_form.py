"""The form of a backup: one folder, which stock tools can check.

    pnrr.comune.lecce.it_c_e506_1291_20261124T091203Z/
      backup.json              what it is, one line of canonical JSON
      manifest-sha256.txt      every other file; `sha256sum --strict -c manifest-sha256.txt`
      ledger.sqlite            the journal, all rows up to the size
      vault/                   objects, encrypted, and their key records
      ledger.json policy.txt policies/ keys/ca.crt outbox/    as in the home, see api/home.py
      log/checkpoints/         the heads that were published, with their witnesses and time stamps
      keys/log.pem keys/ca.pem vault.key            only when asked for

    {"absent":[["<commitment>","object-damaged"]],"bytes":..., "checkpoint":"<note>","files":41,
     "format":"pista/backup/v1","made_at":"2026-11-24T09:12:03Z","origin":"...","root":"<base64>",
     "size":1291}

The checkpoint is signed by the log, so origin, size and root, and with them every row of the
journal, are proven; so are the objects, by their commitments. `absent` are objects that the log
names and the vault could not give. `files` and `bytes` count what the manifest lists, backup.json
apart. The list of files is the manifest alone, so that nothing is said twice.

Source: design EXPERIENCE section 3; FORMATS section 5.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from ledger.errors import StorageError, Unreadable
from ledger.journal.leaf import MAX_NUMBER, format_hash, parse_hash
from ledger.signing.canonical import encode
from ledger.vault.commitment import format_commit, parse_commit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

DESCRIPTION: Final = "backup.json"
MANIFEST: Final = "manifest-sha256.txt"
JOURNAL: Final = "ledger.sqlite"
SETTINGS: Final = "ledger.json"
POLICY: Final = "policy.txt"
VAULT: Final = "vault"
OUTBOX: Final = "outbox"
HEADS: Final = "log/checkpoints"
POLICIES: Final = "policies"
VAULT_KEY: Final = "vault.key"
SECRETS: Final = ("keys/log.pem", "keys/ca.pem", VAULT_KEY)

FORMAT: Final = "pista/backup/v1"
_NEWER: Final = re.compile(r"pista/backup/v(?:[2-9]|[1-9][0-9]{1,3})")
_MEMBERS: Final = frozenset(
    {"absent", "bytes", "checkpoint", "files", "format", "made_at", "origin", "root", "size"}
)
_LINE: Final = re.compile(r"([0-9a-f]{64})  ((?:[A-Za-z0-9._-]+/)*[A-Za-z0-9._-]+)")
_MADE_AT: Final = "%Y-%m-%dT%H:%M:%SZ"
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Description:
    """What backup.json says; `absent` are (commitment, code), `made_at` UTC in whole seconds."""

    origin: str
    size: int
    root: bytes
    checkpoint: bytes
    made_at: datetime
    files: int
    size_bytes: int
    absent: tuple[tuple[bytes, str], ...] = ()

    @property
    def folder_name(self) -> str:
        """Return the name of the folder of this backup."""
        return f"{slug(self.origin)}_{self.size}_{self.made_at:%Y%m%dT%H%M%SZ}"


def slug(origin: str) -> str:
    """Return an origin as part of a file name."""
    return origin.replace("/", "_")


def format_description(description: Description) -> bytes:
    """Return the bytes of backup.json."""
    members = {
        "absent": [[format_commit(commit), code] for commit, code in description.absent],
        "bytes": description.size_bytes,
        "checkpoint": description.checkpoint.decode("utf-8"),
        "files": description.files,
        "format": FORMAT,
        "made_at": description.made_at.strftime(_MADE_AT),
        "origin": description.origin,
        "root": format_hash(description.root),
        "size": description.size,
    }
    return encode(members) + b"\n"


def parse_description(data: bytes) -> Description:
    """Return what the bytes of backup.json say; `format_description` gives the same bytes.

    Raises:
        StorageError: when it is of a version that this program does not know (`backup-newer`).
        Unreadable: when it is no description of a backup (`backup-unreadable`).
    """
    try:
        members = json.loads(data)
        if isinstance(members, dict) and _NEWER.fullmatch(str(members.get("format"))):
            raise _newer(members["format"])
        found = _parse_members(members)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, Unreadable) as error:
        raise unreadable(DESCRIPTION, "non è la descrizione di una copia") from error
    if format_description(found) != data:
        raise unreadable(DESCRIPTION, "non è scritto nella sua unica forma")
    return found


def format_manifest(digests: Mapping[str, str]) -> bytes:
    """Return the text of a manifest, sorted by name; a digest is 64 hex digits."""
    return "".join(f"{digests[name]}  {name}\n" for name in sorted(digests)).encode("ascii")


def parse_manifest(data: bytes) -> dict[str, str]:
    """Return {name: digest} of a manifest; `format_manifest` gives the same bytes.

    Raises:
        Unreadable: when a line is none, or names what is no plain path below the folder, or lines
            are out of order or repeated (`backup-unreadable`).
    """
    digests: dict[str, str] = {}
    for line in data.decode("utf-8", "replace").split("\n")[:-1]:
        found = _LINE.fullmatch(line)
        if found is None or {".", ".."} & set(found[2].split("/")):
            raise unreadable(MANIFEST, f"la riga {line[:120]!r} non è di un manifesto")
        digests[found[2]] = found[1]
    if format_manifest(digests) != data:
        raise unreadable(MANIFEST, "ha righe ripetute o fuori ordine, o è tronco")
    return digests


def is_plain_name(name: str) -> bool:
    """Tell whether a manifest can list a file of this name, a path below the folder."""
    return _LINE.fullmatch("0" * 64 + "  " + name) is not None


def files_below(folder: Path) -> Iterator[str]:
    """Yield the names of all files below a folder, links among them, as a manifest has them."""
    for path in folder.rglob("*"):
        if path.is_symlink() or not path.is_dir():
            yield path.relative_to(folder).as_posix()


def digest_of(path: Path) -> tuple[str, int]:
    """Return the SHA-256 of a file in hex, and its size in bytes."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(_CHUNK):
            digest.update(block)
            size += len(block)
    return digest.hexdigest(), size


def unreadable(name: str, why: str) -> Unreadable:
    """Return the error of a backup that cannot be read (`backup-unreadable`)."""
    return Unreadable(
        "backup-unreadable",
        f"La copia di riserva non si può leggere: {name} {why}. Usare un'altra copia.",
    )


def _parse_members(members: Any) -> Description:  # noqa: ANN401  whatever JSON gave
    """Return what parsed JSON says; raises whatever the wrong type raises."""
    if members.keys() != _MEMBERS or members["format"] != FORMAT:
        raise ValueError("members")
    return Description(
        origin=_text(members["origin"]),
        size=_number(members["size"]),
        root=parse_hash(_text(members["root"]), "hash"),
        checkpoint=_text(members["checkpoint"]).encode("utf-8"),
        made_at=datetime.strptime(members["made_at"], _MADE_AT).replace(tzinfo=UTC),
        files=_number(members["files"]),
        size_bytes=_number(members["bytes"]),
        absent=tuple((parse_commit(commit), _text(code)) for commit, code in members["absent"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("text")
    return value


def _number(value: object) -> int:
    if type(value) is not int or not 0 <= value <= MAX_NUMBER:
        raise TypeError("number")
    return value


def _newer(found: str) -> StorageError:
    return StorageError(
        "backup-newer",
        f"La copia di riserva è di una versione più recente ({found}, questo programma legge"
        f" {FORMAT}): aggiornare il programma.",
    )
