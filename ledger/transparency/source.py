"""A place that gives the files of a log by their path: a folder here, a server elsewhere.

    source.read("checkpoint", 65_536)
    source.read("tile/0/x001/234.p/17", 544)        at most so many bytes, or it is refused

Paths are those of C2SP tlog-tiles, relative to the prefix of the log. What is read is not verified:
it is what the place says. `FolderSource` reads a folder that a log was written to or copied into;
reading over a network is the business of whoever opens connections.

Source: C2SP tlog-tiles, https://c2sp.org/tlog-tiles.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, Protocol

from ledger.errors import Absent, StorageError

if TYPE_CHECKING:
    from pathlib import Path

CHECKPOINT_PATH: Final = "checkpoint"


class Source(Protocol):
    """Whatever gives the files of one log; safe for threads."""

    def read(self, path: str, limit: int) -> bytes:
        """Return the bytes at a path, at most `limit` of them.

        Raises:
            Absent: when there is nothing at the path (`not-published`).
            StorageError: when there is more (`answer-too-long`), or the place does not answer.
        """
        ...


class FolderSource:
    """A log in a folder; paths come from the parts of this program, never from a stranger."""

    def __init__(self, folder: Path) -> None:
        """Read below this folder."""
        self._folder = folder

    def read(self, path: str, limit: int) -> bytes:
        """Return the bytes of a file, at most `limit` of them.

        Raises:
            Absent: when there is no such file (`not-published`).
            StorageError: when it is longer (`answer-too-long`) or the disk fails
                (`source-failed`).
        """
        try:
            with (self._folder / path).open("rb") as file:
                data = file.read(min(limit, os.fstat(file.fileno()).st_size) + 1)
        except (FileNotFoundError, NotADirectoryError):
            raise not_published(path, str(self._folder)) from None
        except OSError as error:
            raise StorageError(
                "source-failed",
                f"Il file {self._folder / path} non si può leggere ({error.strerror}): controllare"
                " disco e permessi.",
            ) from error
        if len(data) > limit:
            raise too_long(path, str(self._folder), limit)
        return data


def not_published(path: str, place: str) -> Absent:
    """Return the error of a path where there is nothing."""
    return Absent(
        "not-published",
        f"{place} non ha {path!r}: chiedere a chi gestisce il registro di pubblicarlo, o riprovare"
        " più tardi.",
    )


def too_long(path: str, place: str, limit: int) -> StorageError:
    """Return the error of an answer that has more bytes than it may have."""
    return StorageError(
        "answer-too-long",
        f"{place} dà per {path!r} più di {limit} byte, che non è ciò che è chiesto: nulla ne è stato"
        " usato. Controllare l'indirizzo, o dirlo a chi lo gestisce.",
    )
