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

from ledger.errors import Busy, StorageError, Unreadable
from ledger.fsck.said import read_header, read_payload
from ledger.fsck.tree import block_roots
from ledger.journal.batch import HEADS_TYPE
from ledger.journal.row import join_parts, pack, unpack, unpack_parts
from ledger.journal.store import TILE_HASHES
from ledger.journal.tables import EVENT, PAGE, TILE

if TYPE_CHECKING:
    from ledger.journal.tables import Row, TableReader

    Parts = tuple[bytes, bytes, bytes, bytes]  # leaf, header, payload, signature

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
            looking.at(rows)
        return looking.done(reader)
    except Busy:
        raise
    except (Doubt, Unreadable, StorageError):
        return None
    except (msgspec.MsgspecError, LookupError, ValueError, TypeError):
        return None


class _Run:
    """One stream in a range."""

    __slots__ = ("digest", "first", "last", "next", "number", "ordinal", "sum")

    def __init__(self, number: int, ordinal: str, first: int) -> None:
        self.number = number
        self.ordinal = ordinal
        self.first = self.next = first
        self.last = self.sum = 0
        self.digest = b""


class _Looking:
    """A range that is being looked at."""

    def __init__(self, ask: Ask) -> None:
        self.next_index = ask.first
        self._found = Skimmed(ask)
        self._runs: dict[str, _Run] = {}
        self._touched: set[_Run] = set()

    def at(self, rows: list[Row]) -> None:
        """Look at the next rows: first each by itself, then their places in the streams."""
        first = self.next_index
        self.next_index += len(rows)
        if [row[0] for row in rows] != list(range(first + 1, self.next_index + 1)):
            raise Doubt
        parts = [unpack_parts(row[4]) for row in rows]
        self._compare(first, rows, parts)
        for index, row, part in zip(range(first, self.next_index), rows, parts, strict=True):
            leaf = self._without_envelope(index, row) if part is None else part[0]
            if leaf[_KIND] == EVENT_BEGINS:
                self._join(index, leaf, row[3])
            self._found.hashes.append(sha256(b"\x00" + leaf).digest())

    def _compare(self, first: int, rows: list[Row], parts: list[Parts | None]) -> None:
        """Compare the envelopes of events with their leaves, and their columns with both."""
        found = self._found
        there = [at for at, part in enumerate(parts) if part is not None]
        events = [part for part in parts if part is not None]
        digests = [
            b2a_base64(sha256(join_parts(header, payload, signature)).digest(), newline=False)
            for _, header, payload, signature in events
        ]
        if digests != [part[0][_DIGEST] for part in events]:
            raise Doubt
        said = [read_payload(part[2]) for part in events]
        if [(one.type, one.id) for one in said] != [rows[at][1:3] for at in there]:
            raise Doubt
        kids = [read_header(part[1]).kid for part in events]
        found.newest_basis.update(zip(kids, [one.basis.size for one in said], strict=True))
        for at, one, part in zip(there, said, events, strict=True):
            for named in one.objects:
                found.objects.append((named.commit, named.media_type, named.size, first + at))
            if one.type == ERASURE:
                found.erasures.append((first + at, part[2]))
            if b"actor/" in part[0] or b"sys/log" in part[0]:
                found.key_events.append((first + at, join_parts(*part[1:])))

    def _without_envelope(self, index: int, row: Row) -> bytes:
        """Return the leaf of a row that has none: a heads leaf, or an erased event."""
        _, type_, key, streams, data = row
        leaf, envelope = unpack(data)
        if envelope or pack(leaf, envelope) != data:
            raise Doubt
        if leaf[_KIND] == EVENT_BEGINS:
            self._found.absent.append((index, leaf[_DIGEST], leaf[_PLACES]))
            return leaf
        if leaf[_KIND] != HEADS_BEGINS or (type_, key, streams) != (HEADS_TYPE, None, ""):
            raise Doubt
        self._found.last_heads = index
        if self._found.ask.is_new:
            self._found.heads.append(HeadsSeen(index, leaf, self._changes()))
        return leaf

    def _join(self, index: int, leaf: bytes, streams: str) -> None:
        """Let an event take its places in its streams."""
        found, time, digest, x = self._found, leaf[_TIME], leaf[_DIGEST], self._found.ask.x
        if time < found.last_time:
            raise Doubt
        found.first_time = found.first_time or time
        found.last_time = time
        places = leaf[_PLACES].decode("ascii").split("\n")
        for place, ordinal in zip(places, streams.split(","), strict=True):
            name, _, seq = place.rpartition(" ")
            run = self._runs.get(name)
            if run is None:
                run = self._runs[name] = _Run(len(self._runs), ordinal, int(seq))
            if run.ordinal != ordinal or run.next != int(seq):
                raise Doubt
            run.next += 1
            run.last = index
            run.digest = digest
            run.sum = (run.sum * x + index + 1) % MODULUS
            if found.ask.is_new:
                self._touched.add(run)

    def _changes(self) -> list[tuple[int, int, int, bytes]]:
        """Return the runs that changed since the last heads leaf, as they are now."""
        changed = sorted(self._touched, key=lambda run: run.number)
        self._touched.clear()
        return [(run.number, run.next, run.last, run.digest) for run in changed]

    def done(self, reader: TableReader) -> Skimmed:
        """Return what was found; of whole tiles, compare them and keep their roots."""
        found, runs = self._found, self._runs.values()
        found.changed = self._changes()
        found.runs = Runs(
            names=[*self._runs],
            ordinals=[run.ordinal for run in runs],
            firsts=[run.first for run in runs],
            counts=[run.next - run.first for run in runs],
            lasts=[run.last for run in runs],
            digests=[run.digest for run in runs],
            sums=[run.sum for run in runs],
        )
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
