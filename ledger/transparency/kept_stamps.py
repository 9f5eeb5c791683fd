"""The time stamps over heads of the log, each beside the very note that it is over.

    checkpoints/1291.log        the note of that head with the signature of the log alone
    checkpoints/1291.tsr        the token over those bytes, as timestamps.py keeps it

    openssl ts -verify -in 1291.tsr -data 1291.log -CAfile tsa-ca.pem

The first token over a head is the closest bound on when it existed, so another takes its place only
when the one that is kept proves nothing. A token cannot be made again for a time that is past, nor a
note for a key that the log has given up: backups hold both. Note and token get their names one after
the other, the note first, so a token never stands without its note.

Source: RFC 3161; design FORMATS section 3.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.errors import Absent, PistaError
from ledger.journal.note import MAX_NOTE_BYTES
from ledger.signing.timestamp_token import MAX_TOKEN_BYTES
from ledger.signing.timestamps import verify_stamp
from ledger.transparency.kept_checkpoints import KEPT_FOLDER
from ledger.transparency.public_files import folder_locked, write_files
from ledger.transparency.source import FolderSource

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOTE_SUFFIX: Final = ".log"
STAMP_SUFFIX: Final = ".tsr"
LOCK_SECONDS: Final = 10.0

_NAME: Final = re.compile(r"(0|[1-9][0-9]{0,18})\.tsr")


@dataclass(frozen=True, slots=True)
class KeptStamp:
    """A token and the note that it is over, of the head with so many leaves; nothing verified."""

    size: int
    note: bytes
    token: bytes


class KeptStamps:
    """The tokens in the folder of a published log."""

    def __init__(self, folder: Path, lock_seconds: float = LOCK_SECONDS) -> None:
        """Name the folder of the published log, and how long its lock is waited for to keep one."""
        self._folder = folder
        self._lock_seconds = lock_seconds
        self._source = FolderSource(folder)

    def sizes(self) -> list[int]:
        """Return the sizes of the heads that have a token, rising."""
        folder = self._folder / KEPT_FOLDER
        if not folder.is_dir():
            return []
        names = (_NAME.fullmatch(path.name) for path in folder.iterdir())
        return sorted(int(name[1]) for name in names if name is not None)

    def read(self, size: int) -> KeptStamp | None:
        """Return the token over a head, None when there is none.

        Raises:
            StorageError: when the disk fails, or a file is too long to be what it must be.
        """
        try:
            note = self._source.read(note_path(size), MAX_NOTE_BYTES)
            token = self._source.read(token_path(size), MAX_TOKEN_BYTES)
        except Absent:
            return None
        return KeptStamp(size, note, token)

    def newest_first(self) -> Iterator[KeptStamp]:
        """Yield the tokens, that over the largest head first."""
        for size in reversed(self.sizes()):
            kept = self.read(size)
            if kept is not None:
                yield kept

    def keep(self, stamp: KeptStamp) -> KeptStamp:
        """Keep a token that verified, and return the one that is kept; durable on return.

        The one that was kept before stays, unless it is over another note or proves nothing.

        Raises:
            Busy: when another program keeps the folder (`publication-busy`).
            StorageError: when the disk fails (`publication-failed`); what was kept is whole.
        """
        with folder_locked(self._folder / KEPT_FOLDER, self._lock_seconds):
            before = self.read(stamp.size)
            if before is not None and before.note == stamp.note and proves(before):
                return before
            paths = {note_path(stamp.size): stamp.note, token_path(stamp.size): stamp.token}
            write_files(self._folder, paths)
        return stamp


def proves(stamp: KeptStamp) -> bool:
    """Tell whether a token is over its note and signed by whoever it names, trusted or not."""
    try:
        verify_stamp(stamp.token, stamp.note, None)
    except PistaError:
        return False
    return True


def note_path(size: int) -> str:
    """Return the path of the stamped note of a head, in the published folder."""
    return f"{KEPT_FOLDER}/{size}{NOTE_SUFFIX}"


def token_path(size: int) -> str:
    """Return the path of the token over a head, in the published folder."""
    return f"{KEPT_FOLDER}/{size}{STAMP_SUFFIX}"
