"""The quick look at a range of rows: all is as it follows from the data, or there is a doubt.

    skimmed = skim(reader, Ask(first=8192, stop=16384, ...))

Every byte of every row is read and hashed: position without gap, leaf, digest of the envelope,
type and key as the payload says them, streams as the leaf says them, each place after the one
before, the full tiles. What depends on the rows before the range comes back summed up a stream, and
fold.py puts the ranges together. A doubt is not explained here: walk.py looks again, slowly. So this
code may be short where it would have to be careful: it must never be content with what is wrong, and
may doubt whatever is unusual.

The places of a stream are summed up as a polynomial in a secret number: H <- (H * x + position)
modulo 2**61 - 1, so that the rows of `stream_event` are compared without being kept.

Source: design FORMATS sections 2 and 3; PERFORMANCE, "verify again from a kept checkpoint".
"""

from __future__ import annotations

from binascii import b2a_base64
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import msgspec

from ledger.errors import Unreadable
from ledger.fsck.said import read_header, read_payload
from ledger.fsck.tree import block_roots
from ledger.journal.batch import HEADS_TYPE
from ledger.journal.row import join_parts, pack, unpack, unpack_parts
from ledger.journal.store import TILE_HASHES
from ledger.journal.tables import EVENT, PAGE, TILE

if TYPE_CHECKING:
    from ledger.journal.tables import Row, TableReader

MODULUS: Final = 2**61 - 1
ERASURE: Final = "content-erased/1"
EVENT_BEGINS: Final = b"pista/leaf/v1\nevent\n"
HEADS_BEGINS: Final = b"pista/leaf/v1\nheads\n"

_KIND: Final = slice(0, len(EVENT_BEGINS))
_TIME: Final = slice(20, 47)
_DIGEST: Final = slice(48, 92)
_PLACES: Final = slice(93, -1)
_HASH_BYTES: Final = 32


class Doubt(Exception):
    """Something is not as it should be, or is unusual; walk.py says what."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Which leaves to look at; `x` is the secret number of this run.

    `is_whole` when the range begins and ends with full tiles, which are then compared here; `is_new`
    when the roots in the heads leaves are to be computed too.
    """

    first: int
    stop: int
    x: int
    is_whole: bool
    is_new: bool


@dataclass(slots=True)
class Runs:
    """The streams of a range, in the order in which it meets them, each summed up.

    For each: ordinal as the columns have it, first seq, how many, index and digest (base64) of the
    last leaf, the sum of its positions.
    """

    names: list[str] = field(default_factory=list)
    ordinals: list[str] = field(default_factory=list)
    firsts: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    lasts: list[int] = field(default_factory=list)
    digests: list[bytes] = field(default_factory=list)
    sums: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class HeadsSeen:
    """A heads leaf, and the runs as they had become: (run, count, last index, digest)."""

    index: int
    leaf: bytes
    changed: list[tuple[int, int, int, bytes]]


@dataclass(slots=True)
class Skimmed:
    """What a range says; `hashes` of its leaves, or `blocks`, the roots over its full tiles."""

    ask: Ask
    hashes: list[bytes] = field(default_factory=list)
    blocks: list[bytes] = field(default_factory=list)
    runs: Runs = field(default_factory=Runs)
    heads: list[HeadsSeen] = field(default_factory=list)
    changed: list[tuple[int, int, int, bytes]] = field(default_factory=list)
    first_time: bytes = b""
    last_time: bytes = b""
    last_heads: int = -1
    key_events: list[tuple[int, bytes]] = field(default_factory=list)
    erasures: list[tuple[int, bytes]] = field(default_factory=list)
    absent: list[tuple[int, bytes, bytes]] = field(default_factory=list)
    objects: list[tuple[str, str, int, int]] = field(default_factory=list)
    newest_basis: dict[str, int] = field(default_factory=dict)


def skim(reader: TableReader, ask: Ask) -> Skimmed | None:
    """Return what the rows of a range say, None when there is a doubt."""
    looking = _Looking(ask)
    try:
        while looking.next_index < ask.stop:
            limit = min(PAGE, ask.stop - looking.next_index)
            rows = reader.page(EVENT, (looking.next_index,), limit)
            if len(rows) != limit:
                return None
            for row in rows:
                looking.at(row)
        return looking.done(reader)
    except (Doubt, Unreadable, msgspec.MsgspecError, LookupError, ValueError, TypeError):
        return None


class _Looking:
    """A range that is being looked at."""

    def __init__(self, ask: Ask) -> None:
        self.next_index = ask.first
        self._found = Skimmed(ask)
        self._runs: dict[str, int] = {}
        self._touched: set[int] = set()

    def at(self, row: Row) -> None:
        """Look at the next row."""
        position, type_, key, streams, data = row
        index = self.next_index
        if position != index + 1:
            raise Doubt
        parts = unpack_parts(data)
        if parts is None:
            leaf = self._without_envelope(index, type_, key, streams, data)
        else:
            leaf, header, payload, signature = parts
            raw = join_parts(header, payload, signature)
            digest = leaf[_DIGEST]
            if b2a_base64(sha256(raw).digest(), newline=False) != digest:
                raise Doubt
            said = read_payload(payload)
            if said.type != type_ or said.id != key:
                raise Doubt
            found = self._found
            found.newest_basis[read_header(header).kid] = said.basis.size
            for one in said.objects:
                found.objects.append((one.commit, one.media_type, one.size, index))
            if type_ == ERASURE:
                found.erasures.append((index, payload))
            self._join(index, leaf, streams, digest, raw)
        self._found.hashes.append(sha256(b"\x00" + leaf).digest())
        self.next_index = index + 1

    def _without_envelope(
        self, index: int, type_: str, key: str | None, streams: str, data: bytes
    ) -> bytes:
        """Return the leaf of a row that has none: a heads leaf, or an erased event."""
        leaf, envelope = unpack(data)
        if envelope or pack(leaf, envelope) != data:
            raise Doubt
        if leaf[_KIND] == HEADS_BEGINS:
            if (type_, key, streams) != (HEADS_TYPE, None, ""):
                raise Doubt
            self._found.last_heads = index
            if self._found.ask.is_new:
                self._found.heads.append(HeadsSeen(index, leaf, self._changes()))
        else:
            self._found.absent.append((index, leaf[_DIGEST], leaf[_PLACES]))
            self._join(index, leaf, streams, leaf[_DIGEST], b"")
        return leaf

    def _join(self, index: int, leaf: bytes, streams: str, digest: bytes, raw: bytes) -> None:
        """Let an event take its places in its streams."""
        found, time, places = self._found, leaf[_TIME], leaf[_PLACES].decode("ascii")
        if leaf[_KIND] != EVENT_BEGINS or time < found.last_time:
            raise Doubt
        found.first_time = found.first_time or time
        found.last_time = time
        if "actor/" in places or "sys/" in places:
            found.key_events.append((index, raw))
        lines, ordinals = places.split("\n"), streams.split(",")
        if len(lines) != len(ordinals):
            raise Doubt
        for line, ordinal in zip(lines, ordinals, strict=True):
            name, _, seq = line.rpartition(" ")
            self._take(name, ordinal, int(seq), index, digest)

    def _take(self, name: str, ordinal: str, seq: int, index: int, digest: bytes) -> None:
        runs, run = self._found.runs, self._runs.get(name)
        if run is None:
            run = self._runs[name] = len(runs.names)
            runs.names.append(name)
            runs.ordinals.append(ordinal)
            runs.firsts.append(seq)
            runs.counts.append(1)
            runs.lasts.append(index)
            runs.digests.append(digest)
            runs.sums.append(index + 1)
        else:
            if runs.ordinals[run] != ordinal or runs.firsts[run] + runs.counts[run] != seq:
                raise Doubt
            runs.counts[run] += 1
            runs.lasts[run] = index
            runs.digests[run] = digest
            runs.sums[run] = (runs.sums[run] * self._found.ask.x + index + 1) % MODULUS
        if self._found.ask.is_new:
            self._touched.add(run)

    def _changes(self) -> list[tuple[int, int, int, bytes]]:
        """Return the runs that changed since the last heads leaf, as they are now."""
        runs, touched = self._found.runs, sorted(self._touched)
        self._touched.clear()
        return [
            (run, runs.firsts[run] + runs.counts[run], runs.lasts[run], runs.digests[run])
            for run in touched
        ]

    def done(self, reader: TableReader) -> Skimmed:
        """Return what was found; of whole tiles, compare them and keep their roots."""
        found = self._found
        found.changed = self._changes()
        if found.ask.is_whole:
            _compare_tiles(reader, found)
            found.blocks, found.hashes = block_roots(found.hashes), []
        return found


def _compare_tiles(reader: TableReader, found: Skimmed) -> None:
    first, stop = found.ask.first // TILE_HASHES, found.ask.stop // TILE_HASHES
    rows = reader.page(TILE, (0, first - 1), stop - first)
    hashes = found.hashes
    expected = [
        (0, first + number, b"".join(hashes[at : at + TILE_HASHES]))
        for number, at in enumerate(range(0, len(hashes), TILE_HASHES))
    ]
    if rows != expected:
        raise Doubt
