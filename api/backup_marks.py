"""What a home remembers of its backups: the last one that was made, the last one that was proven.

    backup.made      {"at":"2026-11-24T09:12:03Z","folder":"copies/...","size":1291}
    backup.proven    the same of the backup whose restore was proven

For the advice of `pista doctor`; a mark of more leaves than the store has also keeps an older copy
from being adopted (kept_proofs.py). A lost mark changes nothing else.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from api.client.book import write_whole

if TYPE_CHECKING:
    from pathlib import Path

MADE: Final = "backup.made"
PROVEN: Final = "backup.proven"

_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class BackupMark:
    """A backup that was made or proven: when, where it lay, how many positions it held."""

    at: datetime
    folder: str
    size: int


def write_mark(home: Path, name: str, mark: BackupMark) -> None:
    """Remember a backup in a home."""
    members = {"at": mark.at.strftime(_TIME), "folder": mark.folder, "size": mark.size}
    text = json.dumps(members, ensure_ascii=False, sort_keys=True)
    write_whole(home / name, text.encode("utf-8", "replace") + b"\n")


def read_mark(home: Path, name: str) -> BackupMark | None:
    """Return what a home remembers, None when it remembers nothing that can be read."""
    try:
        match json.loads((home / name).read_bytes()):
            case {"at": str(at), "folder": str(folder), "size": int(size)}:
                return BackupMark(datetime.strptime(at, _TIME).replace(tzinfo=UTC), folder, size)
    except (OSError, ValueError):
        pass
    return None
