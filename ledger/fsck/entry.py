"""One row of the log, looked at closely: what it says, what in it disagrees, what it must have been.

    entry = read_entry(11, row)
    entry.findings       columns that are not what the data say, data that do not agree
    entry.candidates     the leaves that it may be: as stored first, then as its envelope says it

A leaf names its envelope by digest and place; an envelope names its places. So most changes of one
byte can be told from what is left, and the examination goes on with the leaf that was written.

Source: design FORMATS sections 1 and 2.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import msgspec

from ledger.errors import NotVerified, Unreadable
from ledger.fsck.finding import Finding, differs, of_log
from ledger.fsck.said import Header, SaidWithStreams, read_closely, read_header
from ledger.journal.batch import HEADS_TYPE
from ledger.journal.leaf import EventLeaf, HeadsLeaf, StreamPlace, format_leaf, parse_leaf
from ledger.journal.row import pack, unpack, unpack_parts

if TYPE_CHECKING:
    from ledger.journal.tables import Row

EVENT: Final = "event"


@dataclass(slots=True)
class Entry:
    """What a row says; `digests` of its envelope, the likeliest first; `places` None when unknown."""

    index: int
    leaf: EventLeaf | HeadsLeaf | None = None
    stored: bytes = b""
    raw: bytes = b""
    header: Header | None = None
    said: SaidWithStreams | None = None
    payload: bytes = b""
    streams: str = ""
    is_heads: bool = False
    places: tuple[StreamPlace, ...] | None = None
    digests: tuple[bytes, ...] = ()
    candidates: list[bytes] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def position(self) -> int:
        """Return the position of the row."""
        return self.index + 1

    @property
    def is_of_keys(self) -> bool:
        """Tell whether it is an event of an actor or of the ledger itself."""
        names = [place.name for place in self.places or ()]
        return any(name.startswith(("actor/", "sys/log")) for name in names)

    def note(self, code: str, sentence: str) -> None:
        """Note that its data do not agree."""
        self.findings.append(of_log(code, self.position, sentence))


def read_entry(index: int, row: Row) -> Entry:
    """Return what the row of a leaf says."""
    _, type_, key, streams, data = row
    entry = Entry(index, streams=streams)
    try:
        entry.stored, entry.raw = unpack(data)
    except Unreadable as error:
        entry.note(error.code, error.sentence)
        return entry
    if pack(entry.stored, entry.raw) != data:
        entry.note("row-not-canonical", "la riga non è scritta nella sua unica forma")
    try:
        entry.leaf = parse_leaf(entry.stored)
    except Unreadable as error:
        entry.note(error.code, error.sentence)
    _read_envelope(entry, data)
    if isinstance(entry.leaf, HeadsLeaf) or (entry.leaf is None and type_ == HEADS_TYPE):
        _check_heads(entry, type_, key)
    else:
        _check_event(entry, type_, key)
    return entry


def _read_envelope(entry: Entry, data: bytes) -> None:
    parts = unpack_parts(data)
    if parts is None:
        return
    try:
        entry.header, entry.said = read_header(parts[1]), read_closely(parts[2])
        entry.payload = parts[2]
    except (msgspec.MsgspecError, UnicodeDecodeError):
        entry.header = entry.said = None


def _check_heads(entry: Entry, type_: str, key: str | None) -> None:
    entry.is_heads, entry.places = True, ()
    entry.candidates = [entry.stored] if entry.leaf is not None else []
    named = f"position {entry.position}"
    for column, stored, expected in (
        ("type", type_, HEADS_TYPE),
        ("key", key, None),
        ("streams", entry.streams, ""),
    ):
        if stored != expected:
            found = differs(EVENT, named, column, stored, expected, position=entry.position)
            entry.findings.append(found)
    if entry.raw and entry.leaf is not None:
        entry.note("heads-with-envelope", "la foglia di chiusura ha una busta")


def _check_event(entry: Entry, type_: str, key: str | None) -> None:
    leaf, said = entry.leaf, entry.said
    digest = hashlib.sha256(entry.raw).digest()
    is_named = isinstance(leaf, EventLeaf) and leaf.envelope_digest == digest
    if isinstance(leaf, EventLeaf):
        entry.places, entry.candidates = leaf.streams, [entry.stored]
        entry.digests = (leaf.envelope_digest,)
        if entry.raw and not is_named:
            entry.note("digest-differs", "l'impronta della busta non è quella della foglia")
            entry.digests = (leaf.envelope_digest, digest)
            _add_candidate(entry, replace(leaf, envelope_digest=digest))
    elif said is not None:
        entry.places, entry.digests = _claimed(said), (digest,)
    if entry.raw and said is None and not entry.findings:
        entry.note("envelope-unreadable", "la busta non è una busta firmata")
    if said is None:
        return
    if is_named and isinstance(leaf, EventLeaf):
        _check_streams(entry, leaf, said)
    if is_named or leaf is None:
        named = f"position {entry.position}"
        for column, stored, expected in (("type", type_, said.type), ("key", key, said.id)):
            if stored != expected:
                found = differs(EVENT, named, column, stored, expected, position=entry.position)
                entry.findings.append(found)


def _check_streams(entry: Entry, leaf: EventLeaf, said: SaidWithStreams) -> None:
    """Compare the places of a leaf with those that its envelope, which it names, claims."""
    claimed = _claimed(said)
    if claimed != leaf.streams:
        entry.note("streams-differ", "i flussi della foglia non sono quelli firmati nella busta")
        entry.places = claimed
        _add_candidate(entry, replace(leaf, streams=claimed))


def _add_candidate(entry: Entry, leaf: EventLeaf) -> None:
    try:
        entry.candidates.append(format_leaf(leaf))
    except NotVerified:
        return


def _claimed(said: SaidWithStreams) -> tuple[StreamPlace, ...]:
    return tuple(StreamPlace(claim.name, claim.seq) for claim in said.streams)
