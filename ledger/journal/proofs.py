"""Proofs as files: of a leaf, of a row, of consistency.

`<index>.tlog-proof` shows that a leaf is in the log, with nothing else to fetch:

    c2sp.org/tlog-proof@v1
    index 7
    gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=        the sibling of the leaf first
    B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=

    pnrr.comune.lecce.it/c_e506                         from here on the checkpoint, verbatim
    ...

`<i>.proof` shows that row i is among the rows of a heads leaf; the lines after the header are i,
the number of rows, and the path:

    pista/row-proof/v1
    0
    2
    gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=

`<size>.proof` shows that the tree of that size is a beginning of a later one: base64 hashes, one
a line, an empty file for an empty proof.

Paths are those of RFC 6962 section 2.1. Every line ends with one 0x0A. Extra data, which nobody
signs, is refused.

Source: C2SP tlog-proof, https://c2sp.org/tlog-proof; design FORMATS section 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from ledger.errors import Unreadable
from ledger.journal.checkpoint import parse_checkpoint
from ledger.journal.leaf import format_hash, format_number, parse_hash, parse_lines, parse_number
from ledger.journal.note import parse_note

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_PATH: Final = 63
# A consistency proof has at most one hash more than a path.
MAX_CONSISTENCY: Final = MAX_PATH + 1

_KEPT_LINES: Final = 4096
_KEPT_NOTES: Final = 8
_HEADER: Final = "c2sp.org/tlog-proof@v1"
_ROW_HEADER: Final = "pista/row-proof/v1"
_INDEX: Final = "index "


@dataclass(frozen=True, slots=True)
class LogProof:
    """The path of leaf `index` to the root that the note `checkpoint` states; unverified."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes


@dataclass(frozen=True, slots=True)
class RowProof:
    """The path of row `index` among `rows` rows to the root of the rows; unverified."""

    index: int
    rows: int
    path: tuple[bytes, ...]


def format_proof(proof: LogProof) -> bytes:
    """Return the bytes of a tlog-proof.

    Raises:
        Unreadable: when the proof could not be read back (`proof-unreadable`,
            `note-unreadable`, `checkpoint-unreadable`), a number is out of range or a hash is not
            32 bytes long.
    """
    _check_length(proof.path, MAX_PATH, "proof")
    _check_note(proof.checkpoint)
    head = f"{_HEADER}\n{_INDEX}{format_number(proof.index)}\n"
    return head.encode("ascii") + _format_path(proof.path) + b"\n" + proof.checkpoint


def parse_proof(data: bytes) -> LogProof:
    """Return the tlog-proof that these bytes are; `format_proof` gives the same bytes.

    The checkpoint is read but not verified, see policy.py.

    Raises:
        Unreadable: for another header, an `extra` line, an index that is no plain decimal, lines
            that are no hashes, more than 63 of them, no empty line (`proof-unreadable`), or what
            is no checkpoint after it (`note-unreadable`, `checkpoint-unreadable`).
    """
    head, separator, checkpoint = data.partition(b"\n\n")
    match parse_lines(head + b"\n", "proof"):
        case [header, index, *path] if header == _HEADER and index.startswith(_INDEX) and separator:
            parse_checkpoint(parse_note(checkpoint).text)
            return LogProof(
                parse_number(index.removeprefix(_INDEX), "proof"),
                _parse_path(path, MAX_PATH, "proof"),
                checkpoint,
            )
    raise Unreadable(
        "proof-unreadable",
        f"La prova di presenza non è '{_HEADER}', una riga index senza altro prima, le impronte,"
        " una riga vuota e il punto di controllo: prenderla di nuovo dal registro.",
    )


def format_row_proof(proof: RowProof) -> bytes:
    """Return the bytes of a row proof.

    Raises:
        Unreadable: when the proof could not be read back (`row-proof-unreadable`), a number is
            out of range or a hash is not 32 bytes long.
    """
    _check_row(proof)
    head = f"{_ROW_HEADER}\n{format_number(proof.index)}\n{format_number(proof.rows)}\n"
    return head.encode("ascii") + _format_path(proof.path)


def parse_row_proof(data: bytes) -> RowProof:
    """Return the row proof that these bytes are; `format_row_proof` gives the same bytes.

    Raises:
        Unreadable: for another header, numbers that are no plain decimals, an index not below the
            number of rows, lines that are no hashes, more than 63 of them
            (`row-proof-unreadable`).
    """
    what = "row-proof"
    match parse_lines(data, what):
        case [header, index, rows, *path] if header == _ROW_HEADER:
            proof = RowProof(
                parse_number(index, what),
                parse_number(rows, what),
                _parse_path(path, MAX_PATH, what),
            )
            _check_row(proof)
            return proof
    raise Unreadable(
        "row-proof-unreadable",
        f"La prova della riga non è '{_ROW_HEADER}', indice, numero delle righe e impronte:"
        " prenderla di nuovo dal registro.",
    )


def format_consistency(path: Sequence[bytes]) -> bytes:
    """Return the bytes of a consistency proof; none for an empty one.

    Raises:
        Unreadable: for more than 64 hashes (`consistency-unreadable`) or one that is not 32
            bytes long.
    """
    _check_length(path, MAX_CONSISTENCY, "consistency")
    return _format_path(path)


def parse_consistency(data: bytes) -> tuple[bytes, ...]:
    """Return the hashes of a consistency proof.

    Raises:
        Unreadable: for lines that are no hashes, or more than 64 (`consistency-unreadable`).
    """
    return _parse_path(parse_lines(data, "consistency"), MAX_CONSISTENCY, "consistency")


def _format_path(path: Iterable[bytes]) -> bytes:
    return b"".join(map(_format_line, path))


@lru_cache(maxsize=_KEPT_LINES)
def _format_line(node: bytes) -> bytes:
    """Return the line of a hash; the proofs of one batch share most of theirs."""
    return format_hash(node).encode("ascii") + b"\n"


@lru_cache(maxsize=_KEPT_NOTES)
def _check_note(checkpoint: bytes) -> None:
    """Refuse what is no checkpoint note; the proofs of one batch share theirs."""
    parse_checkpoint(parse_note(checkpoint).text)


def _parse_path(lines: Sequence[str], limit: int, what: str) -> tuple[bytes, ...]:
    _check_length(lines, limit, what)
    return tuple(parse_hash(line, what) for line in lines)


def _check_length(path: Sequence[object], limit: int, what: str) -> None:
    if len(path) > limit:
        raise Unreadable(
            f"{what}-unreadable",
            f"La prova ha {len(path)} impronte, nessun albero ne richiede più di {limit}:"
            " prenderla di nuovo dal registro.",
        )


def _check_row(proof: RowProof) -> None:
    _check_length(proof.path, MAX_PATH, "row-proof")
    if not 0 <= proof.index < proof.rows:
        raise Unreadable(
            "row-proof-unreadable",
            f"La riga {proof.index} non c'è fra {proof.rows}: prendere di nuovo la prova dal"
            " registro.",
        )
