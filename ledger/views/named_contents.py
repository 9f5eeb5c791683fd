"""Where a content stands: the events of a log that name it among their objects.

    named = NamedContents(journal)
    named.indexes(["<commitment, base64>", ...], 1291)      {17, 903}

No table says it. The log is read for what is asked, and read on when the same is asked again, as it is
between a draft and its recording: erasures are rare, and what is read is compared as bytes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ledger.journal.row import unpack, unpack_payload
from ledger.signing.octets import parse_base64url

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ledger.journal.journal import Journal

_KEPT: Final = 10_000
_OBJECT: Final = re.compile(rb'"commit":"([A-Za-z0-9+/]{43}=)"')


class NamedContents:
    """The places of the contents asked for so far, each as far as the log was read for it."""

    def __init__(self, journal: Journal) -> None:
        """Read from this journal; nothing is read before it is asked for."""
        self._journal = journal
        self._read: dict[bytes, int] = {}
        self._places: dict[bytes, set[int]] = {}

    def indexes(self, commits: Collection[str], size: int) -> set[int]:
        """Return the indexes, below `size`, of the events whose envelopes may name one of these.

        An envelope that has the text elsewhere than among its objects is among them.

        Raises:
            StorageError: when a row is missing (`row-missing`).
            Unreadable: when a row is damaged.
        """
        asked = {commit.encode("ascii") for commit in commits}
        start = min((self._read.get(commit, 0) for commit in asked), default=size)
        if start < size:
            self._read_on(asked, start, size)
        places = (self._places[commit] for commit in asked)
        return {index for found in places for index in found if index < size}

    def _read_on(self, asked: set[bytes], start: int, size: int) -> None:
        if len(self._read) + len(asked) > _KEPT:
            self._read.clear()
            self._places.clear()
            start = 0
        found = {commit: self._places.get(commit, set()) for commit in asked}
        for index, commit in self._commits(start, size):
            if commit in asked:
                found[commit].add(index)
        self._places.update(found)
        self._read.update(dict.fromkeys(asked, size))

    def _commits(self, start: int, size: int) -> Iterator[tuple[int, bytes]]:
        """Yield (index, commitment) of all that the envelopes of a stretch of the log name."""
        for index, data in self._journal.rows(start, size):
            for commit in _OBJECT.findall(_payload(data)):
                yield index, commit


def _payload(data: bytes) -> bytes:
    """Return the payload of a row, empty when it has none."""
    payload = unpack_payload(data)
    if payload is not None:
        return payload
    _, raw = unpack(data)
    return parse_base64url(raw.split(b".")[1].decode("ascii")) if raw else b""
