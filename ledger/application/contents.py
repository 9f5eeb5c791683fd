"""What a log says of the objects in the vault: which ones it names, and which it erased by law.

    contents = Contents()
    rehash(recorder, contents.look)
    contents.named - contents.erased        what the vault must hold

    {"type":"content-erased/1","data":{"commits":["<base64>"],"envelopes":[...],...}}

Payloads are read at the level of the envelope, since a log outlives the catalogue that this program
knows. Erased envelopes are emptied in the journal itself and so never come back with it.

Source: design FORMATS sections 1 and 5.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ledger.journal.rehash import read_data
from ledger.journal.row import unpack_payload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.journal.recorder import JournalRecorder

ERASURE: Final = "content-erased/1"

_COMMIT_BYTES: Final = 32


@dataclass
class Contents:
    """Commitments, 32 bytes each, that the payloads seen so far name and erase."""

    named: set[bytes] = field(default_factory=set)
    erased: set[bytes] = field(default_factory=set)

    @property
    def kept(self) -> set[bytes]:
        """Return what the vault must hold."""
        return self.named - self.erased

    def look(self, _index: int, payload: bytes | None) -> None:
        """Take note of the objects in the payload of an envelope; None says nothing."""
        members = _members(payload)
        self.named.update(_commits(ref.get("commit") for ref in _items(members, "objects", dict)))
        if members.get("type") == ERASURE:
            self.erased.update(_commits(_items(_data(members), "commits", str)))


def erased_between(recorder: JournalRecorder, start: int, stop: int) -> set[bytes]:
    """Return what was erased by the registrations of a stretch of a log.

    Raises:
        StorageError: when a row is missing (`row-missing`).
        Unreadable: when a row breaks its format (`row-unreadable`).
    """
    contents = Contents()
    for index, data in read_data(recorder, start, stop):
        contents.look(index, unpack_payload(data))
    return contents.erased


def _members(payload: bytes | None) -> dict[str, Any]:
    try:
        members = json.loads(payload or b"{}")
    except (ValueError, RecursionError):
        return {}
    return members if isinstance(members, dict) else {}


def _data(members: dict[str, Any]) -> dict[str, Any]:
    data = members.get("data")
    return data if isinstance(data, dict) else {}


def _items(members: dict[str, Any], name: str, kind: type) -> list[Any]:
    found = members.get(name)
    return [item for item in found if isinstance(item, kind)] if isinstance(found, list) else []


def _commits(texts: Iterator[Any] | list[Any]) -> Iterator[bytes]:
    """Yield the commitments among texts; what is none was never one of the vault."""
    for text in texts:
        try:
            commit = binascii.a2b_base64(text, strict_mode=True) if isinstance(text, str) else b""
        except (binascii.Error, ValueError):
            continue
        if len(commit) == _COMMIT_BYTES and base64.b64encode(commit).decode("ascii") == text:
            yield commit
