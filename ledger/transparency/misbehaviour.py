"""What a log did that it must not do, in one file that anybody can judge without the log.

    {"after": [...], "before": [...], "first": 0, "kind": "two-roots", "leaves": [...],
     "log_key": "<vkey>", "notes": ["<note>", "<note>"], "observed_at": "2026-12-01T12:00:00.000000Z", "v": 1}

Three kinds are proofs: who has the key of the log needs nothing else, and believes nobody.

    two-roots          notes of one size with other roots
    not-consistent     an older and a newer note; `before` and `after` are the subtrees of the newer tree
                       up to the size of the older one and from there on: they give the newer root, and
                       another root than the older note has
    leaf-contradicts   `leaves` from index `first` on, and the subtrees before and after them, are of the
                       tree of the note; the last leaf contradicts those before it (leaf_scan.py)

Three are observations: the notes are signed, but that they were shown at that time rests on the word of
whoever looked.

    rolled-back        after the first note the log showed the second one, which has fewer leaves
    stale              the newest cosignature on the note was older than the reader allows
    not-cosigned       the note was published without the quorum of the policy

Hashes and leaves are base64 (RFC 4648 section 4); `log_key` is for reading, what is trusted is the policy
of the reader. Source: RFC 6962 sections 2.1 and 5.3; C2SP tlog-checkpoint; design FORMATS sections 2 and 8.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.errors import Unreadable
from ledger.journal.leaf import (
    MAX_NUMBER,
    format_time,
    parse_base64,
    parse_hash,
    parse_time,
)
from ledger.journal.merkle import Frontier
from ledger.transparency.contradiction import contradiction_in
from ledger.transparency.spans import extended, span_hashes

if TYPE_CHECKING:
    from datetime import datetime

    from ledger.transparency.tile_reader import TileReader

TWO_ROOTS: Final = "two-roots"
NOT_CONSISTENT: Final = "not-consistent"
LEAF_CONTRADICTS: Final = "leaf-contradicts"
ROLLED_BACK: Final = "rolled-back"
STALE: Final = "stale"
NOT_COSIGNED: Final = "not-cosigned"
PROOFS: Final = frozenset({TWO_ROOTS, NOT_CONSISTENT, LEAF_CONTRADICTS})
MAX_PROOF_BYTES: Final = 1 << 30

_VERSION: Final = 1
_MEMBERS: Final = {
    "v", "kind", "log_key", "notes", "observed_at", "first", "before", "leaves", "after",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Misbehaviour:
    """What a log did; `notes` are checkpoints, `before` and `after` hashes of 32 bytes."""

    kind: str
    log_key: str
    notes: tuple[bytes, ...]
    observed_at: datetime
    first: int = 0
    before: tuple[bytes, ...] = ()
    leaves: tuple[bytes, ...] = ()
    after: tuple[bytes, ...] = ()

    @property
    def is_proof(self) -> bool:
        """Tell whether it needs nobody's word."""
        return self.kind in PROOFS


def format_misbehaviour(one: Misbehaviour) -> bytes:
    """Return the bytes of the file."""
    value = {
        "v": _VERSION,
        "kind": one.kind,
        "log_key": one.log_key,
        "notes": [note.decode("utf-8") for note in one.notes],
        "observed_at": format_time(one.observed_at),
        "first": one.first,
        "before": [_text(node) for node in one.before],
        "leaves": [_text(leaf) for leaf in one.leaves],
        "after": [_text(node) for node in one.after],
    }
    return json.dumps(value, sort_keys=True, indent=1).encode("ascii") + b"\n"


def parse_misbehaviour(data: bytes) -> Misbehaviour:
    """Return what a file holds; `format_misbehaviour` gives the same bytes; nothing is judged.

    Raises:
        Unreadable: when it is not exactly such a file (`misbehaviour-unreadable`).
    """
    try:
        found = _parsed(json.loads(data))
        if format_misbehaviour(found) == data:
            return found
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise _unreadable(str(error)) from error
    raise _unreadable("non ha la sola forma che questo programma scrive")


def fork_evidence(tiles: TileReader, size: int) -> tuple[list[bytes], list[bytes]]:
    """Return (before, after): the subtrees of a tree up to `size` leaves, and from there on."""
    return span_hashes(tiles, 0, size), span_hashes(tiles, size, tiles.size)


def leaf_evidence(
    tiles: TileReader, index: int
) -> tuple[int, list[bytes], list[bytes], list[bytes]]:
    """Return (first, before, leaves, after): the fewest leaves that show what is wrong with one.

    What only a scan from the first leaf on shows needs all of them.
    """
    for first in sorted({index, max(index - 1, 0), max(index - 2, 0)}, reverse=True):
        before = span_hashes(tiles, 0, first)
        leaves = [leaf for _, leaf in tiles.entries(first, index + 1)]
        tree = extended(Frontier(), first, before)
        if contradiction_in(tree, leaves, is_last=index + 1 == tiles.size):
            return first, before, leaves, span_hashes(tiles, index + 1, tiles.size)
    leaves = [leaf for _, leaf in tiles.entries(0, index + 1)]
    return 0, [], leaves, span_hashes(tiles, index + 1, tiles.size)


def _parsed(value: object) -> Misbehaviour:
    if not isinstance(value, dict) or value.keys() != _MEMBERS or value["v"] != _VERSION:
        raise _unreadable(
            f"non ha i membri {', '.join(sorted(_MEMBERS))} della versione {_VERSION}"
        )
    kind, log_key, first = value["kind"], value["log_key"], value["first"]
    if not isinstance(kind, str) or not isinstance(log_key, str):
        raise _unreadable("`kind` o `log_key` non è testo")
    if type(first) is not int or not 0 <= first <= MAX_NUMBER:
        raise _unreadable("`first` non è un indice")
    return Misbehaviour(
        kind=kind,
        log_key=log_key,
        notes=tuple(note.encode("utf-8") for note in value["notes"]),
        observed_at=parse_time(value["observed_at"]),
        first=first,
        before=tuple(parse_hash(text, "misbehaviour") for text in value["before"]),
        leaves=tuple(parse_base64(text, "misbehaviour") for text in value["leaves"]),
        after=tuple(parse_hash(text, "misbehaviour") for text in value["after"]),
    )


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _unreadable(reason: str) -> Unreadable:
    return Unreadable(
        "misbehaviour-unreadable",
        f"La prova contro un registro non è leggibile: {reason}. Chiederla di nuovo a chi l'ha fatta.",
    )
