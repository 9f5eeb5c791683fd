"""Every head that was published, under its size, with the first signature of each witness.

    checkpoints/1291        the note: the signature of the log, then those of witnesses

The first signature of a witness is the closest bound on when the head existed, so a later one of
the same witness does not take its place; a witness that was asked later adds its own. Nothing else
changes, and nothing is removed: who kept such a note can show it years later, and it must be found
here. The notes cannot be made again, since a witness signs no head but its newest; so backups hold
them. Heads that wait for signatures are kept in the same way until one that is as large is published,
since a witness that comes by itself may take days:

    waiting/1294            the note with those that have signed so far

Source: C2SP tlog-cosignature; design FORMATS sections 3 and 7 (step 10).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ledger.errors import Absent, Frozen, NotVerified
from ledger.journal.checkpoint import parse_checkpoint
from ledger.journal.note import MAX_NOTE_BYTES, MAX_SIGNATURES, Note, format_note, parse_note
from ledger.transparency.public_files import remove_files, write_files
from ledger.transparency.source import CHECKPOINT_PATH, FolderSource
from ledger.transparency.static_log import check_is_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ledger.journal.journal import Journal

KEPT_FOLDER: Final = "checkpoints"
WAITING_FOLDER: Final = "waiting"

_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")


class KeptCheckpoints:
    """The heads that one log published, or those that wait."""

    def __init__(self, folder: Path, name: str = KEPT_FOLDER) -> None:
        """Name the folder of the published log, and the one in it; nothing is made yet."""
        self._folder = folder
        self._name = name
        self._source = FolderSource(folder)

    def sizes(self) -> list[int]:
        """Return the sizes of the heads that were published, rising."""
        folder = self._folder / self._name
        if not folder.is_dir():
            return []
        names = (path.name for path in folder.iterdir())
        return sorted(int(name) for name in names if _SIZE.fullmatch(name))

    def read(self, size: int) -> bytes | None:
        """Return the note of a head as it is kept, None when it was not published; unverified.

        Raises:
            StorageError: when the disk fails, or it is too long to be a note.
        """
        try:
            return self._source.read(kept_path(size, self._name), MAX_NOTE_BYTES)
        except Absent:
            return None

    def published(self, size: int) -> bytes | None:
        """Return the note of a head as anyone reads it now, None when it was not published.

        That is `checkpoint` for the newest head, whose signatures are renewed, and else what is
        kept; unverified.

        Raises:
            StorageError: as `read`.
            Unreadable: when `checkpoint` is none.
        """
        try:
            note = self._source.read(CHECKPOINT_PATH, MAX_NOTE_BYTES)
        except Absent:
            return self.read(size)
        return note if parse_checkpoint(parse_note(note).text).size == size else self.read(size)

    def newest_first(self) -> Iterator[tuple[int, bytes]]:
        """Yield (size, note) of the heads that were published, the newest one first; unverified."""
        for size in reversed(self.sizes()):
            note = self.read(size)
            if note is not None:
                yield size, note

    def check_follows(self, journal: Journal) -> None:
        """Return when the newest head that is kept is one that the journal has.

        Raises:
            Frozen, StorageError: as `static_log.check_is_of`.
        """
        for size, note in self.newest_first():
            check_is_of(journal, note, self._folder / kept_path(size, self._name))
            return

    def keep(self, note: bytes) -> bytes:
        """Keep a note that verified, and return it as it is kept; durable on return.

        Raises:
            Frozen: when another root was published for its size (`published-forked`).
            Unreadable: when what is kept, or given, is no checkpoint.
            StorageError: when the disk fails.
        """
        size = parse_checkpoint(parse_note(note).text).size
        before = self.read(size)
        kept = note if before is None else join_notes(before, note)
        if kept != before:
            write_files(self._folder, {kept_path(size, self._name): kept})
        return kept

    def replace(self, note: bytes) -> None:
        """Put a note in the place of the one of its size; for those that wait.

        Raises:
            Unreadable: when it is no checkpoint.
            StorageError: when the disk fails.
        """
        size = parse_checkpoint(parse_note(note).text).size
        write_files(self._folder, {kept_path(size, self._name): note})

    def remove_up_to(self, size: int) -> None:
        """Remove the heads of at most so many leaves; for those that wait no longer.

        Raises:
            StorageError: when the disk fails.
        """
        old = [one for one in self.sizes() if one <= size]
        remove_files([self._folder / kept_path(one, self._name) for one in old])


def kept_path(size: int, name: str = KEPT_FOLDER) -> str:
    """Return the path of a head in the published folder."""
    return f"{name}/{size}"


def join_notes(first: bytes, second: bytes) -> bytes:
    """Return the first note with the signature lines of the second that it has no key for.

    Raises:
        Frozen: when they are of different heads (`published-forked`).
        Unreadable: when one is no note.
        NotVerified: when there would be more signatures than a note may have
            (`signatures-too-many`).
    """
    before, after = parse_note(first), parse_note(second)
    if before.text != after.text:
        size = parse_checkpoint(before.text).size
        raise Frozen(
            "published-forked",
            f"Per {size} foglie è già pubblicata un'altra radice: non pubblico. Una persona deve"
            " conservare le due note e stabilire quale copia del registro è quella vera.",
        )
    known = {(line.name, line.key_id) for line in before.signatures}
    added = (line for line in after.signatures if (line.name, line.key_id) not in known)
    lines = (*before.signatures, *added)
    if len(lines) > MAX_SIGNATURES:
        raise NotVerified(
            "signatures-too-many",
            f"Il punto di controllo avrebbe {len(lines)} firme, più di {MAX_SIGNATURES}: togliere"
            " testimoni dal file di fiducia.",
        )
    return format_note(Note(before.text, lines))
