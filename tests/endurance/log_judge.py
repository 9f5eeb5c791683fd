"""A log recomputed from its rows alone, by code that is not the program's.

    log = judge_log(journal)       every leaf, root, heads leaf, chain, stream and signature; or fails
    judge_log(journal, log)        the same later: what was judged is as it was, the rest is judged
    log.index_of["0198..."]        where an event is
    log.roots[1291]                the root of each published tree

The hashes are those of FORMATS section 2, computed with hashlib; what is taken from the program are
parsers of leaves and envelopes, and the check of one signature.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from exporters.verification.receipt import parse_receipt
from ledger.journal.leaf import EventLeaf, HeadsLeaf, parse_leaf
from ledger.journal.merkle import leaf_hash, verify_inclusion
from ledger.journal.policy import parse_policy
from ledger.signing.algorithms import parse_jwk
from ledger.signing.envelope import Envelope, parse, verify

if TYPE_CHECKING:
    from datetime import datetime

    from ledger.journal.journal import Journal


def _hash(prefix: bytes, *parts: bytes) -> bytes:
    return hashlib.sha256(prefix + b"".join(parts)).digest()


class NaiveTree:
    """The hashes of all complete subtrees, level by level; a leaf may be replaced."""

    def __init__(self) -> None:
        """Begin empty."""
        self._levels: list[list[bytes]] = [[]]

    def __len__(self) -> int:
        """Return the number of leaves."""
        return len(self._levels[0])

    def put(self, index: int, leaf: bytes) -> None:
        """Set a leaf, the next one or one that is there, and what is above it."""
        value = _hash(b"\0", leaf)
        for level in range(64):
            if level == len(self._levels):
                self._levels.append([])
            nodes = self._levels[level]
            nodes[index : index + 1] = [value]
            pair = index & ~1
            if pair + 1 >= len(nodes):
                return
            value = _hash(b"\1", nodes[pair], nodes[pair + 1])
            index >>= 1

    def root(self) -> bytes:
        """Return the root of RFC 6962 section 2.1: complete subtrees, the last two joined first."""
        size, tops = len(self), []
        for level, nodes in enumerate(self._levels):
            if size >> level & 1:
                tops.append(nodes[(size >> level) - 1])
        if not tops:
            return hashlib.sha256(b"").digest()
        root = tops[0]
        for top in tops[1:]:
            root = _hash(b"\1", top, root)
        return root


@dataclass
class Log:
    """What was found in a log that holds."""

    entries: list[tuple[bytes, bytes]] = field(default_factory=list)
    index_of: dict[str, int] = field(default_factory=dict)
    envelopes: dict[str, bytes] = field(default_factory=dict)
    roots: dict[int, bytes] = field(default_factory=dict)
    streams: dict[str, list[int]] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    ends: dict[str, bytes] = field(default_factory=dict)
    ordinals: dict[str, int] = field(default_factory=dict)
    last_received_at: datetime | None = None
    tree: NaiveTree = field(default_factory=NaiveTree)
    rows: NaiveTree = field(default_factory=NaiveTree)

    @property
    def size(self) -> int:
        """The number of leaves."""
        return len(self.entries)


def judge_log(journal: Journal, log: Log | None = None) -> Log:
    """Return what the log holds, a continuation of what it held; or fail and say what does not hold."""
    log = log or Log()
    entries = [(leaf, raw) for _, leaf, raw in journal.entries(0, journal.size)]
    assert entries[: log.size] == log.entries, "what was recorded has changed"
    for data, raw in entries[log.size :]:
        _judge_entry(log, data, raw)
    assert log.size in log.roots or log.size == 0, "the log does not end with a heads leaf"
    _judge_streams(journal, log)
    return log


def _judge_entry(log: Log, data: bytes, raw: bytes) -> None:
    """Judge the next leaf, and take it."""
    leaf = parse_leaf(data)
    if isinstance(leaf, HeadsLeaf):
        _judge_heads(log, leaf)
        assert raw == b""
    else:
        _judge_event(log, leaf, raw)
    log.tree.put(log.size, data)
    log.entries.append((data, raw))
    if isinstance(leaf, HeadsLeaf):
        log.roots[log.size] = log.tree.root()


def _judge_heads(log: Log, leaf: HeadsLeaf) -> None:
    expected = (log.size, log.tree.root(), len(log.rows), log.rows.root())
    found = (leaf.size, leaf.root, leaf.streams, leaf.rows_root)
    assert found == expected, f"heads leaf {log.size} says other than the leaves before it"


def _judge_event(log: Log, leaf: EventLeaf, raw: bytes) -> None:
    index, envelope = log.size, parse(raw)
    assert hashlib.sha256(raw).digest() == leaf.envelope_digest, f"envelope {index}"
    assert envelope.id not in log.index_of, f"{envelope.id} is recorded twice"
    assert log.last_received_at is None or leaf.received_at >= log.last_received_at
    log.last_received_at = leaf.received_at
    places = [(place.name, place.seq) for place in leaf.streams]
    assert places == [(claim.name, claim.seq) for claim in envelope.streams], f"streams of {index}"
    for claim in envelope.streams:
        joined = log.streams.setdefault(claim.name, [])
        assert claim.seq == len(joined), f"{claim.name} {claim.seq} at {index}"
        assert claim.prev == log.ends.get(claim.name), f"prev of {claim.name} at {index}"
        joined.append(index)
        log.ends[claim.name] = leaf.envelope_digest
        row = f"pista/row/v1 {claim.name} {len(joined)} {index} {_base64(leaf.envelope_digest)}\n"
        ordinal = log.ordinals.setdefault(claim.name, len(log.ordinals))
        log.rows.put(ordinal, row.encode())
    log.index_of[envelope.id] = index
    log.envelopes[envelope.id] = raw
    log.types[envelope.id] = envelope.type
    _learn_keys(log, envelope)
    verify(envelope, parse_jwk(log.keys[envelope.header.kid]))


def _learn_keys(log: Log, envelope: Envelope) -> None:
    """Take the keys that an event brings; whether they were in force is not judged here."""
    data = envelope.data
    for one in (data, *data.get("administrators", ())):
        if "jwk" in one:
            log.keys[one["kid"]] = one["jwk"]


def _judge_streams(journal: Journal, log: Log) -> None:
    """Compare the streams table with the leaves."""
    for name, indexes in log.streams.items():
        end = journal.stream_end(name)
        assert end is not None, name
        assert (end.ordinal, end.count) == (log.ordinals[name], len(indexes)), name
        assert journal.stream_indexes(name) == indexes, name
    assert journal.root_at(log.size) == log.roots.get(log.size, NaiveTree().root())


def judge_receipt(log: Log, policy: bytes, receipt: bytes) -> str:
    """Return the id of the event that a receipt proves to be in this log; or fail."""
    found = parse_receipt(receipt)
    index, proof = log.index_of[found.envelope.id], found.proof
    assert proof.index == index, f"receipt of {found.envelope.id}"
    leaf = parse_leaf(found.leaf)
    assert isinstance(leaf, EventLeaf)
    assert leaf.envelope_digest == found.envelope.digest
    head = parse_policy(policy).verify_checkpoint(proof.checkpoint).checkpoint
    assert log.roots[head.size] == head.root, f"the head {head.size} of a receipt is not this log's"
    verify_inclusion(leaf_hash(found.leaf), index, head.size, proof.path, head.root)
    assert log.envelopes[found.envelope.id] == found.envelope.raw
    return found.envelope.id


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
